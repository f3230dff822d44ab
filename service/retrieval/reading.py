"""A question's text to what it is looked up by: words, corrections, synonyms, pairs, n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from service.retrieval.analysis import surfaces
from service.retrieval.artefact import Reader
from service.retrieval.spelling import Spelling
from service.retrieval.synonyms import Synonyms
from service.retrieval.vocabulary import UNKNOWN, TermCounts, Vocabulary

# Up to this many unknown words are corrected in any question, and up to half of a longer one's.
MAX_TYPING_ERRORS = 2


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """
    A question as the index understands it.

    ``surfaces`` are the forms asked for after ``corrections`` (typed, taken for); ``words`` their
    numbers, UNKNOWN where the index has none. ``lent`` are words that were not asked for but
    count a little: synonyms, and what earlier turns of a conversation lend; ``borrowed`` are the
    surface forms of the latter.
    """

    surfaces: tuple[str, ...]
    words: npt.NDArray[np.uint32]
    corrections: tuple[tuple[str, str], ...]
    lent: tuple[tuple[int, float], ...]
    counts: TermCounts
    borrowed: tuple[str, ...] = ()

    @property
    def known(self) -> int:
        """How many of the words the index has."""
        return int(np.count_nonzero(self.words != UNKNOWN))


class Language:
    """The words of an index, and how a question is read with them."""

    def _open_language(self, reader: Reader) -> None:
        self.vocabulary = Vocabulary(reader)
        self.spelling = Spelling(reader)
        self.synonyms = Synonyms(reader)

    def read(self, text: str, *, correct: bool = True) -> ReadQuestion:
        """
        Read a question: surface forms, corrections, words, terms.

        Args:
            text: a question, already checked by ``answers.check_question``.
            correct: whether words that nothing knows may be taken for near ones.

        """
        forms = surfaces(text)
        words = self.vocabulary.words(forms)
        corrections: list[tuple[str, str]] = []
        unknown: list[str] = []
        strange = np.flatnonzero(words == UNKNOWN).tolist()
        # Many unknown words are another language rather than many typing errors.
        correct = correct and len(strange) <= max(MAX_TYPING_ERRORS, len(forms) // 2)
        for i in strange:
            form = forms[i]
            better = self.spelling.correct(form) if correct else None
            if better is None:
                unknown.append(form)
                continue
            corrections.append((form, better))
            forms[i] = better
            words[i] = self.vocabulary.words([better])[0]
        lent = tuple(self.synonyms.expand(words))
        counts = self._count(words, unknown, lent)
        return ReadQuestion(tuple(forms), words, tuple(corrections), lent, counts)

    def lend(
        self,
        question: ReadQuestion,
        lent: Sequence[tuple[str, float]],
        own: Sequence[float] | None = None,
    ) -> ReadQuestion:
        """
        The question with words of earlier turns.

        Args:
            question: from :meth:`read`.
            lent: surface forms, and what each counts.
            own: what each of the question's own words counts; 1 where None.

        """
        words = self.vocabulary.words([form for form, _ in lent]).tolist()
        known = tuple(
            (word, weight) for word, (_, weight) in zip(words, lent, strict=True) if word != UNKNOWN
        )
        together = question.lent + known
        unknown = [
            form
            for form, word in zip(question.surfaces, question.words.tolist(), strict=True)
            if word == UNKNOWN
        ]
        counts = self._count(question.words, unknown, together, own)
        borrowed = tuple(
            form for (form, _), word in zip(lent, words, strict=True) if word != UNKNOWN
        )
        return replace(question, lent=together, counts=counts, borrowed=borrowed)

    def _count(
        self,
        words: npt.NDArray[np.uint32],
        unknown: Sequence[str],
        lent: Sequence[tuple[int, float]],
        own: Sequence[float] | None = None,
    ) -> TermCounts:
        """The terms of the question's own words, and of lent ones, which form no pairs."""
        weights = np.ones(words.size, np.float32) if own is None else np.array(own, np.float32)
        if lent:
            apart = np.full(2 * len(lent), UNKNOWN, np.uint32)
            apart[1::2] = [word for word, _ in lent]
            small = np.zeros(2 * len(lent), np.float32)
            small[1::2] = [weight for _, weight in lent]
            words, weights = np.concatenate([words, apart]), np.concatenate([weights, small])
        return self.vocabulary.count(words, weights, unknown)
