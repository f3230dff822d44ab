"""
The words of the wire: what clients and server say to each other, to and from JSON.

``decode`` is total: whatever arrives becomes a message, if need be a ``Refused`` one, so that a
bad frame costs its sender an ``error`` and never the conversation.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

from service.errors import FirstlineError, MessageInvalid
from service.retrieval.answers import MAX_QUESTION_CHARS, Answer
from service.retrieval.entries import Listed, Related, Section, StoredEntry

PROTOCOL = 1
COMMENT_CHARS = 2_000
ID_CHARS = 200
TOP_K_MAX = 20
TAGS_MAX = 20
_PLAIN_QUESTION = {"type", "id", "text"}

# What no keyboard types into a comment: C0 controls (but tab and line ends), DEL, and halves of
# surrogate pairs, which JSON can smuggle in and which no encoder, log or database can write.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A question; ``id`` is the client's own, None for a plain text frame.

    ``text`` is whatever was sent: ``check_question`` says whether it can be asked.
    """

    id: str | None
    text: object
    top_k: int = 3
    tags: tuple[str, ...] = ()
    platform: str | None = None
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Picked:
    """A suggestion that was clicked."""

    id: str | None
    entry: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person thought of one reply."""

    id: str | None
    request_id: str
    helpful: bool
    entry_id: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """A browser cannot send a WebSocket ping; this is its own."""

    id: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A frame that cannot be taken as any of the others, and why."""

    id: str | None
    error: FirstlineError


ClientMessage = Asked | Picked | Feedback | Ping | Refused
Frame = dict[str, Any]


def decode(frame: str) -> ClientMessage:
    """The message in a text frame; one that is not a JSON object is the question itself."""
    if not frame.lstrip().startswith("{"):
        return Asked(None, frame)
    try:
        body = orjson.loads(frame)
    except orjson.JSONDecodeError:
        body = _second_reading(frame)
    if not isinstance(body, dict):
        return Asked(None, frame)
    client_id = body.get("id")
    if client_id is not None and not _is_id(client_id):
        return Refused(
            None, MessageInvalid(f"id must be a printable text of 1 to {ID_CHARS} characters.")
        )
    try:
        return _decode_object(client_id, body)
    except FirstlineError as error:
        return Refused(client_id, error)


def _second_reading(frame: str) -> object:
    """
    What orjson refuses and a person's client may still have meant as an object.

    Lone surrogates, NaN and huge numbers are refused by field, with the client's id in the
    reply; anything else is not JSON and therefore a question.
    """
    try:
        return json.loads(frame)
    except (ValueError, RecursionError):
        return None


def _decode_object(client_id: str | None, body: dict[str, Any]) -> ClientMessage:
    match body.get("type"):
        case "question":
            return _question(client_id, body)
        case "pick":
            return Picked(client_id, id_field(body, "entry"))
        case "feedback":
            return feedback_from(client_id, body)
        case "ping":
            return Ping(client_id)
    raise MessageInvalid('type must be "question", "pick", "feedback" or "ping".')


def _question(client_id: str | None, body: dict[str, Any]) -> Asked:
    """A question with what ``/v1/ask`` takes beside it; context is the session's own."""
    if body.keys() <= _PLAIN_QUESTION:
        return Asked(client_id, body.get("text"))
    top_k = body.get("top_k", 3)
    if not isinstance(top_k, int) or isinstance(top_k, bool) or not 1 <= top_k <= TOP_K_MAX:
        raise MessageInvalid(f"top_k must be a whole number from 1 to {TOP_K_MAX}.")
    tags = body.get("tags") or []
    if not isinstance(tags, list) or len(tags) > TAGS_MAX or not all(map(_is_id, tags)):
        raise MessageInvalid(f"tags must be a list of at most {TAGS_MAX} texts.")
    platform = None if body.get("platform") is None else id_field(body, "platform")
    explain = body.get("explain", False)
    if not isinstance(explain, bool):
        raise MessageInvalid("explain must be true or false.")
    return Asked(client_id, body.get("text"), top_k, tuple(tags), platform, explain)


def feedback_from(client_id: str | None, body: dict[str, Any]) -> Feedback:
    """
    Feedback from its JSON fields, of a frame or of a request.

    Raises:
        MessageInvalid: a field is missing, of another type or too long.

    """
    if not isinstance(body.get("helpful"), bool):
        raise MessageInvalid("helpful must be true or false.")
    comment = body.get("comment")
    if comment is not None:
        if not isinstance(comment, str) or len(comment) > COMMENT_CHARS:
            raise MessageInvalid(f"comment must be a text of at most {COMMENT_CHARS} characters.")
        if _NOT_TEXT.search(comment):
            raise MessageInvalid("comment holds control characters or broken Unicode.")
    entry_id = None if body.get("entry_id") is None else id_field(body, "entry_id")
    return Feedback(client_id, id_field(body, "request_id"), body["helpful"], entry_id, comment)


