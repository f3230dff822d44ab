"""Markdown to what is shown (sanitised HTML, plain text) and to what is searched."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

import cmarkgfm
import nh3

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# The address of a link or image is not what an article is about; its text is.
_LINK_TARGET = re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
# Where a comment begins, and the code in which it would not be one.
_CODE_OR_COMMENT = re.compile(
    r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)|`[^`\n]+`|<!--", re.DOTALL | re.MULTILINE
)
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"</(?:p|li|h[1-6]|tr|pre|blockquote)>|<br ?/?>")
_CELL = re.compile(r"</t[dh]>\n?")
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
        for marks, heading, body in split_sections(without_comments(markdown))
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
    shown = _CLEANER.clean(cmarkgfm.github_flavored_markdown_to_html(markdown))
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
        markdown = _TAG.sub(" ", without_comments(markdown))
    return markdown


def without_comments(markdown: str) -> str:
    """Markdown without its HTML comments; in code they are text and stay."""
    if "<!--" not in markdown:
        return markdown
    kept: list[str] = []
    start = at = 0
    while found := _CODE_OR_COMMENT.search(markdown, at):
        at = found.end()
        if found[0] == "<!--":
            end = markdown.find("-->", at)
            if end < 0:
                break
            kept.append(markdown[start : found.start()])
            start = at = end + 3
    kept.append(markdown[start:])
    return "".join(kept)


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
            marks, heading, lines = found[1], _without_closing_marks(found[2]), []
        else:
            lines.append(line)
    if heading or "".join(lines).strip():
        yield marks, heading, "\n".join(lines)


def _without_closing_marks(heading: str) -> str:
    """The words of ``## Words ##``; the mark of ``## C#`` belongs to the word."""
    heading = heading.rstrip(" \t")
    bare = heading.rstrip("#")
    return bare.rstrip(" \t") if not bare or bare[-1] in " \t" else heading
