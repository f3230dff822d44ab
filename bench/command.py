"""What every speed benchmark takes on its command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from bench.material import Material, material


@dataclass(frozen=True, slots=True)
class Bench:
    """How much to measure, and of what."""

    extent: str
    sizes: tuple[int, ...]
    material: Material
    work: Path

    @property
    def budget_s(self) -> float:
        """Seconds that one contender may take at one size."""
        return 5.0 if self.extent == "quick" else 20.0


def arguments(about: str | None) -> Bench:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--full", action="store_true", help="all sizes, up to a million rows")
    parser.add_argument("--rows", type=int, nargs="*", help="these numbers of rows instead")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="data sets")
    parser.add_argument(
        "--work", type=Path, default=Path("build/bench"), help="where indexes are kept"
    )
    given = parser.parse_args()
    return Bench(
        "full" if given.full else "quick",
        tuple(given.rows or ()),
        material(given.data),
        given.work,
    )
