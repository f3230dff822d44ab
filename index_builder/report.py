"""What was built and what was left out, for a person and for a script."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from index_builder.build import BuildReport
from index_builder.sources.ledger import Ledger


def lines(report: BuildReport) -> list[str]:
    """The closing report of a build."""
    counts, calibration = report.counts, report.calibration
    rows = counts["short_rows"] + counts["section_rows"] + counts["entries"]
    said = [
        f"{report.generation}: {counts['entries']:,} entries, {rows:,} rows, "
        f"{counts['words']:,} words, {counts['postings']:,} postings in {report.seconds:.1f} s",
        f"answers from a confidence of {calibration.model.answer:.2f}, "
        f"suggests from {calibration.model.suggest:.2f}",
    ]
    if calibration.rows:
        said.append(f"asked {calibration.asked} questions made from the phrasings:")
        said.append("  threshold  answered  of these right  unanswerable refused")
        said += [
            f"  {row.threshold:9.2f}  {row.answered:8.1%}  {row.precision:14.1%}  "
            f"{row.refused:20.1%}"
            for row in calibration.rows
        ]
    else:
        said.append(
            "too few phrasings to ask questions of: the confidence model is the one that other "
            "knowledge bases taught"
        )
    if report.gate is not None:
        said += report.gate.lines()
    return said


def as_dict(report: BuildReport, ledger: Ledger) -> dict[str, Any]:
    """The same as JSON values."""
    model = report.calibration.model
    return {
        "generation": report.generation,
        "folder": str(report.folder),
        "counts": report.counts,
        "seconds": round(report.seconds, 3),
        "stages": {name: round(value, 3) for name, value in report.stages.items()},
        "thresholds": {"answer": model.answer, "suggest": model.suggest},
        "held_out": report.calibration.asked,
        "published": report.published,
        "gate": asdict(report.gate) if report.gate is not None else None,
        "removed_generations": list(report.removed),
        "ledger": ledger.as_dict(),
    }
