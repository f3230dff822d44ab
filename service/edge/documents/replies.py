"""
The shapes of replies, for the documents.

Replies are written without a model, because checking our own words costs time; tests hold what is
written to these shapes, field by field.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from service.edge.documents.explanation import Explanation
from service.edge.documents.reply import Reply


class Pointer(Reply):
    """An entry that can be followed."""

    id: str
    title: str


class Summary(Reply):
    """What a reply shows of an entry: all of it, or the one section that answers."""

    id: str
    title: str
    text: str
    """plain text"""
    html: str
    """sanitised HTML"""
    section: str | None
    """heading of the section that answers; null where the whole entry is shown"""
    tags: list[str]
    language: str | None
    """ISO 639-1"""
    source: str | None
    updated: str | None
    """YYYY-MM-DD"""
    related: list[Pointer]


class Hit(Reply):
    """One of the nearest entries."""

    id: str
    title: str
    score: float
    snippet: str
    """the passage that matched best"""


class Asked(Reply):
    """The question as it was understood."""

    text: str
    corrected: str | None
    """the question with its spelling corrected; null where nothing was"""
    used_context: bool
    """whether words of earlier turns were counted"""


class ServedIndex(Reply):
    """The generation that answered."""

    generation: str
    entries: int
    built_at: str


class AskReply(Reply):
    """A question answered: also with a suggestion, or with the word that nothing is known."""

    request_id: str
    """feedback is given by it"""
    outcome: Literal["answer", "suggestions", "no_answer", "smalltalk"]
    answer: Summary | None
    """null for the outcomes suggestions and no_answer"""
    confidence: float = Field(ge=0, le=1)
    """calibrated probability that the best hit answers the question"""
    hits: list[Hit]
    suggestions: list[Pointer]
    """did you mean: 1 to 3 of them for the outcome suggestions"""
    question: Asked
    index: ServedIndex
    took_ms: float
    explanation: Explanation | None = None
    """only where explain was asked for"""
    partial: bool | None = None
    """true where a part of the index was away, on a cluster; absent otherwise"""


class SuggestReply(Reply):
    """Titles and phrasings that match what is typed so far, best first."""

    suggestions: list[Pointer]


class Listed(Pointer):
    """An entry as a list shows it."""

    tags: list[str]


class EntriesReply(Reply):
    """One page of the knowledge base."""

    entries: list[Listed]
    next_cursor: str | None
    """send it as cursor for the next page; null on the last one"""


class SectionReply(Reply):
    """A part of an entry; the first one has no heading."""

    heading: str
    text: str
    html: str


class EntryReply(Summary):
    """An entry, whole."""

    questions: list[str]
    platforms: list[str]
    kind: Literal["answer", "smalltalk"]
    sections: list[SectionReply]


class FeedbackReply(Reply):
    """The feedback is on disk."""

    request_id: str
    stored: Literal[True]


class HandOffReply(Reply):
    """The operator's system has taken the conversation."""

    request_id: str
    sent: Literal[True]


class HandOffWays(Reply):
    """How people reach a person; null where a way is not offered."""

    mail: str | None
    phone: str | None
    url: str | None
    label: str | None
    """a sentence to put above these ways"""
    webhook: bool
    """whether POST /v1/handoff takes conversations"""


class PageSettingsReply(Reply):
    """What the page is told when it opens."""

    title: str
    languages: list[str]
    greeting: str | None
    """the operator's own; null where the page says its own in the reader's language"""
    hand_off: HandOffWays | None


class ReloadReply(Reply):
    """What answers from now on."""

    reloaded: bool
    """false: the generation that is named was being served already"""
    index: ServedIndex


class HealthReply(Reply):
    """The event loop turns."""

    status: Literal["alive"]


class ReadyReply(Reply):
    """An index is open."""

    status: Literal["ready", "degraded"]
    """degraded: questions are answered, and code and detail say what is wrong"""
    index: ServedIndex
    code: str | None = None
    detail: str | None = None


class Problem(Reply):
    """RFC 9457 problem details, and our stable code: branch on that."""

    type: str
    title: str
    status: int
    detail: str
    """a sentence for a person: what happened, and what to do next"""
    code: str
