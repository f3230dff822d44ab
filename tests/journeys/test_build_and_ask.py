"""From a corpus to answers, with the real commands, curl and a WebSocket."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from tests.journeys.processes import Server, run_command

WIFI = "my wifi is connected but there is no internet"


def curl(url: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """The real curl."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: apt-get install curl")
    return subprocess.run(
        ["curl", "--silent", "--max-time", "20", *flags, url],
        capture_output=True,
        text=True,
        check=False,
    )


def test_curl_gets_the_entry_that_answers(server: Server) -> None:
    """The README's question, asked by curl, finds the entry on Wi-Fi without internet."""
    reply = json.loads(curl(f"{server.url}/v1/ask?q={WIFI.replace(' ', '+')}").stdout)
    assert reply["hits"][0]["id"] == "wifi-connected-no-internet"
    assert 0 <= reply["confidence"] <= 1


def test_curl_gets_a_problem_document_for_an_empty_question(server: Server) -> None:
    """An empty question is a 4xx problem+json with a stable code, not an answer."""
    said = curl(f"{server.url}/v1/ask?q=", "--include").stdout
    assert "application/problem+json" in said
    assert said.split()[1].startswith("4")
    assert '"question_empty"' in said.replace(" ", "")


async def test_a_socket_is_a_conversation(server: Server) -> None:
    """Init first and unseen, a greeting by the supporter's name, then answers to plain text."""
    async with aiohttp.ClientSession() as client, client.ws_connect(server.ws_url) as socket:
        init = await socket.receive_json()
        greeting = await socket.receive_json()
        assert init["type"] == "init"
        assert greeting["kind"] == "greeting"
        assert init["supporter_name"] in greeting["text"]
        await socket.send_str(WIFI)
        reply = await _next_message(socket)
        assert reply["hits"][0]["id"] == "wifi-connected-no-internet"


async def test_a_question_too_long_leaves_the_socket_open(server: Server) -> None:
    """An error frame with a stable code comes back, and the next question is answered."""
    async with aiohttp.ClientSession() as client, client.ws_connect(server.ws_url) as socket:
        await socket.receive_json()
        await socket.receive_json()
        await socket.send_json({"type": "question", "id": "c1", "text": "x" * 2001})
        error = await socket.receive_json()
        assert (error["type"], error["code"]) == ("error", "question_too_long")
        await socket.send_json({"type": "question", "id": "c2", "text": "hello"})
        assert (await _next_message(socket))["kind"] == "smalltalk"


async def _next_message(socket: aiohttp.ClientWebSocketResponse) -> dict[str, object]:
    while True:
        frame: dict[str, object] = await socket.receive_json(timeout=20)
        if frame["type"] == "message":
            return frame


def test_both_engines_find_the_same(built_index: Path) -> None:
    """The pickled scikit-learn neighbours and the mapped arrays rank the same entries."""
    from service.retrieval.index import open_index

    fast, plain = open_index(built_index), open_index(built_index, engine="sklearn")
    for text in (WIFI, "printr is oflline", "0x80070057", "outlook asks for my password again"):
        ours = fast.nearest(fast.read(text).counts, 10).hits
        theirs = plain.nearest(plain.read(text).counts, 10).hits
        assert [hit.entry for hit in ours] == [hit.entry for hit in theirs]
        assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in theirs], abs=1e-5)


def test_the_sklearn_engine_serves(own_server: Callable[..., Server]) -> None:
    """`firstline serve --engine sklearn` answers over HTTP like the default engine."""
    running = own_server("--engine", "sklearn")
    reply = json.loads(curl(f"{running.url}/v1/ask?q={WIFI.replace(' ', '+')}").stdout)
    assert reply["hits"][0]["id"] == "wifi-connected-no-internet"


def test_a_broken_corpus_leaves_the_index_alone(built_index: Path, tmp_path: Path) -> None:
    """One clear line for each fault, exit 1, and the live generation stays the live one."""
    index = tmp_path / "index"
    shutil.copytree(built_index, index)
    before = (index / "CURRENT").read_text()
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "broken.md").write_text("---\nid: a\ntitle: [\n---\nText.\n")
    (corpus / "untitled.md").write_text("---\nid: b\n---\nText.\n")
    (corpus / "latin.md").write_bytes(b"---\nid: c\ntitle: Caf\xe9\n---\nText.\n")
    built = run_command("firstline-index", "build", corpus, "--out", index)
    assert built.returncode == 1
    for name in ("broken.md", "untitled.md", "latin.md"):
        assert name in built.stderr
    assert "Traceback" not in built.stderr
    assert (index / "CURRENT").read_text() == before


def test_a_new_generation_is_taken_up_while_serving(
    own_server: Callable[..., Server], tmp_path: Path
) -> None:
    """After a rebuild and a SIGHUP the server answers from the new knowledge, same process."""
    import signal
    import time

    running = own_server()
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "sauna.md").write_text(
        "---\nid: sauna\ntitle: The sauna oven stays cold\n"
        "questions: [sauna does not heat]\n---\nSwitch the oven on at the wall first.\n"
    )
    built = run_command("firstline-index", "build", corpus, "--out", running.index)
    assert built.returncode == 0, built.stderr
    running.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{running.url}/readyz", timeout=5) as reply:
            if json.load(reply)["index"]["entries"] == 1:
                break
        time.sleep(0.05)
    with urllib.request.urlopen(f"{running.url}/v1/ask?q=sauna+does+not+heat", timeout=5) as reply:
        assert json.load(reply)["hits"][0]["id"] == "sauna"


def test_a_missing_index_is_said_and_not_served(tmp_path: Path) -> None:
    """`firstline ask` without an index names the folder and `make index`, with exit 1."""
    asked = run_command("firstline", "ask", "hello", "--index", tmp_path / "none")
    assert asked.returncode == 1
    assert "make index" in asked.stderr
    assert "Traceback" not in asked.stderr


def test_https_with_a_certificate(own_server: Callable[..., Server], tmp_path: Path) -> None:
    """With a certificate and a key the same server answers over https."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
         "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    running = own_server("--tls-cert", str(certificate), "--tls-key", str(key), scheme="https")
    reply = curl(f"{running.url}/v1/ask?q=hello", "--cacert", str(certificate))
    assert json.loads(reply.stdout)["outcome"] == "smalltalk"
