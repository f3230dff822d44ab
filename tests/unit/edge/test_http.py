"""The HTTP API, asked as curl asks it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

Client = TestClient[Any, Any]
Served = Callable[..., Awaitable[Client]]
TOKEN = {"Authorization": "Bearer letmein"}


@pytest.fixture
async def client(served: Served) -> Client:
    """A server with the default settings."""
    return await served()


async def problem(response: Any) -> dict[str, Any]:
    """The problem document of a refusal, which has the same shape everywhere."""
    assert response.content_type == "application/problem+json"
    document: dict[str, Any] = await response.json(content_type=None)
    assert set(document) == {"type", "title", "status", "detail", "code"}
    assert document["status"] == response.status
    assert document["type"].endswith(document["code"])
    assert document["detail"].endswith(".")
    assert response.headers["X-Request-Id"]
    return document


async def test_a_question_is_answered_in_the_shape_of_the_contract(client: Client) -> None:
    """GET, the curl form."""
    response = await client.get("/v1/ask", params={"q": "my wi-fi is slow", "top_k": "1"})
    assert response.status == 200
    body = await response.json()
    assert body["outcome"] == "answer"
    assert body["answer"]["id"] == "wifi-slow"
    assert body["question"]["text"] == "my wi-fi is slow"
    assert body["request_id"] == response.headers["X-Request-Id"]
    assert body["index"] == {
        "generation": "g-one",
        "entries": 3,
        "built_at": "2026-11-22T10:00:00Z",
    }
    assert "explanation" not in body


async def test_post_takes_every_field(client: Client) -> None:
    """Tags, platform, context and explain reach the question."""
    response = await client.post(
        "/v1/ask",
        json={
            "question": "router",
            "top_k": 2,
            "context": ["wi-fi"],
            "tags": ["network"],
            "platform": "macos",
            "explain": True,
        },
    )
    body = await response.json()
    assert body["answer"]["id"] == "router-restart"
    assert body["explanation"] == {"words": ["router"]}


async def test_a_query_may_name_several_tags(client: Client) -> None:
    """Repeated, as forms do it; empty ones do not count."""
    response = await client.get("/v1/ask?q=wi-fi&tags=network&tags=&tags=wi-fi&platform=macos")
    assert response.status == 200
    too_long = await client.get("/v1/ask", params={"q": "wi-fi", "tags": "x" * 201})
    assert (await problem(too_long))["code"] == "message_invalid"


async def test_context_counts_only_where_it_was_answered(client: Client) -> None:
    """Earlier questions are answered first; an entry that is named is taken as it is."""
    answered = await client.post("/v1/ask", json={"question": "it", "context": ["router"]})
    assert (await answered.json())["question"]["used_context"] is True
    unanswered = await client.post("/v1/ask", json={"question": "it", "context": ["zebra"]})
    assert (await unanswered.json())["question"]["used_context"] is False
    named = {"question": "zebra", "entry_id": "router-restart"}
    known = await client.post("/v1/ask", json={"question": "it", "context": [named]})
    assert (await known.json())["question"]["used_context"] is True


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({}, 400, "question_empty"),
        ({"q": "  "}, 400, "question_empty"),
        ({"q": "x" * 2001}, 413, "question_too_long"),
        ({"q": "a\x00b"}, 400, "question_not_text"),
        ({"q": "a", "top_k": "0"}, 400, "message_invalid"),
        ({"q": "a", "top_k": "many"}, 400, "message_invalid"),
        ({"q": "a", "topk": "3"}, 400, "message_invalid"),
    ],
)
async def test_a_query_that_cannot_be_asked_is_refused(
    client: Client, params: dict[str, str], status: int, code: str
) -> None:
    """With a 4xx, a code and a sentence."""
    response = await client.get("/v1/ask", params=params)
    assert response.status == status
    assert (await problem(response))["code"] == code


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "message_invalid"),
        (b"[]", 400, "message_invalid"),
        (b"{}", 400, "message_invalid"),
        (b'{"question": "a"', 400, "message_invalid"),
        (b'{"question": "\xff"}', 400, "message_invalid"),
        (b'{"question": "\\ud800"}', 400, "message_invalid"),
        (b'{"question": "a", "top_k": NaN}', 400, "message_invalid"),
        (b'{"question": "a", "top_k": 1' + b"0" * 5000 + b"}", 400, "message_invalid"),
        (b'{"question": "a", "top_k": "3"}', 400, "message_invalid"),
        (b'{"question": "a", "topk": 3}', 400, "message_invalid"),
        (b'{"question": "a", "context": [[]]}', 400, "message_invalid"),
        (b"[" * 60_000, 400, "message_invalid"),
        (b'{"a":' * 10_000, 400, "message_invalid"),
        (b'{"question": 7}', 400, "question_not_text"),
        (b'{"question": null}', 400, "question_not_text"),
        (b'{"question": ""}', 400, "question_empty"),
        (b'{"question": "' + b"x" * 2001 + b'"}', 413, "question_too_long"),
        (b'{"question": "' + b"x" * 70_000 + b'"}', 413, "body_too_large"),
    ],
)
async def test_a_body_that_cannot_be_asked_is_refused(
    client: Client, body: bytes, status: int, code: str
) -> None:
    """Malformed, too deep, too large: always a 4xx, never a 500."""
    response = await client.post("/v1/ask", data=body)
    assert response.status == status
    assert (await problem(response))["code"] == code


async def test_a_body_that_is_not_what_its_headers_say_is_refused(client: Client) -> None:
    """gzip that is none."""
    response = await client.post("/v1/ask", data=b"abc", headers={"Content-Encoding": "gzip"})
    assert (await problem(response))["code"] == "message_invalid"


async def test_a_body_that_never_ends_is_given_up(served: Served) -> None:
    """408 once the configured time is over."""
    client = await served(body_timeout_s=0.05)
    never = asyncio.Event()

    async def slowly() -> Any:
        yield b'{"question"'
        await never.wait()

    response = await client.post("/v1/ask", data=slowly())
    assert response.status == 408
    assert (await problem(response))["code"] == "request_timeout"
    never.set()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/v1/entries/nobody", 404, "entry_not_found"),
        ("DELETE", "/v1/ask", 405, "method_not_allowed"),
        ("PUT", "/", 405, "method_not_allowed"),
        ("GET", "/ws", 426, "upgrade_required"),
        ("GET", "/v1/entries?limit=0", 400, "message_invalid"),
        ("GET", "/v1/suggest?q=a&limit=x", 400, "message_invalid"),
    ],
)
async def test_every_refusal_has_one_shape(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    """Also those that aiohttp makes by itself."""
    response = await client.request(method, path)
    assert response.status == status
    assert (await problem(response))["code"] == code


async def test_a_method_that_is_not_allowed_says_which_are(client: Client) -> None:
    """As HTTP wants it."""
    response = await client.delete("/v1/ask")
    assert response.headers["Allow"] == "GET,HEAD,POST"


async def test_a_defect_is_a_500_without_the_persons_words(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the response nor the log repeats what an exception says."""
    response = await client.get("/v1/ask", params={"q": "defect"})
    assert response.status == 500
    assert "words" not in json.dumps(await problem(response))
    logged = capsys.readouterr()
    assert "ZeroDivisionError" in logged.out + logged.err
    assert "a person's words" not in logged.out + logged.err


