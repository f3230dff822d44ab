"""Entries to rows, rows to postings: everything of an index that a question is compared with."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson

from index_builder.config import DEFAULT_LANGUAGE, BuildSettings
from index_builder.counting import (
    Rows,
    SurfaceReader,
    UInts,
    count_words,
    gram_table,
    make_rows,
    pair_keys,
)
from index_builder.draft import Draft
from index_builder.lemmas import lemma_table
from index_builder.rendering import searchable, split_sections
from index_builder.spelling_table import add_spelling
from index_builder.vectors import Field, weigh_field
from service.errors import FirstlineError
from service.retrieval.analysis import AnalyserSettings, surfaces
from service.retrieval.entries import Entry
from service.retrieval.vocabulary import surface_key


@dataclass(frozen=True, slots=True)
class ReadCorpus:
    """
    The surface forms of a corpus, once in reading order.

    ``lengths`` and ``owners`` describe runs of ``stream``: for each entry its title and phrasings
    (``is_short``), then its body section by section, so that an entry as a whole is one run too.
    """

    stream: array[int]
    lengths: Sequence[int]
    owners: Sequence[int]
    is_short: Sequence[bool]
    forms: Sequence[str]
    n_entries: int


def read_corpus(entries: Iterable[Entry]) -> ReadCorpus:
    """Read every text of every entry, in corpus order."""
    reader = SurfaceReader()
    stream = array("I")
    lengths: list[int] = []
    owners: list[int] = []
    is_short: list[bool] = []
    n_entries = 0
    for number, entry in enumerate(entries):
        n_entries += 1
        for text in short_texts(entry):
            lengths.append(reader.read(text, stream))
            owners.append(number)
            is_short.append(True)
        for _, heading, body in split_sections(entry.text):
            lengths.append(reader.read(searchable(f"{heading}\n{body}"), stream))
            owners.append(number)
            is_short.append(False)
    return ReadCorpus(stream, lengths, owners, is_short, reader.forms(), n_entries)


def short_texts(entry: Entry) -> list[str]:
    """What becomes a short row each: the title, the phrasings, the pinned phrasings."""
    return [text for text in (entry.title, *entry.questions, *entry.pinned) if text.strip()]


def add_terms(
    draft: Draft,
    corpus: ReadCorpus,
    settings: BuildSettings,
    synonyms: Sequence[Sequence[str]] = (),
) -> None:
    """
    Put vocabulary and postings into the draft.

    Raises:
        ConfigError: the lemma method cannot be had.

    """
    language = settings.language or DEFAULT_LANGUAGE
    method, lemmas = lemma_table(corpus.forms, language, settings.lemmas)
    words = sorted({lemmas.get(form, form) for form in corpus.forms})
    number = {word: n for n, word in enumerate(words)}
    word_of = np.fromiter(
        (number[lemmas.get(form, form)] for form in corpus.forms), np.uint32, len(corpus.forms)
    )
    analyser = AnalyserSettings(language=language, lemmas=method)
    short, whole, section = _rows(corpus, word_of)
    pairs = np.unique(pair_keys(whole)[0])
    gram_keys, word_grams = gram_table(words, analyser.gram)
    fields = {
        "short": weigh_field(
            short, len(words), pairs, word_grams, settings.blend.short, settings.weighting
        ),
        "whole": weigh_field(
            whole, len(words), pairs, word_grams, settings.blend.whole, settings.weighting
        ),
        "section": weigh_field(
            section, len(words), pairs, word_grams, settings.blend.section, settings.weighting
        ),
    }
    _add_vocabulary(draft, words, _all_forms(corpus.forms, lemmas, number))
    draft.arrays["pairs.key"] = pairs
    draft.arrays["grams.key"] = gram_keys
    draft.arrays["word_grams.indptr"] = word_grams.indptr.astype(np.uint64)
    draft.arrays["word_grams.gram"] = np.repeat(
        word_grams.indices.astype(np.uint32), word_grams.data.astype(np.int64)
    )
    _repeat_bounds(draft, word_grams.data)
    for name, field in fields.items():
        _add_field(draft, name, field)
    draft.arrays["short.entry"] = short.entry
    draft.arrays["section.bounds"] = np.searchsorted(
        section.entry, np.arange(corpus.n_entries + 1)
    ).astype(np.uint64)
    frequency = np.bincount(count_words(whole, len(words)).indices, minlength=len(words))
    draft.files["synonyms.json"] = orjson.dumps(_synonym_groups(draft, synonyms))
    add_spelling(draft, corpus.forms, frequency[word_of], lemmas)
    draft.info |= {
        "analyser": analyser.as_dict(),
        "weighting": settings.weighting,
        "blend": settings.blend.as_dict(),
    }
    draft.info["counts"] = {
        "entries": corpus.n_entries,
        "short_rows": len(short),
        "section_rows": len(section),
        "tokens": int(whole.tokens.size),
        "words": len(words),
        "pairs": int(pairs.size),
        "grams": int(gram_keys.size),
        "postings": sum(int(field.row.size) for field in fields.values()),
    }


def _synonym_groups(draft: Draft, groups: Sequence[Sequence[str]]) -> list[list[list[int]]]:
    """Groups of word numbers; what the corpus never says stays out, and lonely ones with it."""
    numbered = []
    for group in groups:
        sequences = [[draft.forms.get(form) for form in surfaces(member)] for member in group]
        known = [numbers for numbers in sequences if numbers and None not in numbers]
        if len(known) > 1:
            numbered.append([[int(n) for n in numbers if n is not None] for numbers in known])
    return numbered


def _rows(corpus: ReadCorpus, word_of: UInts) -> tuple[Rows, Rows, Rows]:
    """The short rows, each entry as one row, and the sections of entries that have several."""
    lengths = np.asarray(corpus.lengths, np.int64)
    owners = np.asarray(corpus.owners, np.uint32)
    is_short = np.asarray(corpus.is_short, bool)
    totals = np.bincount(owners, lengths, minlength=corpus.n_entries).astype(np.int64)
    whole = make_rows(corpus.stream, totals, np.arange(corpus.n_entries), word_of)
    sections = np.bincount(owners[~is_short], minlength=corpus.n_entries)
    is_section = ~is_short & (sections[owners] > 1)
    return (
        _picked(whole, lengths, owners, is_short),
        whole,
        _picked(whole, lengths, owners, is_section),
    )


def _picked(
    whole: Rows, lengths: npt.NDArray[np.int64], owners: UInts, chosen: npt.NDArray[np.bool_]
) -> Rows:
    """Some of the runs of a corpus as rows of their own."""
    bounds = np.zeros(int(chosen.sum()) + 1, np.int64)
    np.cumsum(lengths[chosen], out=bounds[1:])
    return Rows(whole.tokens[np.repeat(chosen, lengths)], bounds, owners[chosen])


def _all_forms(
    forms: Sequence[str], lemmas: dict[str, str], number: dict[str, int]
) -> dict[str, int]:
    """Surface form to word number: the corpus's own forms, and all others of the same lemmas."""
    known = {form: number[lemma] for form, lemma in lemmas.items() if lemma in number}
    known |= {form: number[lemmas.get(form, form)] for form in forms}
    return known


