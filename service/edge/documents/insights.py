"""The shape of the journal in figures."""

from __future__ import annotations

from service.edge.documents.reply import Reply


class Day(Reply):
    """One day; days without questions are listed, too."""

    day: str
    asked: int
    sessions: int
    answer: int
    suggestions: int
    no_answer: int
    smalltalk: int
    answer_rate: float | None
    helpful: int
    unhelpful: int


class Phrasing(Reply):
    """One wording of a question."""

    question: str
    asked: int
    people: int


class Near(Reply):
    """An entry that came close; its title is null where it is served no more."""

    id: str
    title: str | None


class Unanswered(Reply):
    """What people asked and did not get, under its commonest wording."""

    question: str
    asked: int
    people: int
    last_asked_at: str
    reasons: dict[str, int]
    """how often each: no_answer, suggestions, unhelpful, rephrased"""
    phrasings: list[Phrasing]
    nearest: list[Near]


class Accepted(Reply):
    """A did-you-mean suggestion that people took."""

    question: str
    entry_id: str
    title: str | None
    people: int
    last_asked_at: str


class RatedEntry(Reply):
    """An entry, how often it was given, and what people thought of it."""

    entry_id: str
    title: str | None
    asked: int
    helpful: int
    unhelpful: int


class WorstRated(RatedEntry):
    """One with a thumb down."""

    comments: list[str]


class Slow(Reply):
    """A question that took long."""

    question: str
    outcome: str
    entry_id: str | None
    took_ms: float
    asked_at: str
    request_id: str


class Comment(Reply):
    """Feedback that came with words."""

    given_at: str
    request_id: str
    helpful: bool
    entry_id: str | None
    comment: str
    question: str | None


class Votes(Reply):
    """The last vote on each reply, in figures, and the newest comments."""

    helpful: int
    unhelpful: int
    comments: list[Comment]


class InsightsReply(Reply):
    """The journal in figures; every list is bounded, what matters most first."""

    since: str
    until: str
    questions: int
    sessions: int
    outcomes: dict[str, int]
    answer_rate: float | None
    """answers among all but small talk; null where nothing was asked"""
    per_day: list[Day]
    unanswered: list[Unanswered]
    clustered: bool
    """whether wordings that mean the same are one row of unanswered"""
    accepted: list[Accepted]
    entries: list[RatedEntry]
    worst_rated: list[WorstRated]
    slowest: list[Slow]
    feedback: Votes
