"""
What people asked and did not get: from the journal's rows to groups of questions.

A question was missed for one of four reasons: it had no answer; it had suggestions and none was
taken; it had an answer that a person called unhelpful; or it had an answer and the person asked
again in other words. Questions that mean the same are one gap, and what ranks a gap is how many
people met it, not how often one of them tried.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from rapidfuzz import fuzz

Reason = Literal["no_answer", "suggestions", "unhelpful", "rephrased"]

# Asking in other words happens while the answer is still on the screen ...
REPHRASED_WITHIN = timedelta(minutes=3)
# ... and keeps some of the words: measured on word sets, 0 to 100.
REPHRASED_LIKENESS = 55.0
# So many entries of a gap's neighbourhood are named as hints.
HINTS = 3

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class AskedOnce:
    """One row of the journal's questions."""

    request_id: str
    session: str | None
    asked_at: str
    question: str
    outcome: str
    entry_id: str | None
    nearest_id: str | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A suggestion that people took: their question is a phrasing that the entry lacks."""

    question: str
    entry_id: str
    people: int
    last_asked_at: str


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One wording within a gap."""

    question: str
    asked: int
    people: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that mean the same and were missed; the commonest wording speaks for them."""

    question: str
    asked: int
    people: int
    last_asked_at: str
    reasons: dict[Reason, int]
    phrasings: tuple[Phrasing, ...]
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """One row with the reason that makes it part of a gap."""

    row: AskedOnce
    reason: Reason
    answered_by: str | None = None


def missed(
    rows: Iterable[AskedOnce],
    votes: Mapping[str, tuple[bool, str | None]],
    picks: Mapping[str, str],
) -> list[Missed]:
    """
    The rows that were missed, in the order of *rows*.

    Args:
        rows: small talk may be among them; oldest first.
        votes: request id to the last vote, and the entry it names.
        picks: request id to the suggestion that was taken.

    """
    listed = list(rows)
    again = _rephrased(listed)
    found = []
    for row in listed:
        helpful, named = votes.get(row.request_id, (None, None))
        if row.outcome == "smalltalk" or row.request_id in picks or (helpful and named):
            continue
        reason: Reason | None = None
        if row.outcome == "no_answer":
            reason = "no_answer"
        elif row.outcome == "suggestions":
            reason = "suggestions"
        elif helpful is False:
            reason = "unhelpful"
        elif helpful is None and row.request_id in again:
            reason = "rephrased"
        if reason is not None:
            found.append(Missed(row, reason, again.get(row.request_id)))
    return found


def _rephrased(rows: Sequence[AskedOnce]) -> dict[str, str | None]:
    """Request ids of questions asked again in other words, and the entry that answered then."""
    sessions: dict[str, list[AskedOnce]] = {}
    for row in rows:
        if row.session is not None and row.outcome != "smalltalk":
            sessions.setdefault(row.session, []).append(row)
    found: dict[str, str | None] = {}
    for talk in sessions.values():
        for first, second in pairwise(talk):
            if first.entry_id is not None and first.entry_id == second.entry_id:
                continue  # the same answer again says nothing about the first
            if wording(first.question) != wording(second.question) and _is_rephrasing(
                first, second
            ):
                found[first.request_id] = second.entry_id
    return found


def _is_rephrasing(first: AskedOnce, second: AskedOnce) -> bool:
    apart = datetime.fromisoformat(second.asked_at) - datetime.fromisoformat(first.asked_at)
    if apart > REPHRASED_WITHIN:
        return False
    likeness = fuzz.token_sort_ratio(first.question.casefold(), second.question.casefold())
    return likeness >= REPHRASED_LIKENESS


def wordings(missed_rows: Sequence[Missed]) -> list[list[Missed]]:
    """The rows by what was said, the most asked first."""
    found: dict[str, list[Missed]] = {}
    for one in missed_rows:
        found.setdefault(wording(one.row.question), []).append(one)
    found.pop("", None)
    return sorted(found.values(), key=lambda ones: -len(ones))


def gaps(said: Sequence[list[Missed]], labels: Sequence[int]) -> list[Gap]:
    """
    What was missed, that which most people met first.

    Args:
        said: ``wordings``.
        labels: of each of them, equal where they mean the same.

    """
    groups: dict[int, list[list[Missed]]] = {}
    for label, ones in zip(labels, said, strict=True):
        groups.setdefault(label, []).append(ones)
    found = [_gap(members) for members in groups.values()]
    return sorted(found, key=lambda gap: (-gap.people, -gap.asked, gap.question.casefold()))


def accepted(rows: Iterable[AskedOnce], picks: Mapping[str, str]) -> list[Accepted]:
    """What people took of the suggestions they were given, the most taken first."""
    taken: dict[tuple[str, str], list[AskedOnce]] = {}
    for row in rows:
        if row.request_id in picks:
            key = (wording(row.question), picks[row.request_id])
            taken.setdefault(key, []).append(row)
    found = [
        Accepted(_commonest(ones), entry_id, people(ones), max(row.asked_at for row in ones))
        for (_, entry_id), ones in taken.items()
    ]
    return sorted(found, key=lambda one: (-one.people, one.question.casefold()))


def people(rows: Iterable[AskedOnce]) -> int:
    """Conversations, and every question that came without one: nobody can tell those apart."""
    sessions = [row.session for row in rows]
    return len({one for one in sessions if one is not None}) + sessions.count(None)


def _gap(members: list[list[Missed]]) -> Gap:
    rows = [one.row for ones in members for one in ones]
    phrasings = sorted(
        (
            Phrasing(
                _commonest([one.row for one in ones]), len(ones), people(one.row for one in ones)
            )
            for ones in members
        ),
        key=lambda phrasing: (-phrasing.people, -phrasing.asked, phrasing.question.casefold()),
    )
    near: Counter[str] = Counter()
    for one in (one for ones in members for one in ones):
        # Being answered after all is a better hint than having been near.
        near.update({name: weight for name, weight in _hints(one) if name is not None})
    return Gap(
        question=phrasings[0].question,
        asked=len(rows),
        people=people(rows),
        last_asked_at=max(row.asked_at for row in rows),
        reasons=dict(Counter(one.reason for ones in members for one in ones)),
        phrasings=tuple(phrasings),
        nearest=tuple(name for name, _ in near.most_common(HINTS)),
    )


def _hints(one: Missed) -> tuple[tuple[str | None, int], ...]:
    if one.answered_by is not None and one.answered_by != one.row.nearest_id:
        return (one.answered_by, 2), (one.row.nearest_id, 1)
    return ((one.row.nearest_id, 1),)


def _commonest(rows: Sequence[AskedOnce]) -> str:
    """The spelling most used; of equals the first."""
    return Counter(_SPACE.sub(" ", row.question).strip() for row in rows).most_common(1)[0][0]


def wording(question: str) -> str:
    """What is equal for the same words in other capitals, spacing or end marks."""
    return _SPACE.sub(" ", question).strip(" \t?!.…,;:").casefold()
