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

from service.errors import ArtefactDamaged
from service.retrieval.evidence import FEATURES


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

    def to_json(self, names: tuple[str, ...] = FEATURES) -> bytes:
        """The model as the artefact keeps it, with the names of what it looks at."""
        return json.dumps({"features": names, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, content: bytes, names: tuple[str, ...] = FEATURES) -> ConfidenceModel:
        """
        The model an artefact holds.

        Raises:
            ArtefactDamaged: not a model over these features.

        """
        try:
            values = json.loads(content)
            if tuple(values.pop("features")) != names:
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
