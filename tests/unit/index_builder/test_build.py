"""The road from entries to a live generation."""

from __future__ import annotations

import json

import joblib
import numpy as np
import pytest

from index_builder.build import build, corpus_digest, make_draft
from index_builder.config import BuildSettings
from index_builder.draft import Draft
from service.errors import ConfigError, CorpusError
from service.retrieval.artefact import current, generations, open_generation
from service.retrieval.entries import Entry
from service.retrieval.index import Index, open_index

QUICK = BuildSettings(lemmas="none")
ONE = [Entry(id="one", title="printer offline")]


def nearest(index: Index, question: str) -> list[str]:
    hits = index.nearest(index.read(question).counts, 10).hits
    return [index.store.card(hit.entry).id for hit in hits]


def test_a_build_is_live_when_it_returns(tmp_path):
    """What was built is what the folder serves, and the report says where it lies."""
    report = build(ONE, tmp_path / "new" / "index", QUICK)
    assert current(tmp_path / "new" / "index") == report.generation
    assert report.folder == tmp_path / "new" / "index" / report.generation
    assert nearest(open_index(tmp_path / "new" / "index"), "printer") == ["one"]


def test_the_report_counts_what_was_built(tmp_path, entries):
    """Entries, rows, words and postings are what the index holds; every stage has its time."""
    report = build(entries, tmp_path, QUICK)
    index = open_index(tmp_path)
    assert report.counts["entries"] == index.entry_count == len(entries)
    assert report.counts["words"] == index.vocabulary.n_words
    assert report.counts["short_rows"] == sum(
        bool(entry.title) + len(entry.questions) + len(entry.pinned) for entry in entries
    )
    assert (
        report.counts["postings"]
        == index.short.row.size + index.whole.row.size + index.section.row.size
    )
    assert all(seconds >= 0 for seconds in report.stages.values())
    assert report.seconds >= sum(report.stages.values()) * 0.99


def test_old_generations_go(tmp_path):
    """At most three are kept beside the live one; the report names what went."""
    reports = [build(ONE, tmp_path, QUICK) for _ in range(6)]
    kept = set(generations(tmp_path))
    removed = {name for report in reports for name in report.removed}
    assert len(kept) <= 4
    assert reports[-1].generation in kept
    assert kept | removed == {report.generation for report in reports}
    assert not kept & removed


def test_nothing_to_build_from_is_refused(tmp_path):
    """Without an entry there is no index, and a live one stays."""
    live = build(ONE, tmp_path, QUICK).generation
    with pytest.raises(CorpusError, match="no entry"):
        build([], tmp_path, QUICK)
    assert (current(tmp_path), generations(tmp_path)) == (live, [live])


