"""
``python -m bench.speed_page``: results to ``docs/performance.md`` and its plots.

Only what stands between the page's marks is written; the words around it are people's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot

from bench.timing import RESULTS

PAGE = Path("docs/performance.md")
IMAGES = Path("docs/images")
BEGIN = "<!-- measured: everything down to the end mark is written by make bench -->"
END = "<!-- end of what was measured -->"


def main() -> None:
    """Write the page and the plots from the results that there are."""
    results = {path.stem: json.loads(path.read_text("utf-8")) for path in RESULTS.glob("*.json")}
    parts = [
        section(results[name])
        for name, section in (
            ("kernel", _kernel),
            ("answering", _answering),
            ("server", _server),
            ("opening", _opening),
            ("building", _building),
        )
        if name in results
    ]
    text = PAGE.read_text("utf-8") if PAGE.is_file() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    measured = "\n\n".join(parts)
    PAGE.write_text(f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}", "utf-8")
    print("written:", PAGE)


def _kernel(results: dict[str, Any]) -> str:
    sizes: dict[str, Any] = results["sizes"]
    names = list(dict.fromkeys(name for each in sizes.values() for name in each["contenders"]))
    rows = [
        [name, *(_beside(each["contenders"].get(name)) for each in sizes.values())]
        for name in names
    ]
    head = ["median time, in units of ours", *(f"{int(n):,} rows" for n in sizes)]
    lines = {
        name: [
            (int(n), each["contenders"][name]["median_us"])
            for n, each in sizes.items()
            if name in each["contenders"]
        ]
        for name in names
    }
    _plot("performance-kernel", lines, "ten nearest rows of one question, words only")
    told = ", ".join(f"{name} rows^{b:.2f}" for name, b in results["growth"].items())
    return "\n\n".join(
        (
            "### The nearest rows",
            "One question, words only, the ten nearest rows, one thread; all contenders asked in "
            "turns. Our ten are scikit-learn's on every question, ties aside. In brackets the "
            f"median in microseconds. Growth fitted on log axes: {told}.",
            _table(head, rows),
            "![Time against rows](images/performance-kernel.svg)",
            _origin(results),
        )
    )


def _beside(figures: dict[str, float] | None) -> str:
    if figures is None:
        return "not measured"
    return f"{figures['ratio']:.1f} ({figures['median_us']:,.0f})"


def _answering(results: dict[str, Any]) -> str:
    sizes: dict[str, Any] = results["sizes"]
    stages = list(next(iter(sizes.values()))["stages"])
    rows = [
        ["**the whole answer**", *(_both(each["answer"]) for each in sizes.values())],
        *([name, *(_both(each["stages"][name]) for each in sizes.values())] for name in stages),
        [
            "the worst bad question",
            *(f"{max(each['bad_questions_ms'].values()):.1f} ms" for each in sizes.values()),
        ],
    ]
    lines = {
        "the whole answer": [(int(n), each["answer"]["median_us"]) for n, each in sizes.items()]
    }
    for name in ("nearest entries", "confidence"):
        lines[name] = [(int(n), each["stages"][name]["median_us"]) for n, each in sizes.items()]
    _plot("performance-answering", lines, "one answer, text in, answer out")
    grown = f" Growth of the whole: rows^{results['growth']:.2f}." if "growth" in results else ""
    return "\n\n".join(
        (
            "### The whole answer",
            f"Median microseconds, and the 99th percentile, of 1,000 questions.{grown}",
            _table(["stage", *(f"{int(n):,} rows" for n in sizes)], rows),
            "![Time against rows](images/performance-answering.svg)",
            _origin(results),
        )
    )


def _both(figures: dict[str, float]) -> str:
    return f"{figures['median_us']:,.0f} (p99 {figures['p99_us']:,.0f})"


def _server(results: dict[str, Any]) -> str:
    rows = [
        [name, f"{each['per_second']:,}", f"{each['p50_us']:,.0f}", f"{each['p99_us']:,.0f}"]
        for name, each in results["contenders"].items()
    ]
    shares = results["share_of_bare_rate"]
    more = ""
    if "workers" in results:
        workers, others = results["workers"], results["others"]
        more = (
            f" At {workers['rows']:,} rows each further worker costs "
            f"{workers['each_further_bytes'] / 1e6:.0f} MB of PSS, and `/healthz` takes "
            f"{others['healthz_p50_ms']:.1f} ms (p99 {others['healthz_p99_ms']:.1f} ms) while "
            "sixteen people ask without a pause."
        )
    return "\n\n".join(
        (
            "### The server",
            f"{results['rows']:,} rows, one worker, one client. Firstline answers questions at "
            f"{shares['WebSocket']:.0%} of the rate at which bare aiohttp echoes the same reply "
            f"over a WebSocket, and at {shares['HTTP']:.0%} over HTTP; its p50 at one connection "
            f"is {results['p50_ratio']:.1f} x the echo's.{more}",
            _table(["server", "replies a second", "p50 us", "p99 us"], rows),
            _origin(results),
        )
    )


def _opening(results: dict[str, Any]) -> str:
    rows = [
        [
            f"{int(n):,}",
            f"{each['ready_s']:.2f} s",
            f"{each['open_s'] * 1e3:.0f} ms",
            f"{each['checksum_gb_s']:.2f} GB/s ({each['one_thread_gb_s']:.2f} in one thread)",
            f"{each['reload']['longest_gap_reloading_ms']:.1f} ms "
            f"(calm: {each['reload']['longest_gap_calm_ms']:.1f} ms)",
            ", ".join(each["heavy_imports"]) or "none",
        ]
        for n, each in results["sizes"].items()
    ]
    head = [
        "rows", "exec to first answer", "opening alone", "checksums",
        "longest gap between answers at a reload", "of spaCy, NLTK, scikit-learn imported",
    ]  # fmt: skip
    return "\n\n".join(("### Opening", _table(head, rows), _origin(results)))


def _building(results: dict[str, Any]) -> str:
    rows = [
        [
            f"{int(n):,}",
            f"{each['seconds']:.1f} s",
            f"{each['peak_gb']:.2f} GB",
            f"{each['after_one_edit_s']:.1f} s" if "after_one_edit_s" in each else "not measured",
            ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in each["stages"].items()),
        ]
        for n, each in results["sizes"].items()
    ]
    lemmas = results["lemmas"]
    head = ["rows", "full build", "peak memory", "after one edit", "stages of the full build, s"]
    return "\n\n".join(
        (
            "### Building",
            "Peak memory is that of all processes together. After one edit every file is what a "
            "full build gives, byte for byte.",
            _table(head, rows),
            f"Lemmas: {lemmas['per_second']:,} documents a second, spaCy's pipeline over the same "
            f"tokens {lemmas['spacy_pipeline_per_second']:,}; of {lemmas['tokens']:,} tokens in "
            f"{lemmas['documents']:,} documents {lemmas['differing']} differ (the documented "
            "overrides aside).",
            _origin(results),
        )
    )


def _origin(results: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    return (
        f"*{results['measured']}, commit `{results['commit']}`, {results['cpu']}, "
        f"{results['cores']} cores, load {results['load_before']} before; Python "
        f"{results['python']}, {versions}. Rows: {results['material']}. "
        f"Timed: {results['timed']}.*"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plot(name: str, lines: dict[str, list[tuple[int, float]]], title: str) -> None:
    """Time against rows on log axes, as an SVG that is the same for the same figures."""
    mpl.rcParams["svg.hashsalt"] = name
    figure, axes = pyplot.subplots(figsize=(8, 5))
    for label, points in lines.items():
        axes.plot(*zip(*points, strict=True), marker="o", label=label)
    axes.set(xscale="log", yscale="log", xlabel="rows", ylabel="median, microseconds", title=title)
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    IMAGES.mkdir(parents=True, exist_ok=True)
    figure.savefig(IMAGES / f"{name}.svg", metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main()
