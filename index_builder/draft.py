"""An index in memory: what the builder makes, calibrates and then writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.retrieval.artefact import GenerationWriter


@dataclass(slots=True)
class Draft:
    """
    The arrays and files of a generation before they are written.

    It can be opened like one (``Index(draft)``), which is how the confidence model is fitted and
    the gate asks its questions before anything is published. ``forms`` maps every surface form
    to its word's number, which the artefact keeps only by hash.
    """

    generation: str = "g-draft"
    info: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    forms: dict[str, int] = field(default_factory=dict)

    def array(self, name: str) -> npt.NDArray[Any]:
        """An array by name."""
        return self.arrays[name]

    def data(self, name: str) -> bytes:
        """A file's content."""
        return self.files[name]

    def view(self, name: str) -> bytes:
        """A file's content."""
        return self.files[name]

    def path(self, name: str) -> Path:
        """Raises: a draft has no files on disk."""
        raise FileNotFoundError(name)

    def add_lines(self, name: str, lines: Iterable[bytes], suffix: str) -> None:
        """A file of lines, and the array of offsets that finds the n-th one."""
        content = list(lines)
        offsets = np.zeros(len(content) + 1, np.uint64)
        np.cumsum([len(line) + 1 for line in content], out=offsets[1:])
        self.arrays[f"{name}.offset"] = offsets
        self.files[f"{name}.{suffix}"] = b"".join(line + b"\n" for line in content)

    def add_table(self, name: str, keys: Sequence[int], column: str, values: Sequence[int]) -> None:
        """A sorted table of 64-bit keys and what each stands for."""
        sorted_keys = np.asarray(keys, np.uint64)
        order = np.argsort(sorted_keys, kind="stable")
        self.arrays[f"{name}.key"] = sorted_keys[order]
        self.arrays[f"{name}.{column}"] = np.asarray(values, np.uint32)[order]

    def write(self, writer: GenerationWriter) -> None:
        """Write every array and file."""
        for name, values in self.arrays.items():
            writer.array(name, values)
        for name, content in self.files.items():
            writer.data(name, content)
