"""The front door: recognition, the ledger, and what is not followed."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from index_builder.sources.formats import FORMATS
from index_builder.sources.reading import read, recognise
from service.errors import CorpusError

OURS = "---\ntitle: A title\nquestions: [one way]\n---\nAn answer.\n"

NOISE = random.Random(7).randbytes(4_000)

SAMPLES = {
    "markdown": ("a.md", OURS),
    "docs": ("a.md", "---\nlayout: page\n---\n# Title\n\nText.\n"),
    "csv": ("a.csv", "question,answer\nx,y\n"),
    "jsonl": ("a.jsonl", '{"question": "x", "answer": "y"}\n'),
    "intents-json": (
        "a.json",
        '{"intents": [{"tag": "x", "patterns": ["x"], "responses": ["y"]}]}',
    ),
    "qna-tsv": ("a.tsv", "Question\tAnswer\tSource\tMetadata\nx\ty\te\t\n"),
    "qna-json": ("a.json", '{"qnaDocuments": [{"id": 1, "questions": ["x"], "answer": "y"}]}'),
    "qna": ("a.qna", "# ? x\n```\ny\n```\n"),
    "chatterbot": ("a.yml", "conversations:\n- - x\n  - y\n"),
    "rasa": (
        "a.yml",
        "nlu:\n- intent: faq/x\n  examples: |\n    - x\nresponses:\n  utter_faq/x:\n  - text: y\n",
    ),
    "zendesk": ("a.json", '{"articles": [{"id": 1, "title": "x", "body": "<p>y</p>"}]}'),
    "freshdesk": (
        "a.json",
        '[{"id": 1, "title": "x", "description": "<p>y</p>", "folder_id": 2, "status": 2}]',
    ),
    "intercom": (
        "a.json",
        '{"data": [{"id": 1, "title": "x", "body": "y", "state": "published"}]}',
    ),
    "stackexchange": (
        "Posts.xml",
        '<posts><row Id="1" PostTypeId="1" Title="x" Body="z"/>'
        '<row Id="2" PostTypeId="2" ParentId="1" Body="y"/></posts>',
    ),
    "html": ("a.html", "<html><body><h1>x</h1><p>y</p></body></html>"),
    "faq-jsonld": (
        "a.json",
        '{"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": ['
        '{"@type": "Question", "name": "x", "acceptedAnswer": {"@type": "Answer", "text": "y"}}]}',
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_each_format_is_recognised_from_its_content(put, imported, name):
    """As a file, as a folder, and with its name given: the same entry, without --from."""
    path = put(*SAMPLES[name])
    assert recognise(path) == recognise(path.parent) == name
    assert imported(path).ledger.kept == imported().ledger.kept == 1
    assert imported(path, form=name).ledger.kept == 1


def test_every_format_has_a_sample_or_a_test_of_its_own():
    """A format without a test would be a promise."""
    assert set(SAMPLES) | {"word", "pdf"} == set(FORMATS)


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in ("markdown", "docs")])
def test_a_file_cut_in_half_is_never_read_in_silence(put, imported, name):
    """A truncated export ends in a problem or a skipped record, or still reads whole."""
    file, content = SAMPLES[name]
    path = put(file, content[: len(content) * 2 // 3])
    outcome = imported(path, form=name)
    assert outcome.problems or outcome.ledger.kept == 1


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("content", [b"", b"\x00" * 300, b"\xff\xfe" + b"x\x00" * 300, NOISE])
def test_rubbish_is_refused_with_its_place(put, imported, name, content):
    """Empty, NUL bytes, UTF-16 and noise, read as any format: a line, never a traceback."""
    path = put(SAMPLES[name][0], content)
    outcome = imported(path, form=name)
    assert outcome.problems
    assert all(line.startswith(f"{path.name}:") for line in outcome.problems)


def test_a_folder_may_hold_several_formats(put, imported):
    """A table beside our Markdown is read too, and ids must be unique across both."""
    put("a.md", OURS)
    put("faq.csv", "id,question,answer\nb,x,y\n")
    assert set(imported().entries) == {"a", "b"}
    put("faq.csv", "id,question,answer\na,x,y\n")
    (problem,) = imported().problems
    assert problem.startswith("faq.csv:2: the id 'a' is taken by")


def test_files_of_no_format_are_counted(put, imported):
    """What is left aside is said once an ending; pictures and styles go without saying."""
    put("a.md", OURS)
    for name in ("x.rst", "y.rst", "z.png", "LICENCE", "package.json"):
        put(name, '{"name": "x"}')
    ledger = imported().ledger
    noted = sorted(why for _, _, why in ledger.noted)
    assert noted == [
        "1 file without an ending: no format that is read",
        "2 files ending in .rst: no format that is read",
    ]
    assert ledger.skipped[0][2] == "not a knowledge base of a known format"


def test_an_unknown_format_name_is_told_the_known_ones(put):
    """--from with a slip of the pen lists what there is."""
    with pytest.raises(CorpusError, match=r"nope:1: no such format: known are markdown, docs"):
        list(read([put("a.md", OURS)], form="nope").entries)


def test_a_missing_or_empty_source_is_a_problem(tmp_path, imported):
    """Neither builds an empty index."""
    assert "no such file or folder" in imported(tmp_path / "gone").problems[0]
    (tmp_path / "source").mkdir()
    assert "no entries here" in imported().problems[0]
    with pytest.raises(CorpusError, match="no file of a known format"):
        recognise(tmp_path / "source")


def test_nothing_left_is_a_failure_even_when_told_to_keep_going(put, imported):
    """An import of which every record is bad writes nothing."""
    put("a.jsonl", "{\n{\n")
    assert imported(form="jsonl", keep_going=True).problems


def test_symbolic_links_are_not_followed_out_or_in_circles(put, imported, tmp_path):
    """Inside the source a link is one more name; out of it, or nowhere, it is a problem."""
    folder = put("a.md", OURS).parent
    (tmp_path / "secret.md").write_text(OURS)
    (folder / "out.md").symlink_to(tmp_path / "secret.md")
    (folder / "gone.md").symlink_to(folder / "nowhere.md")
    (folder / "self.md").symlink_to(folder / "self.md")
    (folder / "again.md").symlink_to(folder / "a.md")
    (folder / "loop").symlink_to(folder)
    outcome = imported(keep_going=True)
    assert list(outcome.entries) == ["a"]
    whys = {Path(file).name: why for file, _, why in outcome.ledger.skipped}
    assert whys["out.md"].startswith("a link out of the source")
    assert whys["gone.md"] == whys["self.md"] == "a link that leads nowhere: remove it"
    assert whys["again.md"] == "a link to a.md, which is read under its own name"
    assert "loop" in whys
    assert len(imported().problems) == 3


def test_links_to_hidden_files_of_the_source_are_followed(put, imported):
    """A mounted volume keeps its files in a hidden folder and links to them."""
    real = put("..2026_01/a.md", OURS)
    folder = real.parent.parent
    (folder / "..data").symlink_to(real.parent)
    (folder / "a.md").symlink_to(folder / "..data" / "a.md")
    assert list(imported().entries) == ["a"]


def test_pipes_and_devices_are_not_opened(put, imported):
    """A named pipe would wait for ever."""
    folder = put("a.md", OURS).parent
    os.mkfifo(folder / "pipe.md")
    outcome = imported()
    assert list(outcome.entries) == ["a"]
    assert outcome.ledger.skipped[0][2] == "not a plain file"


def test_entries_are_read_one_by_one(put):
    """The first entry is there before the last has been read; the ledger grows along."""
    path = put("a.jsonl", "".join(f'{{"question": "q{n}", "answer": "x"}}\n' for n in range(5)))
    reading = read([path])
    assert next(reading.entries).id == "q0"
    assert reading.ledger.kept == 1
    assert len(list(reading.entries)) == 4
    assert reading.ledger.kept == 5


def test_a_thousand_problems_are_enough(put):
    """Beyond that they are counted and not listed."""
    path = put("a.jsonl", "{\n" * 1_500)
    with pytest.raises(CorpusError) as caught:
        list(read([path], form="jsonl").entries)
    assert len(caught.value.problems) == 1_001
    assert caught.value.problems[-1].text == "and 500 more problems"


def test_ids_made_from_titles_do_not_collide(put, imported):
    """Two questions alike get a number, in the order of the file."""
    put("a.csv", "question,answer\nWhy?,x\nwhy!,y\n???,z\n")
    assert list(imported().entries) == ["why", "why-2", "entry"]


def test_the_ledger_for_people_and_for_scripts(put, imported):
    """Both say the same: read, kept, skipped with place and reason, fields without a place."""
    put("a.jsonl", '{"question": "a", "answer": "b", "owner": "c"}\n{"question": "d"}\n')
    ledger = imported(keep_going=True).ledger
    lines = list(ledger.lines())
    assert lines[0] == "read 2, kept 1, skipped 1"
    assert lines[1].endswith("a.jsonl:2: this record has no answer")
    assert lines[2] == "fields without a place: owner 1"
    told = json.loads(json.dumps(ledger.as_dict()))
    assert (told["read"], told["kept"], told["skipped_count"]) == (2, 1, 1)
    assert told["skipped"][0]["line"] == 2
    assert told["lost_fields"] == {"owner": 1}


def test_a_spreadsheet_saved_as_unicode_text_is_named(put, imported):
    """UTF-16 hides a file's format; it is an error with advice, not a file passed over."""
    put("good.csv", "question,answer\na,b\n")
    put("sheet.csv", "question,answer\nc,d\n".encode("utf-16"))
    told = "sheet.csv:1: is UTF-16, not UTF-8: save the file as UTF-8"
    assert imported().problems == [told]
    outcome = imported(keep_going=True)
    assert (len(outcome.entries), outcome.ledger.skipped_count) == (1, 1)
