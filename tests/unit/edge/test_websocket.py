"""The conversation over a real socket: order, resuming, limits, closing."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestClient

from service.edge.app import CURRENT, DESK, ROOM

Client = TestClient[Any, Any]
Socket = ClientWebSocketResponse
Served = Callable[..., Awaitable[Client]]
NAMES = ("Ada", "Bo")


@pytest.fixture
async def client(served: Served) -> Client:
    """A server with two supporters."""
    return await served(supporter_names=NAMES)


async def receive(socket: Socket) -> dict[str, Any]:
    """The next frame."""
    message = await socket.receive(timeout=5)
    assert message.type is WSMsgType.TEXT, message
    frame: dict[str, Any] = json.loads(message.data)
    return frame


async def connect(client: Client, path: str = "/ws") -> tuple[Socket, dict[str, Any]]:
    """A socket whose init has been read, and, of a new conversation, the greeting too."""
    socket = await client.ws_connect(path)
    init = await receive(socket)
    assert init["type"] == "init"
    if not init["resumed"]:
        assert (await receive(socket))["kind"] == "greeting"
    return socket, init


async def ask(socket: Socket, **frame: Any) -> dict[str, Any]:
    """Send a frame and read the one that comes back."""
    await socket.send_json(frame)
    return await receive(socket)


async def test_the_server_speaks_first(client: Client) -> None:
    """init with everything a client needs, then the greeting by the supporter's name."""
    socket = await client.ws_connect("/ws")
    init, greeting = await receive(socket), await receive(socket)
    assert init["type"] == "init"
    assert (init["seq"], init["protocol"], init["resumed"]) == (0, 1, False)
    assert init["index"] == "g-one"
    assert init["limits"] == {"question_chars": 2000}
    assert init["supporter_name"] in NAMES
    assert (greeting["type"], greeting["seq"], greeting["kind"]) == ("message", 1, "greeting")
    assert init["supporter_name"] in greeting["text"]
    assert greeting["suggestions"][0] == {"id": "router-restart", "title": "Restart the router"}


async def test_any_text_frame_is_a_question(client: Client) -> None:
    """So that wscat is a chat."""
    socket, _ = await connect(client)
    await socket.send_str("my wi-fi is slow")
    reply = await receive(socket)
    assert (reply["type"], reply["kind"], reply["seq"]) == ("message", "answer", 2)
    assert reply["text"] == "Move closer to the router."


async def test_a_reply_has_every_field_of_the_http_answer(client: Client) -> None:
    """And says which question it replies to."""
    socket, _ = await connect(client)
    reply = await ask(socket, type="question", id="c1", text="wi-fi", explain=True)
    over_http = await (await client.get("/v1/ask?q=wi-fi&explain=true")).json()
    assert set(over_http) <= set(reply)
    assert reply["answer"] == over_http["answer"]
    assert reply["explanation"] == over_http["explanation"]
    assert reply["reply_to"] == "c1"


async def test_a_question_after_a_pick_is_about_what_was_picked(client: Client) -> None:
    """The pick is answered in full and becomes the context."""
    socket, _ = await connect(client)
    picked = await ask(socket, type="pick", id="c2", entry="router-restart")
    assert (picked["kind"], picked["answer"]["id"]) == ("answer", "router-restart")
    follow_up = await ask(socket, type="question", id="c3", text="it")
    assert follow_up["question"]["used_context"] is True


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "question", "id": "x", "text": " "}, "question_empty"),
        ({"type": "question", "id": "x", "text": "x" * 2001}, "question_too_long"),
        ({"type": "question", "id": "x", "text": 5}, "question_not_text"),
        ({"type": "question", "id": "x", "text": "\ud800"}, "question_not_text"),
        ({"type": "question", "id": "x"}, "question_not_text"),
        ({"type": "question", "id": "x", "text": "defect"}, "internal_error"),
        ({"type": "pick", "id": "x", "entry": "nobody"}, "entry_not_found"),
        ({"type": "dance", "id": "x"}, "message_invalid"),
    ],
)
async def test_an_error_leaves_the_socket_open(
    client: Client, frame: dict[str, Any], code: str
) -> None:
    """The next question is answered as if nothing had happened."""
    socket, _ = await connect(client)
    error = await ask(socket, **frame)
    assert (error["type"], error["code"], error["reply_to"]) == ("error", code, "x")
    assert (await ask(socket, type="question", text="wi-fi"))["kind"] == "answer"


