"""Which part of an entry to show."""

from __future__ import annotations

from collections.abc import Sequence

from service.retrieval.context import FUNCTION_WORDS

SNIPPET_CHARS = 200
# A snippet is looked for here; what a person asks about stands early or has its own heading.
_SEARCHED_CHARS = 4000
_FOLDED_CHARS = 2 * SNIPPET_CHARS


def passage_keys(forms: Sequence[str]) -> list[str]:
    """The words of a question that a passage is looked for by, longest first."""
    # Equally long ones in the question's order: the same passage in every process.
    content = (form for form in dict.fromkeys(forms) if form not in FUNCTION_WORDS)
    return sorted(content, key=len, reverse=True)


def snippet(text: str, keys: Sequence[str]) -> str:
    """About 200 characters of *text* around the first of *keys* that it holds."""
    if len(text) <= _FOLDED_CHARS:
        shown = " ".join(text.split())
        if len(shown) <= SNIPPET_CHARS:
            return shown
    low = text[:_SEARCHED_CHARS].lower()
    at = next((found for key in keys if (found := low.find(key)) >= 0), 0)
    start = max(0, at - SNIPPET_CHARS // 3)
    if start:
        # From the next word on; where there is none, within one.
        start = max(start, low.find(" ", start, at) + 1)
    # White space is folded: more than is shown is looked at, but not the whole text.
    shown = " ".join(text[start : start + _FOLDED_CHARS].split())
    ends = start + _FOLDED_CHARS >= len(text) and len(shown) <= SNIPPET_CHARS
    if not ends:
        stop = shown.rfind(" ", 0, SNIPPET_CHARS)
        shown = shown[: stop if stop > 0 else SNIPPET_CHARS]
    return f"{'… ' if start else ''}{shown}{'' if ends else ' …'}"
