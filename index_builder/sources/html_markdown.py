"""
HTML to Markdown, for bodies that other systems keep as HTML.

The parser is lexbor's (through selectolax), the same algorithm as browsers. Nothing that runs,
loads or is filled in survives: scripts, styles, frames and forms are left out; images are
dropped and counted; links that are not absolute become their text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from index_builder.sources import markdown_text
from index_builder.sources.html_parsing import parsed

# Real pages stay below 60; further down the words are kept and the shape is not.
MAX_SHAPE_DEPTH = 100

_DROPPED = {
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed",
    "video", "audio", "canvas", "form", "button", "input", "select", "textarea", "nav", "head",
    "title", "meta", "link", "dialog", "-comment", "map", "applet", "frameset", "!doctype",
}  # fmt: skip
_MEDIA = {"iframe", "object", "embed", "video", "audio"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_BLOCK_SELECTOR = ",".join(sorted(_BLOCKS - {"body", "html"}))
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~", "strike": "~~"}
_CODE = {"code", "kbd", "samp", "tt"}
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_LANGUAGE = re.compile(r"(?:^|\s)(?:lang(?:uage)?-|highlight-source-)([\w+#.-]{1,20})")


@dataclass(slots=True)
class Converted:
    """The Markdown, and how many of what were left out."""

    text: str = ""
    lost: Counter[str] = field(default_factory=Counter)


def to_markdown(html: str, base: str | None = None) -> Converted:
    """The body of *html*; relative links are joined to *base* if there is one."""
    body = parsed(html).body
    return Converted() if body is None else node_markdown(body, base)


def node_markdown(node: LexborNode, base: str | None = None) -> Converted:
    """One element with everything in it."""
    writer = _Writer(base)
    text = "\n\n".join(writer.blocks(node, 0))
    return Converted(text, writer.lost)


class _Writer:
    def __init__(self, base: str | None) -> None:
        self.base = base
        self.lost: Counter[str] = Counter()

    def blocks(self, node: LexborNode, depth: int) -> list[str]:
        """The children of *node* as Markdown blocks."""
        if depth > MAX_SHAPE_DEPTH:
            return [markdown_text.from_plain(node.text(deep=True))]
        found: list[str] = []
        line: list[str] = []
        for child in node.iter(include_text=True):
            if not self._is_block(child):
                line.append(self.inline(child, depth + 1))
                continue
            found += _paragraph(line)
            line = []
            found += self._block(child, depth + 1)
        return [block for block in found + _paragraph(line) if block.strip()]

    def _is_block(self, node: LexborNode) -> bool:
        tag = node.tag or ""
        if tag in _BLOCKS:
            return True
        if tag[:1] in "-!" or tag in _DROPPED:
            return False
        # <a><div>…</div></a>: the shape of what is inside wins over the link.
        child = node.child
        plain = child is None or (child.tag == "-text" and child.next is None)
        return not plain and node.css_first(_BLOCK_SELECTOR) is not None

    def _block(self, node: LexborNode, depth: int) -> list[str]:
        tag = node.tag or ""
        if tag in {"h1", "h2", "h3", "h4", "h5", "h6", "summary"}:
            title = " ".join(self._inlines(node, depth).split())
            level = 3 if tag == "summary" else int(tag[1])
            return [f"{'#' * level} {title.rstrip('#')}"] if title else []
        if tag in {"ul", "ol"}:
            return self._list(node, depth)
        if tag == "pre":
            code = _code_text(node)
            return [markdown_text.code_block(code, _language(node))] if code.strip() else []
        if tag == "blockquote":
            inner = "\n\n".join(self.blocks(node, depth))
            return ["\n".join(f"> {line}".rstrip() for line in inner.split("\n"))] if inner else []
        if tag == "table":
            return self._table(node, depth)
        if tag == "hr":
            return ["---"]
        if tag == "dt":
            term = " ".join(self._inlines(node, depth).split())
            return [f"**{term.replace('**', '')}**"] if term else []
        return self.blocks(node, depth)

    def _list(self, node: LexborNode, depth: int) -> list[str]:
        items: list[str] = []
        start = (node.attributes.get("start") or "1").strip()
        number = int(start) if start.isdecimal() and len(start) < 8 else 1
        loose = False
        for child in node.iter(include_text=True):
            if (child.tag or "")[:1] in "-!" and not (child.text_content or "").strip():
                continue
            parts = self._item(child, depth)
            if not parts:
                continue
            mark = f"{number}. " if node.tag == "ol" else "- "
            number += 1
            loose |= sum(1 for part in parts if not part.lstrip().startswith(("- ", "1. "))) > 1
            items.append(_hung(mark, parts))
        return [("\n\n" if loose else "\n").join(items)] if items else []

    def _item(self, node: LexborNode, depth: int) -> list[str]:
        if (node.tag or "") in {"li", "div", "p"}:
            return self.blocks(node, depth)
        if self._is_block(node):  # a list straight inside a list, as old editors write it
            return self._block(node, depth)
        return _paragraph([self.inline(node, depth)])

    def _table(self, node: LexborNode, depth: int) -> list[str]:
        rows = [list(_cells(row)) for row in _rows(node)]
        rows = [row for row in rows if row]
        if not rows:
            return self.blocks(node, depth) if node.css_first("td,th,tr") is None else []
        shaped = any(
            cell.css_first("table,pre,ul,ol,blockquote,h1,h2,h3,h4") for row in rows for cell in row
        )
        cells = [[self.blocks(cell, depth + 1) for cell in row] for row in rows]
        cells = _without_empty_columns(cells)
        if shaped or len(cells) < 2 or max(map(len, cells)) < 2:
            # A table for layout: what is in it counts.
            return [block for row in cells for cell in row for block in cell]
        return [markdown_text.table([[" ".join(cell) for cell in row] for row in cells])]

    def _inlines(self, node: LexborNode, depth: int, marks: str = "") -> str:
        return "".join(
            self.inline(child, depth + 1, marks) for child in node.iter(include_text=True)
        )

    def inline(self, node: LexborNode, depth: int, marks: str = "") -> str:
        """One text or inline element; *marks* are the emphases already open around it."""
        tag = node.tag or ""
        if tag == "-text":
            return markdown_text.escaped(_SPACES.sub(" ", node.text_content or ""))
        if tag in _DROPPED:
            self.lost["embedded media"] += tag in _MEDIA
            return ""
        if tag == "br":
            return "  \n"
        if tag == "img":
            self.lost["images"] += 1
            return ""
        if depth > MAX_SHAPE_DEPTH:
            return markdown_text.escaped(_SPACES.sub(" ", node.text(deep=True)))
        if tag in _CODE:
            return markdown_text.code_span(_code_text(node))
        mark = _MARKS.get(tag, "")
        if mark and mark not in marks.split():
            return _wrapped(self._inlines(node, depth, f"{marks} {mark}"), mark)
        text = self._inlines(node, depth, marks)
        return self._link(node, text) if tag == "a" else text

    def _link(self, node: LexborNode, text: str) -> str:
        given = (node.attributes.get("href") or "").strip()
        if not given or not text.strip():
            return text
        target = absolute(given, self.base)
        if target is None:
            self.lost["relative links"] += not given.startswith("#")
            return text
        words = " ".join(text.split())
        before = " " if text[0].isspace() else ""
        after = " " if text[-1].isspace() else ""
        return f"{before}[{words}]({target}){after}"


def absolute(href: str, base: str | None) -> str | None:
    """An address a reader anywhere can follow, safe inside ``[…](…)``; or None."""
    try:
        target = urljoin(base, href) if base else href
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https", "mailto"} or not (parts.netloc or parts.path):
        return None
    target = re.sub(r"\s", "%20", target)
    return target.translate({ord("("): "%28", ord(")"): "%29", ord("<"): "%3C", ord(">"): "%3E"})


def _paragraph(line: list[str]) -> list[str]:
    text = "".join(line)
    lines = [" ".join(each.split()) for each in text.split("  \n")]
    text = re.sub(r"(?:  \n){2,}", "\n\n", "  \n".join(lines)).strip()
    return [markdown_text.paragraph(part) for part in text.split("\n\n") if part.strip()]


def _wrapped(text: str, mark: str) -> str:
    inner = text.strip()
    if not inner or "\n\n" in inner:
        return text
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return f"{before}{mark}{inner}{mark}{after}"


def _hung(mark: str, parts: list[str]) -> str:
    indent = " " * len(mark)
    text = parts[0]
    for part in parts[1:]:
        text += ("\n" if re.match(r"(?:- |\d+\. )", part) else "\n\n") + part
    lines = text.split("\n")
    return "\n".join([mark + lines[0]] + [indent + line if line else "" for line in lines[1:]])


def _code_text(node: LexborNode) -> str:
    parts = []
    for each in node.traverse(include_text=True):
        if each.tag == "-text":
            parts.append(each.text_content or "")
        elif each.tag == "br":
            parts.append("\n")
    return "".join(parts).replace("\r\n", "\n")


def _language(node: LexborNode) -> str:
    code = node.css_first("code")
    for each in (node, code):
        found = _LANGUAGE.search((each.attributes.get("class") or "") if each is not None else "")
        if found:
            return found[1].lower()
    return ""


def _rows(table: LexborNode) -> Iterator[LexborNode]:
    for child in table.iter():
        if child.tag == "tr":
            yield child
        elif child.tag in {"thead", "tbody", "tfoot"}:
            yield from (row for row in child.iter() if row.tag == "tr")


def _without_empty_columns(rows: list[list[list[str]]]) -> list[list[list[str]]]:
    width = max(map(len, rows))
    filled = [any(row[at : at + 1] not in ([], [[]]) for row in rows) for at in range(width)]
    return [[cell for cell, keep in zip(row, filled, strict=False) if keep] for row in rows]


def _cells(row: LexborNode) -> Iterator[LexborNode]:
    return (cell for cell in row.iter() if cell.tag in {"td", "th"})
