"""Writing entries, and what is said about what does not fit."""

from __future__ import annotations

import json
import os

import pytest

from index_builder.export import EXPORTS, export, write_entries
from index_builder.sources.reading import read
from service.errors import CorpusError
from service.retrieval.entries import Entry

WHOLE = Entry(
    id="wifi",
    title="Wi-Fi is slow",
    text="Move **closer**.\n\n## Still slow\n\n1. Restart it.",
    questions=("slow wifi", "why is my internet slow"),
    pinned=("wifi slow",),
    tags=("network", "wi-fi"),
    platforms=("windows",),
    related=("router",),
    source="https://example.org/wifi",
    updated="2026-11-22",
    kind="smalltalk",
    language="en",
)


def test_intents_json_says_what_it_dropped(tmp_path):
    """A format of three fields loses the rest, and the report names each."""
    report = export(
        [WHOLE, Entry(id="b", title="B", text="b")], "intents-json", tmp_path / "i.json"
    )
    written = json.loads((tmp_path / "i.json").read_text())
    assert written["intents"][0]["patterns"] == [WHOLE.title, *WHOLE.questions]
    assert written["intents"][0]["responses"] == [WHOLE.text]
    assert set(report.lost) == {
        "pinned", "tags", "platforms", "related", "source", "updated", "language", "kind",
    }  # fmt: skip
    assert list(report.by_entry) == ["wifi"]
    lines = list(report.lines())
    assert lines[0] == "wrote 2 entries as intents-json"
    assert "  tags: intents-json has no place for it, lost in 1 entry" in lines
    assert report.as_dict()["lost"]["tags"] == 1


def test_json_ld_is_html_for_search_engines(tmp_path):
    """The answer is HTML; the Markdown goes along for the way back."""
    export([WHOLE], "faq-jsonld", tmp_path / "faq.jsonld")
    page = json.loads((tmp_path / "faq.jsonld").read_text())
    assert (page["@type"], page["@context"]) == ("FAQPage", "https://schema.org")
    (question,) = page["mainEntity"]
    assert question["name"] == "Wi-Fi is slow"
    assert "<strong>closer</strong>" in question["acceptedAnswer"]["text"]


def test_qna_tsv_is_what_qna_maker_takes(tmp_path):
    """A row a question, one id, line ends as two characters."""
    export([WHOLE], "qna-tsv", tmp_path / "kb.tsv")
    head, *rows = (tmp_path / "kb.tsv").read_text().splitlines()
    assert head.startswith("Question\tAnswer\tSource\tMetadata\t")
    assert [row.split("\t")[0] for row in rows] == [WHOLE.title, *WHOLE.questions]
    assert rows[0].split("\t")[1] == r"Move **closer**.\n\n## Still slow\n\n1. Restart it."
    assert {row.split("\t")[7] for row in rows} == {"1"}


def test_markdown_files_are_written_for_people(tmp_path):
    """Short lists on one line, phrasings one a line, a bare date."""
    write_entries([WHOLE], tmp_path)
    assert (tmp_path / "wifi.md").read_text() == (
        "---\nid: wifi\ntitle: Wi-Fi is slow\nquestions:\n  - slow wifi\n"
        "  - why is my internet slow\npin:\n  - wifi slow\ntags: [network, wi-fi]\n"
        "platforms: [windows]\nrelated: [router]\nsource: https://example.org/wifi\n"
        "kind: smalltalk\nlanguage: en\nupdated: 2026-11-22\n---\n\n"
        "Move **closer**.\n\n## Still slow\n\n1. Restart it.\n"
    )
    assert list(read([tmp_path]).entries) == [WHOLE]


@pytest.mark.parametrize(
    "entry_id", ["README", "_draft", ".hidden", "con", "a:b*c", "-x", "é" * 200]
)
def test_no_id_hides_its_file(tmp_path, entry_id):
    """Whatever the id, the file is one that the reader finds and any system can keep."""
    entry = Entry(id=entry_id, title="T", text="x")
    write_entries([entry], tmp_path)
    assert list(read([tmp_path]).entries) == [entry]
    (file,) = tmp_path.iterdir()
    assert not set(file.name) & set('<>:"|?*')
    assert len(os.fsencode(file.name)) <= 255


def test_names_that_differ_only_in_case_do_not_meet(tmp_path):
    """Two files, also where the file system takes A and a for one."""
    write_entries([Entry(id=each, title="T", text="x") for each in ("Wifi", "wifi")], tmp_path)
    assert len({file.name.casefold() for file in tmp_path.iterdir()}) == 2


def test_an_edited_entry_is_not_overwritten(tmp_path):
    """Every taken name is a problem, and nothing at all is written."""
    (tmp_path / "wifi.md").write_text("edited by hand")
    with pytest.raises(CorpusError, match="is there already and is not overwritten"):
        write_entries([Entry(id="new", title="N", text="x"), WHOLE], tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["wifi.md"]
    assert (tmp_path / "wifi.md").read_text() == "edited by hand"


@pytest.mark.parametrize("form", EXPORTS)
def test_a_failing_source_writes_nothing(tmp_path, form):
    """What was there before is still there, and no half file beside it."""
    bad = tmp_path / "in.jsonl"
    bad.write_text('{"question": "a", "answer": "b"}\n{"question": "c"}\n')
    place = tmp_path / "out" / ("" if form == "markdown" else "kb")
    place.parent.mkdir(exist_ok=True)
    if form != "markdown":
        place.write_text("before")
    with pytest.raises(CorpusError, match=r"in.jsonl:2: this record has no answer"):
        export(read([bad]).entries, form, place)
    left = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert left == ([] if form == "markdown" else ["kb"])
    if form != "markdown":
        assert place.read_text() == "before"


def test_an_unknown_format_or_a_folder_for_a_file_is_refused(tmp_path):
    """With the known names, or with what to do."""
    with pytest.raises(CorpusError, match="cannot write 'docx': known are qna-tsv"):
        export([WHOLE], "docx", tmp_path / "x")
    with pytest.raises(CorpusError, match="is a folder: csv is one file, name it"):
        export([WHOLE], "csv", tmp_path)
