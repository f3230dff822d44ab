"""
One conversation, without a network or a clock.

A ``ChatSession`` receives messages and returns events: frames to send, and work for somebody
else to do (ask, look up, store). Whoever does the work hands its result back and gets frames.
It never waits, so a test of it reads like a script of the conversation.

Theory of operation. A message may arrive twice: the person's connection broke before the reply
came, and the client, rightly, sent it again. So every client id lives through three states, and
what a message does depends on its id alone:

    ==========  ===============  ================  ======================
    message     id not seen      at work           done
    ==========  ===============  ================  ======================
    question    ask              nothing           the same reply again
    pick        look up          nothing           the same reply again
    feedback    store            nothing           ack again
    ==========  ===============  ================  ======================

A failure returns the id to "not seen": asking again is then the right thing to do. A message
without an id is always new. Replies carry ``seq``, 1, 2, 3 ...; the last of them are kept as
bytes, so that a client that comes back with ``after`` gets what it missed, once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import orjson

from service.chat.messages import (
    Asked,
    ClientMessage,
    Feedback,
    Frame,
    Picked,
    Ping,
    Refused,
    encode,
    error_frame,
    greeting_frame,
    init_frame,
    notice_frame,
    reply_frame,
    simple_frame,
)
from service.errors import QuestionError
from service.retrieval.answers import Question, check_question
from service.retrieval.context import Turn
from service.retrieval.entries import Related

CONTEXT_TURNS = 3


@dataclass(frozen=True, slots=True)
class Send:
    """
    A frame for whoever is connected now.

    A reply also says which, so that it can be kept; an error says its ``code``.
    """

    data: bytes
    seq: int | None = field(default=None, compare=False)
    reply_to: str | None = field(default=None, compare=False)
    code: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to answer; the result goes to ``answered`` or ``failed``."""

    ticket: int
    question: Question


@dataclass(frozen=True, slots=True)
class Look:
    """
    An entry to show; the result goes to ``answered`` or ``failed``.

    ``offered_by`` is the request id of the reply that suggested it for want of an answer.
    """

    ticket: int
    entry_id: str
    offered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """Feedback to keep; then ``stored`` or ``failed``."""

    ticket: int
    feedback: Feedback


Event = Send | Ask | Look | Store


@dataclass(frozen=True, slots=True)
class Said:
    """One reply of a conversation, as it was kept for whoever resumes it."""

    seq: int
    reply_to: str | None
    supporter_name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Memory:
    """How much of a conversation is kept for a client that comes back."""

    messages: int = 32
    bytes: int = 65_536


@lru_cache(maxsize=64)
def _greeting(seq: int, text: str, starters: tuple[Related, ...]) -> bytes:
    """The first reply, once for all who are greeted in the same words: every session keeps it."""
    return encode(greeting_frame(seq, text, starters))


