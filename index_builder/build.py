"""The road itself: entries to a draft, the draft to a generation, and that to ``CURRENT``."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from index_builder.calibrate import Calibration, calibrate
from index_builder.config import BuildSettings, settled
from index_builder.corpus_files import NOTHING, Beside
from index_builder.dense import Progress, add_dense, add_graph, encoder_of, texts_of_rows
from index_builder.draft import Draft
from index_builder.encoding import CachedEncoder
from index_builder.gate import DEFAULT_TOLERANCE, GateReport, compare
from index_builder.pickles import add_pickles
from index_builder.recall import NOTHING as NOTHING_KNOWN
from index_builder.recall import Recall, entry_keys, recalled, remember
from index_builder.shelf import add_shelf, shown_titles
from index_builder.terms import add_terms, read_corpus
from service.errors import ArtefactError, ArtefactModel, CorpusError, Problem
from service.retrieval.artefact import GenerationWriter, prune, publish
from service.retrieval.entries import Entry
from service.retrieval.evidence import DENSE_FEATURES
from service.retrieval.index import Index, open_index

_RECORDED = ("numpy", "scipy", "scikit-learn", "numba", "spacy", "spacy-lookups-data", "nltk")


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built."""

    generation: str
    folder: Path
    counts: dict[str, int]
    calibration: Calibration
    seconds: float
    stages: dict[str, float] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    gate: GateReport | None = None

    @property
    def published(self) -> bool:
        """Whether it is the live generation now."""
        return self.gate is None or self.gate.passed or self.gate.forced


def silent(_stage: str, _total: int) -> Callable[..., object]:
    """No progress shown."""
    return lambda _done=1: None


def make_draft(
    entries: Sequence[Entry],
    settings: BuildSettings,
    *,
    beside: Beside = NOTHING,
    progress: Progress = silent,
    stages: dict[str, float] | None = None,
    writer: GenerationWriter | None = None,
    jobs: int = 1,
    encoder: CachedEncoder | None = None,
    recall: Recall = NOTHING_KNOWN,
    remembers: Path | None = None,
) -> tuple[Draft, Calibration]:
    """
    Everything of an index, in memory, or where there is a *writer*, what is large on disk; with
    vectors where there is an *encoder*. What *recall* knows is not read and rendered again; what
    was read is kept in the folder *remembers*.

    Raises:
        CorpusError: there is nothing to build from.
        ConfigError: a setting that cannot be used here.

    """
    if not entries:
        raise CorpusError([Problem("the source", 0, "there is no entry to build an index from")])
    settings = settled(settings, entries)
    seconds = stages if stages is not None else {}
    draft = new_draft(writer)
    draft.info["corpus_sha256"] = corpus_digest(entries)
    with timed(seconds, "terms"):
        keys = entry_keys(entries, shown_titles(entries))
        corpus = read_corpus(entries, recall, keys)
        add_terms(draft, corpus, settings, beside.synonyms)
        if remembers is not None:
            remember(remembers, draft.generation, keys, corpus)
        del corpus
        draft.settle()
    with timed(seconds, "render"):
        add_shelf(draft, entries, progress("render", len(entries)), jobs, (recall, keys))
    with timed(seconds, "calibrate"):
        calibration = calibrate(entries, settings, beside)
    draft.files["confidence.json"] = calibration.model.to_json()
    if encoder is not None:
        with timed(seconds, "encode"):
            texts = len(texts_of_rows(entries)[0])
            add_dense(draft, entries, encoder, progress("encode", texts))
        with timed(seconds, "calibrate meaning"):
            calibration = calibrate(entries, settings, beside, encoder)
        draft.files["dense.json"] = calibration.model.to_json(DENSE_FEATURES)
    return draft, calibration


def new_generation() -> str:
    """A name for a generation that begins now."""
    return f"g-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def new_draft(writer: GenerationWriter | None = None) -> Draft:
    """A draft with nothing but a name, a birthday and what makes it."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return Draft(
        generation=writer.generation if writer else new_generation(),
        writer=writer,
        info={"created": created, "versions": _versions()},
    )


def build(
    entries: Sequence[Entry],
    out: Path,
    settings: BuildSettings,
    *,
    beside: Beside = NOTHING,
    tolerance: float = DEFAULT_TOLERANCE,
    force: bool = False,
    key: bytes | None = None,
    progress: Progress = silent,
    jobs: int = 1,
) -> BuildReport:
    """
    Build an index of *entries* in *out* and make it the live generation, if it passes the gate.

    A candidate that does not pass is left in *out* for inspection, unpublished. What the last
    build there has read and rendered is not read and rendered again (index_builder.recall).

    Raises:
        CorpusError, ConfigError: see :func:`make_draft`; *out* is untouched.
        OSError: *out* cannot be written; the live generation is untouched.

    """
    began = time.perf_counter()
    stages: dict[str, float] = {}
    encoder = encoder_of(settings)
    with GenerationWriter(out, new_generation(), key) as writer:
        draft, calibration = make_draft(
            entries,
            settings,
            beside=beside,
            progress=progress,
            stages=stages,
            writer=writer,
            jobs=jobs,
            encoder=encoder,
            # What is kept for the next build is not signed, so a signed one does not believe it.
            recall=recalled(out) if key is None else NOTHING_KNOWN,
            remembers=out if key is None else None,
        )
        with timed(stages, "write"):
            if settings.pickles:
                add_pickles(draft, writer)
            add_graph(draft, writer, progress)
            draft.write(writer)
            folder = writer.finish(draft.info)
    with timed(stages, "gate"):
        gate = None
        if beside.regression:
            candidate, served = Index(draft, encoder=encoder), served_in(out, key, encoder)
            gate = compare(beside.regression, candidate, served, tolerance, forced=force)
    passed = gate is None or gate.passed or gate.forced
    if passed:
        publish(out, draft.generation)
    return BuildReport(
        generation=draft.generation,
        folder=folder,
        counts=draft.info["counts"],
        calibration=calibration,
        seconds=time.perf_counter() - began,
        stages=stages,
        removed=tuple(prune(out)) if passed else (),
        gate=gate,
    )


def served_in(out: Path, key: bytes | None, encoder: CachedEncoder | None = None) -> Index | None:
    """The generation being served; None where there is none that could be made worse."""
    try:
        return open_index(out, key=key, encoder=encoder)
    except ArtefactModel:  # what it says without its model is still a bar to reach
        return open_index(out, key=key)
    except ArtefactError:
        return None


def corpus_digest(entries: Iterable[Entry]) -> str:
    """SHA-256 over every field of every entry, in order."""
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(repr(entry).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    found = {}
    for name in ("firstline", *_RECORDED):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


class timed:  # noqa: N801 - reads as a statement
    """Notes how long a stage took."""

    def __init__(self, seconds: dict[str, float], stage: str) -> None:
        self.seconds, self.stage = seconds, stage

    def __enter__(self) -> None:
        self.began = time.perf_counter()

    def __exit__(self, *rest: Any) -> None:
        self.seconds[self.stage] = time.perf_counter() - self.began
