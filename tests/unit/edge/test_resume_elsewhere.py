"""Conversations that go on with another process, through the journal they share."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient

Client = TestClient[Any, Any]
Socket = ClientWebSocketResponse
Served = Callable[..., Awaitable[Client]]


async def connect(client: Client, **query: Any) -> tuple[Socket, dict[str, Any]]:
    """A socket and its first frame."""
    socket = await client.ws_connect("/ws", params=query)
    return socket, await socket.receive_json(timeout=5)


async def ask(socket: Socket, client_id: str, text: str) -> dict[str, Any]:
    """The reply to a question."""
    await socket.send_json({"type": "question", "id": client_id, "text": text})
    reply: dict[str, Any] = await socket.receive_json(timeout=5)
    return reply


async def kept(path: Path, sql: str, rows: int) -> list[Any]:
    """What the journal holds, once it holds so many rows."""
    async with asyncio.timeout(10):
        while True:
            connection = sqlite3.connect(path)
            try:
                found = connection.execute(sql).fetchall()
            except sqlite3.OperationalError:
                found = []  # its tables are still being made
            finally:
                connection.close()
            if len(found) >= rows:
                return found
            await asyncio.sleep(0.02)


@pytest.fixture
def pair(served: Served, tmp_path: Path) -> Callable[..., Awaitable[tuple[Client, Client]]]:
    """Two servers that share a journal and, but for the name, no supporter."""

    async def start(**settings: Any) -> tuple[Client, Client]:
        shared = {"journal_path": tmp_path / "j.sqlite3", **settings}
        return (
            await served(supporter_names=("Ada",), **shared),
            await served(supporter_names=("Bo",), **shared),
        )

    return start


async def test_a_conversation_goes_on_with_another_replica(pair: Any, tmp_path: Path) -> None:
    """Same session, same supporter, the context kept, what was missed sent again, nothing twice."""
    one, other = await pair()
    socket, init = await connect(one)
    await socket.receive_json()
    first = await ask(socket, "c1", "router")
    second = await ask(socket, "c2", "wi-fi is slow")
    await socket.close()
    await kept(tmp_path / "j.sqlite3", "select 1 from messages", 2)
    socket, again = await connect(other, session=init["session"], after=first["seq"])
    assert (again["resumed"], again["complete"]) == (True, True)
    assert (again["session"], again["supporter_name"]) == (init["session"], "Ada")
    assert await socket.receive_json(timeout=5) == second
    assert await ask(socket, "c2", "wi-fi is slow") == second
    follow_up = await ask(socket, "c3", "and how do i do it")
    assert follow_up["question"]["used_context"] is True
    assert follow_up["seq"] == second["seq"] + 1


async def test_a_conversation_that_comes_back_is_up_to_date(pair: Any, tmp_path: Path) -> None:
    """The first replica still holds it, and takes over what the other one added."""
    one, other = await pair()
    socket, init = await connect(one)
    await socket.receive_json()
    await ask(socket, "c1", "router")
    await socket.close()
    await kept(tmp_path / "j.sqlite3", "select 1 from messages", 1)
    socket, _ = await connect(other, session=init["session"], after=2)
    there = await ask(socket, "c2", "wi-fi is slow")
    await socket.close()
    await kept(tmp_path / "j.sqlite3", "select 1 from messages", 2)
    socket, back = await connect(one, session=init["session"], after=there["seq"])
    assert back["resumed"] is True
    assert await ask(socket, "c2", "wi-fi is slow") == there
    assert (await ask(socket, "c3", "router"))["seq"] == there["seq"] + 1


async def test_what_is_kept_is_redacted(pair: Any, tmp_path: Path) -> None:
    """A resumed reply quotes the question without the address; the file never had it."""
    one, other = await pair()
    socket, init = await connect(one)
    await socket.receive_json()
    await ask(socket, "c1", "router of jane@example.org")
    await socket.close()
    await kept(tmp_path / "j.sqlite3", "select 1 from messages", 1)
    socket, _ = await connect(other, session=init["session"], after=1)
    reply = await socket.receive_json(timeout=5)
    assert reply["question"]["text"] == "router of [mail]"
    assert all(b"jane@example" not in file.read_bytes() for file in tmp_path.glob("j.sqlite3*"))


@pytest.mark.parametrize("session", ["unknown-but-well-formed", "x' or 1=1 --", "a" * 300])
async def test_an_unknown_session_is_a_new_conversation(pair: Any, session: str) -> None:
    """Whatever is asked for, there is somebody to talk to."""
    _, other = await pair()
    _, init = await connect(other, session=session, after=7)
    assert init["resumed"] is False
    assert init["session"] != session


async def test_conversations_are_not_kept_where_that_is_off(pair: Any, tmp_path: Path) -> None:
    """Without keep_conversations another replica begins anew, and no reply is stored."""
    one, other = await pair(keep_conversations=False)
    socket, init = await connect(one)
    await socket.receive_json()
    await ask(socket, "c1", "router")
    await socket.close()
    _, again = await connect(other, session=init["session"], after=2)
    assert again["resumed"] is False
    assert len(await kept(tmp_path / "j.sqlite3", "select 1 from questions", 1)) == 1
    assert await kept(tmp_path / "j.sqlite3", "select 1 from messages", 0) == []


async def test_a_journal_that_fails_lets_people_begin_anew(served: Served, tmp_path: Path) -> None:
    """Resuming is a comfort; talking is the point."""
    (tmp_path / "file").write_text("")
    client = await served(journal_path=tmp_path / "file" / "j.sqlite3")
    _, init = await connect(client, session="A" * 22, after=3)
    assert init["resumed"] is False


async def test_a_client_that_is_quicker_than_the_journal_is_waited_for(
    pair: Any, tmp_path: Path
) -> None:
    """Coming back at once, before the reply is written, still finds the conversation."""
    one, other = await pair()
    await one.post("/v1/feedback", json={"request_id": "r0", "helpful": True})
    socket, init = await connect(one)
    await socket.receive_json()
    await ask(socket, "c1", "router")
    _, again = await connect(other, session=init["session"], after=2)
    assert again["resumed"] is True


async def test_a_suggestion_that_is_taken_is_kept(pair: Any, tmp_path: Path) -> None:
    """The did-you-mean reply, and the entry that answered it after all."""
    one, _ = await pair()
    socket, _ = await connect(one)
    await socket.receive_json()
    reply = await ask(socket, "c1", "perhaps wi-fi")
    assert reply["kind"] == "suggestions"
    await socket.send_json({"type": "pick", "id": "c2", "entry": "wifi-slow"})
    assert (await socket.receive_json(timeout=5))["kind"] == "answer"
    rows = await kept(tmp_path / "j.sqlite3", "select request_id, entry_id from accepted", 1)
    assert rows == [(reply["request_id"], "wifi-slow")]
