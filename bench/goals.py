"""What was aimed at: a measure of a data set, and the value it should reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import mean
from typing import Any

from bench.sets import SHIPPED

MAX_LOST = {1: 0.02, 2: 0.05}
MAX_HARM = 0.005
MAX_ECE = 0.05


@dataclass(frozen=True, slots=True)
class Goal:
    """A value that a measure should reach, or (``most``) not exceed."""

    dataset: str
    measure: str
    value: float
    most: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A goal and what was measured."""

    goal: Goal
    found: float

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        if self.goal.most:
            return self.found <= self.goal.value
        return self.found >= self.goal.value


GOALS = (
    Goal("clinc150", "accuracy@1", 0.87),
    Goal("covid_faq", "accuracy@1", 0.58),
    Goal("askubuntu", "accuracy@1", 0.40),
    Goal("webapps", "accuracy@1", 0.46),
    Goal("office_support", "accuracy@1", 0.90),
    Goal("powershell_sections", "accuracy@1", 0.40),
    Goal("clinc150", "oos_auroc", 0.91),
    Goal("clinc150", "ece", MAX_ECE, most=True),
    Goal("regression", "ece", MAX_ECE, most=True),
    Goal("regression", "answered_accuracy", 0.95),
    Goal("regression", "oos_recall", 0.90),
)


def scores(results: dict[str, Any]) -> Iterator[Score]:
    """Every goal that these results can be held against."""
    for goal in GOALS:
        figures = results["sets"].get(goal.dataset)
        if figures is not None and figures["firstline"].get(goal.measure) is not None:
            yield Score(goal, figures["firstline"][goal.measure])
    for name, figures in results["sets"].items():
        if "peers" in figures:
            best = max(peer["accuracy@1"] for peer in figures["peers"].values())
            ahead = round(figures["firstline"]["accuracy@1"] - best, 4)
            yield Score(Goal(name, "ahead of the better peer", 0.0), ahead)
        if "typing" in figures:
            for errors, most in MAX_LOST.items():
                goal = Goal(name, f"lost with {errors} typing errors", most, most=True)
                yield Score(goal, figures["typing"][f"lost_{errors}"])
    yield from _meaning_scores(results)
    if "harm" in results:
        goal = Goal("regression", "lost after an unrelated turn", MAX_HARM, most=True)
        yield Score(goal, results["harm"]["lost"])


def _meaning_scores(results: dict[str, Any]) -> Iterator[Score]:
    """What an embedding model should add, where one was measured."""
    sets = {name: found["meaning"] for name, found in results["sets"].items() if "meaning" in found}
    gained = {
        name: found["meaning"]["accuracy@1"] - found["words"]["accuracy@1"]
        for name, found in sets.items()
        if name != SHIPPED
    }
    if gained:
        yield Score(Goal("all but regression", "gained by meaning", 0.05), mean(gained.values()))
    if "covid_faq" in gained:
        yield Score(Goal("covid_faq", "gained by meaning", 0.08), gained["covid_faq"])
    if "clinc150" in sets:
        clinc = sets["clinc150"]["meaning"]
        yield Score(Goal("clinc150", "accuracy@1 with meaning", 0.885), clinc["accuracy@1"])
        yield Score(Goal("clinc150", "oos_auroc with meaning", 0.95), clinc["oos_auroc"])
