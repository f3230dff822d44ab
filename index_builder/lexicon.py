"""The words of a corpus: surface forms to lemmas to numbers, and the tables that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson
from scipy import sparse

from index_builder.config import DEFAULT_LANGUAGE, BuildSettings
from index_builder.counting import Keys, UInts, gram_table
from index_builder.draft import Draft
from index_builder.lemmas import lemma_table
from index_builder.spelling_table import add_spelling
from service.errors import FirstlineError
from service.retrieval.analysis import AnalyserSettings, surfaces
from service.retrieval.vocabulary import surface_key


@dataclass(frozen=True, slots=True)
class Lexicon:
    """
    Every word of a corpus with its number, which is its place in the alphabet.

    ``lemmas`` maps surface forms to words, those left out being their own; ``gram_keys`` and
    ``word_grams`` (n_words, n_grams) say which word has which n-gram how often.
    """

    analyser: AnalyserSettings
    lemmas: dict[str, str]
    words: list[str]
    numbers: dict[str, int]
    gram_keys: Keys
    word_grams: sparse.csr_matrix

    def word_of(self, forms: Sequence[str]) -> UInts:
        """The word number of each surface form."""
        lemmas, numbers = self.lemmas, self.numbers
        return np.fromiter((numbers[lemmas.get(form, form)] for form in forms), np.uint32)


def make_lexicon(forms: Sequence[str], settings: BuildSettings) -> Lexicon:
    """
    Number the words behind all surface forms of a corpus.

    Raises:
        ConfigError: the lemma method cannot be had.

    """
    language = settings.language or DEFAULT_LANGUAGE
    method, lemmas = lemma_table(forms, language, settings.lemmas)
    analyser = AnalyserSettings(language=language, lemmas=method)
    words = sorted({lemmas.get(form, form) for form in forms})
    numbers = {word: n for n, word in enumerate(words)}
    return Lexicon(analyser, lemmas, words, numbers, *gram_table(words, analyser.gram))


def add_lexicon(
    draft: Draft,
    lexicon: Lexicon,
    forms: Sequence[str],
    frequency: npt.NDArray[np.int64],
    synonyms: Sequence[Sequence[str]] = (),
) -> None:
    """
    Put words, n-grams, synonyms and corrections into the draft.

    Args:
        draft: the draft.
        lexicon: made of *forms*.
        forms: all surface forms of the corpus.
        frequency: (n_words,) in how many entries each word stands.
        synonyms: groups of words that stand for each other.

    """
    _add_words(draft, lexicon, forms)
    draft.arrays["grams.key"] = lexicon.gram_keys
    draft.arrays["word_grams.indptr"] = lexicon.word_grams.indptr.astype(np.uint64)
    draft.arrays["word_grams.gram"] = np.repeat(
        lexicon.word_grams.indices.astype(np.uint32), lexicon.word_grams.data.astype(np.int64)
    )
    _repeat_bounds(draft, lexicon.word_grams.data)
    draft.files["synonyms.json"] = orjson.dumps(_synonym_groups(draft, synonyms))
    add_spelling(draft, forms, frequency[lexicon.word_of(forms)], lexicon.lemmas)


def _add_words(draft: Draft, lexicon: Lexicon, forms: Sequence[str]) -> None:
    """Surface form to word number: the corpus's own forms, and all others of the same lemmas."""
    lemmas, numbers = lexicon.lemmas, lexicon.numbers
    known = {form: numbers[lemma] for form, lemma in lemmas.items() if lemma in numbers}
    known |= {form: numbers[lemmas.get(form, form)] for form in forms}
    # A lemma is asked for as itself too, even where no text holds that form.
    for n, word in enumerate(lexicon.words):
        known.setdefault(word, n)
    keys = [surface_key(form) for form in known]
    if len(set(keys)) != len(keys):
        raise FirstlineError(
            "Two words of this corpus have the same 64-bit hash, which happens about once in a "
            "billion corpora. Please report it, with the version of xxhash."
        )
    draft.forms = known
    draft.add_table("surfaces", keys, "word", list(known.values()))
    draft.add_lines("vocabulary", (word.encode("utf-8") for word in lexicon.words), "txt")


def _repeat_bounds(draft: Draft, multiplicity: np.ndarray) -> None:
    """Bounds of each word's n-grams where one that stands twice in a word is listed twice."""
    ends = np.zeros(multiplicity.size + 1, np.uint64)
    np.cumsum(multiplicity.astype(np.uint64), out=ends[1:])
    draft.arrays["word_grams.indptr"] = ends[draft.arrays["word_grams.indptr"]]


def _synonym_groups(draft: Draft, groups: Sequence[Sequence[str]]) -> list[list[list[int]]]:
    """Groups of word numbers; what the corpus never says stays out, and lonely ones with it."""
    numbered = []
    for group in groups:
        sequences = [[draft.forms.get(form) for form in surfaces(member)] for member in group]
        known = [numbers for numbers in sequences if numbers and None not in numbers]
        if len(known) > 1:
            numbered.append([[int(n) for n in numbers if n is not None] for numbers in known])
    return numbered
