"""
``python -m bench.kernel``: how fast are the ten nearest rows found, beside the alternatives?

Words only, one question, top 10, one thread; every contender in one interleaved run, for several
numbers of rows. Our top 10 must be scikit-learn's, ties aside, or the benchmark fails.
"""

from __future__ import annotations

import gc
from typing import Any

import numpy as np

from bench.command import Bench, arguments
from bench.rivals import RIVALS, Asked, Search, ask_words, read_words
from bench.timing import growth, interleaved, origin, save

# Past these numbers of rows a contender is left out: it would take minutes or gigabytes.
_MOST_ROWS = {"SQLite FTS5": 100_000, "tantivy": 100_000, "bm25s (numpy)": 100_000}
_QUESTIONS = {"quick": 200, "full": 400}
_SIZES = {"quick": (1_000, 19_000, 60_000), "full": (1_000, 5_000, 19_000, 100_000, 1_000_000)}
_TOLERANCE = 1e-6


def main() -> None:
    """Sweep the sizes, print the ratios, save the figures."""
    bench = arguments(__doc__)
    results: dict[str, Any] = {**origin(bench.material.name), "sizes": {}}
    for n in bench.sizes or _SIZES[bench.extent]:
        results["sizes"][n] = _measure(bench, n)
    results["growth"] = _growth(results["sizes"])
    for name, exponent in results["growth"].items():
        print(f"growth of {name}: rows^{exponent:.2f}")
    print("written:", save("kernel", results))


def _measure(bench: Bench, n: int) -> dict[str, Any]:
    words = read_words(bench.material.entries(n))
    asked = ask_words(words, bench.material.questions(_QUESTIONS[bench.extent]))
    searches: dict[str, Search] = {}
    for name, fit in RIVALS.items():
        if n <= _MOST_ROWS.get(name, n):
            searches[name] = fit(words)
            gc.collect()
    differing = _differing(searches["firstline"], searches["scikit-learn NearestNeighbors"], asked)
    times = interleaved(searches, asked, budget_s=bench.budget_s)
    own = times["firstline"].median_us
    print(f"{n:,} rows, {words.matrix.nnz:,} weights, {len(asked)} questions")
    for name, found in times.items():
        ratio = f"{found.median_us / own:.1f} x firstline" if name != "firstline" else ""
        print(f"  {name:32} {found.median_us:12.1f} us   p99 {found.p99_us:12.1f} us   {ratio}")
    if differing:
        raise SystemExit(f"{differing} questions have another top 10 than scikit-learn's")
    return {
        "weights": int(words.matrix.nnz),
        "terms_per_question": float(np.mean([one.terms.size for one in asked])),
        "same_top_10_as_scikit_learn": len(asked),
        "contenders": {
            name: {**found.as_dict(), "ratio": round(found.median_us / own, 2)}
            for name, found in times.items()
        },
    }


def _differing(ours: Search, theirs: Search, asked: list[Asked]) -> int:
    """
    How many questions are answered otherwise than by scikit-learn.

    Scores must agree place by place; a row may differ only where its score is a tie. A row at 0
    shares no word with the question and is no hit of ours.
    """
    differing = 0
    for one in asked:
        rows, scores = ours(one)
        other_rows, other_scores = theirs(one)
        kept = other_scores > _TOLERANCE
        other_rows, other_scores = other_rows[kept], other_scores[kept]
        same = rows.size == other_rows.size and bool(
            (np.abs(scores - other_scores) < _TOLERANCE).all()
        )
        if same:
            last = scores[-1] if scores.size else 0.0
            for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
                tied = np.sum(np.abs(scores - score) < _TOLERANCE) > 1
                same &= row in other_rows or tied or abs(score - last) < _TOLERANCE
        differing += not same
    return differing


def _growth(sizes: dict[int, Any]) -> dict[str, float]:
    """The exponent of each contender that was measured at three sizes or more."""
    found = {}
    for name in RIVALS:
        points = [
            (n, figures["contenders"][name]["median_us"])
            for n, figures in sizes.items()
            if name in figures["contenders"]
        ]
        if len(points) > 2:
            found[name] = round(growth(*zip(*points, strict=True)), 3)
    return found


if __name__ == "__main__":
    main()