def _add_vocabulary(draft: Draft, words: Sequence[str], forms: dict[str, int]) -> None:
    # A lemma is asked for as itself too, even where no text holds that form.
    for n, word in enumerate(words):
        forms.setdefault(word, n)
    keys = [surface_key(form) for form in forms]
    if len(set(keys)) != len(keys):
        raise FirstlineError(
            "Two words of this corpus have the same 64-bit hash, which happens about once in a "
            "billion corpora. Please report it, with the version of xxhash."
        )
    draft.forms = forms
    draft.add_table("surfaces", keys, "word", list(forms.values()))
    draft.add_lines("vocabulary", (word.encode("utf-8") for word in words), "txt")


def _repeat_bounds(draft: Draft, multiplicity: np.ndarray) -> None:
    """Bounds of each word's n-grams where one that stands twice in a word is listed twice."""
    ends = np.zeros(multiplicity.size + 1, np.uint64)
    np.cumsum(multiplicity.astype(np.uint64), out=ends[1:])
    draft.arrays["word_grams.indptr"] = ends[draft.arrays["word_grams.indptr"]]


def _add_field(draft: Draft, name: str, field: Field) -> None:
    draft.arrays[f"{name}.indptr"] = field.indptr
    draft.arrays[f"{name}.row"] = field.row
    draft.arrays[f"{name}.weight"] = field.weight
    draft.arrays[f"{name}.idf"] = field.idf
