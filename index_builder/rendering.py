"""Markdown to what is shown (sanitised HTML, plain text) and to what is searched."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

import cmarkgfm
import nh3

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# The address of a link or image is not what an article is about; its text is.
_LINK_TARGET = re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"</(?:p|li|h[1-6]|tr|pre|blockquote)>|<br ?/?>")
_CELL = re.compile(r"</t[dh]>")
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*")
# Anything that could make Markdown of a text; without it the text is one or more paragraphs.
_MARKUP = re.compile(r"[*_`#\[\]<>&|~\\=+-]|^\s*\d+[.)]|https?://|www\.", re.MULTILINE)

_TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "del",
    "code", "pre", "blockquote", "a", "table", "thead", "tbody", "tr", "th", "td", "kbd", "sup",
    "sub",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One section of a body: its heading (empty above the first one), HTML and plain text."""

    heading: str
    html: str
    text: str


def render(markdown: str) -> list[Rendered]:
    """A body as sections, each rendered alone; an empty body gives none."""
    return [
        Rendered(heading, *_render_part(f"{marks} {heading}\n\n{body}" if marks else body))
        for marks, heading, body in split_sections(markdown)
    ]


def _render_part(markdown: str) -> tuple[str, str]:
    if not _MARKUP.search(markdown):
        text = markdown.strip()
        shown = "\n".join(
            f"<p>{html.escape(paragraph, quote=False)}</p>"
            for paragraph in _BLANK_LINES.split(text)
            if paragraph
        )
        return shown, text
    # Raw HTML is dropped by the renderer already; nh3 is the wall behind it.
    shown = _CLEANER.clean(cmarkgfm.github_flavored_markdown_to_html(_COMMENT.sub("", markdown)))
    return shown, plain_text(shown)


def plain_text(shown: str) -> str:
    """The words of sanitised HTML, blocks on lines of their own."""
    lined = _CELL.sub("  ", _BREAK.sub("\n", shown))
    lines = (line.strip() for line in html.unescape(_TAG.sub("", lined)).splitlines())
    return "\n".join(line for line in lines if line)


def searchable(markdown: str) -> str:
    """The words of Markdown for the analyser: addresses and comments gone, marks left to it."""
    if "](" in markdown:
        markdown = _LINK_TARGET.sub("] ", markdown)
    if "<" in markdown:
        markdown = _TAG.sub(" ", _COMMENT.sub(" ", markdown))
    return markdown


def split_sections(markdown: str) -> Iterator[tuple[str, str, str]]:
    """
    Cut a body at its headings, outside fenced code: (marks, heading, body).

    What stands above the first heading has empty marks and heading. Empty parts are left out.
    """
    if "#" not in markdown:
        if markdown.strip():
            yield "", "", markdown
        return
    marks = heading = fence = ""
    lines: list[str] = []
    for line in markdown.split("\n"):
        fenced = _FENCE.match(line)
        if fenced and (not fence or fenced[1].startswith(fence)):
            fence = "" if fence else fenced[1]
        found = None if fence else _HEADING.match(line)
        if found:
            if heading or "".join(lines).strip():
                yield marks, heading, "\n".join(lines)
            marks, heading, lines = found[1], found[2], []
        else:
            lines.append(line)
    if heading or "".join(lines).strip():
        yield marks, heading, "\n".join(lines)
