"""
``python -m bench.building``: what does building cost, in seconds and memory?

A full build, and one more after one entry was edited, which must give what a full build of the
edited corpus gives, byte for byte; and lemmas looked up once for each distinct form, beside
spaCy's own pipeline over the same tokens, which must agree.
"""

from __future__ import annotations

import json
import shutil
import time
from itertools import islice
from pathlib import Path
from typing import Any

import spacy

from bench.command import Bench, arguments
from bench.indexes import run_build, source
from bench.timing import origin, save
from index_builder.lemmas import OVERRIDES, lemma_table
from service.retrieval.analysis import Analyser, AnalyserSettings, surfaces
from service.retrieval.artefact import current, read_manifest

_SIZES = {"quick": (2_000, 20_000), "full": (2_000, 20_000, 100_000, 1_000_000)}
# Beyond this a second full build, to compare with, would take longer than all else.
_COMPARED_UP_TO = 100_000
_LEMMATIZED = {"quick": 5_000, "full": 102_501}


def main() -> None:
    """Build each size, print, save."""
    bench = arguments(__doc__)
    results: dict[str, Any] = {**origin(bench.material.name), "sizes": {}}
    for n in bench.sizes or _SIZES[bench.extent]:
        results["sizes"][n] = _measure(bench, n)
    results["lemmas"] = _lemmas(bench, _LEMMATIZED[bench.extent])
    print("written:", save("building", results))


def _measure(bench: Bench, n: int) -> dict[str, Any]:
    rows, root = source(bench, n), bench.work / f"build-{n}"
    shutil.rmtree(root, ignore_errors=True)
    full = run_build(rows, root)
    print(
        f"{n:,} rows: {full.seconds:.1f} s, {full.peak_bytes / 1e9:.2f} GB {full.report['stages']}"
    )
    figures = {
        "seconds": round(full.seconds, 2),
        "peak_gb": round(full.peak_bytes / 1e9, 3),
        "stages": full.report["stages"],
        "counts": full.report["counts"],
    }
    if n <= _COMPARED_UP_TO:
        edited = _with_one_edit(rows)
        again = run_build(edited, root)
        fresh = bench.work / f"build-{n}-fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        run_build(edited, fresh)
        differing = _differing(root, fresh)
        print(f"  after one edit: {again.seconds:.1f} s {again.report['stages']}")
        if differing:
            raise SystemExit(f"not what a full build gives: {differing}")
        figures["after_one_edit_s"] = round(again.seconds, 2)
        figures["after_one_edit_stages"] = again.report["stages"]
        shutil.rmtree(fresh)
    shutil.rmtree(root)
    return figures


def _with_one_edit(rows: Path) -> Path:
    """The same rows with one text in the middle changed."""
    edited = rows.with_name(f"{rows.stem}-edited.jsonl")
    lines = rows.read_text("utf-8").splitlines(keepends=True)
    record = json.loads(lines[len(lines) // 2])
    record["answer"] += " Restart the zyxophone afterwards."
    lines[len(lines) // 2] = json.dumps(record, ensure_ascii=False) + "\n"
    edited.write_text("".join(lines), "utf-8")
    return edited


def _differing(one: Path, other: Path) -> list[str]:
    """The files whose bytes differ between the live generations of two indexes."""
    first, second = (read_manifest(root / current(root)).files for root in (one, other))
    names = first.keys() | second.keys()
    return sorted(name for name in names if first.get(name) != second.get(name))


def _lemmas(bench: Bench, n: int) -> dict[str, Any]:
    """Documents lemmatized a second, and by spaCy's pipeline; the lemmas must be the same."""
    texts = [f"{entry.title}\n{entry.text}" for entry in islice(bench.material.entries(n), n)]
    tokens = [surfaces(text) for text in texts]
    began = time.perf_counter()
    _, table = lemma_table({form for row in tokens for form in row}, "en", "lookup")
    analyser = Analyser(AnalyserSettings(), table)
    ours = [[analyser.lemma(form) for form in row] for row in tokens]
    seconds = time.perf_counter() - began
    nlp = spacy.blank("en")
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    overridden = OVERRIDES["en"]
    began = time.perf_counter()
    documents = nlp.pipe(spacy.tokens.Doc(nlp.vocab, words=row) for row in tokens if row)
    theirs = [[token.lemma_.lower() for token in document] for document in documents]
    pipeline_s = time.perf_counter() - began
    told = [row for row in tokens if row]
    differing = sum(
        lemma != other
        for row, mine, others in zip(told, filter(None, ours), theirs, strict=True)
        for form, lemma, other in zip(row, mine, others, strict=True)
        if form not in overridden
    )
    print(
        f"lemmas of {n:,} documents: {n / seconds:,.0f} documents a second, spaCy's pipeline "
        f"{n / pipeline_s:,.0f}; {differing} of {sum(map(len, told)):,} tokens differ"
    )
    if differing:
        raise SystemExit("the lemma table is not what spaCy's pipeline gives")
    return {
        "documents": n,
        "per_second": round(n / seconds),
        "spacy_pipeline_per_second": round(n / pipeline_s),
        "tokens": sum(map(len, told)),
        "differing": differing,
    }


if __name__ == "__main__":
    main()
