"""An index in memory: what the builder makes, calibrates and then writes."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.retrieval.artefact import GenerationWriter, mapped


@dataclass(slots=True)
class Draft:
    """
    The arrays and files of a generation before they are written.

    It can be opened like one (``Index(draft)``), which is how the confidence model is fitted and
    the gate asks its questions before anything is published. ``forms`` maps every surface form
    to its word's number, which the artefact keeps only by hash.

    With a ``writer``, what is large goes to disk as soon as it is made and is read from there.
    """

    generation: str = "g-draft"
    info: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    forms: dict[str, int] = field(default_factory=dict)
    writer: GenerationWriter | None = None

    def array(self, name: str) -> npt.NDArray[Any]:
        """An array by name."""
        return self.arrays[name]

    def data(self, name: str) -> bytes:
        """A file's content."""
        if name in self.files or self.writer is None:
            return self.files[name]
        return (self.writer.folder / name).read_bytes()

    def view(self, name: str) -> mmap.mmap | bytes:
        """A file's content, mapped where it is on disk."""
        if name in self.files or self.writer is None:
            return self.files[name]
        return mapped(self.writer.folder / name)

    def path(self, name: str) -> Path:
        """Raises: a draft has no files on disk."""
        raise FileNotFoundError(name)

    def add_lines(self, name: str, lines: Iterable[bytes], suffix: str) -> None:
        """A file of lines, and the array of offsets that finds the n-th one."""
        offsets = array("Q", [0])
        if self.writer is None:
            self.files[f"{name}.{suffix}"] = b"".join(_ended(lines, offsets))
        else:
            with (self.writer.folder / f"{name}.{suffix}").open("wb") as file:
                file.writelines(_ended(lines, offsets))
            self.writer.added(f"{name}.{suffix}")
        self.arrays[f"{name}.offset"] = np.frombuffer(offsets, np.uint64)

    def add_table(self, name: str, keys: Sequence[int], column: str, values: Sequence[int]) -> None:
        """A sorted table of 64-bit keys and what each stands for."""
        sorted_keys = np.asarray(keys, np.uint64)
        order = np.argsort(sorted_keys, kind="stable")
        self.arrays[f"{name}.key"] = sorted_keys[order]
        self.arrays[f"{name}.{column}"] = np.asarray(values, np.uint32)[order]

    def settle(self) -> None:
        """Write the arrays made so far to disk, and read them from there, if there is a writer."""
        if self.writer is None:
            return
        for name, values in self.arrays.items():
            if not self.writer.has(f"{name}.npy"):
                self.writer.array(name, values)
                self.arrays[name] = self.writer.mapped_array(name)

    def let_go(self) -> None:
        """Map the arrays on disk anew, so that pages which were read need not stay in memory."""
        if self.writer is not None:
            for name in self.arrays:
                if self.writer.has(f"{name}.npy"):
                    self.arrays[name] = self.writer.mapped_array(name)

    def write(self, writer: GenerationWriter) -> None:
        """Write every array and file that is not written yet."""
        for name, values in self.arrays.items():
            if not writer.has(f"{name}.npy"):
                writer.array(name, values)
        for name, content in self.files.items():
            writer.data(name, content)


def _ended(lines: Iterable[bytes], offsets: array[int]) -> Iterator[bytes]:
    """The lines with their ends; *offsets* grows by where each ends."""
    end = offsets[-1]
    for line in lines:
        end += len(line) + 1
        offsets.append(end)
        yield line + b"\n"