async def test_a_binary_frame_is_refused_and_the_socket_stays_open(client: Client) -> None:
    """It is not the protocol, but no reason to hang up."""
    socket, _ = await connect(client)
    await socket.send_bytes(b"\x00")
    assert (await receive(socket))["code"] == "message_invalid"
    assert (await ask(socket, type="ping", id="p")) == {"type": "pong", "reply_to": "p"}


async def test_feedback_is_acknowledged(client: Client) -> None:
    """After it is stored, by the feedback's own id."""
    socket, _ = await connect(client)
    reply = await ask(socket, type="question", id="c1", text="wi-fi")
    ack = await ask(socket, type="feedback", id="c3", request_id=reply["request_id"], helpful=True)
    assert ack == {"type": "ack", "reply_to": "c3"}


async def test_an_oversized_frame_closes_with_1009(client: Client) -> None:
    """The one error that costs the connection: the rest of the frame is never read."""
    socket, _ = await connect(client)
    await socket.send_str("x" * 20_000)
    await socket.receive(timeout=5)
    assert socket.close_code == 1009


async def test_a_conversation_is_resumed_where_it_was(client: Client) -> None:
    """The same supporter; what was missed, once; the context still there."""
    socket, init = await connect(client)
    reply = await ask(socket, type="question", id="c1", text="router")
    await socket.close()
    again, resumed = await connect(client, f"/ws?session={init['session']}&after=1")
    assert resumed["resumed"] is True
    assert resumed["supporter_name"] == init["supporter_name"]
    assert await receive(again) == reply
    follow_up = await ask(again, type="question", id="c2", text="it")
    assert follow_up["question"]["used_context"] is True
    assert follow_up["seq"] == reply["seq"] + 1


async def test_a_question_sent_again_after_resuming_is_not_asked_twice(client: Client) -> None:
    """The very same reply, with the same request id."""
    socket, init = await connect(client)
    reply = await ask(socket, type="question", id="c1", text="router")
    await socket.close()
    again, _ = await connect(client, f"/ws?session={init['session']}&after={reply['seq']}")
    assert await ask(again, type="question", id="c1", text="router") == reply


@pytest.mark.parametrize("query", ["session=unknown&after=3", "session=&after=", "after=x"])
async def test_an_unknown_session_is_a_new_conversation(client: Client, query: str) -> None:
    """resumed is false, so the client knows that the past is gone."""
    _, init = await connect(client, f"/ws?{query}")
    assert init["resumed"] is False


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "\u0663"])
async def test_a_senseless_after_means_everything(client: Client, after: str) -> None:
    """Too much is better than too little; the client knows what it has."""
    _, init = await connect(client)
    socket = await client.ws_connect("/ws", params={"session": init["session"], "after": after})
    assert (await receive(socket))["resumed"] is True
    assert (await receive(socket))["kind"] == "greeting"


async def test_both_tabs_of_a_conversation_hear_the_reply(client: Client) -> None:
    """Nobody is thrown out because somebody else came in."""
    first, init = await connect(client)
    second, _ = await connect(client, f"/ws?session={init['session']}&after=1")
    reply = await ask(first, type="question", id="c1", text="router")
    assert await receive(second) == reply


async def test_a_conversation_has_only_so_many_connections(client: Client) -> None:
    """The oldest is let go with 1008; the others go on."""
    oldest, init = await connect(client)
    sockets = [
        (await connect(client, f"/ws?session={init['session']}&after=1"))[0] for _ in range(8)
    ]
    assert (await oldest.receive(timeout=5)).type is WSMsgType.CLOSE
    assert oldest.close_code == 1008
    assert (await ask(sockets[0], type="question", text="router"))["kind"] == "answer"


async def test_everybody_is_told_of_a_new_index(client: Client, index_dir: Path) -> None:
    """A notice without seq; the conversation goes on with the new answers."""
    socket, _ = await connect(client)
    (index_dir / "CURRENT").write_text("g-two\n")
    await client.server.app[CURRENT].reload()
    assert await receive(socket) == {
        "type": "notice",
        "kind": "index_changed",
        "index": "g-two",
    }
    reply = await ask(socket, type="question", text="router")
    assert (reply["seq"], reply["index"]["generation"]) == (2, "g-two")


async def test_without_an_index_the_chat_opens_and_says_so(served: Served, tmp_path: Path) -> None:
    """Greeting without starters; questions get an error that says when to try again."""
    client = await served(index=tmp_path / "nowhere")
    socket = await client.ws_connect("/ws")
    assert (await receive(socket))["index"] is None
    assert (await receive(socket))["suggestions"] == []
    error = await ask(socket, type="question", id="c1", text="router")
    assert (error["code"], error["retry_after_s"]) == ("index_unavailable", 5)


