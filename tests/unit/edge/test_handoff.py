"""Handing a conversation over to a person, and what the page is told about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port

from service.config import load_config
from service.edge.documents import replies
from service.edge.handoff import HandOffDesk, Webhook
from service.edge.requests import HandOffRequest
from service.errors import Busy, ConfigError, HandOffFailed

Client = TestClient[Any, Any]
Served = Callable[..., Awaitable[Client]]
CALL = {"contact": "ada@example.com", "transcript": "> my wifi is slow", "session": "s-1"}


class Helpdesk:
    """The operator's system: keeps what it is sent, and says what it is told to say."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status = 200

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append(await request.json())
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def helpdesk(aiohttp_server: Callable[..., Awaitable[TestServer]]) -> tuple[Helpdesk, str]:
    """A system that listens, and its address."""
    desk = Helpdesk()
    app = web.Application()
    app.router.add_post("/hook", desk.take)
    server = await aiohttp_server(app)
    return desk, str(server.make_url("/hook"))


async def test_the_webhook_receives_contact_and_transcript(
    served: Served, helpdesk: tuple[Helpdesk, str]
) -> None:
    """What the person wrote arrives whole, once, with what a chat system shows."""
    desk, address = helpdesk
    client = await served(hand_off_webhook=address)
    response = await client.post("/v1/handoff", json=CALL)
    assert response.status == 200
    said = await response.json()
    assert replies.HandOffReply.model_validate(said, strict=True).model_dump() == said
    (taken,) = desk.taken
    assert taken["event"] == "hand_off"
    assert (taken["contact"], taken["transcript"]) == (CALL["contact"], CALL["transcript"])
    assert taken["session"] == "s-1"
    assert taken["request_id"] == response.headers["X-Request-Id"]
    assert CALL["contact"] in taken["text"]
    assert CALL["transcript"] in taken["text"]


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_webhook_that_refuses_is_told_to_the_person(
    served: Served, helpdesk: tuple[Helpdesk, str], status: int
) -> None:
    """Anything but 2xx is a failure, redirects are not followed, and the address stays unsaid."""
    desk, address = helpdesk
    desk.status = status
    response = await (await served(hand_off_webhook=address)).post("/v1/handoff", json=CALL)
    assert response.status == 502
    document = await response.json(content_type=None)
    assert document["code"] == "hand_off_failed"
    assert "hook" not in document["detail"]
    assert len(desk.taken) == 1


async def test_a_webhook_that_is_not_there_is_a_failure(served: Served) -> None:
    """Nobody listens: 502 and not a defect."""
    free_port = unused_port()
    client = await served(hand_off_webhook=f"http://127.0.0.1:{free_port}/hook")
    response = await client.post("/v1/handoff", json=CALL)
    assert response.status == 502


async def test_without_a_webhook_nothing_is_handed_over(served: Served) -> None:
    """404 with a code of its own."""
    response = await (await served()).post("/v1/handoff", json=CALL)
    assert response.status == 404
    assert (await response.json(content_type=None))["code"] == "hand_off_off"


@pytest.mark.parametrize("change", [{"contact": ""}, {"transcript": 3}, {"more": "x"}])
async def test_what_is_not_a_hand_off_is_refused(
    served: Served, helpdesk: tuple[Helpdesk, str], change: dict[str, Any]
) -> None:
    """A contact is needed, texts are texts, and unknown fields are refused."""
    desk, address = helpdesk
    client = await served(hand_off_webhook=address)
    response = await client.post("/v1/handoff", json=CALL | change)
    assert response.status == 400
    assert desk.taken == []


async def test_the_webhook_is_not_flooded(helpdesk: tuple[Helpdesk, str]) -> None:
    """More calls than allowed within a minute wait; a minute later they go through again."""
    desk, address = helpdesk
    now = [0.0]
    door = HandOffDesk(Webhook(address, 5.0, 2), clock=lambda: now[0])
    asked = HandOffRequest.model_validate(CALL)
    await door.send(asked, "r-1")
    await door.send(asked, "r-2")
    with pytest.raises(Busy, match="in a minute"):
        await door.send(asked, "r-3")
    now[0] = 61.0
    await door.send(asked, "r-4")
    await door.close()
    assert [one["request_id"] for one in desk.taken] == ["r-1", "r-2", "r-4"]


async def test_a_slow_webhook_is_given_up(
    aiohttp_server: Callable[..., Awaitable[TestServer]],
) -> None:
    """No longer than its timeout, then a failure that can be tried again."""
    import asyncio

    async def sleep(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", sleep)
    server = await aiohttp_server(app)
    door = HandOffDesk(Webhook(str(server.make_url("/")), 0.05, 5))
    with pytest.raises(HandOffFailed):
        await door.send(HandOffRequest.model_validate(CALL), "r-1")
    await door.close()


async def test_the_page_is_told_what_was_decided(served: Served) -> None:
    """Title, languages and ways; whether there is a webhook, and never where."""
    plain = await (await (await served()).get("/page.json")).json()
    assert plain == {
        "title": "Firstline",
        "languages": ["en", "de"],
        "greeting": None,
        "hand_off": None,
    }
    client = await served(
        page_title="Acme help",
        page_languages="de",
        greeting="Moin, {name} hier.",
        hand_off_mail="help@acme.example",
        hand_off_webhook="https://hooks.example/secret",
    )
    response = await client.get("/page.json")
    assert "secret" not in await response.text()
    assert await response.json() == {
        "title": "Acme help",
        "languages": ["de"],
        "greeting": "Moin, {name} hier.",
        "hand_off": {
            "mail": "help@acme.example",
            "phone": None,
            "url": None,
            "label": None,
            "webhook": True,
        },
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hand_off_url", "javascript:alert(1)"),
        ("hand_off_webhook", "hooks.example/x"),
        ("hand_off_mail", "help@acme.example?bcc=x@y.example"),
    ],
)
def test_ways_that_lead_nowhere_are_refused_at_start(name: str, value: str) -> None:
    """The setting is named, with what it should be."""
    with pytest.raises(ConfigError, match=f"{name}: give"):
        load_config({}, {f"FIRSTLINE_{name.upper()}": value})
