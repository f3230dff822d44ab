"""What a format is to the rest of the house: a name, a way to know it, a way to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index_builder.sources.drafts import Item
from index_builder.sources.files import Batch

PEEK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Head:
    """The beginning of a file, for telling formats apart; never an error, whatever is in it."""

    path: Path

    @property
    def suffix(self) -> str:
        """The file's ending, in lower case, with its dot."""
        return self.path.suffix.lower()

    @cached_property
    def data(self) -> bytes:
        """The first bytes."""
        with self.path.open("rb") as file:
            return file.read(PEEK_BYTES)

    @cached_property
    def text(self) -> str:
        """The same as text, Unix line ends, with whatever is not UTF-8 replaced."""
        text = self.data.decode("utf-8-sig", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, slots=True)
class Format:
    """
    One shape of knowledge base.

    ``suffixes`` are the endings looked at in a folder. ``recognise`` sees a file with one of
    them. ``read`` gets all files of a source that are of this format, so that formats spread
    over several files (Rasa, a forum dump) see them together.
    """

    name: str
    what: str
    suffixes: frozenset[str]
    recognise: Callable[[Head], bool]
    read: Callable[[Batch], Iterator[Item]]
