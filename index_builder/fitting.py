"""
The confidence model fitted on examples: a logistic regression that starts from a prior.

The prior was fitted once on labelled questions of several knowledge bases
(``bench/confidence_prior.py``, docs/decisions/0005) and lies in ``confidence_prior.json``. A
corpus's own questions move it a little.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from service.retrieval.confidence import ConfidenceModel
from service.retrieval.evidence import DENSE_FEATURES, DENSE_SIGNS, FEATURES

Floats = npt.NDArray[np.float64]
PRIOR_FILE = Path(__file__).with_name("confidence_prior.json")
# The same where meaning is compared too (docs/decisions/0064).
MEANING_PRIOR_FILE = Path(__file__).with_name("meaning_prior.json")
# How firmly the prior is held: the precision of each standardised weight.
PRIOR_PRECISION = 10.0


@dataclass(frozen=True, slots=True)
class Examples:
    """
    Questions that were asked of an index.

    ``x`` (n, n_features); ``right``: the best entry answers; ``answerable``: some entry does;
    ``weight``: how much the example counts.
    """

    x: Floats
    right: npt.NDArray[np.bool_]
    answerable: npt.NDArray[np.bool_]
    weight: Floats

    def weighing(self, total: float) -> Examples:
        """The same with weights that add up to *total*."""
        return replace(self, weight=np.full(len(self.x), total / max(1, len(self.x))))

    def __add__(self, other: Examples) -> Examples:
        return Examples(
            np.concatenate([self.x, other.x]),
            np.concatenate([self.right, other.right]),
            np.concatenate([self.answerable, other.answerable]),
            np.concatenate([self.weight, other.weight]),
        )


@dataclass(frozen=True, slots=True)
class Prior:
    """A model over standardised features: ``(x - mean) / scale``."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    features: tuple[str, ...] = FEATURES

    def model(self) -> ConfidenceModel:
        """The same model over the features themselves, without thresholds."""
        weights = np.array(self.weights) / np.array(self.scale)
        intercept = float(self.intercept - weights @ np.array(self.mean))
        return ConfidenceModel(tuple(weights.tolist()), intercept, answer=1.0, suggest=1.0)

    def to_json(self) -> str:
        """The prior as its file keeps it."""
        return json.dumps(asdict(self), indent=1) + "\n"


@cache
def shipped_prior(*, meaning: bool = False) -> Prior:
    """
    The prior that comes with the builder: for words, or for words and *meaning*.

    Raises:
        ValueError: it is over other features than the code's.

    """
    file, features = (MEANING_PRIOR_FILE, DENSE_FEATURES) if meaning else (PRIOR_FILE, FEATURES)
    values = json.loads(file.read_text("utf-8"))
    if tuple(values["features"]) != features:
        raise ValueError(f"{file.name} is over other features: fit it again.")
    return Prior(
        mean=tuple(values["mean"]),
        scale=tuple(values["scale"]),
        weights=tuple(values["weights"]),
        intercept=values["intercept"],
        features=features,
    )


def fit_prior(examples: Examples) -> Prior:
    """A model of the examples alone, hardly penalised."""
    mean = np.average(examples.x, axis=0, weights=examples.weight)
    scale = np.sqrt(np.average((examples.x - mean) ** 2, axis=0, weights=examples.weight))
    scale[scale == 0] = 1
    features = DENSE_FEATURES[: mean.size]
    flat = Prior(tuple(mean.tolist()), tuple(scale.tolist()), (0.0,) * mean.size, 0.0, features)
    return _fit(examples, flat, np.append(np.ones(mean.size), 0.0))


def adapt(prior: Prior, examples: Examples) -> Prior:
    """The prior moved by the examples, as far as their weight against its precision goes."""
    return _fit(examples, prior, np.full(len(prior.features) + 1, PRIOR_PRECISION))


def _fit(examples: Examples, start: Prior, precision: Sequence[float] | Floats) -> Prior:
    """
    The most likely weights under a Gaussian prior around *start*, each with its known sign.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 4.5.1.
    """
    x = (examples.x - np.array(start.mean)) / np.array(start.scale)
    x = np.column_stack([x, np.ones(len(x))])
    sign = np.where(examples.right, 1.0, -1.0)
    centre, held = np.append(start.weights, start.intercept), np.asarray(precision)

    def loss(w: Floats) -> tuple[float, Floats]:
        z = sign * (x @ w)
        slope = examples.weight * -sign * expit(-z)
        away = w - centre
        value = float((examples.weight * np.logaddexp(0, -z)).sum() + (held * away) @ away / 2)
        return value, x.T @ slope + held * away

    signs = [DENSE_SIGNS[name] for name in start.features]
    bounds = [(0 if s > 0 else None, 0 if s < 0 else None) for s in signs]
    found = minimize(loss, centre, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    *weights, intercept = found.x.tolist()
    return replace(start, weights=tuple(weights), intercept=intercept)
