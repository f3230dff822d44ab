"""An encoder that is given only so much time."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from service.errors import EncodingFailed, EncodingSlow
from service.live.budget import BudgetedEncoder


class Model:
    """Encodes when it is let go."""

    digest = "d"
    dimension = 2

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked: list[list[str]] = []

    def encode(self, texts):
        self.asked.append(list(texts))
        assert self.go.wait(10)
        if "bad" in texts:
            raise EncodingFailed("no")
        return np.ones((len(texts), 2), np.float32)


def test_a_quick_model_is_passed_through():
    """Within the budget nothing is changed, and failures stay what they are."""
    model = Model()
    model.go.set()
    encoder = BudgetedEncoder(model, 5_000)
    assert (encoder.digest, encoder.dimension) == ("d", 2)
    assert encoder.encode(["a", "b"]).shape == (2, 2)
    with pytest.raises(EncodingFailed, match="no"):
        encoder.encode(["bad"])


def test_a_slow_model_is_given_up_and_not_asked_again_until_it_is_free():
    """The first text runs out of time, the next is refused at once, and later all is well."""
    model = Model()
    encoder = BudgetedEncoder(model, 20)
    with pytest.raises(EncodingSlow, match="within 20 ms"):
        encoder.encode(["first"])
    with pytest.raises(EncodingSlow, match="still at work"):
        encoder.encode(["second"])
    assert model.asked == [["first"]]
    model.go.set()
    assert encoder._late is not None
    encoder._late.result(10)
    encoder._budget_ms = 5_000
    assert encoder.encode(["third"]).shape == (1, 2)