async def test_a_question_that_takes_long_shows_typing(client: Client) -> None:
    """A frame without seq before the reply, because this work leaves the loop."""
    socket, _ = await connect(client)
    typing = await ask(socket, type="question", id="c1", text="router " + "x" * 500)
    assert typing == {"type": "typing", "reply_to": "c1"}
    assert (await receive(socket))["reply_to"] == "c1"


async def test_a_page_of_another_site_is_hung_up_on(client: Client) -> None:
    """1008 for a foreign Origin; our own page and programs without one are welcome."""
    socket = await client.ws_connect("/ws", origin="https://evil.example")
    assert (await socket.receive(timeout=5)).type is WSMsgType.CLOSE
    assert socket.close_code == 1008
    own = str(client.make_url("/")).rstrip("/")
    welcome = await client.ws_connect("/ws", origin=own)
    assert (await receive(welcome))["type"] == "init"


async def test_another_name_for_this_machine_is_refused_before_the_upgrade(
    client: Client,
) -> None:
    """421, as over HTTP."""
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/ws", headers={"Host": "evil.example"})
    assert refused.value.status == 421


async def test_too_many_conversations_are_refused(served: Served) -> None:
    """1008 for the one too many; a place that is left is free again."""
    client = await served(max_connections=1)
    first, _ = await connect(client)
    refused = await client.ws_connect("/ws")
    assert (await refused.receive(timeout=5)).type is WSMsgType.CLOSE
    assert refused.close_code == 1008
    await first.close()
    async with asyncio.timeout(5):
        while client.server.app[ROOM].open_connections:
            await asyncio.sleep(0.01)
    await connect(client)


async def test_the_handshake_carries_a_request_id(client: Client) -> None:
    """As every response does."""
    socket = await client.ws_connect("/ws")
    assert socket._response.headers["X-Request-Id"]


async def test_shutdown_says_1001_to_everybody(client: Client) -> None:
    """So that clients know to come back."""
    sockets = [(await connect(client))[0] for _ in range(3)]
    hung_up = asyncio.gather(*(socket.receive(timeout=5) for socket in sockets))
    await client.server.app[ROOM].close()
    assert {message.type for message in await hung_up} == {WSMsgType.CLOSE}
    assert {socket.close_code for socket in sockets} == {1001}


async def test_shutdown_delivers_the_answer_that_is_being_worked_on(client: Client) -> None:
    """First the reply, then the goodbye."""
    socket, _ = await connect(client)
    await socket.send_json({"type": "question", "id": "c1", "text": "router " + "x" * 500})
    assert (await receive(socket))["type"] == "typing"
    closing = asyncio.create_task(client.server.app[ROOM].close())
    assert (await receive(socket))["reply_to"] == "c1"
    assert (await socket.receive(timeout=5)).type is WSMsgType.CLOSE
    await closing
    assert socket.close_code == 1001


async def test_a_reader_that_is_stuck_is_cut_off(served: Served) -> None:
    """Its buffers do not grow for ever, and others are answered meanwhile."""
    client = await served(send_timeout_s=0.1)
    reader, writer = await asyncio.open_connection(client.host, client.port, limit=1024)
    writer.write(
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.pause_reading()
    question = b'{"type":"question","text":"manual"}'
    writer.write((bytes([0x81, 0x80 | len(question)]) + b"\0\0\0\0" + question) * 100)
    room = client.server.app[ROOM]
    async with asyncio.timeout(60):
        while not room.open_connections:
            await asyncio.sleep(0.01)
        while room.open_connections:
            await asyncio.sleep(0.01)
    socket, _ = await connect(client)
    assert (await ask(socket, type="question", text="router"))["kind"] == "answer"
    writer.transport.abort()


async def test_questions_that_wait_too_long_are_refused_and_may_be_repeated(
    served: Served,
) -> None:
    """busy with a time to wait; the same id is asked when it comes again."""
    client = await served(max_waiting_questions=1)
    desk = client.server.app[DESK]
    desk.waiting = 1
    socket, _ = await connect(client)
    long = "router " + "x" * 500
    assert (await ask(socket, type="question", id="c1", text=long))["type"] == "typing"
    error = await receive(socket)
    assert (error["code"], error["retry_after_s"]) == ("busy", 1)
    desk.waiting = 0
    await ask(socket, type="question", id="c1", text=long)
    assert (await receive(socket))["reply_to"] == "c1"
