"""One promise: what was aimed at, what was measured, and whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table in docs/reliability.md."""

    goal: str
    target: str
    measured: str
    passed: bool

    def __str__(self) -> str:
        return (
            f"{self.goal}: {self.verdict}\n  target    {self.target}\n  measured  {self.measured}"
        )

    @property
    def verdict(self) -> str:
        """In one word."""
        return "pass" if self.passed else "FAIL"
