"""A planted secret is searched for in everything that is written."""

import json
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from urllib.error import HTTPError

import aiohttp

from bench.reliability.server import ADMIN_TOKEN, Server
from bench.reliability.wire import exchange

# Everybody's words; redaction takes the second out of the journal, too.
WORDS = "zwetschgenkuchen"
MAIL = "planted.secret@private.example"
TOKEN = "sk-plantedplantedplanted1234"


def tell(url: str, method: str = "GET", body: object = None, **headers: str) -> None:
    """Send a request; whatever comes back."""
    data = None if body is None else json.dumps(body).encode()
    with suppress(HTTPError):
        urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)).close()


async def talk(server: Server) -> None:
    """The same words over a WebSocket, as good frames and as bad ones."""
    async with (
        aiohttp.ClientSession(server.url) as http,
        http.ws_connect(f"/ws?session={WORDS}&token={TOKEN}") as socket,
    ):
        for frame in (
            f"{WORDS} {MAIL} {TOKEN}",
            json.dumps({"type": "question", "text": f"{WORDS} {MAIL}", "explain": True}),
            json.dumps({"type": WORDS, "id": TOKEN}),
            json.dumps({"type": "pick", "entry": WORDS}),
        ):
            await socket.send_str(frame)
            await socket.receive()
    await exchange(server.port, f"GET /{WORDS} HTTP/9\r\nX: {TOKEN}\r\n\r\n".encode())
    await exchange(server.port, f"{WORDS} {MAIL}\r\n\r\n".encode())


async def test_no_word_of_a_person_is_logged_and_no_secret_kept(
    serve: Callable[..., AbstractContextManager[Server]], tmp_path: Path
) -> None:
    """Not at level debug, not in metrics, not in the journal's files; questions only there."""
    with serve(log_level="debug", log_requests=True) as server:
        for path in (
            f"/v1/ask?q={WORDS}+{MAIL}&token={TOKEN}",
            f"/v1/ask?q={WORDS}+{MAIL}+{TOKEN}",
            f"/v1/suggest?q={WORDS}",
            f"/v1/entries/{WORDS}",
            f"/{WORDS}/{MAIL}?key={TOKEN}",
            "/v1/ask?q=%0A%7B%22event%22%3A%22forged%22%7D",
        ):
            tell(server.url + path, Authorization=f"Bearer {TOKEN}", Cookie=f"s={TOKEN}")
        tell(f"{server.url}/v1/ask", "POST", {"question": f"{WORDS} {MAIL} {TOKEN}"})
        tell(f"{server.url}/v1/ask", "POST", {"question": "a", WORDS: MAIL})
        tell(f"{server.url}/v1/reload", "POST", Authorization=f"Bearer {TOKEN}")
        tell(f"{server.url}/v1/insights", Authorization=f"Bearer {ADMIN_TOKEN}")
        feedback = {"request_id": "abcdefgh", "helpful": False, "comment": f"{WORDS} {MAIL}"}
        tell(f"{server.url}/v1/feedback", "POST", feedback)
        await talk(server)
        with urllib.request.urlopen(f"{server.url}/metrics") as page:
            metrics = page.read()
    log = server.log.read_bytes()
    assert log.count(b'"event": "request"') > 8
    for secret in (WORDS, MAIL, TOKEN, ADMIN_TOKEN, "forged"):
        assert secret.encode() not in log
        assert secret.encode() not in metrics
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("journal.sqlite3*"))
    assert WORDS.encode() in kept
    for secret in (MAIL, TOKEN, ADMIN_TOKEN):
        assert secret.encode() not in kept
