"""
The pump around ``ChatSession``: frames in, events done, frames out.

A conversation outlives its connections, and may have several: a second tab, or a dead one that
nobody has noticed yet. Every reply goes to all of them, so none is lost with the one that asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, hdrs, web

from service.chat.book import SessionBook
from service.chat.messages import ClientMessage, Ping, Refused, decode
from service.chat.session import Ask, ChatSession, Memory, Send
from service.edge.connection import SEND_BUFFER_BYTES, Connection
from service.edge.counter import Counter
from service.edge.doors import CALLER, REQUEST, REQUEST_ID, OriginPolicy
from service.edge.heartbeat import Heartbeat
from service.edge.logs import log_defect
from service.edge.refusals import CLOSE_CODES, CLOSE_DEFECT, CLOSE_SHUTDOWN
from service.edge.shares import FairShares
from service.errors import (
    IndexUnavailable,
    MessageInvalid,
    OriginRefused,
    RateLimited,
    RequestRefused,
    TooManyConnections,
    UpgradeRequired,
)
from service.retrieval.entries import Related

MAX_PER_CONVERSATION = 8
# Who floods is read no further for so long: what waits, waits at the sender's.
FLOOD_PAUSE_S = 1.0
# What fits into a close frame beside its code (RFC 6455, 5.5).
MAX_REASON_BYTES = 123
# As ``secrets.token_urlsafe(16)`` makes them; nothing else is looked up.
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_ENDED = frozenset((WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED))
# At the end of the server: how often it is asked whether the last answers have gone out.
ANSWERED_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The part of the configuration that conversations need."""

    supporter_names: tuple[str, ...]
    greeting: str
    starters: int
    memory: Memory
    max_sessions: int
    session_ttl_s: float
    max_connections: int
    max_frame_bytes: int
    heartbeat_s: float
    send_timeout_s: float
    shutdown_timeout_s: float


class Conversation:
    """A session and the connections it speaks over at the moment, oldest first."""

    __slots__ = ("connections", "sending", "session")

    def __init__(self, session: ChatSession) -> None:
        self.session = session
        self.connections: list[Connection] = []
        # Frames keep their order even where one of them has to wait for a slow reader.
        self.sending = asyncio.Lock()

    async def deliver(self, frame: Send) -> None:
        """To everybody connected; what nobody receives is kept by the session."""
        async with self.sending:
            for connection in reversed(self.connections):
                await connection.send(frame.data)


