"""The decision: answer, did-you-mean, or say so."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from service.errors import EntryNotFound, QuestionEmpty, QuestionNotText, QuestionTooLong
from service.retrieval.analysis import normalise
from service.retrieval.context import FUNCTION_WORDS, SPEECH_ACTS, borrowed, is_elliptical
from service.retrieval.entries import Related, Section, StoredEntry
from service.retrieval.evidence import features
from service.retrieval.explain import explain
from service.retrieval.index import MIN_NEAREST, Hit, Index, Nearest, ReadQuestion
from service.retrieval.passages import snippet

Outcome = Literal["answer", "suggestions", "no_answer", "smalltalk"]

MAX_QUESTION_CHARS = 2000
MAX_SUGGESTIONS = 3
# Past this a reader is better served by the section that matched, with a link to the whole.
LONG_ENTRY_CHARS = 3000
# C0 and C1 controls but tab and line ends, and halves of surrogate pairs.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier turn of the conversation; ``entry_id`` is None where nothing was answered."""

    question: str
    entry_id: str | None = None


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
    part of a long entry that answers; None where the whole entry is to be shown.
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
    text = check_question(question.text)
    own = index.read(text)
    read, lent = _lean_on_context(index, own, question.context)
    k = max(MIN_NEAREST, question.top_k)
    allowed = index.facets.allowed(question.tags, question.platform)
    exact = index.store.exact(own.surfaces)
    nearest = _NOTHING
    if own.known and (exact is not None or lent or not _asks_nothing(own)):
        nearest = index.nearest(read.counts, k, allowed)
    if exact is not None and (allowed is None or allowed[exact]):
        nearest = _first(nearest, exact)
        confidence, values = 1.0, None
    elif nearest.hits:
        values = features(index, read, nearest)
        confidence = index.confidence.probability(values)
    else:
        confidence, values = 0.0, None
    outcome = _decide(index, nearest, confidence)
    entry = index.store.load(nearest.hits[0].entry) if outcome in _GIVEN else None
    return Answer(
        outcome=outcome,
        confidence=confidence,
        entry=entry,
        section=None if entry is None else _section(index, read, nearest, entry),
        hits=_show(index, own, nearest, question.top_k),
        suggestions=_suggestions(index, outcome, nearest),
        question=text,
        corrected=_corrected(text, own),
        used_context=bool(lent),
        generation=index.generation,
        entries=index.entry_count,
        built_at=index.built_at,
        explanation=explain(index, read, nearest, values, confidence, lent)
        if question.explain
        else None,
    )


_GIVEN = ("answer", "smalltalk")
_NOTHING = Nearest((), np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.float32))


def _asks_nothing(own: ReadQuestion) -> bool:
    """Whether a question is a single word such as "the", however many entries have it."""
    return (
        len(own.surfaces) == 1
        and own.surfaces[0] in FUNCTION_WORDS
        and own.surfaces[0] not in SPEECH_ACTS
    )


def _lean_on_context(
    index: Index, own: ReadQuestion, turns: tuple[Turn, ...]
) -> tuple[ReadQuestion, list[tuple[str, float]]]:
    """The question with what earlier turns lend it, and what that was; often nothing."""
    if not turns or not own.known or not is_elliptical(own.surfaces):
        return own, []
    titled = []
    for turn in turns:
        title = None
        if turn.entry_id is not None:
            try:
                title = index.store.card(index.store.number(turn.entry_id)).title
            except EntryNotFound:  # gone with an older generation
                title = None
        titled.append((turn.question, title))
    lent = borrowed(titled)
    if not lent:
        return own, []
    return index.lend(own, lent), lent


def _decide(index: Index, nearest: Nearest, confidence: float) -> Outcome:
    if not nearest.hits:
        return "no_answer"
    talk = nearest.hits[0].entry in index.facets.smalltalk
    if confidence >= index.confidence.answer:
        return "smalltalk" if talk else "answer"
    if confidence >= index.confidence.suggest and not talk:
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


def _first(nearest: Nearest, exact: int) -> Nearest:
    """The nearest entries with the one that was asked for word for word in front."""
    top = nearest.hits[0].score if nearest.hits else 1.0
    rest = tuple(hit for hit in nearest.hits if hit.entry != exact)
    return replace(nearest, hits=(Hit(exact, top), *rest))


def _suggestions(index: Index, outcome: Outcome, nearest: Nearest) -> tuple[Related, ...]:
    """What to offer: did-you-mean, or the nearest topics beside a refusal."""
    if outcome in _GIVEN:
        return ()
    offered = [hit.entry for hit in nearest.hits if hit.entry not in index.facets.smalltalk]
    return tuple(index.store.card(entry) for entry in offered[:MAX_SUGGESTIONS])


def _show(index: Index, own: ReadQuestion, nearest: Nearest, top_k: int) -> tuple[AnswerHit, ...]:
    shown = []
    for hit in nearest.hits[:top_k]:
        entry = index.store.load(hit.entry)
        shown.append(AnswerHit(entry.id, entry.title, hit.score, snippet(entry.text, own.surfaces)))
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
