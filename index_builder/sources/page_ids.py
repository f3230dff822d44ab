"""Ids for sources of one article a file: the file's name, or its path where names repeat."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from index_builder.sources.drafts import legal_id
from index_builder.sources.files import Batch


def page_ids(batch: Batch) -> dict[Path, str]:
    """The id of each file; ``index`` is called like its folder."""
    names = Counter(_short(path, batch.root) for path in batch.files)
    return {
        path: short if names[short := _short(path, batch.root)] == 1 else _long(path, batch.root)
        for path in batch.files
    }


def words_of(path: Path) -> str:
    """A title from a file's name, for an article that has none."""
    return path.stem.replace("-", " ").replace("_", " ").strip()


def _short(path: Path, root: Path) -> str:
    is_index = path.stem.lower() == "index" and path.parent != root
    return legal_id(path.parent.name if is_index else path.stem).lower() or "page"


def _long(path: Path, root: Path) -> str:
    inside = path.relative_to(root).with_suffix("")
    return legal_id("-".join(inside.parts)).lower() or "page"
