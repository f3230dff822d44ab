"""
Looking a question up: its nearest entries, and how sure it is that the best one answers.

A question that leans on earlier turns is looked up as it is first. Only where that gives no sure
answer, or it names nothing but a platform, is it looked up again with what the conversation lends
it, so words of an unrelated turn cannot turn a sure answer into another (docs/decisions/0008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from service.errors import EntryNotFound
from service.retrieval.context import (
    FUNCTION_WORDS,
    SPEECH_ACTS,
    Turn,
    borrowed,
    is_elliptical,
    names_platform_alone,
    own_weights,
)
from service.retrieval.evidence import features
from service.retrieval.index import Hit, Index, Nearest
from service.retrieval.platforms import prefer_platform
from service.retrieval.reading import ReadQuestion
from service.retrieval.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from service.retrieval.dense import Meaning

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Lent = Sequence[tuple[str, float]]

_NOTHING = Nearest((), np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class Found:
    """
    What looking a question up gave.

    ``read`` is the question as it was looked up, ``lent`` what earlier turns gave to it (form,
    weight). ``features`` are None where nothing was judged: no hit, or a question that stands in
    the knowledge base word for word. ``meaning`` is None where only words were to be compared.
    """

    read: ReadQuestion
    nearest: Nearest
    confidence: float
    features: tuple[float, ...] | None = None
    lent: tuple[tuple[str, float], ...] = ()
    meaning: Meaning | None = None


def look_up(
    index: Index,
    own: ReadQuestion,
    text: str,
    turns: Sequence[Turn],
    k: int,
    allowed: Mask | None,
) -> Found:
    """
    The nearest entries of a question, and the confidence in the best.

    Args:
        index: the index to ask.
        own: the question as read.
        text: its text, typing errors corrected: what an embedding model reads.
        turns: earlier turns of the conversation, oldest first.
        k: how many entries to find at most.
        allowed: (n_entries,) those that may appear; all where None.

    """
    exact = index.store.exact(own.surfaces)
    if exact is not None and (allowed is None or allowed[exact]):
        nearest = _nearest(index, own, own, k, allowed) if own.known else _NOTHING
        return Found(own, _first(nearest, exact), 1.0)
    # A text without words has no meaning either, whatever a model makes of it.
    meaning = index.meaning(text) if own.surfaces else None
    alone = Found(own, _NOTHING, 0.0, meaning=meaning)
    if not own.known and (meaning is None or meaning.vector is None):
        return alone
    if not _asks_nothing(own):
        alone = _judged(index, own, own, k, allowed, meaning)
        sure = alone.confidence >= index.confidence_in(alone.nearest).answer
        if sure and not names_platform_alone(own.surfaces):
            return alone
    lent = _lent(index, own, turns)
    if not lent:
        return alone
    others = _without_given(index, own, turns[-1].entry_id, allowed)
    read = index.lend(own, lent, own_weights(own.surfaces))
    if meaning is not None and meaning.vector is not None:
        meaning = index.meaning(turns[-1].question, beside=meaning)
    return replace(_judged(index, own, read, k, others, meaning), lent=tuple(lent))


def _judged(
    index: Index,
    own: ReadQuestion,
    read: ReadQuestion,
    k: int,
    allowed: Mask | None,
    meaning: Meaning | None,
) -> Found:
    vector = None if meaning is None else meaning.vector
    nearest = _nearest(index, own, read, k, allowed, vector)
    if not nearest.hits:
        return Found(read, nearest, 0.0, meaning=meaning)
    values = features(index, read, nearest)
    confidence = index.confidence_in(nearest).probability(values)
    return Found(read, nearest, confidence, values, meaning=meaning)


def _nearest(
    index: Index,
    own: ReadQuestion,
    read: ReadQuestion,
    k: int,
    allowed: Mask | None,
    vector: Floats | None = None,
) -> Nearest:
    return prefer_platform(index, own.surfaces, index.nearest(read.counts, k, allowed, vector))


def _first(nearest: Nearest, exact: int) -> Nearest:
    """The nearest entries with the one that was asked for word for word in front."""
    top = nearest.hits[0].score if nearest.hits else 1.0
    rest = tuple(hit for hit in nearest.hits if hit.entry != exact)
    return replace(nearest, hits=(Hit(exact, top), *rest))


def _asks_nothing(own: ReadQuestion) -> bool:
    """Whether a question is a single word such as "the", however many entries have it."""
    return (
        len(own.surfaces) == 1
        and own.surfaces[0] in FUNCTION_WORDS
        and own.surfaces[0] not in SPEECH_ACTS
    )


def _lent(index: Index, own: ReadQuestion, turns: Sequence[Turn]) -> list[tuple[str, float]]:
    """What earlier turns lend to a question; often nothing."""
    if not turns or not is_elliptical(own.surfaces):
        return []
    titled = []
    for turn in turns:
        number = _number(index, turn.entry_id)
        titled.append((turn.question, None if number is None else index.store.card(number).title))
    return borrowed(titled)


def _without_given(
    index: Index, own: ReadQuestion, given: str | None, allowed: Mask | None
) -> Mask | None:
    """
    The entries that may appear: not the one just given, where a follow-up names what it lacks.

    After "my printer is offline", the answer to "and on a mac?" is not the same one again unless
    that speaks of macs.
    """
    number = _number(index, given)
    named = [
        word
        for form, word in zip(own.surfaces, own.words.tolist(), strict=True)
        if form not in FUNCTION_WORDS and word != UNKNOWN
    ]
    if number is None or all(
        index.whole.holds(np.array([word, *index.synonyms.of(word)], np.uint32), number).any()
        for word in named
    ):
        return allowed
    return index.facets.without(number, allowed)


def _number(index: Index, entry_id: str | None) -> int | None:
    """An entry's number; None for none, and for one that went with an older generation."""
    if entry_id is None:
        return None
    try:
        return index.store.number(entry_id)
    except EntryNotFound:
        return None
