"""The last steps of a build in shards, in a folder or behind a URL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index_builder import build
from index_builder.shards.depot import Depot
from service.errors import ArtefactError
from service.retrieval.artefact import (
    CURRENT,
    KEPT_GENERATIONS,
    GenerationWriter,
    prune,
    publish,
)
from service.retrieval.index import Index, open_index


class SharedWriter(GenerationWriter):
    """Writes what the shards share beside them, into a folder that they are already in."""

    def __enter__(self) -> SharedWriter:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.hold()
        return self


class UploadingWriter(GenerationWriter):
    """The same for a URL: written here, then put beside the shards, the manifest last."""

    def __init__(self, out: Depot, root: Path, generation: str, key: bytes | None) -> None:
        super().__init__(root, generation, key)
        self._out = out

    def finish(self, info: Mapping[str, Any]) -> Path:
        """As of :class:`GenerationWriter`."""
        self._out.add(super().finish(info), self.generation)
        return Path(f"{self._out.place}/{self.generation}")


def target_of(out: Depot, generation: str) -> str:
    """Where the shards of a generation are put until it is whole; a URL has no renaming."""
    return generation if out.folder is None else f"{generation}.partial"


@contextmanager
def writing(out: Depot, generation: str, key: bytes | None) -> Iterator[GenerationWriter]:
    """A writer of what all shards share."""
    if out.folder is not None:
        with SharedWriter(out.folder, generation, key) as writer:
            yield writer
        return
    with (
        tempfile.TemporaryDirectory(prefix="firstline-") as made,
        UploadingWriter(out, Path(made), generation, key) as writer,
    ):
        yield writer


def open_in(out: Depot, generation: str, key: bytes | None) -> Index:
    """A generation, open in this process."""
    if out.folder is not None:
        return open_index(out.folder, generation=generation, key=key)
    with tempfile.TemporaryDirectory(prefix="firstline-") as copy:
        out.fetch(generation, Path(copy) / generation)
        return open_index(
            Path(copy), generation=generation, key=key
        )  # mapped files outlive their names


def served_in(out: Depot, key: bytes | None) -> Index | None:
    """The generation being served; None where there is none that could be made worse."""
    if out.folder is not None:
        return build.served_in(out.folder, key)
    try:
        return open_in(out, out.read(CURRENT).decode().strip(), key)
    except (ArtefactError, OSError):
        return None


def publish_in(out: Depot, generation: str) -> tuple[str, ...]:
    """Name the generation in CURRENT, and return the old ones that were removed."""
    if out.folder is not None:
        publish(out.folder, generation)
        return tuple(prune(out.folder))
    out.write(CURRENT, f"{generation}\n".encode())
    old = [name for name in out.names() if name.startswith("g-")][:-KEPT_GENERATIONS]
    for name in old:
        out.remove(name)
    return tuple(old)
