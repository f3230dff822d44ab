"""How long each part of answering took."""

from __future__ import annotations

from time import perf_counter

from service.retrieval.answers import STAGES, Question, answer
from service.retrieval.index import Index


def test_the_stages_make_up_the_whole(index: Index) -> None:
    """Every stage is there, in order; together they are no longer than the call."""
    began = perf_counter()
    given = answer(index, Question("printr offline", explain=True))
    whole = perf_counter() - began
    assert tuple(name for name, _ in given.stages) == STAGES
    assert all(spent >= 0 for _, spent in given.stages)
    assert 0 < sum(spent for _, spent in given.stages) <= whole


def test_answers_are_equal_however_long_they_took(index: Index) -> None:
    """One question always reads one way."""
    assert answer(index, Question("paper jam")) == answer(index, Question("paper jam"))
