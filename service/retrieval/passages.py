"""Which part of an entry to show."""

from __future__ import annotations

from collections.abc import Sequence

from service.retrieval.context import FUNCTION_WORDS

SNIPPET_CHARS = 200
# A snippet is looked for here; what a person asks about stands early or has its own heading.
_SEARCHED_CHARS = 4000


def snippet(text: str, forms: Sequence[str]) -> str:
    """About 200 characters of *text* around the longest word of the question that it holds."""
    flat = " ".join(text[:_SEARCHED_CHARS].split())
    if len(flat) <= SNIPPET_CHARS:
        return flat
    low = flat.lower()
    at = -1
    # Equally long ones in the question's order: the same passage in every process.
    content = (form for form in dict.fromkeys(forms) if form not in FUNCTION_WORDS)
    for form in sorted(content, key=len, reverse=True):
        at = low.find(form)
        if at >= 0:
            break
    start = max(0, at - SNIPPET_CHARS // 3)
    if start:
        start = flat.find(" ", start) + 1
    stop = start + SNIPPET_CHARS
    if stop < len(flat):
        stop = max(flat.rfind(" ", start, stop), start + 1)
    return f"{'… ' if start else ''}{flat[start:stop]}{' …' if stop < len(flat) else ''}"
