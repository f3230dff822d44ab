"""Texts are encoded once, whatever happens to the build."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from index_builder.encoding import CachedEncoder


class Model:
    """Counts what it is asked to encode; a text's vector comes from its hash."""

    dimension = 8

    def __init__(self, digest: str = "a" * 64, fail_after: int = 10**9) -> None:
        self.digest = digest
        self.asked: list[str] = []
        self.fail_after = fail_after

    def encode(self, texts):
        if len(self.asked) >= self.fail_after:
            raise KeyboardInterrupt
        self.asked += texts
        rows = np.array(
            [list(hashlib.sha256(text.encode()).digest()[:8]) for text in texts], np.float32
        ).reshape(-1, 8)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_text_is_encoded_once(tmp_path):
    """Repeated texts, now and in later builds, are looked up."""
    first = Model()
    CachedEncoder(first, tmp_path).encode(["a", "b", "a"])
    assert sorted(first.asked) == ["a", "b"]
    second = Model()
    vectors = CachedEncoder(second, tmp_path).encode(["b", "c", "a"])
    assert second.asked == ["c"]
    np.testing.assert_allclose(vectors, Model().encode(["b", "c", "a"]), atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)


def test_a_stopped_build_goes_on_where_it_stopped(tmp_path):
    """What was encoded before the interruption is not encoded again."""
    texts = [f"text {n}" for n in range(300)]
    stopped = Model(fail_after=128)
    with pytest.raises(KeyboardInterrupt):
        CachedEncoder(stopped, tmp_path).encode(texts)
    again = Model()
    vectors = CachedEncoder(again, tmp_path).encode(texts)
    assert len(stopped.asked) + len(again.asked) == 300
    assert not set(stopped.asked) & set(again.asked)
    np.testing.assert_allclose(vectors, Model().encode(texts), atol=2e-3)


def test_half_a_record_is_forgotten(tmp_path):
    """A build killed in the middle of a write leaves nothing that misleads the next one."""
    cache = CachedEncoder(Model(), tmp_path)
    cache.encode(["a", "b"])
    with cache.path.open("ab") as file:
        file.write(b"half")
    model = Model()
    vectors = CachedEncoder(model, tmp_path).encode(["a", "b", "c"])
    assert model.asked == ["c"]
    np.testing.assert_allclose(vectors, Model().encode(["a", "b", "c"]), atol=2e-3)


def test_two_models_do_not_share_what_they_know(tmp_path):
    """Each model has a file of its own in the folder."""
    CachedEncoder(Model("a" * 64), tmp_path).encode(["x"])
    other = Model("b" * 64)
    CachedEncoder(other, tmp_path).encode(["x"])
    assert other.asked == ["x"]


def test_progress_counts_every_text(tmp_path):
    """Known and new texts together make the total of the bar."""
    cache = CachedEncoder(Model(), tmp_path)
    cache.encode(["known"])
    done: list[int] = []
    cache.remember(["known", *(f"t{n}" for n in range(100))], done.append)
    assert sum(done) == 101
    assert len(done) > 2


def test_nothing_to_encode_is_nothing(tmp_path):
    """No texts, no vectors, no file needed."""
    assert CachedEncoder(Model(), tmp_path).encode([]).shape == (0, 8)