class ChatRoom:
    """``GET /ws``: all conversations of this process."""

    def __init__(
        self, counter: Counter, origins: OriginPolicy, shares: FairShares, settings: ChatSettings
    ) -> None:
        self._counter = counter
        self._origins = origins
        self._shares = shares
        self._settings = settings
        self._book: SessionBook[Conversation] = SessionBook(
            settings.max_sessions, settings.session_ttl_s
        )
        self._connections: set[Connection] = set()
        self.heartbeat = Heartbeat(settings.heartbeat_s)
        self._beside: set[asyncio.Task[None]] = set()
        self._closing = False
        self.on_refusal: list[Callable[[str], None]] = []
        counter.current.on_change.append(self._index_changed)

    @property
    def open_connections(self) -> int:
        """How many people are connected now."""
        return len(self._connections)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """One connection, from handshake to close."""
        if request.headers.get(hdrs.UPGRADE, "").lower() != "websocket":
            raise UpgradeRequired("This address is a WebSocket: connect with wscat or a page.")
        socket = web.WebSocketResponse(
            timeout=self._settings.shutdown_timeout_s,
            autoping=False,  # see Heartbeat
            max_msg_size=self._settings.max_frame_bytes + 1,  # aiohttp refuses the number itself
            compress=False,
            writer_limit=SEND_BUFFER_BYTES,
        )
        socket.headers[REQUEST_ID] = request[REQUEST]
        try:
            self._admit(request)
            self._shares.connect(request[CALLER])
        except RequestRefused as error:
            self._tell_refusal(error.code)
            await socket.prepare(request)
            reason = str(error).encode()[:MAX_REASON_BYTES]
            await socket.close(code=CLOSE_CODES[error.code], message=reason)
            return socket
        try:
            await socket.prepare(request)
            await self._stay(socket, request)
        finally:
            self._shares.disconnect(request[CALLER])
        return socket

    async def _stay(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        connection = Connection(socket, request, self._settings.send_timeout_s)
        self._connections.add(connection)
        self.heartbeat.watch(connection)
        try:
            await self._converse(connection, request)
        except Exception as error:
            # The handshake is over: a response in the middle of it would be noise to the peer.
            log_defect(error, request_id=request[REQUEST])
            await connection.close(CLOSE_DEFECT, "something went wrong here")
        finally:
            self._connections.discard(connection)
            self.heartbeat.forget(connection)

    def _admit(self, request: web.Request) -> None:
        origin = request.headers.get(hdrs.ORIGIN)
        if not self._origins.allows(origin, request.headers.get(hdrs.HOST)):
            raise OriginRefused("this origin is not in allowed_origins")
        if self._closing or len(self._connections) >= self._settings.max_connections:
            raise TooManyConnections("too many conversations are open; try again later")

    async def _converse(self, connection: Connection, request: web.Request) -> None:
        conversation = await self._begin(connection, request)
        try:
            while (message := await connection.socket.receive()).type not in _ENDED:
                connection.silent_beats = 0
                if connection.dropped:
                    break
                if message.type is WSMsgType.TEXT:
                    received = decode(message.data)
                elif message.type is WSMsgType.BINARY:
                    received = Refused(
                        None, MessageInvalid("Send text frames; this one was binary.")
                    )
                else:
                    if message.type is WSMsgType.PING:
                        await connection.send(message.data, WSMsgType.PONG)
                    continue
                connection.answering = True
                received = self._within_share(request, received, len(message.data))
                await self._perform_all(conversation, received)
                connection.answering = False
                # Nothing above need wait: without a turn for the others, whoever sends a hundred
                # questions at once would be answered a hundred times before anybody else.
                flooding = isinstance(received, Refused) and isinstance(received.error, RateLimited)
                await asyncio.sleep(FLOOD_PAUSE_S if flooding else 0)
        finally:
            connection.answering = False
            if connection in conversation.connections:
                conversation.connections.remove(connection)
            self._book.keep(conversation.session.id, conversation, time.monotonic())

    def _within_share(
        self, request: web.Request, message: ClientMessage, size: int
    ) -> ClientMessage:
        """*message*, or its refusal where its sender took more than their share already."""
        try:
            self._shares.request(request[CALLER])
            if not isinstance(message, Ping | Refused):
                self._shares.question(request[CALLER])
        except RateLimited as error:
            return Refused(message.id, error)
        self._shares.count_bytes(request[CALLER], size)
        return message

    async def _begin(self, connection: Connection, request: web.Request) -> Conversation:
        """Resume the conversation that is asked for, or begin one."""
        after = _whole_number(request.query.get("after"))
        conversation = await self._resumed(request.query.get("session", ""), after)
        if conversation is None:
            name = random.choice(self._settings.supporter_names)  # noqa: S311  (not a secret)
            session = ChatSession(secrets.token_urlsafe(16), name, self._settings.memory)
            conversation = Conversation(session)
            generation, starters = self._starters()
            frames = session.opened(generation, self._settings.greeting, starters)
        else:
            generation = self._counter.current.status.generation
            frames = conversation.session.resumed(generation, after)
        async with conversation.sending:
            for frame in frames:
                await connection.send(frame.data)
            conversation.connections.append(connection)
        connection.greeted = True
        if len(conversation.connections) > MAX_PER_CONVERSATION:
            oldest = conversation.connections.pop(0)
            # Likely half open, and then its close takes its whole timeout: not on our time.
            self._spawn(
                oldest.close(CLOSE_CODES["too_many_connections"], "too many for one conversation")
            )
        self._book.keep(conversation.session.id, conversation, time.monotonic())
        return conversation

    async def _resumed(self, session_id: str, after: int) -> Conversation | None:
        """
        The conversation of this id, as this process or any other left it.

        One that is held here is out of date where the client has seen later messages: it went on
        with another replica and has come back.
        """
        held = self._book.find(session_id, time.monotonic())
        if held is not None and (held.session.at_work or held.session.seq >= after):
            return held
        if _SESSION_ID.fullmatch(session_id) is None:
            return held
        said = await self._counter.record.recall(session_id, after)
        # Another connection may have brought it back meanwhile.
        held = self._book.find(session_id, time.monotonic()) or held
        if not said or (held is not None and held.session.seq >= said[-1].seq):
            return held
        session = ChatSession.restored(session_id, said, after, self._settings.memory)
        if held is None:
            held = Conversation(session)
            self._book.keep(session_id, held, time.monotonic())
        elif not held.session.at_work:
            held.session = session
        return held

    def _starters(self) -> tuple[str | None, tuple[Related, ...]]:
        try:
            index = self._counter.current.index
        except IndexUnavailable:
            return None, ()
        return index.generation, index.starters(self._settings.starters)

    async def _perform_all(self, conversation: Conversation, message: ClientMessage) -> None:
        for event in conversation.session.receive(message):
            if isinstance(event, Ask) and not self._counter.desk.is_short(event.question):
                await conversation.deliver(conversation.session.typing(event.ticket))
            if not isinstance(event, Send):
                event = await self._counter.perform(conversation.session, event)
            if event.code is not None:
                self._tell_refusal(event.code)
            await conversation.deliver(event)

    def _tell_refusal(self, code: str) -> None:
        for tell in self.on_refusal:
            tell(code)

    def _index_changed(self, generation: str) -> None:
        notice = ChatSession.index_changed(generation)
        for connection in self._connections:
            if connection.greeted:
                self._spawn(connection.send(notice.data))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the conversations; the loop itself would not hold on to the task."""
        task = asyncio.get_running_loop().create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def close(self) -> None:
        """Answers under way are delivered, then everybody gets 1001, then nobody is waited for."""
        self._closing = True
        for task in self._beside:
            task.cancel()
        await asyncio.gather(
            *(self._say_goodbye(connection) for connection in list(self._connections))
        )

    async def _say_goodbye(self, connection: Connection) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.shutdown_timeout_s):
                while connection.answering:
                    await asyncio.sleep(ANSWERED_POLL_S)
                await connection.close(CLOSE_SHUTDOWN, "the server is restarting")
        connection.abort()


def _whole_number(text: str | None) -> int:
    """``after`` as sent; everything is missed where it makes no sense."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
