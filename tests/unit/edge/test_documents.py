"""The OpenAPI document: valid, whole, and true to what the server does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from service.edge.documents import operations, replies
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
        ("/v1/insights", replies.InsightsReply),
        ("/healthz", replies.HealthReply),
        ("/readyz", replies.ReadyReply),
        ("/v1/entries/nobody", replies.Problem),
    ],
)
async def test_replies_are_what_the_document_says(client: Client, path: str, model: Any) -> None:
    """Every field that is sent is documented, with its type."""
    await client.post("/v1/feedback", json={"request_id": "r", "helpful": True, "comment": "c"})
    said = await (await client.get(path, headers=TOKEN)).json(content_type=None)
    assert model.model_validate(said, strict=True).model_dump(exclude_unset=True) == said


async def test_posted_replies_are_what_the_document_says(client: Client) -> None:
    """Feedback and reload, too."""
    stored = await client.post("/v1/feedback", json={"request_id": "r", "helpful": True})
    said = await stored.json()
    assert stored.status == operations.FEEDBACK.status
    assert replies.FeedbackReply(**said).model_dump() == said
    said = await (await client.post("/v1/reload", headers=TOKEN)).json()
    assert replies.ReloadReply(**said).model_dump() == said


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
