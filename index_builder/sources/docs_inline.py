"""The inline half of documentation Markdown: links, images and HTML tags within prose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from index_builder.sources.html_markdown import absolute, to_markdown

# A link's text may hold one level of brackets; its length is bounded so that a file of nothing
# but brackets is read in linear time.
_TEXT = r"((?:[^\[\]\\]|\\.|\[[^\[\]]{0,500}\]){0,1000})"
_TARGET = r"\(\s{0,3}(<[^<>\n]{0,2000}>|[^()\s]{0,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,2000}){0,5})"
_LINK_TITLE = r"(?:\s+(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'))?\s{0,3}\)"
_IMAGE = re.compile(rf"!\[{_TEXT}\](?:{_TARGET}{_LINK_TITLE}|\[[^\[\]]{{0,200}}\])", re.DOTALL)
_LINK = re.compile(rf"(?<!\\)\[{_TEXT}\]{_TARGET}{_LINK_TITLE}", re.DOTALL)
_REFERENCE = re.compile(rf"(?<!\\)\[{_TEXT}\]\[([^\[\]]{{0,200}})\]", re.DOTALL)
_SHORTCUT = re.compile(r"(?<![\\\]\w])\[([^\[\]]{1,200})\](?![\[(:])")
_DEFINITION = re.compile(
    r"^ {0,3}\[([^\[\]^][^\[\]]{0,200})\]:[ \t]+<?(\S{1,2000}?)>?(?:[ \t].*)?$", re.M
)

_CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_MARKUP_BLOCK = re.compile(
    r"^(?P<indent>[ \t]*)(?P<html><(?P<tag>table|ul|ol|dl)\b.*?</(?P=tag)\s*>)",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(r"(?<!\\)<(/?)([A-Za-z][A-Za-z0-9.:-]*)((?:\s[^<>]{0,2000})?)/?>")
_MARKDOWN_ROW = re.compile(r"^[ \t]*\|", re.MULTILINE)
_ITEM = re.compile(r"[ \t]*<li\b[^<>]*>[ \t]*", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_ANCHOR = re.compile(
    r"<a\b(?P<attributes>[^<>]{0,2000})>(?P<text>.{0,2000}?)</a\s*>", re.DOTALL | re.IGNORECASE
)
_HEADING_TAG = re.compile(r"^[ \t]*<h([1-6])\b[^<>]*>(.*?)</h\1>[ \t]*$", re.M | re.I)
_SUMMARY = re.compile(r"^[ \t]*<summary\b[^<>]*>(.*?)</summary>[ \t]*", re.M | re.I | re.DOTALL)
_ANY_TAG = re.compile(r"<[^<>]*>")
_KNOWN_TAGS = {
    "a", "abbr", "address", "article", "aside", "b", "big", "blockquote", "br", "caption",
    "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt",
    "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "i", "iframe", "img", "input", "ins", "kbd", "label", "li", "main", "mark", "nav",
    "noscript", "ol", "p", "picture", "pre", "q", "s", "samp", "script", "section", "small",
    "source", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg", "table",
    "tbody", "td", "tfoot", "th", "thead", "token", "tr", "tt", "u", "ul", "var", "video", "wbr",
}  # fmt: skip
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "var": "*", "del": "~~", "s": "~~"}
_CODES = {"code", "kbd", "samp", "tt"}


@dataclass(slots=True)
class Inline:
    """
    Cleans prose; what it had to leave out is counted in ``lost``.

    ``locate`` is told each target that is not an address of its own and answers the address, if
    it knows one.
    """

    locate: Callable[[str], str | None]
    lost: Counter[str] = field(default_factory=Counter)
    definitions: dict[str, str] = field(default_factory=dict)

    def define(self, prose: str) -> str:
        """Take the link definitions (``[name]: address``) out of a stretch of prose."""

        def remember(found: re.Match[str]) -> str:
            self.definitions.setdefault(_label(found[1]), found[2])
            return ""

        return _DEFINITION.sub(remember, prose)

    def cleaned(self, prose: str) -> str:
        """Plain GFM: absolute links, no images, no HTML."""
        if "<" in prose:
            prose = _MARKUP_BLOCK.sub(self._converted, prose)
            prose = _HEADING_TAG.sub(lambda found: f"{'#' * int(found[1])} {found[2]}", prose)
            prose = _SUMMARY.sub(
                lambda found: f"\n### {' '.join(_ANY_TAG.sub('', found[1]).split())}\n", prose
            )
        return _outside_spans(prose, self._links_and_tags)

    def _converted(self, found: re.Match[str]) -> str:
        if _MARKDOWN_ROW.search(found["html"]):  # Markdown within HTML: keep it, mark the items
            return _ITEM.sub("\n- ", found[0])
        converted = to_markdown(found["html"])
        self.lost.update(converted.lost)
        lines = converted.text.split("\n")
        return "\n" + "\n".join(found["indent"] + line if line else "" for line in lines) + "\n"

    def _links_and_tags(self, text: str) -> str:
        if "[" in text:
            text = _IMAGE.sub(self._image, text)
            text = _LINK.sub(lambda found: self._linked(found[1], found[2].strip("<>")), text)
            if self.definitions:
                text = _REFERENCE.sub(self._referred, text)
                text = _SHORTCUT.sub(self._shortcut, text)
        if "<" in text:
            text = "\n".join(
                _table_row(line) if line.lstrip().startswith("|") else line
                for line in text.split("\n")
            )
            text = _ANCHOR.sub(self._anchor, text)
            text = _TAG.sub(self._tag, text)
        return text

    def _image(self, _: re.Match[str]) -> str:
        self.lost["images"] += 1
        return ""

    def _linked(self, text: str, target: str) -> str:
        if not text.strip():
            return ""
        known = absolute(target, None)
        if known is None:
            known = self.locate(target)
            if known is None:
                if not target.startswith("#"):
                    self.lost["relative links"] += 1
                return text
        return f"[{text}]({known})"

    def _referred(self, found: re.Match[str]) -> str:
        target = self.definitions.get(_label(found[2] or found[1]))
        return found[0] if target is None else self._linked(found[1], target)

    def _shortcut(self, found: re.Match[str]) -> str:
        target = self.definitions.get(_label(found[1]))
        return found[0] if target is None else self._linked(found[1], target)

    def _anchor(self, found: re.Match[str]) -> str:
        href = _HREF.search(found["attributes"])
        return self._linked(found["text"], href[1]) if href else found["text"]

    def _tag(self, found: re.Match[str]) -> str:
        closing, name = found[1], found[2].lower()
        if name not in _KNOWN_TAGS:
            return "\\" + found[0]  # <YourTenant>: a placeholder a person must see
        if name == "img":
            self.lost["images"] += 1
        if name in {"iframe", "video", "svg"} and not closing:
            self.lost["embedded media"] += 1
        if name == "br":
            return "  \n"
        if name in _CODES:
            return "`"
        return _MARKS.get(name, "")


def _table_row(line: str) -> str:
    line = re.sub(r"<br\s*/?>|</p>|</ul>|</ol>", " ", line, flags=re.IGNORECASE)
    return re.sub(r"</li>", "; ", line, flags=re.IGNORECASE)


def _label(text: str) -> str:
    return " ".join(text.lower().split())


def _outside_spans(text: str, change: Callable[[str], str]) -> str:
    """
    Apply *change* to a text whose code spans are out of its sight.

    They are put away behind placeholders, because a link's text may hold one.
    """
    if "`" not in text:
        return change(text)
    kept: list[str] = []

    def put_away(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\x02{len(kept) - 1}\x03"

    changed = change(_CODE_SPAN.sub(put_away, text))
    return re.sub(r"\x02(\d+)\x03", lambda found: kept[int(found[1])], changed)
