"""A model folder to vectors, and what is said where the folder is not one."""

from __future__ import annotations

import builtins
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from service.errors import EncodingFailed, ModelUnusable
from service.retrieval.embedding import MAX_TOKENS, open_encoder
from tests.tiny_model import DIMENSION, write_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "model"))


def cosine(encoder, left: str, right: str) -> float:
    a, b = encoder.encode([left, right])
    return float(a @ b)


def test_texts_become_vectors_of_length_one(folder):
    """Each text gets a row of length 1, in the order in which the texts came."""
    encoder = open_encoder(folder)
    texts = ["my printer is offline", "paper", "the router is slow and silent"]
    together = encoder.encode(texts)
    assert together.shape == (3, DIMENSION)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, rtol=1e-5)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_padding_says_nothing(folder):
    """A short text beside a long one gets the vector it gets alone: its padding is masked."""
    encoder = open_encoder(folder)
    beside = encoder.encode(["printer", "printer " * 40])
    np.testing.assert_allclose(beside[0], beside[1], atol=1e-5)


def test_texts_that_mean_the_same_are_near(folder):
    """Two texts without a common word are near when their words mean the same."""
    encoder = open_encoder(folder)
    assert cosine(encoder, "inkjet unreachable", "printer offline") > 0.99
    assert cosine(encoder, "inkjet unreachable", "router slow") < 0.6


def test_no_texts_give_no_vectors(folder):
    """An empty list is encoded as an empty list."""
    assert open_encoder(folder).encode([]).shape == (0, DIMENSION)


@pytest.mark.parametrize("text", ["", "🙂" * 2000, "\ud83d", "a " * 1000, "\x00", "ﷺ" * 500])
def test_a_strange_text_is_encoded_too(folder, text):
    """Nothing a person can send makes the encoder fail or its vector anything but a vector."""
    vector = open_encoder(folder).encode([text, "printer"])[0]
    assert np.isfinite(vector).all()


def test_a_long_text_is_read_to_its_256th_token(folder):
    """What comes after the model's limit changes nothing."""
    encoder = open_encoder(folder)
    long = "printer " * MAX_TOKENS
    np.testing.assert_allclose(*encoder.encode([long, long + "router " * 99]), atol=1e-6)


def test_a_model_that_pools_by_itself_is_taken_at_its_word(tmp_path):
    """An output of one vector a text is used as it is."""
    encoder = open_encoder(write_model(tmp_path, pooled=True))
    assert encoder.dimension == DIMENSION
    assert cosine(encoder, "inkjet", "printer") > 0.99


def test_the_layout_of_sentence_transformers_is_found(copy):
    """onnx/model.onnx beside 1_Pooling is opened, and cls pooling is done where it is asked for."""
    (copy / "onnx").mkdir()
    (copy / "model.onnx").rename(copy / "onnx" / "model.onnx")
    mean = open_encoder(copy)
    (copy / "1_Pooling").mkdir()
    (copy / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": DIMENSION, "pooling_mode_cls_token": True})
    )
    first = open_encoder(copy)
    assert cosine(first, "printer router", "printer slow") > 0.99
    assert cosine(mean, "printer router", "printer slow") < 0.99
    assert first.digest != mean.digest


def test_the_digest_names_the_model(folder, tmp_path):
    """The same files have one digest wherever they lie, and other weights another."""
    same = shutil.copytree(folder, tmp_path / "same")
    other = write_model(tmp_path / "other", seed=2)
    assert open_encoder(folder).digest == open_encoder(same).digest
    assert open_encoder(folder).digest != open_encoder(other).digest