def test_a_setting_that_cannot_be_had_leaves_the_old_index(tmp_path):
    """A build that fails on its settings writes nothing."""
    live = build(ONE, tmp_path, QUICK).generation
    with pytest.raises(ConfigError):
        build(ONE, tmp_path, BuildSettings(language="zh", lemmas="lookup"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "CURRENT",
        "analysed.npz",
        live,
    ]


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    """A file where the index should be is the system's error, and is left alone."""
    (tmp_path / "index").write_text("a file")
    with pytest.raises(OSError, match="index"):
        build(ONE, tmp_path / "index", QUICK)
    assert (tmp_path / "index").read_text() == "a file"


def test_the_manifest_says_what_it_was_built_from_and_with(tmp_path):
    """Corpus digest, settings, blend, counts and library versions can be read by a person."""
    report = build(ONE, tmp_path, QUICK)
    manifest = json.loads((report.folder / "manifest.json").read_text("utf-8"))
    assert manifest["corpus_sha256"] == corpus_digest(ONE)
    assert manifest["analyser"]["lemmas"] == "none"
    assert manifest["weighting"] == "bm25"
    assert manifest["counts"]["entries"] == 1
    assert {"numpy", "scikit-learn"} <= set(manifest["versions"])


def test_any_change_of_an_entry_changes_the_digest():
    """The digest tells whether a corpus is the one an index was built from."""
    digests = {
        corpus_digest(entries)
        for entries in (
            ONE,
            [*ONE, Entry(id="two", title="x")],
            [Entry(id="one", title="printer offline", tags=("x",))],
            [Entry(id="one", title="printer", text="offline")],
            [Entry(id="one", text="printer offline")],
        )
    }
    assert len(digests) == 5


def test_building_twice_gives_the_same_arrays(entries):
    """The same corpus and settings give the same index, byte for byte."""
    first, second = (make_draft(entries, BuildSettings())[0] for _ in range(2))
    assert first.files == second.files
    assert first.arrays.keys() == second.arrays.keys()
    for name, values in first.arrays.items():
        assert np.array_equal(values, second.arrays[name]), name


@pytest.mark.parametrize("weighting", ["bm25", "lnc.ltc", "ltc.ltc"])
def test_every_weighting_builds_and_answers(make_index, entries, weighting):
    """Each scheme finds the entry a plain question is about."""
    index = make_index(entries, weighting=weighting)
    assert nearest(index, "printer is offline")[0] == "printer-offline"
    assert nearest(index, "error 0x80070057")[0] == "error-0x80070057"


def test_without_pickles_the_mapped_engine_answers(tmp_path):
    """Pickles are for notebooks and for --engine sklearn; an index needs none to be served."""
    report = build(ONE, tmp_path, BuildSettings(lemmas="none", pickles=False))
    assert not list(report.folder.glob("*.joblib"))
    assert nearest(open_index(tmp_path), "printer") == ["one"]


def test_the_pickles_open_with_joblib(index_root):
    """A notebook opens both; the neighbours stand in rows of the short field, then the entries."""
    reader = open_generation(index_root)
    neighbours = joblib.load(reader.path("neighbours.joblib"))
    vectoriser = joblib.load(reader.path("vectoriser.joblib"))
    counts = reader.info["counts"]
    assert neighbours.n_samples_fit_ == counts["short_rows"] + counts["entries"]
    assert vectoriser.transform(["printer"]).shape == (1, neighbours.n_features_in_)


def test_progress_is_told_once_an_entry(entries):
    """Whoever draws a bar hears of every entry that is rendered."""
    steps: list[str] = []

    def progress(stage: str, total: int):
        assert total == len(entries)
        return lambda: steps.append(stage)

    make_draft(entries, QUICK, progress=progress)
    assert steps.count("render") == len(entries)


def test_a_draft_answers_before_anything_is_written(entries):
    """An index in memory gives the hits that the written one gives."""
    draft, _ = make_draft(entries, BuildSettings())
    assert isinstance(draft, Draft)
    assert nearest(Index(draft), "my printer is offline")[0] == "printer-offline"


@pytest.mark.parametrize(
    "entry",
    [
        Entry(id="title", title="printer"),
        Entry(id="text", text="printer"),
        Entry(id="question", questions=("printer",)),
        Entry(id="blank", title=" ", text="printer", questions=("", "\n")),
        Entry(id="emoji", title="🖨️ printer", tags=("🖨️",), platforms=("µ",)),
        Entry(id="long", title="printer " + "x" * 5000, text="word " * 50_000),
        Entry(id="sections", title="printer", text="# a\n\n# b\n\n# c\n"),
    ],
    ids=lambda entry: entry.id,
)
def test_entries_of_every_shape_are_built_and_found(make_index, entry):
    """A title, a text or a phrasing alone is enough, whatever characters and length it has."""
    index = make_index([entry, Entry(id="other", title="scanner")])
    assert nearest(index, "printer") == [entry.id]
    assert index.entry(entry.id).title


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        (Entry(id="a", title=" Printer "), "Printer"),
        (Entry(id="a", questions=(" ", "Why? ")), "Why?"),
        (Entry(id="a", text="one two"), "one two"),
        (Entry(id="a", text=" ".join("abcdefghijklmno")), "a b c d e f g h i j …"),
    ],
)
def test_every_entry_has_a_title_to_show(make_index, entry, title):
    """Where there is no title, the first phrasing or the text's first words stand in for it."""
    assert make_index([entry]).entry("a").title == title
