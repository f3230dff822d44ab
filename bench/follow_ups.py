"""What the words of earlier turns gain in conversations, and what they cost elsewhere."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from index_builder.corpus_files import LabelledQuery
from index_builder.evaluate import bootstrap_interval
from service.chat.messages import Asked, answer_fields
from service.chat.session import Ask, ChatSession
from service.retrieval.answers import Answer, Question, answer
from service.retrieval.context import Turn
from service.retrieval.index import Index

_SEED = 20261123
# Each question is asked after so many different unrelated turns.
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Said:
    """A scripted turn: the question and the ids that answer it; none where nothing does."""

    question: str
    expect: frozenset[str]


def read_conversations(path: Path) -> list[list[Said]]:
    """``{"turns": [{"question", "expect": id or [ids] or "none"}]}`` a line."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        turns = json.loads(line)["turns"]
        found.append([Said(turn["question"], _expected(turn["expect"])) for turn in turns])
    return found


def _expected(value: str | list[str]) -> frozenset[str]:
    if isinstance(value, list):
        return frozenset(value)
    return frozenset() if value == "none" else frozenset({value})


def measure_conversations(index: Index, conversations: Sequence[list[Said]]) -> dict[str, Any]:
    """
    Later turns, with what the conversation lends them and without.

    The conversations run through ``ChatSession``, so what is remembered is what a person's
    conversation remembers. *Leaning* turns are those that borrowed something.
    """
    pairs = []
    for said in conversations:
        session = ChatSession("bench", "Bench")
        for number, turn in enumerate(said):
            event = session.receive(Asked(id=None, text=turn.question))[0]
            if not isinstance(event, Ask):
                raise TypeError(f"The session refused {turn.question!r}.")
            reply = answer(index, event.question)
            session.answered(event.ticket, answer_fields(reply, "bench", 0.0))
            if number:
                alone = answer(index, replace(event.question, context=()))
                pairs.append((turn, reply, alone))
    asked = [pair for pair in pairs if pair[0].expect]
    leaning = [pair for pair in asked if pair[1].used_context]
    strange = [pair for pair in pairs if not pair[0].expect]
    return {
        "conversations": len(conversations),
        "all": _compare(asked),
        "leaning": _compare(leaning),
        "unanswerable": {
            "turns": len(strange),
            "refused_with": _share([reply.entry is None for _, reply, _ in strange]),
            "refused_without": _share([alone.entry is None for _, _, alone in strange]),
        },
    }


def _compare(pairs: Sequence[tuple[Said, Answer, Answer]]) -> dict[str, Any]:
    return {
        "turns": len(pairs),
        "with": _share([_first(reply) in turn.expect for turn, reply, _ in pairs]),
        "without": _share([_first(alone) in turn.expect for turn, _, alone in pairs]),
        "answered_with": _share([_given(reply) in turn.expect for turn, reply, _ in pairs]),
        "answered_without": _share([_given(alone) in turn.expect for turn, _, alone in pairs]),
    }


def measure_harm(index: Index, queries: Sequence[LabelledQuery]) -> dict[str, Any]:
    """
    Self-contained questions after an unrelated, answered turn: what they lose.

    The turn is another of the questions, answered by the index with an entry that is not among
    the right ones.
    """
    alone = [answer(index, Question(query.text)) for query in queries]
    before = [
        (query.text, reply.entry.id)
        for query, reply in zip(queries, alone, strict=True)
        if reply.outcome == "answer" and reply.entry is not None
    ]
    chosen = random.Random(_SEED)
    lost: list[float] = []
    wronged: list[float] = []
    leaning = 0
    for query, first in zip(queries, alone, strict=True):
        unrelated = [turn for turn in before if turn[1] not in query.relevant]
        for text, entry in chosen.sample(unrelated, _ROUNDS):
            after = answer(index, Question(query.text, context=(Turn(text, entry),)))
            leaning += after.used_context
            if query.relevant:
                lost.append((_first(first) in query.relevant) - (_first(after) in query.relevant))
            else:
                wronged.append(float(after.entry is not None) - float(first.entry is not None))
    return {
        "questions": len(queries),
        "rounds": _ROUNDS,
        "leaning": round(leaning / (_ROUNDS * len(queries)), 4),
        "lost": round(float(np.mean(lost)), 4),
        "lost_interval": bootstrap_interval(np.array(lost).reshape(-1, _ROUNDS).mean(axis=1)),
        "unanswerable_answered": round(float(np.mean(wronged)), 4) if wronged else None,
    }


def _first(reply: Answer) -> str | None:
    return reply.hits[0].id if reply.hits else None


def _given(reply: Answer) -> str | None:
    return reply.entry.id if reply.entry is not None else None


def _share(flags: Sequence[bool]) -> float | None:
    return round(sum(flags) / len(flags), 4) if flags else None