async def test_a_sensible_request_id_is_kept_and_another_replaced(client: Client) -> None:
    """So that a proxy's id can be followed, and no header can be forged through it."""
    kept = await client.get("/healthz", headers={"X-Request-Id": "abcdef-123456"})
    assert kept.headers["X-Request-Id"] == "abcdef-123456"
    replaced = await client.get("/healthz", headers={"X-Request-Id": "a b"})
    assert replaced.headers["X-Request-Id"] not in ("", "a b")


async def test_every_response_carries_the_security_headers(client: Client) -> None:
    """And no library's version."""
    for path in ("/v1/ask?q=a", "/healthz", "/nothing", "/v1/entries"):
        headers = (await client.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Server"] == "firstline"


async def test_suggestions_match_what_is_typed(client: Client) -> None:
    """Nothing typed is nothing suggested."""
    found = await client.get("/v1/suggest", params={"q": "wi", "limit": "5"})
    assert await found.json() == {"suggestions": [{"id": "wifi-slow", "title": "Wi-Fi is slow"}]}
    nothing = await client.get("/v1/suggest", params={"q": " "})
    assert await nothing.json() == {"suggestions": []}


async def test_the_knowledge_base_can_be_read_page_by_page(client: Client) -> None:
    """The cursor of a page leads to the next; the last has none. Tags sort them by category."""
    first = await (await client.get("/v1/entries?tag=network&limit=1")).json()
    assert first["entries"] == [
        {"id": "router-restart", "title": "Restart the router", "tags": ["network"]}
    ]
    cursor = first["next_cursor"]
    second = await (
        await client.get("/v1/entries", params={"tag": "network", "limit": "1", "cursor": cursor})
    ).json()
    assert second == {
        "entries": [{"id": "wifi-slow", "title": "Wi-Fi is slow", "tags": ["network", "wi-fi"]}],
        "next_cursor": None,
    }


async def test_an_entry_can_be_read_whole(client: Client) -> None:
    """What a reply shows of it, and the rest."""
    entry = await (await client.get("/v1/entries/router-restart")).json()
    assert entry["related"] == [{"id": "wifi-slow", "title": "Wi-Fi is slow"}]
    assert entry["questions"] == ["router hangs"]
    assert entry["sections"][0]["heading"] == ""
    assert entry["kind"] == "answer"


async def test_feedback_is_created(client: Client) -> None:
    """201 once it is kept; nonsense is refused."""
    response = await client.post("/v1/feedback", json={"request_id": "r1", "helpful": False})
    assert response.status == 201
    refused = await client.post("/v1/feedback", json={"request_id": "r1", "helpful": "no"})
    assert (await problem(refused))["code"] == "message_invalid"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "letmein"},
        {"Authorization": "Basic letmein"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer l\u00e9tmein"},
    ],
)
async def test_admin_routes_need_the_token(client: Client, headers: dict[str, str]) -> None:
    """401, and how to send it."""
    response = await client.post("/v1/reload", headers=headers)
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert (await problem(response))["code"] == "unauthorized"


