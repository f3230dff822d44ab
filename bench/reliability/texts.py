"""Whatever a person can type, or a program send, goes through the whole answer path."""

from __future__ import annotations

import random
import time

from bench.reliability.row import Row
from service.chat.messages import answer_fields, decode, encode
from service.chat.session import Ask, ChatSession, Look, Send, Store
from service.errors import FirstlineError, QuestionError
from service.retrieval.answers import MAX_QUESTION_CHARS, Question, answer, check_question
from service.retrieval.index import Index

MOST_MS = 50.0
# What has cost tokenizers their time, or databases and terminals their composure.
PIECES = (
    "printer", "ofline", "wifi", "0x80070057", "it", "the", "not", "päßwort", "ﬁle", "İstanbul",
    "\u200b", "\u202e", "\u0301", "\U0001f525", "\U0001f468\u200d\U0001f469", "$", "(((", "///",
    "..", "\t", "\n", "\u00a0", "\u2028", "\ufeff", "\ufffd", "\ud800", "\x00", "\x1b[2J",
    "'; DROP TABLE", "<script>", "{{7*7}}", "%s%n", "../", "a" * 70, "ا", "中", "한", "ก",
    "\u1e9e", "\u0130", "9" * 40,
)  # fmt: skip


def random_text(rng: random.Random) -> str:
    """A few pieces, sometimes the whole length of one, sometimes any code points."""
    kind = rng.random()
    if kind < 0.1:
        piece = rng.choice(PIECES)
        return (piece * (MAX_QUESTION_CHARS // len(piece) + 1))[:MAX_QUESTION_CHARS]
    if kind < 0.25:
        size = rng.choice((3, 30, MAX_QUESTION_CHARS))
        return "".join(chr(rng.randrange(0x110000)) for _ in range(size))
    pieces = (rng.choice(PIECES) for _ in range(rng.choice((1, 3, 8, 40))))
    return rng.choice(("", " ")).join(pieces)[: MAX_QUESTION_CHARS + 1]


def asked(index: Index, text: str) -> str:
    """
    What becomes of a text: an outcome, or the code it is refused with.

    The reply is made into JSON, as it would be sent.
    """
    try:
        question = Question(check_question(text), explain=True)
    except QuestionError as error:
        return error.code
    found = answer(index, question)
    encode(answer_fields(found, "id", 0.0))
    return found.outcome


def said(index: Index, session: ChatSession, frame: str) -> list[bytes]:
    """What a conversation answers to a text frame; every message gets exactly one reply."""
    sent = []
    for event in session.receive(decode(frame)):
        if isinstance(event, Ask):
            fields = answer_fields(answer(index, event.question), "id", 0.0)
            event = session.answered(event.ticket, fields)
        elif isinstance(event, Look):
            try:
                index.entry(event.entry_id)
                event = session.failed(event.ticket, "busy", "later")
            except FirstlineError as error:
                event = session.failed(event.ticket, error.code, str(error))
        elif isinstance(event, Store):
            event = session.stored(event.ticket)
        assert isinstance(event, Send)
        sent.append(event.data)
    return sent


def measure(index: Index, count: int) -> Row:
    """*count* texts, each as a question and as a frame."""
    rng = random.Random(0)
    session = ChatSession("fuzzed", "Mia")
    errors: list[str] = []
    slowest_ms = 0.0
    for piece in PIECES:
        asked(index, piece)  # machine code is loaded once, at the first question that needs it
    for _ in range(count):
        text = random_text(rng)
        began = time.thread_time()
        try:
            asked(index, text)
            took_ms = (time.thread_time() - began) * 1e3
            said(index, session, text)
        except Exception as error:
            errors.append(f"{type(error).__name__} for {text[:60]!r}")
            continue
        slowest_ms = max(slowest_ms, took_ms)
    return Row(
        "text fuzz",
        f"{count:,} inputs through the whole answer path, 0 exceptions, max {MOST_MS:g} ms",
        f"{len(errors)} exceptions {errors[:3] or ''}, max {slowest_ms:.1f} ms",
        not errors and slowest_ms <= MOST_MS,
    )
