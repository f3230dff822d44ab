"""
What people asked and did not get, as work for whoever writes the answers.

The journal says what was missed (:mod:`service.live.gaps`); here the questions are grouped, asked
again of the present index, and those that it answers by now are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from service.live import journal_reading as reading
from service.live.clusters import cluster
from service.live.gaps import (
    Accepted,
    AskedOnce,
    Gap,
    Missed,
    accepted,
    gaps,
    missed,
    wording,
    wordings,
)
from service.live.journal_store import JournalStore

ALWAYS = "9999"
# What redaction leaves behind is nothing that people type.
_REDACTED = re.compile(r"\[(?:mail|phone|card|account|token|secret)(?::[0-9a-f]{8})?\]")
_SPACE = re.compile(r"\s+")

# Whether a question is answered by now.
Answers = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Findings:
    """Gaps and accepted suggestions, the most people first; and what was left out."""

    gaps: tuple[Gap, ...]
    accepted: tuple[Accepted, ...]
    answered_since: int


async def find(
    store: JournalStore,
    since: str,
    *,
    least_people: int = 1,
    answers: Answers | None = None,
    strange: Iterable[str] = (),
) -> Findings:
    """
    What the journal says since then.

    Args:
        store: the journal.
        since: a moment as the tables keep it; empty for all of it.
        least_people: leave out what fewer people met.
        answers: asks the present index; None keeps everything.
        strange: questions that nobody means to answer; what is asked like them goes with them.

    """
    asked = [_without_redactions(row) for row in await reading.read_asked(store, since, ALWAYS)]
    picks = await reading.read_picks(store, since, ALWAYS)
    votes = await reading.read_votes(store, since, ALWAYS)
    said = wordings(missed(asked, votes, picks))
    open_ = [ones for ones in said if answers is None or not _answered(ones, answers)]
    labels = cluster([ones[0].row.question for ones in open_])
    unwanted = {wording(question) for question in strange}
    wanted = [
        gap
        for gap in gaps(open_, labels)
        if not any(wording(one.question) in unwanted for one in gap.phrasings)
    ]
    return Findings(
        tuple(gap for gap in wanted if gap.people >= least_people),
        tuple(one for one in accepted(asked, picks) if one.people >= least_people),
        len(said) - len(open_),
    )


def _answered(ones: Sequence[Missed], answers: Answers) -> bool:
    """Whether the index has learnt it; of an answer that was no help nothing is to be hoped."""
    unasked = any(one.reason in ("unhelpful", "rephrased") for one in ones)
    return not unasked and answers(ones[0].row.question)


def _without_redactions(row: AskedOnce) -> AskedOnce:
    plain = _SPACE.sub(" ", _REDACTED.sub(" ", row.question)).strip()
    return row if plain == row.question else replace(row, question=plain)
