"""Which part of an entry to show."""

from __future__ import annotations

from collections.abc import Sequence

from service.retrieval.context import FUNCTION_WORDS

SNIPPET_CHARS = 200
# A snippet is looked for here; what a person asks about stands early or has its own heading.
_SEARCHED_CHARS = 4000


def passage_keys(forms: Sequence[str]) -> list[str]:
    """The words of a question that a passage is looked for by, longest first."""
    # Equally long ones in the question's order: the same passage in every process.
    content = (form for form in dict.fromkeys(forms) if form not in FUNCTION_WORDS)
    return sorted(content, key=len, reverse=True)


def snippet(text: str, keys: Sequence[str]) -> str:
    """About 200 characters of *text* around the first of *keys* that it holds."""
    flat = " ".join(text[:_SEARCHED_CHARS].split())
    if len(flat) <= SNIPPET_CHARS:
        return flat
    low = flat.lower()
    at = -1
    for key in keys:
        at = low.find(key)
        if at >= 0:
            break
    start = max(0, at - SNIPPET_CHARS // 3)
    if start:
        start = flat.find(" ", start) + 1
    stop = start + SNIPPET_CHARS
    if stop < len(flat):
        stop = max(flat.rfind(" ", start, stop), start + 1)
    return f"{'… ' if start else ''}{flat[start:stop]}{' …' if stop < len(flat) else ''}"
