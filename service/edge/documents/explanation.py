"""The shape of an explanation: why this answer."""

from __future__ import annotations

from service.edge.documents.reply import Reply


class Correction(Reply):
    """A word that was taken for another."""

    typed: str
    taken_for: str


class WeightedWord(Reply):
    """A word that was counted though it was not typed."""

    word: str
    weight: float


class MatchedTerm(Reply):
    """A term of the best entry and what it adds to the score."""

    term: str
    weight: float


class Thresholds(Reply):
    """Confidence from which an entry is an answer, or at least a suggestion."""

    answer: float
    suggest: float


class RunnerUp(Reply):
    """The second nearest entry."""

    id: str
    title: str
    score: float


class NearMeaning(Reply):
    """How close one of the nearest entries is in meaning."""

    id: str
    meaning: float


class Meaning(Reply):
    """What an embedding model added."""

    model: str
    """the beginning of the model's checksum"""
    trouble: str | None
    """why words alone decided; null where they did not"""
    nearest: list[NearMeaning]


class Explanation(Reply):
    """Which words matched, what was corrected and borrowed, and how it was decided."""

    words: list[str]
    """the question's words as they were read"""
    unknown_words: list[str]
    """those that no entry has"""
    corrections: list[Correction]
    synonyms: list[WeightedWord]
    context: list[WeightedWord]
    """words that earlier turns lent"""
    matched: list[MatchedTerm]
    score_parts: dict[str, float]
    """how much of the score came from whole_entry, nearest_phrasing and ballots; total"""
    confidence: float
    confidence_features: dict[str, float] | None
    """what the probability was computed from; null where it was not needed"""
    word_for_word: bool
    """asked exactly as an author wrote it"""
    thresholds: Thresholds
    runner_up: RunnerUp | None
    weighting: str
    meaning: Meaning | None
    """null where the index has no embedding model"""
