"""The OpenAPI and AsyncAPI documents: valid, whole, and true to what the server does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from service.chat.messages import Refused, decode
from service.edge.documents import frames, operations, replies
from service.edge.documents.asyncapi import asyncapi_document
from service.edge.documents.insights import InsightsReply
from service.edge.documents.reply import Reply
from service.retrieval.answers import Question, answer
from service.retrieval.index import Index

Client = TestClient[Any, Any]
Served = Callable[..., Awaitable[Client]]
TOKEN = {"Authorization": "Bearer letmein"}


@pytest.fixture
async def client(served: Served, tmp_path: Path) -> Client:
    """A server with a journal."""
    return await served(journal_path=tmp_path / "j.sqlite3")


@pytest.fixture
async def document(client: Client) -> dict[str, Any]:
    """What it says of itself."""
    response = await client.get("/openapi.json")
    assert response.status == 200
    assert response.content_type == "application/json"
    found: dict[str, Any] = await response.json()
    return found


async def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    """By the specification's own schema; no reference leads nowhere."""
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()  # type: ignore[arg-type]


async def test_every_route_is_in_the_document(client: Client, document: dict[str, Any]) -> None:
    """The router knows no address that the document does not; only the page and /ws stay out."""
    served = {
        (route.method, resource.canonical)
        for resource in client.app.router.resources()
        for route in resource
        if route.method != "HEAD"
    }
    said = {(m.upper(), path) for path, item in document["paths"].items() for m in item}
    assert served - said == {("GET", "/ws"), ("GET", "/{path}")}
    assert said <= served


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1/ask?q=router", replies.AskReply),
        ("/v1/ask?q=nothing", replies.AskReply),
        ("/v1/ask?q=hello", replies.AskReply),
        ("/v1/suggest?q=router", replies.SuggestReply),
        ("/v1/entries?limit=1", replies.EntriesReply),
        ("/v1/entries/router-restart", replies.EntryReply),
        ("/healthz", replies.HealthReply),
        ("/readyz", replies.ReadyReply),
        ("/page.json", replies.PageSettingsReply),
        ("/v1/entries/nobody", replies.Problem),
    ],
)
async def test_replies_are_what_the_document_says(client: Client, path: str, model: Any) -> None:
    """Every field that is sent is documented, with its type."""
    said = await (await client.get(path)).json(content_type=None)
    assert model.model_validate(said, strict=True).model_dump(exclude_unset=True) == said


async def test_posted_replies_are_what_the_document_says(client: Client) -> None:
    """Feedback and reload, too."""
    stored = await client.post("/v1/feedback", json={"request_id": "r", "helpful": True})
    said = await stored.json()
    assert stored.status == operations.FEEDBACK.status
    assert replies.FeedbackReply(**said).model_dump() == said
    said = await (await client.post("/v1/reload", headers=TOKEN)).json()
    assert replies.ReloadReply(**said).model_dump() == said


async def test_insights_are_what_the_document_says(client: Client) -> None:
    """Each row of each list, too."""
    for text in ("router", "nothing"):
        asked = await (await client.get("/v1/ask", params={"q": text})).json()
        vote = {"request_id": asked["request_id"], "helpful": False, "comment": "no"}
        await client.post("/v1/feedback", json=vote)
    said: dict[str, Any] = {"questions": 0}
    async with asyncio.timeout(10):
        while said["questions"] < 2:
            said = await (await client.get("/v1/insights?days=2", headers=TOKEN)).json()
            await asyncio.sleep(0.02)
    assert all(said[name] for name in ("per_day", "unanswered", "entries", "worst_rated"))
    model = InsightsReply.model_validate(said, strict=True)
    assert model.model_dump() == said


