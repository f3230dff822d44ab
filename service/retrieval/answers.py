"""The decision: answer, did-you-mean, or say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter
from typing import Any, Literal

from service.errors import QuestionEmpty, QuestionNotText, QuestionTooLong
from service.retrieval.analysis import normalise
from service.retrieval.context import Turn
from service.retrieval.entries import Related, Section, StoredEntry
from service.retrieval.explain import explain
from service.retrieval.index import MIN_NEAREST, Hit, Index, Nearest
from service.retrieval.lookup import look_up
from service.retrieval.passages import passage_keys, snippet
from service.retrieval.reading import ReadQuestion

Outcome = Literal["answer", "suggestions", "no_answer", "smalltalk"]

MAX_QUESTION_CHARS = 2000
MAX_SUGGESTIONS = 3
# Past this a reader is better served by the section that matched, with a link to the whole.
LONG_ENTRY_CHARS = 3000
# C0 and C1 controls but tab and line ends, and halves of surrogate pairs.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``context`` holds earlier turns, oldest first."""

    text: str
    top_k: int = 3
    context: tuple[Turn, ...] = ()
    tags: tuple[str, ...] = ()
    platform: str | None = None
    explain: bool = False


@dataclass(frozen=True, slots=True)
class AnswerHit:
    """One of the nearest entries, with a passage to show."""

    id: str
    title: str
    score: float
    snippet: str


@dataclass(frozen=True, slots=True)
class Answer:
    """
    The reply to one question from one generation.

    ``entry`` is the answer (None for ``suggestions`` and ``no_answer``); ``confidence`` is the
    calibrated probability in [0, 1] that the best hit answers the question. ``section`` is the
    part of a long entry that answers; None where the whole entry is to be shown. ``partial``: a
    part of the index was away, so that a better answer may have been missed. ``trouble`` is the
    code of the reason why words alone decided where meaning should have, too.
    """

    outcome: Outcome
    confidence: float
    entry: StoredEntry | None
    hits: tuple[AnswerHit, ...]
    suggestions: tuple[Related, ...]
    question: str
    corrected: str | None
    used_context: bool
    generation: str
    entries: int
    built_at: str
    explanation: dict[str, Any] | None = None
    section: Section | None = None
    partial: bool = False
    trouble: str | None = None
    # Seconds per stage, in order; what was answered is the same however long it took.
    stages: tuple[tuple[str, float], ...] = field(default=(), compare=False)


def check_question(text: object) -> str:
    """
    A question as text that can be asked, without outer white space.

    Raises:
        QuestionNotText: not a string, or one with control characters or lone surrogates.
        QuestionEmpty: nothing but white space.
        QuestionTooLong: more than 2,000 characters.

    """
    if not isinstance(text, str):
        raise QuestionNotText("The question must be text.")
    if len(text) > MAX_QUESTION_CHARS:
        raise QuestionTooLong(
            f"The question has {len(text)} characters; at most {MAX_QUESTION_CHARS} are read. "
            "Please ask in fewer words."
        )
    if _NOT_TEXT.search(text):
        raise QuestionNotText(
            "The question holds control characters. Please send it as plain text."
        )
    text = text.strip()
    if not text:
        raise QuestionEmpty("The question is empty. Please type what you need help with.")
    return text


def answer(index: Index, question: Question) -> Answer:
    """
    Answer a question from one index: pure, and the same for the same index and question.

    Raises:
        QuestionError: it cannot be asked; see :func:`check_question`.

    """
    moments = [perf_counter()]
    text = check_question(question.text)
    own = index.read(text)
    moments.append(perf_counter())
    allowed = index.facets.allowed(question.tags, question.platform)
    corrected = _corrected(text, own)
    k = max(MIN_NEAREST, question.top_k)
    found = look_up(index, own, corrected or text, question.context, k, allowed)
    nearest = found.nearest
    outcome = _decide(index, nearest, found.confidence)
    moments.append(perf_counter())
    entry = index.store.load(nearest.hits[0].entry) if outcome in _GIVEN else None
    return Answer(
        outcome=outcome,
        confidence=found.confidence,
        entry=entry,
        section=None if entry is None else _section(index, found.read, nearest, entry),
        hits=_show(index, own, nearest.hits[: question.top_k], entry),
        suggestions=_suggestions(index, outcome, nearest),
        question=text,
        corrected=corrected,
        used_context=bool(found.lent),
        generation=index.generation,
        entries=index.entry_count,
        built_at=index.built_at,
        explanation=explain(index, found) if question.explain else None,
        trouble=None if found.meaning is None else found.meaning.trouble,
        stages=_stages([*moments, perf_counter()]),  # last: what stands above is part of it
    )


STAGES = ("read", "search", "show")
_GIVEN = ("answer", "smalltalk")


def _stages(moments: list[float]) -> tuple[tuple[str, float], ...]:
    spent = (after - before for before, after in pairwise(moments))
    return tuple(zip(STAGES, spent, strict=True))


def _decide(index: Index, nearest: Nearest, confidence: float) -> Outcome:
    if not nearest.hits:
        return "no_answer"
    talk = nearest.hits[0].entry in index.facets.smalltalk
    model = index.confidence_in(nearest)
    if confidence >= model.answer:
        return "smalltalk" if talk else "answer"
    if confidence >= model.suggest and not talk:
        return "suggestions"
    return "no_answer"


def _section(
    index: Index, read: ReadQuestion, nearest: Nearest, entry: StoredEntry
) -> Section | None:
    """The part of a long entry to show; short ones are shown whole."""
    if sum(len(section.text) for section in entry.sections) <= LONG_ENTRY_CHARS:
        return None
    number = index.best_section(read.counts, nearest.hits[0].entry)
    return None if number is None else entry.sections[number]


def _suggestions(index: Index, outcome: Outcome, nearest: Nearest) -> tuple[Related, ...]:
    """What to offer: did-you-mean, or the nearest topics beside a refusal."""
    if outcome in _GIVEN:
        return ()
    offered = [hit.entry for hit in nearest.hits if hit.entry not in index.facets.smalltalk]
    return tuple(index.store.card(entry) for entry in offered[:MAX_SUGGESTIONS])


def _show(
    index: Index, own: ReadQuestion, hits: Sequence[Hit], given: StoredEntry | None
) -> tuple[AnswerHit, ...]:
    """The hits, each with a passage; *given* is the entry of the first, where it is loaded."""
    keys = passage_keys(own.surfaces)
    shown: list[AnswerHit] = []
    for hit in hits:
        if given is None or shown:
            entry_id, title, text = index.store.passage(hit.entry)
        else:
            entry_id, title, text = given.id, given.title, given.text
        shown.append(AnswerHit(entry_id, title, hit.score, snippet(text, keys)))
    return tuple(shown)


def _corrected(text: str, own: ReadQuestion) -> str | None:
    """The question with the corrected words in place, or None where it reads the same."""
    if not own.corrections:
        return None
    before = shown = normalise(text)
    for typed, taken in own.corrections:
        shown = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", taken, shown, flags=re.IGNORECASE)
    # A part of a code, such as ERR_PRITNER, is corrected for the search and not for the eye.
    return shown if shown != before else None
