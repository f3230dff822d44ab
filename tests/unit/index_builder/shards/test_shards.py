"""A build in shards: what lies where, what is refused, and what is left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from index_builder.build import silent
from index_builder.config import BuildSettings
from index_builder.corpus_files import Beside, LabelledQuery
from index_builder.shards.build import build_shards
from index_builder.shards.command import build_in_shards
from index_builder.shards.depot import Depot
from index_builder.shards.hands import OwnHands
from index_builder.shards.reading import read_in_pieces
from index_builder.shards.spool import Spool
from index_builder.sources.reading import read
from service.errors import (
    ArtefactDamaged,
    ArtefactError,
    ArtefactUnsigned,
    ConfigError,
    CorpusError,
)
from service.retrieval.answers import Question, answer
from service.retrieval.entries import Entry
from service.retrieval.index import open_index

SETTINGS = BuildSettings(lemmas="none", pickles=False)
HANDS = OwnHands(silent)


def files_of(root: Path) -> dict[str, bytes]:
    """Every file of the live generation, its name and birthday left out of its manifest."""
    generation = root / (root / "CURRENT").read_text().strip()
    found = {
        str(path.relative_to(generation)): path.read_bytes()
        for path in generation.rglob("*")
        if path.is_file()
    }
    manifest = json.loads(found.pop("manifest.json"))
    del found["manifest.seal"]  # the digest of that manifest
    del manifest["generation"], manifest["created"]
    return {**found, "manifest": json.dumps(manifest).encode()}


def test_two_builds_are_the_same_to_the_byte(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """Nothing but the generation's name and birthday differs."""
    for name in ("one", "two"):
        build_shards(entries, Depot(str(tmp_path / name)), SETTINGS, shards=3, hands=HANDS)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert len([name for name in files_of(tmp_path / "one") if name.endswith("manifest.json")]) == 3