def test_an_explanation_is_what_the_document_says(index: Index) -> None:
    """Each part of a real one is documented."""
    for text in ("printr offline", "printer!", "zzz", "hi"):
        said = answer(index, Question(text, explain=True)).explanation
        model = replies.Explanation.model_validate(said, strict=True)
        assert model.model_dump() == said


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/ask?q=", None),
        ("GET", "/v1/ask?q=" + "x" * 2001, None),
        ("GET", "/v1/ask?q=a&topk=1", None),
        ("POST", "/v1/ask", b"{}"),
        ("POST", "/v1/ask", b"x" * 70_000),
        ("GET", "/v1/suggest?q=%00", None),
        ("GET", "/v1/entries?limit=0", None),
        ("GET", "/v1/entries/nobody", None),
        ("POST", "/v1/feedback", b'{"request_id": "r", "helpful": true, "stars": 5}'),
        ("POST", "/v1/handoff", b'{"contact": "a@b.example", "transcript": ""}'),
        ("POST", "/v1/handoff", b'{"transcript": ""}'),
        ("GET", "/v1/insights", None),
        ("POST", "/v1/reload", None),
    ],
)
async def test_refusals_are_documented_at_their_route(
    client: Client, document: dict[str, Any], method: str, path: str, body: bytes | None
) -> None:
    """The status is listed for this route, and the code is one of those listed with it."""
    response = await client.request(method, path, data=body)
    problem = await response.json(content_type=None)
    template = "/v1/entries/{id}" if "nobody" in path else path.split("?")[0]
    said = document["paths"][template][method.lower()]["responses"][str(response.status)]
    schema = said["content"]["application/problem+json"]["schema"]
    assert problem["code"] in schema["allOf"][1]["properties"]["code"]["enum"]
    assert replies.Problem(**problem).model_dump() == problem


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


async def test_the_asyncapi_document_holds_together(client: Client) -> None:
    """Every frame is a message with a schema, and no reference leads nowhere."""
    document = await (await client.get("/asyncapi.json")).json()
    assert document == asyncapi_document()
    references = set(_references(document))
    for reference in references:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    assert {
        f"#/components/schemas/{frame.__name__}"
        for frame in (*frames.FROM_CLIENT, *frames.FROM_SERVER)
    } <= references


async def test_frames_are_what_the_document_says(client: Client, index_dir: Path) -> None:
    """Each type of frame, as it is sent in a conversation, has its fields and no other."""
    by_kind = {
        (model.model_fields["type"].annotation.__args__[0], model is frames.Greeting): model  # type: ignore[union-attr]
        for model in frames.FROM_SERVER
    }
    seen = set()
    socket = await client.ws_connect("/ws")

    async def hear(*kinds: str) -> dict[str, Any]:
        for kind in kinds:
            said: dict[str, Any] = await socket.receive_json(timeout=10)
            assert said["type"] == kind
            model = by_kind[kind, said.get("kind") == "greeting"]
            assert model.model_validate(said, strict=True).model_dump(exclude_unset=True) == said
            seen.add(model)
        return said

    await hear("init", "message")
    await socket.send_str("router")
    await hear("message")
    await socket.send_json({"type": "question", "id": "q", "text": "nothing"})
    answered = await hear("message")
    await socket.send_json(
        {"type": "feedback", "id": "f", "request_id": answered["request_id"], "helpful": True}
    )
    await hear("ack")
    await socket.send_json({"type": "ping"})
    await hear("pong")
    await socket.send_json({"type": "pick", "id": "p", "entry": "nobody"})
    await hear("error")
    await socket.send_json({"type": "question", "id": "long", "text": "router " * 100})
    await hear("typing", "message")
    (index_dir / "CURRENT").write_text("g-two\n")
    await client.post("/v1/reload", headers=TOKEN)
    await hear("notice")
    await socket.close()
    assert seen == set(frames.FROM_SERVER)


EXAMPLES = {
    frames.Question: {
        "type": "question",
        "text": "router",
        "id": "1",
        "top_k": 3,
        "tags": ["a"],
        "platform": "windows",
        "explain": True,
    },
    frames.Pick: {"type": "pick", "entry": "router-restart", "id": "1"},
    frames.Feedback: {
        "type": "feedback",
        "request_id": "r",
        "helpful": True,
        "id": "1",
        "entry_id": "e",
        "comment": "c",
    },
    frames.Ping: {"type": "ping", "id": "1"},
}


@pytest.mark.parametrize("model", frames.FROM_CLIENT)
def test_what_a_client_may_send_is_what_the_document_says(model: type[Reply]) -> None:
    """Whole examples are taken; without a required field they are refused, by both."""
    example = EXAMPLES[model]
    assert set(example) == set(model.model_fields)
    assert not isinstance(decode(json.dumps(example)), Refused)
    for name, field in model.model_fields.items():
        less = {key: value for key, value in example.items() if key != name}
        heard = decode(json.dumps(less))
        # A question's text is looked at by the desk, which has codes of its own for it.
        refused = isinstance(heard, Refused) or getattr(heard, "text", "") is None
        assert refused == field.is_required()