def damaged(copy: Path, how: str) -> Path:
    onnx, tokenizer = copy / "model.onnx", copy / "tokenizer.json"
    if how == "no folder":
        return copy / "nowhere"
    if how == "no model":
        onnx.unlink()
    elif how == "no tokenizer":
        tokenizer.unlink()
    elif how == "cut short":
        onnx.write_bytes(onnx.read_bytes()[:-500])
    elif how == "not a model":
        onnx.write_bytes(b"not ONNX at all")
    elif how == "not a tokenizer":
        tokenizer.write_text('{"version": "1.0"}')
    elif how == "several":
        onnx.rename(copy / "one.onnx")
        (copy / "two.onnx").write_bytes(b"")
    elif how == "odd pooling":
        (copy / "1_Pooling").mkdir()
        (copy / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')
    elif how == "pooling is no JSON":
        (copy / "1_Pooling").mkdir()
        (copy / "1_Pooling" / "config.json").write_text("{")
    elif how == "config knows fewer tokens":
        (copy / "config.json").write_text('{"vocab_size": 7}')
    elif how == "only safetensors":
        onnx.unlink()
        (copy / "model.safetensors").write_bytes(b"")
    return copy


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("no folder", "There is no folder"),
        ("no model", "holds no model. A model folder holds tokenizer.json and model.onnx"),
        ("no tokenizer", "tokenizer.json is missing"),
        ("cut short", "cannot be opened"),
        ("not a model", "It may be cut short: copy it again"),
        ("not a tokenizer", "is not a tokenizer"),
        ("several", "several models (one.onnx, two.onnx). Name the one to use model.onnx"),
        ("odd pooling", "asks for max_tokens; mean and cls pooling are known"),
        ("pooling is no JSON", "is not JSON"),
        ("config knows fewer tokens", "belongs to another model"),
    ],
)
def test_a_folder_that_is_no_model_is_refused_in_a_sentence(copy, how, said):
    """Whatever is missing or broken is named, with what to do about it."""
    with pytest.raises(ModelUnusable) as refused:
        open_encoder(damaged(copy, how))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"inputs": ("ids", "attention_mask")}, "takes ids, attention_mask; a text encoder takes"),
        ({"inputs": ("input_ids",)}, "takes input_ids; a text encoder takes"),
        ({"words": ("one", "more")}, "belongs to another model"),
    ],
)
def test_files_that_do_not_fit_together_are_refused(tmp_path, changed, said):
    """Other input names, and a tokenizer with tokens that the model lacks, are found at once."""
    with pytest.raises(ModelUnusable, match=said.replace("(", r"\(")):
        open_encoder(write_model(tmp_path, **changed))


def test_a_tokenizer_that_knows_no_word_is_refused(copy):
    """A tokenizer for another vocabulary, to which all is unknown, would make every text alike."""
    path = copy / "tokenizer.json"
    values = json.loads(path.read_text())
    values["model"]["vocab"] = {"[PAD]": 0, "[UNK]": 1, "unheard": 2}
    path.write_text(json.dumps(values))
    with pytest.raises(ModelUnusable, match="different sentences the same vector"):
        open_encoder(copy)


QUIET = """
import sys
from pathlib import Path
from service.retrieval.embedding import open_encoder
open_encoder(Path(sys.argv[1])).encode(["printer"])
"""


def test_the_libraries_report_to_nobody(folder, tmp_path):
    """onnxruntime keeps what it would send in a folder of the home directory: it stays empty."""
    ran = subprocess.run(
        [sys.executable, "-c", QUIET, str(folder)],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert not [path for path in tmp_path.rglob("*") if "onnxruntime" in str(path)]


@pytest.mark.parametrize("library", ["tokenizers", "onnxruntime"])
def test_a_missing_library_says_how_to_install_it(folder, monkeypatch, library):
    """Without the extra, the message names it."""
    hide(monkeypatch, library)
    with pytest.raises(ModelUnusable, match=r"pip install 'firstline\[embeddings\]'"):
        open_encoder(folder)


def test_safetensors_alone_need_sentence_transformers(copy, monkeypatch):
    """The message names both ways out: an ONNX file, or the library that reads safetensors."""
    hide(monkeypatch, "sentence_transformers")
    with pytest.raises(ModelUnusable, match=r"Put model\.onnx beside them, or install sentence-t"):
        open_encoder(damaged(copy, "only safetensors"))


def test_a_model_that_fails_later_raises_one_kind_of_error(folder, monkeypatch):
    """Whatever the libraries raise while encoding becomes EncodingFailed, with the reason."""
    encoder = open_encoder(folder)

    class Broken:
        def run(self, *_):
            raise RuntimeError("out of memory\nand a long trace")

    monkeypatch.setattr(encoder, "_session", Broken())
    with pytest.raises(EncodingFailed, match=r"could not read a text \(out of memory\)"):
        encoder.encode(["printer"])


def hide(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Make a library impossible to import."""
    real = builtins.__import__

    def importing(name, *rest):
        if name.partition(".")[0] == library:
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", importing)
