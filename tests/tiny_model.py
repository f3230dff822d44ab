"""
An embedding model of a few kilobytes, made on the spot: a table of word vectors in ONNX.

Words of one group have one vector, so that texts can mean the same without sharing a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

DIMENSION = 24
GROUPS = (
    ("printer", "inkjet"),
    ("offline", "unreachable", "dead"),
    ("paper", "sheet"),
    ("jam", "jammed", "stuck", "wedged"),
    ("wi-fi", "wifi", "wireless", "wlan"),
    ("slow", "sluggish"),
    ("router", "gateway"),
    ("restart", "reboot", "relaunch"),
    ("sound", "speaker", "speakers", "audio"),
    ("silent", "mute"),
    ("mac", "macbook"),
    ("windows", "pc"),
    ("hello", "hi", "salutations"),
)
COMMON = ("the", "my", "is", "a", "on", "in", "no", "how", "to", "and", "what", "about", "it")


def write_model(
    folder: Path,
    *,
    seed: int = 1,
    inputs: Sequence[str] = ("input_ids", "attention_mask"),
    words: Sequence[str] = (),
    pooled: bool = False,
) -> Path:
    """
    Write ``model.onnx`` and ``tokenizer.json``.

    Args:
        folder: where to; made if missing.
        seed: another one makes another model.
        inputs: their names; the first is the tokens' numbers.
        words: more words that the tokenizer knows, and the model does not.
        pooled: the model gives one vector a text instead of one a token.

    """
    folder.mkdir(parents=True, exist_ok=True)
    groups = [("[PAD]",), ("[UNK]",), *GROUPS, *((word,) for word in COMMON)]
    chosen = np.random.default_rng(seed)
    rows, vocabulary = [], {}
    for group in groups:
        vector = chosen.standard_normal(DIMENSION)
        for word in group:
            vocabulary[word] = len(vocabulary)
            rows.append(vector)
    table = np.array(rows, np.float32)
    table[-len(COMMON) :] *= 0.05  # what says little weighs little
    table[:2] *= 0.05
    onnx.save(_graph(table, inputs, pooled=pooled), folder / "model.onnx")
    vocabulary |= {word: len(vocabulary) + n for n, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "removed")
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _graph(table: np.ndarray, inputs: Sequence[str], *, pooled: bool) -> onnx.ModelProto:
    """``last_hidden_state = table[input_ids]``, or its mean over the tokens."""
    name = "token_vectors" if pooled else "last_hidden_state"
    nodes = [helper.make_node("Gather", ["table", inputs[0]], [name])]
    shape: list[str | int] = ["texts", "tokens", DIMENSION]
    output = name
    if pooled:
        output, shape = "sentence_embedding", ["texts", DIMENSION]
        nodes.append(helper.make_node("ReduceMean", [name], [output], axes=[1], keepdims=0))
    graph = helper.make_graph(
        nodes,
        "words",
        [
            helper.make_tensor_value_info(one, TensorProto.INT64, ["texts", "tokens"])
            for one in inputs
        ],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(table, "table")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
