"""The journal in figures: how much was asked, what became of it, what had no answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Protocol

import structlog

from service.live import journal_reading as reading
from service.live.gaps import Missed, accepted, gaps, missed, wordings
from service.live.journal_store import JournalStore

log = structlog.get_logger("firstline.insights")

MAX_LISTED = 50
MAX_PHRASINGS = 20
# So many of the newest questions are looked through for gaps.
MAX_ROWS = 20_000
OUTCOMES = ("answer", "suggestions", "no_answer", "smalltalk")

Row = dict[str, Any]


class Group(Protocol):
    """Tells which questions mean the same."""

    async def __call__(self, questions: Sequence[str], /) -> Sequence[int]:
        """Labels, equal where they do."""

    async def close(self) -> None:
        """Stop what is at work."""


@dataclass(frozen=True, slots=True)
class Insights:
    """What staff look at; every list is bounded. Each field: docs/reference/protocol.md."""

    since: str
    until: str
    questions: int
    sessions: int
    outcomes: dict[str, int]
    answer_rate: float | None
    per_day: list[Row]
    unanswered: list[Row]
    clustered: bool
    accepted: list[Row]
    entries: list[Row]
    worst_rated: list[Row]
    slowest: list[Row]
    feedback: Row


async def read_insights(
    store: JournalStore, since: str, until: str, group: Group | None = None
) -> Insights:
    """
    The figures from *since* to *until*, both as the tables keep moments.

    Args:
        store: the journal's database.
        since: the first moment that counts.
        until: the last.
        group: tells which questions mean the same; None where nothing can.

    """
    when = (store, since, until)
    days = await reading.read_days(*when)
    outcomes = Counter[str]()
    for row in days:
        outcomes[row["outcome"]] += row["asked"]
    votes = await reading.read_feedback(*when)
    asked = await reading.read_asked(*when, limit=MAX_ROWS)
    picks = await reading.read_picks(*when)
    said = wordings(missed(asked, await reading.read_votes(*when), picks))
    labels = await _labels(said, group)
    found = gaps(said, labels or range(len(said)))
    rated = _rated(await reading.read_given(*when), votes)
    return Insights(
        since=since,
        until=until,
        questions=outcomes.total(),
        sessions=await reading.count_sessions(*when),
        outcomes=dict(outcomes),
        answer_rate=_answer_rate(outcomes),
        per_day=_per_day(
            _calendar(since, until), days, await reading.read_day_sessions(*when), votes
        ),
        unanswered=[
            {
                **asdict(gap),
                "phrasings": [asdict(one) for one in gap.phrasings[:MAX_PHRASINGS]],
                "nearest": [{"id": entry_id} for entry_id in gap.nearest],
            }
            for gap in found[:MAX_LISTED]
        ],
        clustered=labels is not None,
        accepted=[asdict(one) for one in accepted(asked, picks)[:MAX_LISTED]],
        entries=sorted(rated, key=lambda row: (-row["asked"], row["entry_id"]))[:MAX_LISTED],
        worst_rated=_worst(rated, votes)[:MAX_LISTED],
        slowest=await reading.read_slowest(*when, limit=MAX_LISTED),
        feedback={
            "helpful": sum(1 for vote in _last_votes(votes) if vote["helpful"]),
            "unhelpful": sum(1 for vote in _last_votes(votes) if not vote["helpful"]),
            "comments": [vote for vote in votes if vote["comment"]][:MAX_LISTED],
        },
    )


async def _labels(said: Sequence[list[Missed]], group: Group | None) -> Sequence[int] | None:
    """What *group* says of the wordings; None where it cannot say anything."""
    if group is None:
        return None
    try:
        return await group([ones[0].row.question for ones in said])
    except TimeoutError:
        return None
    except OSError as error:
        # Figures without groups are still figures.
        log.warning("questions_not_grouped", reason=str(error) or type(error).__name__)
        return None


def _answer_rate(outcomes: Counter[str]) -> float | None:
    """Answers among the questions that want one: small talk does not."""
    wanting = outcomes.total() - outcomes["smalltalk"]
    return round(outcomes["answer"] / wanting, 4) if wanting else None


def _calendar(since: str, until: str) -> list[str]:
    """Every day touched, oldest first: a day without questions is a fact, too."""
    first, last = date.fromisoformat(since[:10]), date.fromisoformat(until[:10])
    return [(first + timedelta(n)).isoformat() for n in range((last - first).days + 1)]


def _per_day(
    calendar: Sequence[str], days: Sequence[Row], sessions: dict[str, int], votes: Sequence[Row]
) -> list[Row]:
    by_day: dict[str, Counter[str]] = {day: Counter() for day in calendar}
    for row in days:
        by_day[row["day"]][row["outcome"]] += row["asked"]
    said: dict[str, Counter[bool]] = {day: Counter() for day in calendar}
    for vote in _last_votes(votes):
        said[vote["given_at"][:10]][bool(vote["helpful"])] += 1
    return [
        {
            "day": day,
            "asked": outcomes.total(),
            "sessions": sessions.get(day, 0),
            **{outcome: outcomes[outcome] for outcome in OUTCOMES},
            "answer_rate": _answer_rate(outcomes),
            "helpful": said[day][True],
            "unhelpful": said[day][False],
        }
        for day, outcomes in by_day.items()
    ]


def _last_votes(votes: Sequence[Row]) -> list[Row]:
    """One vote a reply, the last: people change their minds. *votes* are newest first."""
    last: dict[str, Row] = {}
    for vote in votes:
        last.setdefault(vote["request_id"], vote)
    return list(last.values())


def _rated(given: dict[str, int], votes: Sequence[Row]) -> list[Row]:
    """Each entry that was given or voted on, with both counts."""
    said: dict[str, Counter[bool]] = {entry_id: Counter() for entry_id in given}
    for vote in _last_votes(votes):
        if vote["entry_id"] is not None:
            said.setdefault(vote["entry_id"], Counter())[bool(vote["helpful"])] += 1
    return [
        {
            "entry_id": entry_id,
            "asked": given.get(entry_id, 0),
            "helpful": votes_for[True],
            "unhelpful": votes_for[False],
        }
        for entry_id, votes_for in said.items()
    ]


def _worst(rated: Sequence[Row], votes: Sequence[Row]) -> list[Row]:
    """Entries with a thumb down: those with the most more down than up first."""
    comments: dict[str, list[str]] = {}
    for vote in votes:
        if vote["entry_id"] is not None and vote["comment"] and not vote["helpful"]:
            comments.setdefault(vote["entry_id"], []).append(vote["comment"])
    worst = sorted(
        (row for row in rated if row["unhelpful"]),
        key=lambda row: (row["helpful"] - row["unhelpful"], -row["unhelpful"], row["entry_id"]),
    )
    return [{**row, "comments": comments.get(row["entry_id"], [])[:MAX_PHRASINGS]} for row in worst]
