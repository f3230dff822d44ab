"""What is exported and imported again is what it was, or the report says which field is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from index_builder.export import EXPORTS, export
from index_builder.sources import drafts
from index_builder.sources.reading import read
from service.retrieval.entries import Entry

# Fields that a format has no place for; everything else must come back, always.
NO_PLACE = {
    "qna-tsv": set(),
    "rasa": set(),
    "csv": set(),
    "jsonl": set(),
    "markdown": set(),
    "faq-jsonld": {"pinned", "platforms", "related", "kind"},
    "intents-json": {
        "pinned", "tags", "platforms", "related", "source", "updated", "language", "kind",
    },
}  # fmt: skip
# Fields that a format holds unless the value looks like the format's own markup.
MAY_NOT_FIT = {
    "rasa": {"title", "questions"},
    "qna-tsv": {"source"},
}

# Pieces that have broken formats before: separators, quotes, markup, escapes, odd spaces.
PIECES = st.sampled_from(
    ["a", "wifi", "é", "漢", "😀", "\\", "\\n", "n", '"', '""', "'", ";", "|", ",", ":", "#",
     "- ", "[x](y)", "<b>", "&amp;", "%41", "%", "{", "}", "*", "_", "---", "```", "=", "@", "!",
     "?", "> ", "1. ", "null", "no", "0x1", "\u2028", "\u00a0", "~", "\ufeff", "[", "]", '["a"]',
     "utter_x"]
)  # fmt: skip
WEIRD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
LINE = st.lists(PIECES | WEIRD, min_size=1, max_size=6).map(" ".join)
SHORT = st.lists(PIECES | WEIRD, min_size=1, max_size=3).map("".join)
BODY = st.lists(
    st.tuples(st.sampled_from(["", "    ", "\t", "- ", "## "]), LINE).map("".join) | st.just(""),
    min_size=1,
    max_size=6,
).map("\n".join)
IDS = st.text(min_size=1, max_size=12).map(drafts.legal_id).filter(bool)
DAYS = st.dates().map(lambda day: day.isoformat())


@st.composite
def canonical(draw: st.DrawFn) -> Entry:
    """An entry as reading makes it: everything in its one normal form."""
    found = drafts.Draft(
        file="",
        line=1,
        id=draw(IDS),
        title=draw(LINE),
        text=draw(BODY),
        questions=tuple(draw(st.lists(LINE, max_size=3))),
        pinned=tuple(draw(st.lists(LINE, max_size=2))),
        tags=tuple(draw(st.lists(SHORT, max_size=3))),
        platforms=tuple(draw(st.lists(SHORT, max_size=2))),
        related=tuple(draw(st.lists(IDS, max_size=2))),
        source=draw(st.none() | SHORT),
        updated=draw(st.none() | DAYS),
        kind=draw(st.sampled_from(["answer", "smalltalk"])),
        language=draw(st.none() | st.sampled_from(["en", "no", "pt-BR"])),
    )
    assume(drafts.one_line(found.title) and drafts.body(found.text))
    return drafts.entry(found, found.id or "")


ENTRIES = st.lists(canonical(), min_size=1, max_size=4, unique_by=lambda entry: entry.id)


@pytest.mark.parametrize("form", EXPORTS)
@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100
)
@example(entries=[Entry(id="README", title="t", text="    code\n\nx")])
@example(entries=[Entry(id="a", title="t", text="a\n\x85b\u2028\n c")])
@example(entries=[Entry(id="a", title="<b>", text="x", questions=("a &amp; <i>",))])
@example(entries=[Entry(id="_a", title="t", text="C:\\new\\\nx \\\\nas\\n")])
@example(entries=[Entry(id="a", title="t", text="x"), Entry(id="A", title="u", text="x")])
@given(entries=ENTRIES)
def test_what_is_exported_comes_back(form, entries, tmp_path_factory):
    """Every field the format can hold is equal; every other one is named in the loss report."""
    place = tmp_path_factory.mktemp("export") / "out"
    report = export(entries, form, place)
    found = {entry.id: entry for entry in read([place], form=form).entries}
    assert report.entries == len(entries) == len(found)
    for entry in entries:
        lost = set(report.by_entry.get(entry.id, ()))
        assert lost <= NO_PLACE[form] | MAY_NOT_FIT.get(form, set())
        for name in Entry.__slots__:
            if name not in lost:
                assert getattr(found[entry.id], name) == getattr(entry, name), name


@pytest.mark.parametrize("form", [form for form in EXPORTS if form != "markdown"])
def test_an_export_is_recognised_for_what_it_is(form, tmp_path: Path):
    """Nobody has to say --from for a file that we wrote."""
    endings = {"qna-tsv": ".tsv", "csv": ".csv", "rasa": ".yml", "jsonl": ".jsonl"}
    path = tmp_path / f"knowledge{endings.get(form, '.json')}"
    entry = Entry(id="one", title="How do I print?", questions=("print how",), text="Press print.")
    export([entry], form, path)
    reading = read([path])
    assert [(each.id, each.text) for each in reading.entries] == [("one", "Press print.")]
