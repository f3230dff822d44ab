"""The road of a build in shards; ``index_builder.build`` has that of an index in one piece."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from index_builder.build import BuildReport, corpus_digest, new_draft, timed
from index_builder.calibrate import calibrate
from index_builder.config import BuildSettings, settled
from index_builder.corpus_files import NOTHING, Beside
from index_builder.draft import Draft
from index_builder.gate import DEFAULT_TOLERANCE, compare
from index_builder.shards.depot import Depot
from index_builder.shards.hands import Hands
from index_builder.shards.joining import add_shared, join_counts, join_words, write_terms
from index_builder.shards.publishing import open_in, publish_in, served_in, target_of, writing
from index_builder.shards.spool import Spool
from index_builder.shards.stages import (
    Job,
    add_up_range,
    count_shard,
    read_shard,
    titles_of,
    write_shard,
)
from index_builder.terms import settings_info
from service.errors import ConfigError, CorpusError, Problem
from service.retrieval.entries import Entry


def build_shards(
    entries: Iterable[Entry],
    out: Depot,
    settings: BuildSettings,
    *,
    shards: int,
    hands: Hands,
    beside: Beside = NOTHING,
    tolerance: float = DEFAULT_TOLERANCE,
    force: bool = False,
    key: bytes | None = None,
) -> BuildReport:
    """
    Build an index of *entries* in *shards* parts and make it the live generation.

    Entries are written down as they come and read a shard at a time. Whoever the *hands* are, the
    files are the same to the byte.

    Raises:
        CorpusError: there is nothing to build from, or less than an entry a shard.
        OSError: *out* cannot be written; the live generation is untouched.

    """
    if settings.embedding_model_dir is not None:
        raise ConfigError(
            "An index in shards has no vectors: leave out --shards, or embedding_model_dir."
        )
    began = time.perf_counter()
    stages: dict[str, float] = {}
    draft = new_draft()
    work = f".work-{draft.generation}"
    try:
        with timed(stages, "spool"):
            spool = Spool.of(out, f"{work}/entries", entries)
        if not spool:
            raise CorpusError(
                [Problem("the source", 0, "there is no entry to build an index from")]
            )
        if len(spool) < shards:
            raise ConfigError(
                f"--shards {shards}: there are {len(spool)} entries, and a shard needs one at least"
            )
        job = Job(out, work, spool, settled(settings, spool), shards)
        draft.info["corpus_sha256"] = corpus_digest(spool)
        waiting = hands.begin(calibrate, spool, job.settings, beside)
        parts = _write_all(job, draft, beside, hands, stages)
        with timed(stages, "calibrate"):
            calibration = waiting()
        draft.files["confidence.json"] = calibration.model.to_json()
        with timed(stages, "write"), writing(out, draft.generation, key) as writer:
            write_terms(writer, job, job.load("totals"))
            draft.write(writer)
            folder = writer.finish(draft.info | {"shards": parts})
    except BaseException:
        out.remove(target_of(out, draft.generation))
        raise
    finally:
        out.remove(work)
    with timed(stages, "gate"):
        gate = None
        if beside.regression:
            candidate, served = open_in(out, draft.generation, key), served_in(out, key)
            gate = compare(beside.regression, candidate, served, tolerance, forced=force)
    passed = gate is None or gate.passed or gate.forced
    return BuildReport(
        generation=draft.generation,
        folder=folder,
        counts=draft.info["counts"],
        calibration=calibration,
        seconds=time.perf_counter() - began,
        stages=stages,
        removed=publish_in(out, draft.generation) if passed else (),
        gate=gate,
    )


def _write_all(
    job: Job, draft: Draft, beside: Beside, hands: Hands, stages: dict[str, float]
) -> list[Mapping[str, Any]]:
    """All stages up to the shards' files; what they share is put into the draft."""
    numbers = range(job.shards)
    with timed(stages, "read"):
        pointed = hands.each("read", read_shard, [(job, shard) for shard in numbers])
        wanted = frozenset().union(*pointed)
    with timed(stages, "words"):
        titles = titles_of(job, sorted(wanted))
        lexicon, forms = join_words(job)
        n_words = len(lexicon.words)
    with timed(stages, "count"):
        counted = list(
            hands.each("count", count_shard, [(job, shard, n_words) for shard in numbers])
        )
        ranges = list(hands.each("add up", add_up_range, [(job, number) for number in numbers]))
        totals = join_counts(job, n_words, ranges)
    draft.info |= settings_info(lexicon.analyser, job.settings)
    draft.info["counts"] = {
        name: sum(each[name] for each in counted)
        for name in ("entries", "short_rows", "section_rows", "tokens")
    } | {"words": n_words, "pairs": sum(ranges), "grams": int(lexicon.gram_keys.size)}
    with timed(stages, "join"):
        add_shared(draft, job, lexicon, forms, totals, beside.synonyms)
    target = target_of(job.depot, draft.generation)
    with timed(stages, "weigh"):
        calls = [(job, shard, target, titles) for shard in numbers]
        parts: list[Mapping[str, Any]] = list(hands.each("weigh", write_shard, calls))
    draft.info["counts"]["postings"] = sum(int(part["postings"]) for part in parts)
    return parts
