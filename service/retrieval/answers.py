"""The decision: answer, did-you-mean, or say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from service.retrieval.entries import Related, StoredEntry

Outcome = Literal["answer", "suggestions", "no_answer", "smalltalk"]


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
    calibrated probability in [0, 1] that the best hit answers the question.
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
