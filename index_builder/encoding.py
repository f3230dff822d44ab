"""
Texts to vectors once: an encoder that remembers, on disk, every text it has read.

The cache is one file per model, named by the model's digest: records of a text's hash and its
vector. It is only ever appended to, a batch at a time, so a build that was stopped goes on where
it stopped, and an edited corpus costs its edited texts. It may be deleted at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.retrieval.embedding import Encoder

Floats = npt.NDArray[np.float32]

# Texts encoded between two writes: what a stopped build loses at most.
_STEP = 64


def nothing(_texts: int) -> None:
    """No progress shown."""


class CachedEncoder:
    """
    An :class:`Encoder` over another one and a folder.

    A record is 16 bytes of the text's SHA-256 and the vector as float16: what is kept differs
    from what was computed by less than 0.001 in any cosine.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self.digest = encoder.digest
        self.dimension = encoder.dimension
        self._record = np.dtype([("key", "u8", 2), ("vector", "f2", self.dimension)])
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{self.digest[:32]}.vectors"
        self._load()

    def encode(self, texts: Sequence[str]) -> Floats:
        """(n, dimension) float32, each row of length 1."""
        self.remember(texts)
        return self.recall(texts)

    def remember(self, texts: Sequence[str], step: Callable[[int], object] = nothing) -> None:
        """Encode what is not known yet; *step* is told how many texts are done since last time."""
        keys = _keys(texts)
        strange = np.flatnonzero(self._places(keys) < 0)
        # Each distinct text once, similar lengths together.
        _, first = np.unique(keys[strange], axis=0, return_index=True)
        missing = sorted(strange[first].tolist(), key=lambda i: len(texts[i]))
        step(len(texts) - len(missing))
        if not missing:
            return
        with self.path.open("ab") as file:
            for start in range(0, len(missing), _STEP):
                batch = missing[start : start + _STEP]
                records = np.empty(len(batch), self._record)
                records["key"] = keys[batch]
                records["vector"] = self._encoder.encode([texts[i] for i in batch])
                file.write(records.tobytes())
                file.flush()
                step(len(batch))
        self._load()

    def recall(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts that were remembered, (n, dimension) float32."""
        vectors = self._records["vector"][self._places(_keys(texts))].astype(np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)

    def _load(self) -> None:
        size = self.path.stat().st_size if self.path.exists() else 0
        whole = size - size % self._record.itemsize
        if whole != size:  # a build was stopped in the middle of a record
            with self.path.open("r+b") as file:
                file.truncate(whole)
        count = whole // self._record.itemsize
        self._records: npt.NDArray[np.void] = (
            np.asarray(np.memmap(self.path, self._record, "r", shape=(count,)))
            if count
            else np.empty(0, self._record)
        )
        keys = self._records["key"]
        self._order = np.argsort(keys[:, 0], kind="stable")
        self._first = keys[self._order, 0]

    def _places(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """The record of each key, -1 where there is none."""
        if not self._first.size:
            return np.full(len(keys), -1, np.int64)
        at = np.minimum(np.searchsorted(self._first, keys[:, 0]), self._first.size - 1)
        places = self._order[at]
        found = (self._records["key"][places] == keys).all(axis=1)
        return np.where(found, places, -1)


def _keys(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """(n, 2) uint64: the first half of each text's SHA-256."""
    digests = b"".join(
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in texts
    )
    return np.frombuffer(digests, np.uint64).reshape(-1, 2)
