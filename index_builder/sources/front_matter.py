"""Where the YAML at the head of a Markdown file ends and the text begins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parts:
    """
    A Markdown file in two.

    ``head`` is None without front matter. ``closed`` is false when the opening ``---`` has no
    partner; the body is then everything below it. Lines count from 1.
    """

    head: str | None
    body: str
    body_line: int
    closed: bool = True
    fence: str = "---"


def split(text: str) -> Parts:
    """Split at the fences; ``+++`` (TOML, as Hugo writes) is a fence of its own."""
    lines = text.split("\n")
    fence = lines[0].rstrip()
    if fence not in ("---", "+++"):
        return Parts(None, text, 1)
    ends = ("---", "...") if fence == "---" else ("+++",)
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in ends:
            head = "\n".join(lines[1:number])
            return Parts(head, "\n".join(lines[number + 1 :]), number + 2, fence=fence)
    return Parts(None, "\n".join(lines[1:]), 2, closed=False, fence=fence)
