"""
Texts to vectors by a local model, for those who switched it on (``firstline[embeddings]``).

A model is a folder: ``tokenizer.json`` beside an ONNX file, or what sentence-transformers saves.
Nothing is ever downloaded or reported. Whatever is missing or does not fit together is found when
the folder is opened, and said in a sentence.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from service.errors import EncodingFailed, ModelUnusable

Floats = npt.NDArray[np.float32]

# What all-MiniLM-L6-v2 was trained to read; more would cost more and say little.
MAX_TOKENS = 256
# On one core a larger batch is no faster, and pads more.
BATCH = 8
_ONNX_PLACES = ("model.onnx", "onnx/model.onnx")
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_PROBES = ("The printer is offline.", "How do I reset my password?")
_INSTALL = "Install it with: pip install 'firstline[embeddings]'"
_WHAT_TO_PUT = (
    "A model folder holds tokenizer.json and model.onnx (or onnx/model.onnx), as for "
    "sentence-transformers/all-MiniLM-L6-v2; see docs/how-to/embeddings.md"
)


class Encoder(Protocol):
    """What turns texts into vectors."""

    @property
    def digest(self) -> str:
        """Which model it is: SHA-256 over everything that shapes a vector."""

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """
        (n, dimension) float32, each row of length 1.

        Raises:
            EncodingFailed: the model could not read them.

        """


def open_encoder(folder: Path, threads: int = 1) -> Encoder:
    """
    The model in a folder, tried on two sentences.

    Raises:
        ModelUnusable: a file or library is missing, or the files do not fit together.

    """
    if not folder.is_dir():
        raise ModelUnusable(f"There is no folder {folder}. {_WHAT_TO_PUT}.")
    onnx = _onnx_file(folder)
    if onnx is not None:
        return OnnxEncoder(folder, onnx, threads)
    if (folder / "model.safetensors").is_file():
        return TransformersEncoder(folder, threads)
    raise ModelUnusable(f"{folder} holds no model. {_WHAT_TO_PUT}.")


def _onnx_file(folder: Path) -> Path | None:
    for place in _ONNX_PLACES:
        if (folder / place).is_file():
            return folder / place
    found = sorted([*folder.glob("*.onnx"), *folder.glob("onnx/*.onnx")])
    if len(found) > 1:
        names = ", ".join(str(path.relative_to(folder)) for path in found)
        raise ModelUnusable(
            f"{folder} holds several models ({names}). Name the one to use model.onnx."
        )
    return found[0] if found else None


def _digest(files: Sequence[Path], settings: object) -> str:
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    """A file of the model's folder that may be absent."""
    if not path.is_file():
        return {}
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelUnusable(f"{path} is not JSON ({error}). Copy it again.") from error
    return values if isinstance(values, dict) else {}


