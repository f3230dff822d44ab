"""A labelled data set to the field's measures."""

from __future__ import annotations

import ir_measures
import numpy as np
import pytest

from index_builder.build import build
from index_builder.config import BuildSettings
from index_builder.corpus_files import LabelledQuery
from index_builder.dataset import DataSet
from index_builder.evaluate import (
    Asked,
    bootstrap_interval,
    calibration_error,
    evaluate,
    ranking_measures,
    refusal_measures,
    run_lines,
)
from service.retrieval.entries import Entry

ENTRIES = (
    Entry(id="d0", title="printer offline"),
    Entry(id="d1", title="slow wifi"),
    Entry(id="d2", title="paper jam"),
)
NAMES = ("p/1", "w 2", "j#3")
SETTINGS = BuildSettings(lemmas="none", pickles=False)


def dataset(*queries: LabelledQuery) -> DataSet:
    return DataSet("set", ENTRIES, NAMES, queries)


def query(query_id: str, *relevant: str, text: str = "x") -> LabelledQuery:
    return LabelledQuery(query_id, text, dict.fromkeys(relevant, 1))


def asked(query_id: str, *names: str, confidence: float = 0.5, answered: bool = False) -> Asked:
    ranking = tuple((name, 1.0 / (rank + 1)) for rank, name in enumerate(names))
    return Asked(query_id, ranking, confidence, answered, 0.001)


@pytest.fixture(scope="module")
def measured():
    """A small set with one question out of scope and one that cannot be asked."""
    return evaluate(
        dataset(
            query("q1", "p/1", text="printer offline"),
            query("q2", "w 2", text="wifi slow"),
            query("q3", "j#3", text="printer"),
            query("q4", text="xyzzy"),
            query("q5", "j#3", text="paper\x00jam"),
        ),
        SETTINGS,
    )


