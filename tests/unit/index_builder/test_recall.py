"""What an earlier build has read: a quicker build that gives what a full one gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index_builder.build import build
from index_builder.config import BuildSettings
from index_builder.recall import FILE, NOTHING, entry_keys, recalled
from index_builder.shelf import shown_titles
from service.retrieval.artefact import current, read_manifest
from service.retrieval.entries import Entry

SETTINGS = BuildSettings(lemmas="snowball")


def some_entries(n: int = 12) -> list[Entry]:
    """Entries that point to each other, with sections, code and words of their own."""
    return [
        Entry(
            id=f"e{number}",
            title=f"Device {number} is offline",
            text=f"Unplug gadget{number}.\n\n## After that\n\nRun `reset {number}` and wait.",
            questions=(f"gadget{number} has no power",),
            tags=("devices",),
            related=(f"e{(number + 1) % n}",),
        )
        for number in range(n)
    ]


def files(root: Path) -> dict[str, str]:
    """Every file of the live generation by its SHA-256."""
    described = read_manifest(root / current(root)).files
    return {name: entry["sha256"] for name, entry in described.items()}


def edited(entries: list[Entry]) -> list[Entry]:
    changed = replace(entries[3], text="Replace the fuse of the zyxophone.")
    return [*entries[:3], changed, *entries[4:]]


def retitled(entries: list[Entry]) -> list[Entry]:
    return [*entries[:3], replace(entries[3], title="Another name"), *entries[4:]]


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries,
        edited,
        retitled,
        lambda entries: entries[::-1],
        lambda entries: [*entries[:5], *entries[6:]],
        lambda entries: [entries[0], Entry(id="new", title="A new one"), *entries[1:]],
        lambda entries: [Entry(id="alone", title="Nothing is left of it")],
    ],
    ids=["same", "edited", "retitled", "reversed", "removed", "inserted", "all-new"],
)
def test_a_build_with_a_memory_gives_what_one_without_gives(tmp_path, change):
    """Whatever was changed, moved, added or removed, every file is the same, byte for byte."""
    entries = some_entries()
    build(entries, tmp_path / "old", SETTINGS)
    build(change(entries), tmp_path / "old", SETTINGS)
    build(change(entries), tmp_path / "new", SETTINGS)
    assert files(tmp_path / "old") == files(tmp_path / "new")


def test_only_what_changed_is_read_again(tmp_path):
    """After one edit the memory knows every other entry, and the one that is pointed from."""
    entries = some_entries()
    build(entries, tmp_path, SETTINGS)
    changed = retitled(entries)
    keys = entry_keys(changed, shown_titles(changed))
    stretches = list(recalled(tmp_path).stretches(keys))
    # Entry 2 points to entry 3, whose title it shows.
    assert stretches == [(0, 2, 0), (2, 4, -1), (4, 12, 4)]


@pytest.mark.parametrize("harm", ["cut", "flipped", "rendered", "gone"])
def test_a_damaged_memory_is_not_believed(tmp_path, harm):
    """A build beside a damaged file is a full build, and as good as any."""
    entries = some_entries()
    build(entries, tmp_path / "old", SETTINGS)
    kept = tmp_path / "old" / FILE
    lines = tmp_path / "old" / current(tmp_path / "old") / "entries.jsonl"
    content = bytearray(kept.read_bytes())
    if harm == "cut":
        kept.write_bytes(content[:-40])
    elif harm == "flipped":
        content[len(content) // 2] ^= 1
        kept.write_bytes(content)
    elif harm == "rendered":
        lines.write_bytes(lines.read_bytes().replace(b"Unplug", b"Unplux"))
    else:
        lines.unlink()
    assert recalled(tmp_path / "old") is NOTHING
    build(edited(entries), tmp_path / "old", SETTINGS)
    build(edited(entries), tmp_path / "new", SETTINGS)
    assert files(tmp_path / "old") == files(tmp_path / "new")


def test_a_signed_build_believes_no_memory(tmp_path):
    """What is kept bears no signature, so a signed build neither takes nor keeps any."""
    build(some_entries(), tmp_path, SETTINGS)
    before = (tmp_path / FILE).stat().st_mtime_ns
    build(some_entries(), tmp_path, SETTINGS, key=b"k" * 32)
    assert (tmp_path / FILE).stat().st_mtime_ns == before