def id_field(body: dict[str, Any], name: str) -> str:
    """
    The id in field *name*.

    Raises:
        MessageInvalid: missing, or nothing an id could be.

    """
    value = body.get(name)
    if not _is_id(value):
        raise MessageInvalid(f"{name} must be a printable text of 1 to {ID_CHARS} characters.")
    return str(value)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= ID_CHARS and value.isprintable()


def encode(frame: Frame) -> bytes:
    """
    A frame as the bytes of its JSON.

    Copied, because orjson leaves its buffer's whole size to the bytes it returns: 8 kB for a reply
    of 1.5 kB, and replies are kept for clients that come back.
    """
    return bytes(memoryview(orjson.dumps(frame)))


def init_frame(session: str, supporter_name: str, resumed: bool, index: str | None) -> Frame:
    """The first frame of a connection: for the client, never shown to the person."""
    return {
        "type": "init",
        "seq": 0,
        "protocol": PROTOCOL,
        "session": session,
        "supporter_name": supporter_name,
        "resumed": resumed,
        "index": index,
        "limits": {"question_chars": MAX_QUESTION_CHARS},
    }


def greeting_frame(seq: int, text: str, starters: tuple[Related, ...]) -> Frame:
    """The supporter's first words."""
    return {
        "type": "message",
        "seq": seq,
        "kind": "greeting",
        "text": text,
        "suggestions": pointers(starters),
    }


def reply_frame(seq: int, reply_to: str | None, fields: Frame) -> Frame:
    """A reply: every field of ``/v1/ask``, and the text a plain client shows."""
    answer = fields["answer"]
    frame = {
        "type": "message",
        "seq": seq,
        "kind": fields["outcome"],
        "text": answer["text"] if answer else unanswered_text(fields),
        **fields,
    }
    if reply_to is not None:
        frame["reply_to"] = reply_to
    return frame


def unanswered_text(fields: Frame) -> str:
    """What is said in place of an answer: did you mean, or plainly that none is known."""
    if fields["outcome"] == "suggestions":
        return "I am not sure. Did you mean one of these?"
    said = "I do not know the answer to that. Could you describe the problem in other words?"
    return f"{said} The nearest topics I have are these." if fields["suggestions"] else said


def error_frame(reply_to: str | None, code: str, text: str, retry_after_s: int | None) -> Frame:
    """Something could not be done; the conversation goes on."""
    frame: Frame = {"type": "error", "reply_to": reply_to, "code": code, "text": text}
    if retry_after_s is not None:
        frame["retry_after_s"] = retry_after_s
    return frame


def simple_frame(kind: str, reply_to: str | None) -> Frame:
    """``ack``, ``pong`` or ``typing``: no seq, never sent again."""
    return {"type": kind, "reply_to": reply_to}


def notice_frame(index: str) -> Frame:
    """The answers changed: another generation is being served."""
    return {"type": "notice", "kind": "index_changed", "index": index}


def answer_fields(answer: Answer, request_id: str, took_ms: float) -> Frame:
    """``Answer`` in the shape of ``/v1/ask``."""
    entry = answer.entry
    fields: Frame = {
        "request_id": request_id,
        "outcome": answer.outcome,
        "answer": None if entry is None else entry_summary(entry, answer.section),
        "confidence": round(answer.confidence, 4),
        "hits": [
            {"id": h.id, "title": h.title, "score": round(h.score, 4), "snippet": h.snippet}
            for h in answer.hits
        ],
        "suggestions": pointers(answer.suggestions),
        "question": {
            "text": answer.question,
            "corrected": answer.corrected,
            "used_context": answer.used_context,
        },
        "index": {
            "generation": answer.generation,
            "entries": answer.entries,
            "built_at": answer.built_at,
        },
        "took_ms": round(took_ms, 3),
    }
    if answer.partial:
        fields["partial"] = True
    if answer.explanation is not None:
        fields["explanation"] = answer.explanation
    return fields


def entry_summary(entry: StoredEntry, section: Section | None = None) -> Frame:
    """What a reply shows of an entry: all of it, or the one section that answers."""
    return {
        "id": entry.id,
        "title": entry.title,
        "text": entry.text if section is None else section.text,
        "html": entry.html if section is None else section.html,
        "section": None if section is None else section.heading,
        "tags": entry.tags,
        "language": entry.language,
        "source": entry.source,
        "updated": entry.updated,
        "related": pointers(entry.related),
    }


def pointers(related: tuple[Related, ...]) -> list[Frame]:
    """Entries a person can follow, by id and title."""
    return [{"id": item.id, "title": item.title} for item in related]


def listing(page: tuple[Listed, ...]) -> list[Frame]:
    """Entries as a list shows them."""
    return [{"id": one.id, "title": one.title, "tags": one.tags} for one in page]