async def test_without_a_token_the_admin_routes_are_off(served: Served) -> None:
    """No token set is no token that fits."""
    client = await served(admin_token=None)
    response = await client.post("/v1/reload", headers={"Authorization": "Bearer "})
    assert response.status == 401


async def test_reload_takes_a_new_generation_at_once(client: Client, index_dir: Path) -> None:
    """And says whether there was one."""
    same = await client.post("/v1/reload", headers=TOKEN)
    assert (await same.json())["reloaded"] is False
    (index_dir / "CURRENT").write_text("g-two\n")
    response = await client.post("/v1/reload", headers=TOKEN)
    assert (await response.json())["index"]["generation"] == "g-two"
    assert (await (await client.get("/v1/ask?q=a")).json())["index"]["generation"] == "g-two"


async def test_a_damaged_generation_leaves_the_old_one_answering(
    client: Client, index_dir: Path
) -> None:
    """/readyz stays 200, says degraded and names the damage."""
    (index_dir / "CURRENT").write_text("damaged\n")
    response = await client.post("/v1/reload", headers=TOKEN)
    assert response.status == 503
    assert (await problem(response))["code"] == "index_damaged"
    ready = await client.get("/readyz")
    assert ready.status == 200
    body = await ready.json()
    assert (body["status"], body["code"]) == ("degraded", "index_damaged")
    assert "make index" in body["detail"]
    assert (await (await client.get("/v1/ask?q=a")).json())["index"]["generation"] == "g-one"


async def test_without_an_index_the_server_lives_but_is_not_ready(
    served: Served, tmp_path: Path
) -> None:
    """/healthz 200; /readyz 503 with the reason; questions 503 with Retry-After."""
    client = await served(index=tmp_path / "nowhere")
    assert (await client.get("/healthz")).status == 200
    ready = await client.get("/readyz")
    assert ready.status == 503
    assert (await problem(ready))["code"] == "index_missing"
    asked = await client.get("/v1/ask?q=a")
    assert asked.status == 503
    assert asked.headers["Retry-After"] == "5"
    assert (await problem(asked))["code"] == "index_unavailable"


async def test_a_ready_server_says_which_index_it_serves(client: Client) -> None:
    """Generation, size and date."""
    body = await (await client.get("/readyz")).json()
    assert body["status"] == "ready"
    assert body["index"]["generation"] == "g-one"


async def test_another_name_for_this_machine_is_refused(client: Client) -> None:
    """421 for a Host that is not ours: a page elsewhere may point its own name here."""
    response = await client.get("/v1/ask?q=a", headers={"Host": "evil.example"})
    assert response.status == 421
    assert (await problem(response))["code"] == "host_refused"


async def test_a_page_of_another_site_is_refused(client: Client) -> None:
    """403 for a foreign Origin, also with a method that changes nothing."""
    response = await client.get("/v1/ask?q=a", headers={"Origin": "https://evil.example"})
    assert response.status == 403
    assert (await problem(response))["code"] == "origin_refused"
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_friendly_site_may_call_and_read(served: Served) -> None:
    """CORS for the configured origins, and only for them."""
    client = await served(allowed_origins=("https://friend.example",))
    headers = {"Origin": "https://friend.example"}
    asked = await client.get("/v1/ask?q=a", headers=headers)
    assert asked.status == 200
    assert asked.headers["Access-Control-Allow-Origin"] == "https://friend.example"
    preflight = await client.options("/v1/ask", headers=headers)
    assert preflight.status == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert (await client.options("/v1/ask")).status == 405


async def test_head_is_answered_like_get_without_a_body(client: Client) -> None:
    """For probes that use it."""
    for path in ("/healthz", "/readyz", "/"):
        response = await client.head(path)
        assert response.status == 200
        assert await response.read() == b""
