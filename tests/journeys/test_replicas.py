"""Two replicas behind a real nginx, with one PostgreSQL between them."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from service.live.journal_store import QUESTIONS, JournalStore, journal_url
from tests.journeys.chat_page import ALSO_ANSWERED, ALSO_ANSWERED_ENTRY, ANSWERED, ChatPage
from tests.journeys.nginx_server import running_nginx
from tests.journeys.processes import Server

FIRST = "pc says printer is offline but its on"
FOLLOW_UP = "and on my mac?"
# Retries through nginx, until the replica that is gone is noticed.
COMES_BACK_WITHIN_S = 30


@pytest.fixture
def replicas(own_server: Callable[..., Server], postgres_dsn: str) -> list[Server]:
    """Two servers that share a journal in PostgreSQL."""
    environ = {"FIRSTLINE_JOURNAL_DSN": postgres_dsn}
    return [own_server(environ=environ) for _ in range(2)]


@pytest.fixture
def proxied(replicas: list[Server]) -> Iterator[str]:
    """The address of nginx before them."""
    with running_nginx(replicas) as url:
        yield url


def holding(replicas: list[Server]) -> Server:
    """The replica that has a WebSocket open now."""
    for replica in replicas:
        with urllib.request.urlopen(f"{replica.url}/metrics", timeout=5) as page:
            text = page.read().decode()
        if re.search(r"^firstline_open_websockets [1-9]", text, re.MULTILINE):
            return replica
    raise AssertionError("no replica has a WebSocket open")


async def connect(
    client: aiohttp.ClientSession, url: str, **query: Any
) -> tuple[aiohttp.ClientWebSocketResponse, dict[str, Any]]:
    """A conversation through nginx and its init, however often that takes."""
    async with asyncio.timeout(COMES_BACK_WITHIN_S):
        while True:
            try:
                socket = await client.ws_connect(f"{url}/ws", params=query)
                return socket, await socket.receive_json()
            except (aiohttp.ClientError, TypeError):
                await asyncio.sleep(0.1)


async def ask(socket: Any, client_id: str, text: str) -> dict[str, Any]:
    """The reply to a question."""
    await socket.send_json({"type": "question", "id": client_id, "text": text})
    while True:
        frame: dict[str, Any] = await socket.receive_json(timeout=20)
        if frame["type"] == "message":
            return frame


async def written(dsn: str, session: str, rows: int) -> int:
    """How many questions of a conversation are in the journal, once there are so many."""
    store = JournalStore(journal_url(Path(), dsn))
    query = select(func.count().label("rows")).where(QUESTIONS.c.session == session)
    try:
        async with asyncio.timeout(20):
            while (found := (await store.read(query))[0]["rows"]) < rows:
                await asyncio.sleep(0.05)
        return int(found)
    finally:
        await store.close()


async def keep_asking(client: aiohttp.ClientSession, url: str, seen: list[int]) -> None:
    """Ask over HTTP, one question after the other."""
    while True:
        async with client.post(f"{url}/v1/ask", json={"question": FIRST}) as response:
            await response.read()
            seen.append(response.status)


async def test_a_killed_replica_costs_nobody_a_message(
    replicas: list[Server], proxied: str, postgres_dsn: str
) -> None:
    """
    Killed mid-conversation: the other replica goes on with it, and nothing is missing or double.

    Whoever asks over HTTP meanwhile sees answers and no error.
    """
    async with aiohttp.ClientSession() as client:
        socket, init = await connect(client, proxied)
        await socket.receive_json()
        statuses: list[int] = []
        asking = asyncio.create_task(keep_asking(client, proxied, statuses))
        first = await ask(socket, "c1", FIRST)
        second = await ask(socket, "c2", "thanks")
        await asyncio.sleep(0.5)  # the journal writes a fifth of a second later
        dead = holding(replicas)
        dead.process.kill()
        dead.process.wait()
        # The client has seen the first reply and not the second.
        socket, again = await connect(client, proxied, session=init["session"], after=first["seq"])
        assert (again["resumed"], again["complete"]) == (True, True)
        assert again["session"] == init["session"]
        assert again["supporter_name"] == init["supporter_name"]
        assert await socket.receive_json() == second
        assert await ask(socket, "c2", "thanks") == second
        third = await ask(socket, "c3", FOLLOW_UP)
        assert (third["seq"], third["question"]["used_context"]) == (second["seq"] + 1, True)
        asking.cancel()
        assert set(statuses) == {200}
        # The journal of both is one, and has one conversation of three questions.
        await socket.close()
        assert await written(postgres_dsn, init["session"], 3) == 3


def test_the_page_goes_on_with_the_other_replica(
    browser_page: Any, replicas: list[Server], proxied: str
) -> None:
    """A person sees one greeting, one supporter and an answer to each question, nothing else."""
    chat = ChatPage(browser_page, proxied).greeted()
    chat.ask(ANSWERED)
    name = chat.page.inner_text("#name")
    dead = holding(replicas)
    dead.process.kill()
    dead.process.wait()
    chat.write(ALSO_ANSWERED)
    chat.page.locator(f'[data-entry="{ALSO_ANSWERED_ENTRY}"]').wait_for(timeout=40_000)
    chat.in_state("online")
    assert chat.kinds() == ["greeting", "question", "answer", "question", "answer"]
    assert chat.page.inner_text("#name") == name
    assert chat.troubles == []