def test_ranks_are_measured_by_hand():
    """First, second and nowhere: accuracy 1/3, reciprocal rank (1 + 1/2) / 3, recall 2/3."""
    figures = ranking_measures(
        dataset(query("a", "p/1"), query("b", "w 2"), query("c", "j#3")),
        [asked("a", "p/1", "w 2"), asked("b", "p/1", "w 2"), asked("c", "p/1", "w 2")],
    )
    assert figures["accuracy@1"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["mrr@10"] == pytest.approx(0.5, abs=1e-4)
    assert figures["recall@10"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["ndcg@10"] == pytest.approx((1 + 1 / np.log2(3)) / 3, abs=1e-4)


def test_a_query_without_hits_counts_as_missed():
    """What was not found is in the mean, as nothing."""
    figures = ranking_measures(
        dataset(query("a", "p/1"), query("b", "p/1")), [asked("a", "p/1"), asked("b")]
    )
    assert figures["accuracy@1"] == 0.5


def test_questions_out_of_scope_are_not_in_the_ranking():
    """Where nothing is relevant, nothing can be ranked rightly or wrongly."""
    figures = ranking_measures(
        dataset(query("a", "p/1"), query("b")), [asked("a", "p/1"), asked("b", "p/1")]
    )
    assert figures["accuracy@1"] == 1.0


def test_refusals_are_measured_by_hand():
    """Answered rightly, answered wrongly, refused; and out of scope, answered and refused."""
    queries = [query("a", "p/1"), query("b", "p/1"), query("c", "p/1"), query("d"), query("e")]
    outcomes = [
        asked("a", "p/1", confidence=0.9, answered=True),
        asked("b", "w 2", confidence=0.8, answered=True),
        asked("c", "p/1", confidence=0.4),
        asked("d", "p/1", confidence=0.6, answered=True),
        asked("e", "p/1", confidence=0.1),
    ]
    figures = refusal_measures(dataset(*queries), outcomes)
    assert figures["answered_accuracy"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["answer_precision"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["oos_recall"] == 0.5
    assert figures["oos_auroc"] == pytest.approx(5 / 6, abs=1e-4)


def test_without_a_single_answer_there_is_no_precision():
    """A share of nothing is no number."""
    figures = refusal_measures(dataset(query("a")), [asked("a")])
    assert figures["answer_precision"] is None
    assert figures["oos_auroc"] is None
    assert figures["oos_recall"] == 1.0


def test_perfect_confidence_has_no_calibration_error():
    """Sure where right and at a loss where wrong is no error; the opposite is all error."""
    queries = dataset(query("a", "p/1"), query("b", "p/1"))
    good = [asked("a", "p/1", confidence=1.0), asked("b", "w 2", confidence=0.0)]
    bad = [asked("a", "p/1", confidence=0.0), asked("b", "w 2", confidence=1.0)]
    assert calibration_error(queries, good) == 0
    assert calibration_error(queries, bad) == 1


def test_an_interval_holds_its_mean():
    """The 95% interval stands around the mean, is repeatable, and is none without values."""
    values = np.array([0.0, 1.0] * 50)
    low, high = bootstrap_interval(values)
    assert 0.3 < low < 0.5 < high < 0.7
    assert bootstrap_interval(values) == [low, high]
    assert bootstrap_interval(np.empty(0)) is None


def test_run_lines_are_trec_lines():
    """Six columns: query, Q0, entry, rank from 1, score, the run's name; tools can read them."""
    lines = list(run_lines([asked("q1", "p/1", "w 2"), asked("q2")]))
    assert lines == ["q1 Q0 p/1 1 1.000000 firstline", "q1 Q0 w%202 2 0.500000 firstline"]
    read = ir_measures.read_trec_run("\n".join(lines))
    assert [(each.query_id, each.doc_id) for each in read] == [("q1", "p/1"), ("q1", "w%202")]


def test_every_measure_of_the_contract_is_there(measured):
    """Names are those that scripts rely on; shares are shares."""
    figures, _ = measured
    shares = ["accuracy@1", "mrr@10", "ndcg@10", "recall@10"]
    shares += ["oos_auroc", "answered_accuracy", "answer_precision", "oos_recall"]
    assert all(0 <= figures[name] <= 1 for name in shares)
    assert (figures["queries"], figures["entries"]) == (5, 3)
    assert figures["build_s"] > 0
    assert 0 < figures["ms_per_query_p50"] <= figures["ms_per_query_p99"]


def test_entries_are_told_by_their_names_in_the_set(measured):
    """Ids of a data set may hold what an entry's id may not."""
    _, outcomes = measured
    assert outcomes[0].ranking[0][0] == "p/1"
    assert outcomes[1].ranking[0][0] == "w 2"


def test_a_question_that_cannot_be_asked_is_not_answered(measured):
    """Control characters in a data set stop nothing; a person would have got no answer."""
    _, outcomes = measured
    assert (outcomes[4].ranking, outcomes[4].answered) == ((), False)


def test_without_questions_out_of_scope_nothing_is_said_of_refusals():
    """Measures of refusing need something to refuse."""
    figures, _ = evaluate(dataset(query("q1", "p/1", text="printer")), SETTINGS)
    assert "oos_auroc" not in figures


def test_a_long_query_is_cut_to_what_may_be_asked():
    """A data set's query may be a whole document."""
    _, (one,) = evaluate(dataset(query("q1", "p/1", text="printer " * 2000)), SETTINGS)
    assert one.ranking[0][0] == "p/1"


def test_an_index_can_be_given(tmp_path):
    """What is served is measured without being built again, other entries in it or not."""
    build([*ENTRIES, Entry(id="more", title="printer ink")], tmp_path, SETTINGS)
    figures, (one,) = evaluate(dataset(query("q1", "p/1", text="printer")), SETTINGS, tmp_path)
    assert figures["build_s"] == 0
    assert {name for name, _ in one.ranking} == {"p/1", "more"}