def test_behind_a_url_the_same_index_is_built(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """An fsspec URL takes the same files as a folder; a second build replaces the first one."""
    pytest.importorskip("fsspec", reason="fsspec (extra: cluster) is not installed")
    beside = Beside(regression=(LabelledQuery("r1", "slow wireless internet", {"wifi-slow": 1}),))
    url = Depot(f"file://{tmp_path}/far")
    build_shards(entries, Depot(str(tmp_path / "near")), SETTINGS, shards=2, hands=HANDS)
    for _ in range(2):
        report = build_shards(entries, url, SETTINGS, shards=2, hands=HANDS, beside=beside)
    assert files_of(tmp_path / "near") == files_of(tmp_path / "far")
    assert report.gate is not None and report.gate.served is not None
    assert not [name for name in url.names() if name.startswith(".")]


def test_a_failed_build_leaves_nothing_behind(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """Entries that break off half-way leave no work and no half generation."""

    def broken() -> Iterator[Entry]:
        yield from entries
        raise CorpusError([])

    with pytest.raises(CorpusError):
        build_shards(broken(), Depot(str(tmp_path)), SETTINGS, shards=2, hands=HANDS)
    assert list(tmp_path.iterdir()) == []


def test_more_shards_than_entries_are_refused(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """The message says how many entries there are."""
    with pytest.raises(ConfigError, match="there are 8 entries"):
        build_shards(entries, Depot(str(tmp_path)), SETTINGS, shards=9, hands=HANDS)


def test_a_url_needs_a_number_of_shards(tmp_path: Path) -> None:
    """An index in one piece is not built behind a URL; the message says what to add."""
    with pytest.raises(ConfigError, match="--shards"):
        build_in_shards(
            [tmp_path],
            "memory://index",
            SETTINGS,
            shards=None,
            cluster=None,
            form=None,
            keep_going=False,
            tolerance=0,
            force=False,
            key=None,
            progress=silent,
        )


def test_a_damaged_shard_is_refused(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """A flipped byte, and a shard of another build, are found before anything is answered."""
    for name in ("one", "two"):
        build_shards(
            entries[: 8 if name == "one" else 7], Depot(str(tmp_path / name)), SETTINGS,
            shards=2, hands=HANDS,
        )  # fmt: skip
    generation = tmp_path / "one" / (tmp_path / "one" / "CURRENT").read_text().strip()
    other = tmp_path / "two" / (tmp_path / "two" / "CURRENT").read_text().strip()
    shard = generation / "shard-00001"
    lines = shard / "entries.jsonl"
    good = lines.read_bytes()
    lines.write_bytes(b"X" + good[1:])
    with pytest.raises(ArtefactDamaged, match=r"shard-00001/entries\.jsonl"):
        open_index(tmp_path / "one")
    lines.write_bytes(good)
    assert open_index(tmp_path / "one").entry_count == 8
    shard.rename(tmp_path / "kept")
    (other / "shard-00001").rename(shard)
    with pytest.raises(ArtefactDamaged, match="expected"):
        open_index(tmp_path / "one")


def test_shards_have_no_pickles_to_answer_from(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """The sklearn engine is refused with what to do instead."""
    build_shards(entries, Depot(str(tmp_path)), SETTINGS, shards=2, hands=HANDS)
    with pytest.raises(ArtefactError, match="leave --engine out"):
        open_index(tmp_path, engine="sklearn")


def test_pointers_lead_into_other_shards(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """A related entry is shown with its title wherever it lies."""
    build_shards(entries, Depot(str(tmp_path)), SETTINGS, shards=7, hands=HANDS)
    entry = open_index(tmp_path).entry("printer-offline")
    assert [one.title for one in entry.related] == ["Paper is jammed in the printer"]


def test_a_spool_is_a_sequence(
    entries: tuple[Entry, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any part of it, in any order, is what was written down."""
    monkeypatch.setattr("index_builder.shards.spool.BATCH", 3)
    spool = Spool.of(Depot(str(tmp_path)), "entries", entries)
    assert (list(spool), len(spool)) == (list(entries), 8)
    assert spool[2:7] == list(entries[2:7])
    assert [spool[at] for at in (7, 0, 3)] == [entries[at] for at in (7, 0, 3)]
    with pytest.raises(IndexError):
        spool[8]


def test_sources_read_in_pieces_give_the_same_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries, their order and the ledger are those of one reader, broken records included."""
    monkeypatch.setattr("index_builder.shards.reading.PIECE_FILES", 1)
    monkeypatch.setattr("index_builder.shards.reading._BATCH", 2)
    source = tmp_path / "source"
    source.mkdir()
    for name in "abc":
        lines = [json.dumps({"question": f"{name} {n}?", "answer": "yes"}) for n in range(5)]
        (source / f"{name}.jsonl").write_text("\n".join([*lines, "{", lines[0]]) + "\n")
    (source / "page.html").write_text("<title>How to</title><h1>How to</h1><p>Do it.</p>")
    depot = Depot(str(tmp_path / "work"))
    items = read_in_pieces([source], None, depot, "w", HANDS)
    pieces = read([source], keep_going=True, items=items)
    whole = read([source], keep_going=True)
    assert list(pieces.entries) == list(whole.entries)
    assert pieces.ledger.as_dict() == whole.ledger.as_dict()


def test_an_index_in_shards_answers(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """The ordinary door opens it, word-for-word questions and filters included."""
    build_shards(entries, Depot(str(tmp_path)), SETTINGS, shards=3, hands=HANDS)
    index = open_index(tmp_path)
    index.warm()
    assert answer(index, Question("printer!")).confidence == 1.0
    silent_mac = answer(index, Question("speakers silent", platform="macos"))
    assert silent_mac.hits[0].id == "mac-sound"
    index.close()


def test_one_signature_holds_for_every_shard(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """With the key it opens; with another one, or with a shard exchanged, it does not."""
    build_shards(entries, Depot(str(tmp_path)), SETTINGS, shards=2, hands=HANDS, key=b"secret")
    assert open_index(tmp_path, key=b"secret").entry_count == 8
    with pytest.raises(ArtefactUnsigned):
        open_index(tmp_path, key=b"another")
    generation = tmp_path / (tmp_path / "CURRENT").read_text().strip()
    (generation / "shard-00000" / "manifest.json").write_text("{}")
    with pytest.raises(ArtefactDamaged, match="expected"):
        open_index(tmp_path, key=b"secret")
