"""The measured part of docs/quality.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.goals import scores
from bench.meaning import table

BEGIN = "<!-- measured: everything down to the end mark is written by make quality -->"
END = "<!-- end of what was measured -->"
_RANKING = ("accuracy@1", "mrr@10", "ndcg@10", "recall@10")
_COST = ("build_s", "ms_per_query_p50", "ms_per_query_p99")
_REFUSAL = ("oos_auroc", "answered_accuracy", "answer_precision", "oos_recall", "ece")


def write_page(path: Path, results: dict[str, Any]) -> None:
    """Put the results between the marks of a page; the words around them stay."""
    text = path.read_text("utf-8") if path.is_file() else f"# Quality\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    path.write_text(f"{before}{BEGIN}\n\n{measured(results)}\n\n{END}{after}", "utf-8")


def measured(results: dict[str, Any]) -> str:
    """All tables, as Markdown."""
    sets = results["sets"]
    parts = [_origin(results), "### Ranking", _ranking(sets), "### Goals", _goals(results)]
    parts += ["### Refusal and calibration", _refusal(sets)]
    parts += ["### Typing errors", _typing(sets)]
    meaning = {name: found["meaning"] for name, found in sets.items() if "meaning" in found}
    if meaning:
        parts += ["### With an embedding model", table(meaning)]
    if "conversations" in results:
        parts += ["### Follow-ups", _follow_ups(results)]
    return "\n\n".join(parts)


def _origin(results: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    return (
        f"Measured at commit `{results['commit']}` on {results['cpu']} ({results['cores']} cores, "
        f"shared; one question at a time) with {versions}. Brackets hold 95% intervals."
    )


def _ranking(sets: dict[str, Any]) -> str:
    head = ("set", "system", *_RANKING, "build s", "ms p50", "ms p99")
    rows = []
    for name, figures in sets.items():
        own = figures["firstline"]
        label = f"{name} ({own['queries']} questions, {own['entries']} entries)"
        for system, values in {"**Firstline**": own, **figures.get("peers", {})}.items():
            cells = [_with_interval(values, measure) for measure in _RANKING]
            costs = [f"{values[cost]:.2f}" for cost in _COST]
            rows.append((label, system, *cells, *costs))
            label = ""
    return _table(head, rows)


def _with_interval(values: dict[str, Any], measure: str) -> str:
    low, high = values["intervals"][measure]
    return f"{_percent(values[measure])} [{_percent(low)}, {_percent(high)}]"


def _goals(results: dict[str, Any]) -> str:
    rows = [
        (
            score.goal.dataset,
            score.goal.measure,
            f"{'≤' if score.goal.most else '≥'} {score.goal.value * 100:g}",
            _percent(score.found),
            "yes" if score.reached else "**no**",
        )
        for score in scores(results)
    ]
    return _table(("set", "measure", "goal", "measured", "reached"), rows)


def _refusal(sets: dict[str, Any]) -> str:
    rows = []
    for name, figures in sets.items():
        own = figures["firstline"]
        rows.append((name, *(_percent(own.get(measure)) for measure in _REFUSAL)))
    return _table(("set", "AUROC", "answered rightly", "precision", "refused", "ECE"), rows)


def _typing(sets: dict[str, Any]) -> str:
    rows = []
    for name, figures in sets.items():
        found = figures["typing"]
        cells = [
            f"{_percent(found[f'lost_{n}'])} "
            f"[{', '.join(_percent(x) for x in found[f'lost_{n}_interval'])}]"
            for n in (1, 2)
        ]
        rows.append((name, _percent(found["accuracy@1"]), *cells))
    return _table(("set", "accuracy@1", "lost with one", "lost with two"), rows)


def _follow_ups(results: dict[str, Any]) -> str:
    talk, harm = results["conversations"], results["harm"]
    kinds = (
        ("later turns that something answers", "all"),
        ("those that borrowed words", "leaning"),
    )
    rows = [
        (
            label,
            str(talk[key]["turns"]),
            *(
                _percent(talk[key][measure])
                for measure in ("without", "with", "answered_without", "answered_with")
            ),
        )
        for label, key in kinds
    ]
    head = (
        f"{talk['conversations']} conversations",
        "turns",
        "accuracy@1 without context",
        "with",
        "answered rightly without",
        "with",
    )
    strange = talk["unanswerable"]
    interval = ", ".join(_percent(x) for x in harm["lost_interval"])
    return "\n\n".join(
        (
            _table(head, rows),
            f"Of {strange['turns']} later turns that nothing answers, "
            f"{_percent(strange['refused_without'])}% were not answered without context and "
            f"{_percent(strange['refused_with'])}% with it.",
            f"The harm: {harm['questions']} self-contained questions, each asked after "
            f"{harm['rounds']} unrelated turns, lost {_percent(harm['lost'], 2)} points "
            f"[{interval}] of accuracy@1; {_percent(harm['leaning'])}% of them borrowed words. "
            f"Questions that nothing answers were answered "
            f"{_percent(harm['unanswerable_answered'], 2)} points more often.",
        )
    )


def _percent(value: float | None, digits: int = 1) -> str:
    if value is None:
        return "-"
    # Adding zero turns a negative zero into zero.
    return f"{round(value * 100, digits) + 0:.{digits}f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
