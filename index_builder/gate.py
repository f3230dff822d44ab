"""
The gate: a build that answers the corpus's own questions worse is not published.

The regression file is asked of the generation being served and of the candidate, through the
whole answer path. The candidate does not pass when the share of questions handled rightly falls,
or the share answered wrongly rises, by more than the tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index_builder.corpus_files import LabelledQuery
from service.retrieval.answers import MAX_QUESTION_CHARS, Question, answer
from service.retrieval.index import Index

DEFAULT_TOLERANCE = 0.01
REFUSED = "nothing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one generation handles the regression questions: what it gave for each, and shares."""

    given: tuple[str, ...]
    right: tuple[bool, ...]
    wrong: float

    @property
    def accuracy(self) -> float:
        """The share handled rightly: answered with an expected entry, or rightly refused."""
        return sum(self.right) / len(self.right) if self.right else 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """A question that the two generations handle differently."""

    question: str
    expected: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class GateReport:
    """The comparison; ``served`` is None where no generation was being served."""

    candidate: Verdict
    served: Verdict | None
    changes: tuple[Change, ...]
    tolerance: float
    forced: bool = False

    @property
    def passed(self) -> bool:
        """Whether the candidate may be published."""
        if self.served is None:
            return True
        return (
            self.served.accuracy - self.candidate.accuracy <= self.tolerance + 1e-9
            and self.candidate.wrong - self.served.wrong <= self.tolerance + 1e-9
        )

    def lines(self) -> list[str]:
        """The comparison in sentences, the changed questions below it."""
        now = (
            f"regression: {self.candidate.accuracy:.1%} of {len(self.candidate.right)} questions "
            f"handled rightly, {self.candidate.wrong:.1%} answered wrongly"
        )
        if self.served is None:
            return [now]
        said = [f"{now} (served: {self.served.accuracy:.1%} and {self.served.wrong:.1%})"]
        if not self.passed:
            said += [
                f"  {change.question!r}: was {change.before}, is {change.after}, "
                f"expected {' or '.join(change.expected) or REFUSED}"
                for change in self.changes
            ]
        return said


def compare(
    queries: Sequence[LabelledQuery],
    candidate: Index,
    served: Index | None,
    tolerance: float,
    *,
    forced: bool = False,
) -> GateReport:
    """Ask both generations all questions."""
    new = judge(queries, candidate)
    if served is None:
        return GateReport(new, None, (), tolerance, forced)
    old = judge(queries, served)
    changes = tuple(
        Change(query.text, tuple(query.relevant), before, after)
        for query, before, after in zip(queries, old.given, new.given, strict=True)
        if before != after
    )
    return GateReport(new, old, changes, tolerance, forced)


def judge(queries: Sequence[LabelledQuery], index: Index) -> Verdict:
    """How an index handles the questions."""
    given: list[str] = []
    right: list[bool] = []
    wrong = 0
    for query in queries:
        reply = answer(index, Question(query.text[:MAX_QUESTION_CHARS], top_k=1))
        shown = reply.entry.id if reply.entry is not None else REFUSED
        given.append(shown)
        fine = shown in query.relevant if query.relevant else shown == REFUSED
        right.append(fine)
        wrong += shown != REFUSED and not fine
    return Verdict(tuple(given), tuple(right), wrong / max(1, len(queries)))
