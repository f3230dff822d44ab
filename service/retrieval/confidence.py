"""
Hits to a probability: how likely the best entry answers the question.

A logistic regression over what a search leaves behind, fitted when the index is built
(``index_builder.calibrate``) and stored with it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from service.errors import ArtefactDamaged
from service.retrieval.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from service.retrieval.index import Index, Nearest, ReadQuestion

# What the model looks at, and the sign its weight must have (0: either). Signs that are known
# keep a model fitted on one kind of question sane on another.
SIGNS = {
    "top_score": 1,  # of the best entry, in [0, 1]
    "margin": 1,  # to the best other entry, as a share of the top score, times "covered"
    "ahead_of_five": 1,  # of the best five's mean, as a share of the top score, times "covered"
    "voters_share": 1,  # the best entry's share of the nearest rows' scores
    "best_row": 1,  # score of its nearest phrasing or title
    "known": 1,  # share of the question's weight that the index knows at all
    "covered": 1,  # share of the question's weight that the best entry holds
    "covered_next": -1,  # the same of the second best entry
    "information": 0,  # ln(1 + the question's summed idf)
    "smalltalk": -1,  # whether the best entry is small talk
}
FEATURES = tuple(SIGNS)


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """
    The fitted model and the two thresholds.

    At or above ``answer`` the best entry is given; at or above ``suggest`` the best few are
    offered; below, nothing is.
    """

    weights: tuple[float, ...]
    intercept: float
    answer: float
    suggest: float

    def probability(self, features: Sequence[float]) -> float:
        """The probability in [0, 1] that the best entry answers."""
        logit = self.intercept + sum(
            weight * value for weight, value in zip(self.weights, features, strict=True)
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))

    def to_json(self) -> bytes:
        """The model as the artefact keeps it."""
        return json.dumps({"features": FEATURES, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, content: bytes) -> ConfidenceModel:
        """
        The model an artefact holds.

        Raises:
            ArtefactDamaged: not a model over these features.

        """
        try:
            values = json.loads(content)
            if tuple(values.pop("features")) != FEATURES:
                raise ValueError("other features")
            weights = tuple(float(weight) for weight in values["weights"])
            return cls(
                weights,
                float(values["intercept"]),
                float(values["answer"]),
                float(values["suggest"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArtefactDamaged(
                f"confidence.json is not a confidence model ({error}). Rebuild it with: make index"
            ) from error


def features(index: Index, question: ReadQuestion, nearest: Nearest) -> tuple[float, ...]:
    """
    What the model looks at, in the order of :data:`FEATURES`.

    Args:
        index: the index that was asked.
        question: as it was read.
        nearest: its nearest entries; at least one.

    """
    scores = [hit.score for hit in nearest.hits[:5]]
    top, winner = scores[0], nearest.hits[0].entry
    second = scores[1] if len(scores) > 1 else 0.0
    ballots = nearest.ballots
    own = ballots[nearest.voters == winner]
    total = float(ballots.sum())
    known, covered, information = coverage(index, question, winner)
    following = coverage(index, question, nearest.hits[1].entry)[1] if len(scores) > 1 else 0.0
    return (
        top,
        covered * (top - second) / top,
        covered * (1 - sum(scores) / (5 * top)),
        float(own.sum()) / total if total > 0 else 0.0,
        float(own[0]) if own.size else 0.0,
        known,
        covered,
        following,
        math.log1p(information),
        float(winner in index.facets.smalltalk),
    )


def coverage(index: Index, question: ReadQuestion, entry: int) -> tuple[float, float, float]:
    """
    The shares of the question's weight that the index knows, and that *entry* holds; and the
    question's summed idf.

    A word weighs the square of its idf, so that what a question is about counts and "how do I"
    hardly does. A word the index does not know weighs as much as its rarest one; a corrected word
    is half unknown; a word whose synonym the entry holds is half covered.
    """
    field, counts = index.whole, question.counts
    n = counts.cuts[0]
    held = field.holds(counts.terms[:n], entry)
    holds = dict(zip(counts.terms[:n].tolist(), held.tolist(), strict=True))
    corrected = {taken for _, taken in question.corrections}
    rarest = index.rarest_idf**2
    total = known = covered = information = 0.0
    for form, word in zip(question.surfaces, question.words.tolist(), strict=True):
        if word == UNKNOWN:
            total += rarest
            information += index.rarest_idf
            continue
        information += float(field.idf[word])
        weight = float(field.idf[word]) ** 2
        total += weight
        sure = 0.5 if form in corrected else 1.0
        known += sure * weight
        if holds.get(word):
            covered += sure * weight
        elif any(holds.get(other) for other in index.synonyms.of(word)):
            covered += 0.5 * weight
    if total <= 0:
        return 0.0, 0.0, 0.0
    return known / total, covered / total, information
