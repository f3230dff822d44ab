"""What can be said of entries without building an index of them."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date

import cmarkgfm

from index_builder.findings import Finding, Located, about
from index_builder.rendering import split_sections
from service.retrieval.analysis import surfaces
from service.retrieval.entries import Entry

# Fewer ways to ask than this, and a person's own words will often share none with them.
FEW_PHRASINGS = 3

_ADDRESS = re.compile(r'<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]*)"')
_ABSOLUTE = re.compile(r"(?:https?://[^/\s]|mailto:[^\s])", re.IGNORECASE)
# No prose: a list, a table, a fence, a quotation, a rule, HTML or an image.
_NO_PROSE = re.compile(r"[-*+][ \t]|\d+[.)][ \t]|\||`{3}|~{3}|>|<|!\[|(?:[-*_][ \t]*){3,}$")
_POINTS_ELSEWHERE = re.compile(
    r"(?:(?:please )?(?:see|as|like|read)(?: \w+){0,2} (?:above|below|before|earlier|previously)"
    r"|see also|same as|ditto|the (?:above|following)|(?:siehe|wie)(?: \w+){0,2} (?:oben|unten)"
    r"|s\. ?[ou]\.|siehe auch)\b",
    re.IGNORECASE,
)


def unknown_related(entries: Sequence[Located], known: Collection[str]) -> Iterator[Finding]:
    """``related`` ids that no entry has."""
    for located in entries:
        for other in located.entry.related:
            if other not in known:
                yield about(
                    located,
                    "error",
                    "unknown-related",
                    f"related names {other!r}, and no entry has this id",
                )


def shared_questions(entries: Sequence[Located]) -> Iterator[Finding]:
    """
    Questions that stand under two entries, told apart by neither case nor punctuation.

    A pinned phrasing wins over the other kinds on purpose; only two pins clash.
    """
    for texts in (_asked, _pinned):
        first: dict[tuple[str, ...], Located] = {}
        for located in entries:
            for text in texts(located.entry):
                key = tuple(surfaces(text))
                other = first.setdefault(key, located) if key else located
                if other is not located:
                    yield about(
                        located,
                        "error",
                        "shared-question",
                        f"{text!r} stands under {other.entry.id} ({other.file}) too: "
                        "one question, one answer",
                        other.entry.id,
                    )


def _asked(entry: Entry) -> tuple[str, ...]:
    return (entry.title, *entry.questions)


def _pinned(entry: Entry) -> tuple[str, ...]:
    return entry.pinned


def weak_beginnings(entries: Sequence[Located]) -> Iterator[Finding]:
    """Answers whose first paragraph says nothing to somebody who reads it alone."""
    for located in entries:
        why = weakness(located.entry.text)
        if why is not None:
            yield about(located, "warning", "first-paragraph", why)


def weakness(markdown: str) -> str | None:
    """Why the first paragraph of a body does not stand alone, or None where it does."""
    marks, _, part = next(split_sections(markdown), ("", "", ""))
    if marks:
        return "the answer begins with a heading: begin with the likely fix in a sentence"
    if not part.strip():
        return "there is no answer: the title alone helps nobody"
    if part.startswith(("    ", "\t")):
        return "the answer begins with code: say first in a sentence what it is for"
    paragraph = re.split(r"\n[ \t]*\n", part.strip(), maxsplit=1)[0]
    if _NO_PROSE.match(paragraph):
        return (
            "the answer begins with a list, table, picture, quotation or code: "
            "say first in a sentence what it is for"
        )
    if _POINTS_ELSEWHERE.match(paragraph.lstrip("*_([")):
        return f"the first paragraph points elsewhere: {_cut(paragraph)!r}"
    if paragraph.rstrip("*_ ").endswith(":"):
        return f"the first paragraph only introduces what follows: {_cut(paragraph)!r}"
    return None


def few_phrasings(entries: Sequence[Located]) -> Iterator[Finding]:
    """Answers that can be asked for in too few ways."""
    for located in entries:
        entry = located.entry
        count = len({*entry.questions, *entry.pinned})
        if entry.kind == "answer" and count < FEW_PHRASINGS:
            say = (
                "no phrasing" if not count else "1 phrasing" if count == 1 else f"{count} phrasings"
            )
            yield about(
                located,
                "warning",
                "few-phrasings",
                f"{say}: give at least {FEW_PHRASINGS}, in words of people who do not know the "
                "answer",
            )


def stale(entries: Sequence[Located], today: date, days: int) -> Iterator[Finding]:
    """Entries that nobody has looked at for more than *days*; undated ones are left alone."""
    for located in entries:
        updated = located.entry.updated
        if updated is None:
            continue
        age = (today - date.fromisoformat(updated[:10])).days
        if age > days:
            yield about(
                located,
                "warning",
                "stale",
                f"last updated {age:,} days ago ({updated}): read it again and date it anew",
            )


def broken_links(entries: Sequence[Located]) -> Iterator[Finding]:
    """Addresses that lead nowhere from a chat: all but absolute http, https and mailto ones."""
    for located in entries:
        entry = located.entry
        source = () if entry.source is None else (entry.source,)
        for address in dict.fromkeys((*source, *addresses(entry.text))):
            if not _ABSOLUTE.match(address):
                shown = repr(address) if address else "without an address that a browser may open"
                yield about(
                    located,
                    "warning",
                    "relative-link",
                    f"a link {shown} is not absolute: write it with https://",
                )


def addresses(markdown: str) -> list[str]:
    """Where the links and images of a body lead, in order."""
    # Rendering parses every kind of link and leaves code alone; most bodies have none at all.
    if not ("](" in markdown or "]:" in markdown or "<" in markdown or "://" in markdown):
        return []
    shown = cmarkgfm.github_flavored_markdown_to_html(markdown)
    return [html.unescape(found) for found in _ADDRESS.findall(shown)]


def _cut(text: str, limit: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit].rstrip()}…"