def unit(vectors: npt.NDArray[Any]) -> Floats:
    """Rows of length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


class OnnxEncoder:
    """
    A transformer in ONNX, its token vectors pooled into one.

    The model takes ``input_ids``, ``attention_mask`` and perhaps ``token_type_ids``, and gives
    (n, tokens, d), or (n, d) where it pools by itself.
    """

    def __init__(self, folder: Path, onnx: Path, threads: int = 1) -> None:
        self._tokenizer = _open_tokenizer(folder)
        self._session = _open_session(onnx, threads)
        self._path = onnx
        self._pooling = _pooling(folder)
        self._check_inputs()
        self._check_vocabulary(folder)
        self.dimension = self._check_output()
        self.digest = _digest(
            [onnx, folder / "tokenizer.json"], {"pooling": self._pooling, "tokens": MAX_TOKENS}
        )

    def encode(self, texts: Sequence[str]) -> Floats:
        """(n, dimension) float32, each row of length 1."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        # Texts of a length together, so that little is padded.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            vectors[batch] = self._encode_batch([texts[i] for i in batch])
        return vectors

    def _encode_batch(self, texts: Sequence[str]) -> Floats:
        # Half of a surrogate pair cannot be handed over.
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        try:
            # One alone is read here; several go to the library's own threads, and wait for them.
            alone = len(clean) == 1
            read = self._tokenizer
            tokens = [read.encode(clean[0])] if alone else read.encode_batch(clean)
            ids = np.array([one.ids for one in tokens], np.int64)
            mask = np.array([one.attention_mask for one in tokens], np.int64)
            return self._run(ids, mask)
        except Exception as error:  # both libraries raise what they like
            raise EncodingFailed(
                f"{self._path} could not read a text ({_first_line(error)})."
            ) from error

    def _run(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> Floats:
        fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run([self._output], {name: fed[name] for name in self._inputs})[0]
        if hidden.ndim == 2:
            return unit(hidden)
        if self._pooling == "cls":
            return unit(hidden[:, 0])
        weights = mask[:, :, None].astype(np.float32)
        return unit((hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1))

    def _check_inputs(self) -> None:
        self._inputs = [one.name for one in self._session.get_inputs()]
        strange = [name for name in self._inputs if name not in _INPUTS]
        missing = [name for name in _INPUTS[:2] if name not in self._inputs]
        if strange or missing:
            raise ModelUnusable(
                f"{self._path} takes {', '.join(self._inputs) or 'nothing'}; a text encoder takes "
                f"{', '.join(_INPUTS[:2])} and perhaps {_INPUTS[2]}. Export the model again for "
                "feature extraction."
            )
        outputs = [one.name for one in self._session.get_outputs()]
        pooled = [name for name in outputs if name == "sentence_embedding"]
        self._output = (pooled or outputs)[0]

    def _check_vocabulary(self, folder: Path) -> None:
        """Every token's number must have a vector; the last one is tried."""
        size = self._tokenizer.get_vocab_size()
        known = _read_json(folder / "config.json").get("vocab_size")
        wrong = f"{folder / 'tokenizer.json'} belongs to another model than {self._path}"
        advice = "Take both files from one model."
        if isinstance(known, int) and size > known:
            raise ModelUnusable(f"{wrong}: it has {size} tokens, the model {known}. {advice}")
        last = np.full((1, 2), max(self._tokenizer.get_vocab().values(), default=0), np.int64)
        try:
            self._run(last, np.ones_like(last))
        except Exception as error:
            raise ModelUnusable(
                f"{wrong}, or the model cannot be run: it does not take token {last[0, 0]} "
                f"({_first_line(error)}). {advice}"
            ) from error

    def _check_output(self) -> int:
        tokens = self._tokenizer.encode_batch(list(_PROBES))
        ids = np.array([one.ids for one in tokens], np.int64)
        mask = np.array([one.attention_mask for one in tokens], np.int64)
        try:
            vectors = self._run(ids, mask)
        except Exception as error:
            raise ModelUnusable(
                f"{self._path} cannot encode a sentence ({_first_line(error)}). Its output must "
                "be (texts, tokens, numbers) or (texts, numbers)."
            ) from error
        if vectors.ndim != 2 or len(vectors) != len(_PROBES) or not np.isfinite(vectors).all():
            raise ModelUnusable(
                f"{self._path} gives no vector for each text. Its output must be "
                "(texts, tokens, numbers) or (texts, numbers)."
            )
        if float(vectors[0] @ vectors[1]) > 0.9999:
            raise ModelUnusable(
                f"{self._path} gives different sentences the same vector: tokenizer.json is most "
                "likely of another model. Take both files from one model."
            )
        return int(vectors.shape[1])


def _open_tokenizer(folder: Path) -> Any:
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise ModelUnusable(f"{path} is missing. {_WHAT_TO_PUT}.")
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ModelUnusable(f"The tokenizers library is not installed. {_INSTALL}") from error
    try:
        tokenizer = Tokenizer.from_file(str(path))
        limit = _read_json(folder / "sentence_bert_config.json").get("max_seq_length")
        tokenizer.enable_truncation(min(MAX_TOKENS, limit or MAX_TOKENS))
        tokenizer.enable_padding()
    except Exception as error:
        raise ModelUnusable(
            f"{path} is not a tokenizer ({_first_line(error)}). Copy it again."
        ) from error
    return tokenizer


def _open_session(onnx: Path, threads: int) -> Any:
    # From 1.29 on the library reports its use and the model's name to its makers unless told not
    # to, and it looks when it is imported. Nothing leaves this machine.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelUnusable(f"onnxruntime is not installed. {_INSTALL}") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Waiting in a loop would take the core from the answers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelUnusable(
            f"{onnx} cannot be opened ({_first_line(error)}). It may be cut short: copy it again, "
            "with the files that lie beside it."
        ) from error


def _pooling(folder: Path) -> str:
    """How token vectors become one, as sentence-transformers writes it down: mean or cls."""
    said = _read_json(folder / "1_Pooling" / "config.json")
    modes = {name.removeprefix("pooling_mode_") for name, on in said.items() if on is True}
    modes -= {"include_prompt"}
    if not modes or modes == {"mean_tokens"}:
        return "mean"
    if modes == {"cls_token"}:
        return "cls"
    raise ModelUnusable(
        f"{folder / '1_Pooling' / 'config.json'} asks for {', '.join(sorted(modes))}; mean and "
        "cls pooling are known. Choose a model with one of these."
    )


def _first_line(error: Exception) -> str:
    said = str(error).strip().splitlines()
    return said[0][:200] if said else type(error).__name__


class TransformersEncoder:
    """A folder with safetensors alone, through sentence-transformers where it is installed."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        try:
            import torch
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ModelUnusable(
                f"{folder} holds safetensors and no ONNX file. Put model.onnx beside them, or "
                "install sentence-transformers, which reads safetensors (slower, and much larger)."
            ) from error
        torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
            self._model.max_seq_length = min(MAX_TOKENS, self._model.max_seq_length or MAX_TOKENS)
            self.dimension = int(self.encode(_PROBES).shape[1])
        except Exception as error:
            raise ModelUnusable(
                f"sentence-transformers cannot open {folder} ({_first_line(error)})."
            ) from error
        files = [folder / "model.safetensors", *sorted(folder.glob("*.json"))]
        self.digest = _digest(files, {"tokens": MAX_TOKENS})

    def encode(self, texts: Sequence[str]) -> Floats:
        """(n, dimension) float32, each row of length 1."""
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        try:
            vectors = self._model.encode(clean, batch_size=BATCH, show_progress_bar=False)
        except Exception as error:
            raise EncodingFailed(
                f"The model could not read a text ({_first_line(error)})."
            ) from error
        return unit(np.asarray(vectors, np.float32).reshape(len(clean), -1))
