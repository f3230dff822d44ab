"""
Words to term numbers, over tables that stay on disk.

Every table is a sorted array of 64-bit keys, opened memory-mapped: nothing is built when an index
is opened, and all workers share the same pages. A surface form is looked up by the xxh3 hash of
its UTF-8 bytes; two forms of one index sharing a hash is refused when the index is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from service.retrieval.analysis import grams
from service.retrieval.artefact import Reader
from service.retrieval.kernel import compiled

# The number of a word that the index does not know; it also keeps neighbours apart.
UNKNOWN = 0xFFFFFFFF

Keys = npt.NDArray[np.uint64]
Words = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]


def surface_key(surface: str) -> int:
    """The key of a surface form in the tables."""
    return xxh3_64_intdigest(surface.encode("utf-8", "surrogatepass"))


def pack_gram(gram: str) -> int:
    """
    An n-gram of at most four characters as one number, 16 bits each.

    Characters beyond the basic plane keep their low 16 bits: two n-grams that differ only there
    share a number, which costs nothing that a person would see.
    """
    packed = 0
    for character in gram:
        packed = packed << 16 | (ord(character) & 0xFFFF)
    return packed


@dataclass(frozen=True, slots=True)
class TermCounts:
    """
    What a question says, in terms of one index.

    ``terms`` (n,) uint32 hold distinct words, then pairs, then n-grams, ``cuts`` says where one
    part ends and the next begins; ``tf`` (n,) float32 how often each is said.
    """

    terms: Words
    tf: Floats
    cuts: tuple[int, int]


class Vocabulary:
    """The tables of one generation."""

    def __init__(self, reader: Reader) -> None:
        self.gram = int(reader.info["analyser"]["gram"])
        self.n_words = int(reader.info["counts"]["words"])
        self.n_pairs = int(reader.info["counts"]["pairs"])
        self._surface_keys: Keys = reader.array("surfaces.key")
        self._surface_words: Words = reader.array("surfaces.word")
        self._pair_keys: Keys = reader.array("pairs.key")
        self._gram_keys: Keys = reader.array("grams.key")
        self._gram_bounds: Keys = reader.array("word_grams.indptr")
        self._grams: Words = reader.array("word_grams.gram")
        self._text: bytes = reader.data("vocabulary.txt")
        self._offsets: Keys = reader.array("vocabulary.offset")

    def words(self, surfaces: Sequence[str]) -> Words:
        """The word number of each surface form, UNKNOWN where the index has none."""
        keys = np.array([surface_key(surface) for surface in surfaces], np.uint64)
        found: Words = lookup(self._surface_keys, self._surface_words, keys)
        return found

    def count(self, words: Words, weights: Floats, unknown: Sequence[str]) -> TermCounts:
        """
        Distinct terms of a run of words.

        Args:
            words: (n,) word numbers in reading order; UNKNOWN stands for a word without one.
            weights: (n,) how much each occurrence counts; 1 for the question's own words.
            unknown: the surface forms behind UNKNOWN, which still have n-grams.

        """
        extra = np.array(
            [pack_gram(gram) for form in unknown for gram in grams(form, self.gram)], np.uint64
        )
        terms, tf, first, second = count_terms(
            words,
            weights,
            extra,
            self._pair_keys,
            self._gram_keys,
            self._gram_bounds,
            self._grams,
            np.uint32(self.n_words),
        )
        return TermCounts(terms, tf, (int(first), int(second)))

    def word(self, number: int) -> str:
        """The lemma with this number."""
        start, stop = int(self._offsets[number]), int(self._offsets[number + 1])
        return self._text[start : stop - 1].decode("utf-8")

    def describe(self, term: int) -> str:
        """A term as a person can read it; n-grams stand between slashes."""
        if term < self.n_words:
            return self.word(term)
        if term < self.n_words + self.n_pairs:
            key = int(self._pair_keys[term - self.n_words])
            return f"{self.word(key >> 32)} {self.word(key & UNKNOWN)}"
        key = int(self._gram_keys[term - self.n_words - self.n_pairs])
        letters = (chr(key >> shift & 0xFFFF) for shift in (48, 32, 16, 0) if key >> shift & 0xFFFF)
        return f"/{''.join(letters)}/"

    def starting_with(self, prefix: str, limit: int) -> Iterator[int]:
        """The numbers of up to *limit* words that begin with *prefix*, in alphabetical order."""
        low, high = 0, self.n_words
        while low < high:
            middle = (low + high) // 2
            if self.word(middle) < prefix:
                low = middle + 1
            else:
                high = middle
        for number in range(low, min(low + limit, self.n_words)):
            if not self.word(number).startswith(prefix):
                return
            yield number


@compiled
def position(keys: Any, key: Any) -> Any:
    """Where *key* stands in sorted *keys*, or their number where it does not."""
    low, high = 0, keys.size
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    if low < keys.size and keys[low] == key:
        return low
    return keys.size


@compiled
def lookup(keys: Any, values: Any, wanted: Any) -> Any:
    """The value of each wanted key; UNKNOWN where there is none."""
    found = np.empty(wanted.size, np.uint32)
    for i in range(wanted.size):
        at = position(keys, wanted[i])
        found[i] = values[at] if at < keys.size else np.uint32(0xFFFFFFFF)
    return found


@compiled
def count_terms(
    words: Any,
    weights: Any,
    extra: Any,
    pair_keys: Any,
    gram_keys: Any,
    gram_bounds: Any,
    gram_of: Any,
    n_words: Any,
) -> Any:
    """See Vocabulary.count: (terms, tf, where the pairs begin, where the n-grams begin)."""
    unknown = np.uint32(0xFFFFFFFF)
    n_grams = extra.size
    for i in range(words.size):
        if words[i] != unknown:
            # int(): numba adds a signed and an unsigned number as floats
            n_grams += int(gram_bounds[words[i] + 1]) - int(gram_bounds[words[i]])
    terms = np.empty(2 * words.size + n_grams, np.uint32)
    tf = np.zeros(terms.size, np.float32)
    size = 0
    for i in range(words.size):
        if words[i] != unknown:
            size = add_term(terms, tf, 0, size, words[i], weights[i])
    first = size
    for i in range(words.size - 1):
        if words[i] != unknown and words[i + 1] != unknown:
            key = np.uint64(words[i]) << np.uint64(32) | np.uint64(words[i + 1])
            at = position(pair_keys, key)
            if at < pair_keys.size:
                weight = min(weights[i], weights[i + 1])
                size = add_term(terms, tf, first, size, n_words + np.uint32(at), weight)
    second = size
    # Many n-grams: sorted, then runs of equal ones added up.
    found = np.empty(n_grams, np.uint32)
    share = np.empty(n_grams, np.float32)
    n = 0
    for i in range(words.size):
        if words[i] != unknown:
            for j in range(int(gram_bounds[words[i]]), int(gram_bounds[words[i] + 1])):
                found[n] = gram_of[j]
                share[n] = weights[i]
                n += 1
    for i in range(extra.size):
        at = position(gram_keys, extra[i])
        if at < gram_keys.size:
            found[n] = np.uint32(at)
            share[n] = np.float32(1)
            n += 1
    base = n_words + np.uint32(pair_keys.size)
    order = np.argsort(found[:n], kind="mergesort")
    for i in range(n):
        term = base + found[order[i]]
        if size > second and terms[size - 1] == term:
            tf[size - 1] += share[order[i]]
        else:
            terms[size] = term
            tf[size] = share[order[i]]
            size += 1
    return terms[:size].copy(), tf[:size].copy(), first, second


@compiled
def add_term(terms: Any, tf: Any, start: Any, size: Any, term: Any, weight: Any) -> Any:
    """Count one term among ``terms[start:size]``; return the new size."""
    for i in range(start, size):
        if terms[i] == term:
            tf[i] += weight
            return size
    terms[size] = term
    tf[size] = weight
    return size + 1
