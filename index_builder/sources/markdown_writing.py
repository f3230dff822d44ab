"""Entries as our own Markdown files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from index_builder.sources import yaml_text
from service.retrieval.entries import Entry

# A file system counts bytes: 255 of them, less our ending and a mark that tells names apart.
MAX_STEM_BYTES = 200

_FLOW = ("tags", "platforms", "related")
# Windows refuses these in names; a leading _ or . hides a file from the reader.
_AWKWARD = re.compile(r'[<>:"|*&;$`\']+')
_RESERVED = re.compile(r"(?:readme|con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def write_all(entries: Iterable[Entry], folder: Path) -> list[str]:
    """Write every entry into *folder* and answer the files' names, in the order of the entries."""
    taken: set[str] = set()
    names = []
    for entry in entries:
        name = _name(entry.id, taken)
        (folder / name).write_text(written(entry), encoding="utf-8", newline="\n")
        names.append(name)
    return names


def _name(entry_id: str, taken: set[str]) -> str:
    stem = _AWKWARD.sub("-", entry_id)
    if stem.startswith(("_", ".", "-")) or _RESERVED.fullmatch(stem):
        stem = f"entry{'' if stem.startswith('-') else '-'}{stem}"
    stem = stem.rstrip(". ")
    short = stem.encode()[:MAX_STEM_BYTES].decode("utf-8", "ignore")
    # File systems of Windows and macOS take A.md and a.md for one.
    if short != stem or short.casefold() in taken:
        short = f"{short}-{hashlib.sha256(entry_id.encode()).hexdigest()[:8]}"
    taken.add(short.casefold())
    return f"{short}.md"


def written(entry: Entry) -> str:
    """The file: front matter with every filled field, then the body."""
    head: dict[str, object] = {"id": entry.id, "title": entry.title}
    for key, values in (("questions", entry.questions), ("pin", entry.pinned)):
        if values:
            head[key] = list(values)
    lines = [yaml_text.dumped(head)]
    for key in _FLOW:
        values = getattr(entry, key)
        if values:
            lines.append(f"{key}: {yaml_text.flow(values)}\n")
    words = {
        "source": entry.source,
        "kind": None if entry.kind == "answer" else entry.kind,
        "language": entry.language,
    }
    filled = {key: value for key, value in words.items() if value}
    if filled:
        lines.append(yaml_text.dumped(filled))
    if entry.updated:
        lines.append(_updated(entry.updated))
    return f"---\n{''.join(lines)}---\n\n{entry.text}\n"


def _updated(day: str) -> str:
    # A bare date is how people write it; our reader takes it as text.
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
        return f"updated: {day}\n"
    return yaml_text.dumped({"updated": day})
