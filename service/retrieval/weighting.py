"""
Weights of terms in rows and in questions: the formulas, in one place for both sides.

A row is described in three parts: its words, its pairs of neighbouring words, and the character
n-grams of its words. Each part is weighted alone and scored in [0, 1], where 1 is the largest
score the question could reach; the parts are then added with :class:`Blend`'s factors.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Scheme = Literal["bm25", "lnc.ltc", "ltc.ltc"]
SCHEMES: tuple[Scheme, ...] = ("bm25", "lnc.ltc", "ltc.ltc")

Array = npt.NDArray[np.float64]

# Robertson et al. (1994), with the constants most systems use.
K1 = 1.2
B = 0.75


@dataclass(frozen=True, slots=True)
class FieldBlend:
    """What one field's score is made of, and what the field is worth."""

    share: float
    pairs: float
    grams: float


@dataclass(frozen=True, slots=True)
class Blend:
    """
    How an entry's score is added up; chosen by measurement (docs/decisions/0003).

    ``short``: an entry's best phrasing or title, plus ``ballot`` times the sum of its rows among
    the nearest. ``whole``: everything the entry says, as one row. ``section``: its best section.
    """

    short: FieldBlend = FieldBlend(share=0.23, pairs=0.5, grams=0.3)
    whole: FieldBlend = FieldBlend(share=1.0, pairs=0.25, grams=0.3)
    section: FieldBlend = FieldBlend(share=0.0, pairs=0.0, grams=0.0)
    ballot: float = 0.4

    def as_dict(self) -> dict[str, Any]:
        """The blend as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Blend:
        """The blend a manifest describes."""
        return cls(
            short=FieldBlend(**values["short"]),
            whole=FieldBlend(**values["whole"]),
            section=FieldBlend(**values["section"]),
            ballot=values["ballot"],
        )

    def ceiling(self, voters: int) -> float:
        """The largest score an entry can have, when all *voters* are its own rows."""
        return sum(
            field.share * (1 + field.pairs + field.grams) * votes
            for field, votes in (
                (self.short, 1 + self.ballot * voters),
                (self.whole, 1.0),
                (self.section, 1.0),
            )
        )


def document_idf(df: npt.NDArray[np.int64], n_rows: int, scheme: Scheme) -> Array:
    """
    Inverse document frequency of each term; 0 where no row has it.

    BM25: ``ln(1 + (N - df + 0.5) / (df + 0.5))``. SMART "t" as scikit-learn smooths it:
    ``ln((1 + N) / (1 + df)) + 1``.
    """
    if scheme == "bm25":
        idf = np.log1p((n_rows - df + 0.5) / (df + 0.5))
    else:
        idf = np.log((1 + n_rows) / (1 + df)) + 1
    return np.where(df > 0, idf, 0.0)


def saturate(
    tf: npt.NDArray[np.floating], length: npt.NDArray[np.floating], mean_length: float
) -> npt.NDArray[np.floating]:
    """BM25's term frequency part, ``tf / (tf + k1 (1 - b + b L / mean L))``, in [0, 1)."""
    return tf / (tf + K1 * (1 - B + B * length / max(mean_length, 1e-9)))


def question_weights(tf: Array, idf: Array, scheme: Scheme) -> Array:
    """
    The weights of a question's terms in one part, so that the largest possible score is 1.

    BM25 divides ``tf * idf`` by its sum; the SMART schemes divide ``(1 + ln tf) * idf`` by its
    Euclidean length. Terms no row has (idf 0) have no weight and do not count in the divisor.
    """
    weights = (tf if scheme == "bm25" else 1 + np.log(np.maximum(tf, 1))) * idf
    size = weights.sum() if scheme == "bm25" else np.sqrt((weights * weights).sum())
    return weights / size if size > 0 else weights