class ChatSession:
    """A conversation between one person and one supporter."""

    __slots__ = (
        "_done",
        "_kept",
        "_kept_bytes",
        "_memory",
        "_next_ticket",
        "_offered",
        "_seq",
        "_turns",
        "_work",
        "id",
        "supporter_name",
    )

    def __init__(self, session_id: str, supporter_name: str, memory: Memory = Memory()) -> None:
        self.id = session_id
        self.supporter_name = supporter_name
        self._memory = memory
        self._seq = 0
        self._next_ticket = 0
        # Lists, for there are thousands of conversations and a deque begins at 760 bytes.
        self._turns: list[Turn] = []
        self._kept: list[tuple[int, bytes]] = []
        self._kept_bytes = 0
        self._work: dict[int, ClientMessage] = {}
        self._done: OrderedDict[str, bytes] = OrderedDict()
        # The last reply that was no answer: its request id and what it suggested.
        self._offered: tuple[str, frozenset[str]] = ("", frozenset())

    @classmethod
    def restored(
        cls, session_id: str, said: Sequence[Said], after: int, memory: Memory = Memory()
    ) -> ChatSession:
        """
        The conversation as another process left it.

        Args:
            session_id: the conversation's.
            said: its last replies, oldest first; at least one.
            after: what the client has seen, which may be more than was kept.
            memory: as for a new one.

        """
        session = cls(session_id, said[-1].supporter_name, memory)
        for one in said[-memory.messages :]:
            session._seq = one.seq
            session._hold(one.data)
            if one.reply_to is not None:
                session._done[one.reply_to] = one.data
            session._remember(orjson.loads(one.data))
        session._seq = max(session._seq, after)
        return session

    @property
    def seq(self) -> int:
        """The number of the newest message."""
        return self._seq

    @property
    def at_work(self) -> bool:
        """Whether a reply is still to come."""
        return bool(self._work)

    def opened(self, index: str | None, greeting: str, starters: tuple[Related, ...]) -> list[Send]:
        """The first two frames of a new conversation."""
        init = encode(init_frame(self.id, self.supporter_name, False, index))
        text = greeting.replace("{name}", self.supporter_name)
        first = _greeting(self._next_seq(), text, starters)
        self._hold(first)
        return [Send(init), Send(first)]

    def resumed(self, index: str | None, after: int) -> list[Send]:
        """The frames for a client that has seen everything up to *after*."""
        init = init_frame(self.id, self.supporter_name, True, index)
        # A gap can only open when more was missed than is kept; the client should know.
        init["complete"] = not self._kept or self._kept[0][0] <= after + 1
        return [Send(encode(init)), *(Send(data) for seq, data in self._kept if seq > after)]

    def receive(self, message: ClientMessage) -> list[Event]:
        """What *message* sets going; see the table above."""
        if isinstance(message, Refused):
            error = message.error
            return [self._error(message.id, error.code, str(error), error.retry_after_s)]
        if isinstance(message, Ping):
            return [Send(encode(simple_frame("pong", message.id)))]
        if message.id is not None:
            again = self._done.get(message.id)
            if again is not None:
                return [Send(again)]
            if any(work.id == message.id for work in self._work.values()):
                return []
        return [self._begin(message)]

    def _begin(self, message: Asked | Picked | Feedback) -> Event:
        if isinstance(message, Asked):
            try:
                text = check_question(message.text)
            except QuestionError as error:
                return self._error(message.id, error.code, str(error), None)
        self._next_ticket += 1
        ticket = self._next_ticket
        self._work[ticket] = message
        if isinstance(message, Asked):
            return Ask(ticket, self._question(message, text))
        if isinstance(message, Picked):
            request_id, suggested = self._offered
            return Look(ticket, message.entry, request_id if message.entry in suggested else None)
        return Store(ticket, message)

    def _question(self, asked: Asked, text: str) -> Question:
        return Question(
            text,
            top_k=asked.top_k,
            context=tuple(self._turns),
            tags=asked.tags,
            platform=asked.platform,
            explain=asked.explain,
        )

    def answered(self, ticket: int, fields: Frame) -> Send:
        """
        The reply to a question or a pick.

        Args:
            ticket: of the ``Ask`` or ``Look``.
            fields: ``messages.answer_fields`` of the answer.

        """
        message = self._work.pop(ticket)
        self._remember(fields)
        sent = self._keep(reply_frame(self._next_seq(), message.id, fields))
        self._finish(message, sent.data)
        return Send(sent.data, self._seq, message.id)

    def stored(self, ticket: int) -> Send:
        """The acknowledgement of feedback that is safely kept."""
        message = self._work.pop(ticket)
        data = encode(simple_frame("ack", message.id))
        self._finish(message, data)
        return Send(data)

    def failed(self, ticket: int, code: str, text: str, retry_after_s: int | None = None) -> Send:
        """Work that could not be done; its id may be tried again."""
        message = self._work.pop(ticket)
        return self._error(message.id, code, text, retry_after_s)

    def typing(self, ticket: int) -> Send:
        """The reply will take a moment."""
        return Send(encode(simple_frame("typing", self._work[ticket].id)))

    @staticmethod
    def index_changed(index: str) -> Send:
        """Another generation answers from now on."""
        return Send(encode(notice_frame(index)))

    def _remember(self, fields: Frame) -> None:
        """Keep the turn as context; small talk between two questions leaves no trace."""
        if fields["outcome"] == "smalltalk":
            return
        if fields["answer"] is None:
            suggested = frozenset(one["id"] for one in fields["suggestions"])
            self._offered = (fields["request_id"], suggested)
        answer = fields["answer"]
        self._turns.append(Turn(fields["question"]["text"], answer["id"] if answer else None))
        del self._turns[:-CONTEXT_TURNS]

    def _finish(self, message: ClientMessage, data: bytes) -> None:
        if message.id is None:
            return
        self._done[message.id] = data
        if len(self._done) > self._memory.messages:
            self._done.popitem(last=False)

    def _keep(self, frame: Frame) -> Send:
        data = encode(frame)
        self._hold(data)
        return Send(data)

    def _hold(self, data: bytes) -> None:
        self._kept.append((self._seq, data))
        self._kept_bytes += len(data)
        # The newest message stays whatever its size: it is the likeliest to have been missed.
        while len(self._kept) > self._memory.messages or (
            self._kept_bytes > self._memory.bytes and len(self._kept) > 1
        ):
            self._kept_bytes -= len(self._kept.pop(0)[1])

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    @staticmethod
    def _error(reply_to: str | None, code: str, text: str, retry_after_s: int | None) -> Send:
        return Send(encode(error_frame(reply_to, code, text, retry_after_s)), code=code)
