"""The gate: a build that answers worse is not published."""

from __future__ import annotations

import pytest

from index_builder.build import build
from index_builder.config import BuildSettings
from index_builder.corpus_files import Beside, LabelledQuery
from index_builder.gate import compare, judge
from service.retrieval.artefact import current, generations
from service.retrieval.entries import Entry
from service.retrieval.index import open_index

PRINTER = Entry(id="printer", title="printer offline")
WIFI = Entry(id="wifi", title="slow wifi")
QUESTIONS = (
    LabelledQuery("r1", "printer offline", {"printer": 1}),
    LabelledQuery("r2", "slow wifi", {"wifi": 1, "other": 1}),
    LabelledQuery("r3", "xyzzy", {}),
)
SETTINGS = BuildSettings(lemmas="none", pickles=False)


@pytest.fixture(scope="module")
def good(make_index):
    return make_index([PRINTER, WIFI])


@pytest.fixture(scope="module")
def spoiled(make_index):
    return make_index([PRINTER, Entry(id="wrong", title="slow wifi")])


def test_an_expected_answer_and_an_expected_refusal_are_right(good):
    """One of several expected entries is enough; a question without an answer must get none."""
    verdict = judge(QUESTIONS, good)
    assert verdict.right == (True, True, True)
    assert (verdict.accuracy, verdict.wrong) == (1.0, 0.0)


def test_an_unexpected_answer_is_wrong(spoiled):
    """A wrong answer counts against the accuracy and among the wrong ones."""
    verdict = judge(QUESTIONS, spoiled)
    assert verdict.right == (True, False, True)
    assert verdict.wrong == pytest.approx(1 / 3)


def test_a_missing_answer_is_not_a_wrong_one(make_index):
    """Saying nothing is not right, but nobody is misled."""
    verdict = judge(QUESTIONS, make_index([PRINTER]))
    assert verdict.right == (True, False, True)
    assert verdict.wrong == 0


def test_no_questions_are_handled_rightly(good):
    """A corpus that asks nothing of its index has nothing to complain of."""
    assert judge((), good).accuracy == 1.0


def test_a_worse_candidate_does_not_pass_and_is_told_why(good, spoiled):
    """The changed question is named with both answers and what was expected."""
    report = compare(QUESTIONS, spoiled, good, tolerance=0.01)
    assert not report.passed
    (line,) = [line for line in report.lines() if "slow wifi" in line]
    assert "was wifi, is wrong" in line
    assert "expected wifi or other" in line


def test_an_equal_or_better_candidate_passes(good, spoiled):
    """What is as good as before, and what is better, may be published."""
    assert compare(QUESTIONS, good, good, tolerance=0).passed
    assert compare(QUESTIONS, good, spoiled, tolerance=0).passed


def test_the_tolerance_decides(good, spoiled):
    """A third of the questions lost passes where that much is tolerated."""
    assert compare(QUESTIONS, spoiled, good, tolerance=0.34).passed
    assert not compare(QUESTIONS, spoiled, good, tolerance=0.33).passed


def test_the_first_generation_passes(spoiled):
    """Where nothing is served, nothing can get worse."""
    assert compare(QUESTIONS, spoiled, None, tolerance=0).passed


def test_a_spoiled_corpus_is_not_published(tmp_path):
    """The served generation stays live; the candidate lies beside it for inspection."""
    beside = Beside(regression=QUESTIONS)
    first = build([PRINTER, WIFI], tmp_path, SETTINGS, beside=beside)
    second = build([PRINTER], tmp_path, SETTINGS, beside=beside)
    assert first.published
    assert not second.published
    assert current(tmp_path) == first.generation
    assert second.folder.is_dir()


def test_force_publishes_what_does_not_pass(tmp_path):
    """A person may know better than the gate."""
    beside = Beside(regression=QUESTIONS)
    build([PRINTER, WIFI], tmp_path, SETTINGS, beside=beside)
    forced = build([PRINTER], tmp_path, SETTINGS, beside=beside, force=True)
    assert forced.published
    assert current(tmp_path) == forced.generation


def test_a_damaged_served_index_stops_no_build(tmp_path):
    """What cannot be opened cannot be compared with, and is replaced."""
    beside = Beside(regression=QUESTIONS)
    first = build([PRINTER, WIFI], tmp_path, SETTINGS, beside=beside)
    (first.folder / "manifest.json").write_text("{}")
    second = build([PRINTER], tmp_path, SETTINGS, beside=beside)
    assert second.published
    assert open_index(tmp_path).entry_count == 1
    assert second.generation in generations(tmp_path)
