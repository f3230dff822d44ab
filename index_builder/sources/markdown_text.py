"""Plain text as Markdown that shows exactly that text."""

from __future__ import annotations

import re

_URL = re.compile(r"(?:https?://|www\.)[^\s<>]+")
# What Markdown would read as markup: emphasis, code, tags, entities, links, struck out. An
# underscore inside a word (snake_case, file_name) is no emphasis in CommonMark.
_MARKUP = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)|[*`]|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w+;)"
    r"|\](?=[(\[:])|~(?=~)"
)
_LINE_START = re.compile(
    r"^([ \t]*)(?:"
    r"(#{1,6}(?=[ \t]|$)|[-+](?=[ \t]|$)|>|\||={2,}[ \t]*$|-{2,}[ \t]*$|~{3})"
    r"|(\d{1,9})([.)](?=[ \t]|$)))",
    re.MULTILINE,
)
_BACKTICKS = re.compile(r"`+")


def escaped(text: str) -> str:
    """Text for the middle of a line; addresses stay as they are."""
    parts = []
    end = 0
    for url in _URL.finditer(text):
        parts += [_MARKUP.sub(r"\\\g<0>", text[end : url.start()]), url[0]]
        end = url.end()
    parts.append(_MARKUP.sub(r"\\\g<0>", text[end:]))
    return "".join(parts)


def paragraph(text: str) -> str:
    """A block of inline Markdown none of whose lines begins a list, heading, quote or table."""

    def _quiet(found: re.Match[str]) -> str:
        indent, mark, number, point = found.groups()
        return f"{indent}\\{mark}" if mark else f"{indent}{number}\\{point}"

    return _LINE_START.sub(_quiet, text)


def from_plain(text: str) -> str:
    """Plain text, paragraphs apart by blank lines, single line ends kept as line breaks."""
    blocks = re.split(r"\n[ \t]*\n\s*", text.strip("\n"))
    return "\n\n".join(
        paragraph("  \n".join(escaped(" ".join(line.split())) for line in block.split("\n")))
        for block in blocks
        if block.strip()
    )


def code_span(text: str) -> str:
    """Inline code; more backticks around than any within."""
    text = " ".join(text.split())
    if not text:
        return ""
    fence = "`" * (_longest(text) + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def code_block(text: str, language: str = "") -> str:
    """A fenced block; the fence is longer than any run of backticks within."""
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}{language}\n{text.strip(chr(10)).rstrip()}\n{fence}"


def _longest(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def table(rows: list[list[str]]) -> str:
    """A GFM table of inline cells; the first row is the head."""
    width = max(len(row) for row in rows)
    lines = [_row(row, width) for row in rows]
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


def _row(cells: list[str], width: int) -> str:
    padded = cells + [""] * (width - len(cells))
    return "| " + " | ".join(_cell(cell) for cell in padded) + " |"


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


def without_marks(text: str) -> str:
    """Inline Markdown as words: for titles and headings."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<!\\)(`+)(.*?)(?<!`)\1(?!`)", r"\2", text)
    text = re.sub(r"(?<!\\)\*\*|(?<!\\)__(?!\w)|(?<![\w\\])__", "", text)
    text = re.sub(r"(?<![\\*\w])\*(?=\S)(.+?)(?<=\S)\*(?!\w)", r"\1", text)
    text = re.sub(r"(?<![\\_\w])_(?=\S)(.+?)(?<=\S)_(?!\w)", r"\1", text)
    return " ".join(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).split())
