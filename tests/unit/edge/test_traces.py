"""OpenTelemetry traces, as a collector receives them."""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from service.config import ServiceConfig
from service.edge.app import create_app
from service.edge.record import RecordInMemory
from service.errors import ConfigError
from tests.unit.edge.conftest import fake_answer, fake_open

WORDS = "router of mister miller"


@pytest.fixture
async def collector() -> Any:
    """A collector on a port of its own; ``spans`` are what it was sent."""

    async def receive(request: web.Request) -> web.Response:
        sent = ExportTraceServiceRequest.FromString(await request.read())
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                server.spans.extend(scope.spans)
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", receive)
    server: Any = TestServer(app)
    server.spans = []
    await server.start_server()
    yield server
    await server.close()


async def traced(
    collector: Any, aiohttp_client: Callable[..., Any], index_dir: Path, work: Callable[..., Any]
) -> dict[str, Span]:
    """The spans of what *work* did with a server, by name, once the server has ended."""
    config = ServiceConfig(index=index_dir, otlp_endpoint=str(collector.make_url("/")))
    app = create_app(config, open_index=fake_open, answer=fake_answer, record=RecordInMemory())
    client = await aiohttp_client(app)
    await work(client)
    await client.close()
    return {span.name: span for span in collector.spans}


async def test_a_request_is_a_span_with_its_question_beneath(
    collector: Any, aiohttp_client: Callable[..., Any], index_dir: Path
) -> None:
    """It continues the caller's trace, names the request id, and holds nobody's words."""
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

    async def work(client: Any) -> None:
        headers = {"traceparent": f"00-{trace}-{parent}-01", "X-Request-Id": "request-one"}
        await client.get("/v1/ask", params={"q": WORDS}, headers=headers)
        await client.get("/healthz")

    spans = await traced(collector, aiohttp_client, index_dir, work)
    request, question = spans["GET /v1/ask"], spans["question"]
    assert request.trace_id.hex() == question.trace_id.hex() == trace
    assert request.parent_span_id.hex() == parent
    assert question.parent_span_id == request.span_id
    assert spans["read"].parent_span_id == spans["search"].parent_span_id == question.span_id
    assert spans["read"].end_time_unix_nano == spans["search"].start_time_unix_nano
    said = {a.key: a.value.string_value for a in (*request.attributes, *question.attributes)}
    assert said["firstline.request_id"] == "request-one"
    assert said["firstline.outcome"] == "answer"
    assert "miller" not in str(collector.spans)
    assert not [name for name in spans if "healthz" in name]


async def test_a_question_of_a_conversation_is_a_trace_of_its_own(
    collector: Any, aiohttp_client: Callable[..., Any], index_dir: Path
) -> None:
    """With the door it came in by."""

    async def work(client: Any) -> None:
        socket = await client.ws_connect("/ws")
        await socket.send_str("router")
        async with asyncio.timeout(10):
            while (await socket.receive_json()).get("kind") != "answer":
                pass
        await socket.close()

    spans = await traced(collector, aiohttp_client, index_dir, work)
    assert set(spans) == {"question", "read", "search"}
    assert not spans["question"].parent_span_id
    doors = [a.value.string_value for a in spans["question"].attributes if a.key.endswith("door")]
    assert doors == ["websocket"]


def test_without_the_extra_the_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, index_dir: Path
) -> None:
    """The sentence says what to install."""
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ConfigError, match=r"firstline\[telemetry\]"):
        create_app(
            ServiceConfig(index=index_dir, otlp_endpoint="http://localhost:4318"),
            open_index=fake_open,
            answer=fake_answer,
        )
