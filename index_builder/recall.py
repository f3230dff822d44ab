"""
What the last build read and rendered, so that entries that did not change are not read again.

``analysed.npz`` lies beside the generations. It knows each entry by a 128-bit hash of everything
its analysis depends on, so an entry is found again wherever it has moved to, and never when
anything about it differs: its own fields, the titles it points to, or the code that read it. What
was rendered stands in the generation that was built then and is taken from there. A file that is
damaged, or of another version, is not used.
"""

from __future__ import annotations

import hashlib
import mmap
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from service.errors import ArtefactError
from service.retrieval.artefact import mapped, measure, read_manifest
from service.retrieval.entries import Entry

if TYPE_CHECKING:
    from index_builder.terms import ReadCorpus

FILE = "analysed.npz"
# Whatever decides what a text becomes: edited, everything is read again.
_CODE = (
    "service/retrieval/analysis.py",
    "index_builder/counting.py",
    "index_builder/recall.py",
    "index_builder/rendering.py",
    "index_builder/shelf.py",
    "index_builder/terms.py",
)
_LIBRARIES = ("cmarkgfm", "nh3", "orjson")


@dataclass(frozen=True, slots=True)
class Recall:
    """
    The entries of an earlier build, by their place in it.

    ``runs`` and ``starts`` (n_entries + 1,) bound each entry's runs and surface numbers, as
    ReadCorpus has them; ``lines`` and ``offsets`` are the rendered entries.
    """

    places: Mapping[bytes, int]
    forms: Sequence[str]
    stream: npt.NDArray[np.uint32]
    lengths: npt.NDArray[np.uint32]
    is_short: npt.NDArray[np.bool_]
    runs: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    lines: mmap.mmap | bytes
    offsets: npt.NDArray[np.uint64]

    def stretches(self, keys: Sequence[bytes]) -> Iterator[tuple[int, int, int]]:
        """
        Cut the entries that *keys* name into stretches: (first, stop, place of the first here).

        Within one, entries follow each other as they did then; the place is -1 where none is known.
        """
        first, place = 0, self._place(keys, 0)
        for number in range(1, len(keys) + 1):
            found = self._place(keys, number)
            if found == place + number - first if place >= 0 else found == -1:
                continue
            yield first, number, place
            first, place = number, found

    def _place(self, keys: Sequence[bytes], number: int) -> int:
        # Past the end comes something that no stretch goes on with.
        return self.places.get(keys[number], -1) if number < len(keys) else -2

    def line(self, place: int) -> bytes:
        """One entry as it was rendered, without its line end."""
        return self.lines[int(self.offsets[place]) : int(self.offsets[place + 1]) - 1]


NOTHING = Recall(
    {}, (), np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, bool),
    np.zeros(1, np.int64), np.zeros(1, np.int64), b"", np.zeros(1, np.uint64),
)  # fmt: skip


def entry_keys(entries: Sequence[Entry], titles: Mapping[str, str]) -> list[bytes]:
    """A hash of all that decides what each entry becomes."""
    made_by = _made_by()
    return [
        xxh3_128_digest(
            f"{made_by}{entry!r}{[titles.get(other) for other in entry.related]}".encode(
                "utf-8", "surrogatepass"
            )
        )
        for entry in entries
    ]


def recalled(root: Path) -> Recall:
    """What is known from the last build in *root*; nothing where that is gone or damaged."""
    try:
        with (root / FILE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            folder = root / str(kept["generation"])
            digests = kept["keys"].tobytes()
            arrays = {name: kept[name] for name in ("stream", "lengths", "is_short", "runs")}
            forms = kept["forms"].tobytes().decode("utf-8", "surrogatepass").split("\n")[:-1]
        described = read_manifest(folder).files
        for name in ("entries.jsonl", "entries.offset.npy"):
            _, digest = measure(folder / name)
            if digest != described[name]["sha256"]:
                return NOTHING
        offsets = np.load(folder / "entries.offset.npy", allow_pickle=False)
        lines = mapped(folder / "entries.jsonl")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, ArtefactError):
        return NOTHING
    places = {digests[at : at + 16]: at // 16 for at in range(0, len(digests), 16)}
    ends = np.zeros(arrays["lengths"].size + 1, np.int64)
    np.cumsum(arrays["lengths"], out=ends[1:])
    return Recall(
        places=places,
        forms=forms,
        starts=ends[arrays["runs"]],
        lines=lines,
        offsets=offsets,
        **arrays,
    )


def remember(root: Path, generation: str, keys: Sequence[bytes], corpus: ReadCorpus) -> None:
    """Keep what was read for the next build; *generation* holds what was rendered."""
    owners = np.asarray(corpus.owners, np.uint32)
    kept: dict[str, Any] = {
        "generation": np.array(generation),
        "keys": np.frombuffer(b"".join(keys), np.uint8),
        "forms": np.frombuffer(
            "".join(f"{form}\n" for form in corpus.forms).encode("utf-8", "surrogatepass"), np.uint8
        ),
        "stream": np.asarray(corpus.stream, np.uint32),
        "lengths": np.asarray(corpus.lengths, np.uint32),
        "is_short": np.asarray(corpus.is_short, bool),
        "runs": np.searchsorted(owners, np.arange(corpus.n_entries + 1)).astype(np.int64),
    }
    aside = root / f"{FILE}.partial"
    with aside.open("wb") as file:
        np.savez(file, **kept)
    aside.replace(root / FILE)


@cache
def _made_by() -> str:
    """A hash of the code and the versions of the libraries that read and render."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256(unicodedata.unidata_version.encode())
    for name in _CODE:
        digest.update((root / name).read_bytes())
    for name in _LIBRARIES:
        digest.update(version(name).encode())
    return digest.hexdigest()
