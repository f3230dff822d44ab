"""
Which entries will be taken for each other, predicted by asking an index of them.

Every phrasing is left out of an index once and asked of it, a fold of them at a time: what it
finds instead of its own entry is what a person who words it that way will be given.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index_builder.asking import index_of
from index_builder.config import BuildSettings
from index_builder.mock_questions import Asked, without
from index_builder.terms import short_texts
from service.retrieval.answers import MAX_QUESTION_CHARS
from service.retrieval.entries import Entry
from service.retrieval.index import Index

# An index a fold: of 22 phrasings, two are away at a time.
FOLDS = 10
# Entries that are looked at; a larger corpus is sampled, or the check would take minutes.
MAX_ENTRIES = 3_000
# A pair is reported from this share of the phrasings of both, and from this many.
CONFUSED_SHARE = 0.1
CONFUSED_LEAST = 2
_SEED = 20261123


@dataclass(frozen=True, slots=True)
class Confused:
    """
    Two entries whose phrasings find the other one.

    ``astray`` phrasings of the ``asked`` ones of both did; ``example`` is one of ``owner``.
    """

    first: str
    second: str
    astray: int
    asked: int
    example: str
    owner: str

    @property
    def share(self) -> float:
        """The share of the phrasings of both that go astray."""
        return self.astray / self.asked


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many phrasings were asked, how many found their own entry, and the pairs, worst first."""

    asked: int = 0
    found: int = 0
    pairs: tuple[Confused, ...] = ()
    sampled: bool = False


@dataclass(slots=True)
class _Tally:
    asked: list[int]
    found: int = 0
    astray: dict[tuple[int, int], list[Asked]] = field(default_factory=dict)


def confusion(
    entries: Sequence[Entry],
    settings: BuildSettings,
    synonyms: Sequence[Sequence[str]] = (),
    *,
    share: float = CONFUSED_SHARE,
) -> Confusion:
    """Ask every phrasing of an index that does not have it; pairs from *share* on are kept."""
    sampled = len(entries) > MAX_ENTRIES
    if sampled:
        chosen = random.Random(_SEED)  # noqa: S311 - sampling, not a secret
        entries = [entries[i] for i in sorted(chosen.sample(range(len(entries)), MAX_ENTRIES))]
    tally = _Tally([0] * len(entries))
    for kept, asked in folds(entries):
        _ask(index_of(kept, settings, synonyms), asked, tally)
    pairs = (_confused(entries, tally, *pair) for pair in tally.astray)
    worst = sorted(
        (pair for pair in pairs if pair.astray >= CONFUSED_LEAST and pair.share >= share),
        key=lambda pair: (-pair.astray, -pair.share, pair.first, pair.second),
    )
    return Confusion(sum(tally.asked), tally.found, tuple(worst), sampled)


def folds(
    entries: Sequence[Entry], count: int = FOLDS
) -> Iterator[tuple[list[Entry], list[Asked]]]:
    """
    Entries without some of their phrasings, and those; every phrasing is left out once.

    An entry that nothing but its text would remain of keeps its only phrasing.
    """
    for fold in range(count):
        kept: list[Entry] = []
        asked: list[Asked] = []
        for number, entry in enumerate(entries):
            texts = entry.questions if len(set(short_texts(entry))) > 1 else ()
            # Entries begin with different folds, or the last fold would be left with little.
            out = {text for i, text in enumerate(texts) if (number + i) % count == fold}
            asked += [(text, number) for text in texts if text in out and text.strip()]
            kept.append(without(entry, out))
        if asked:
            yield kept, asked


def _ask(index: Index, asked: Sequence[Asked], tally: _Tally) -> None:
    for text, number in asked:
        tally.asked[number] += 1
        nearest = index.nearest(index.read(text[:MAX_QUESTION_CHARS]).counts, 1)
        if not nearest.hits:
            continue
        best = nearest.hits[0].entry
        if best == number:
            tally.found += 1
        else:
            pair = (min(best, number), max(best, number))
            tally.astray.setdefault(pair, []).append((text, number))


def _confused(entries: Sequence[Entry], tally: _Tally, first: int, second: int) -> Confused:
    strays = tally.astray[first, second]
    # Of the entry that loses most, the shortest: it shows most plainly what is missing.
    losing = max((first, second), key=lambda number: sum(n == number for _, n in strays))
    example = min((text for text, n in strays if n == losing), key=len)
    return Confused(
        first=entries[first].id,
        second=entries[second].id,
        astray=len(strays),
        asked=tally.asked[first] + tally.asked[second],
        example=example,
        owner=entries[losing].id,
    )
