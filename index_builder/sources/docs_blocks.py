"""The block half of documentation Markdown: fences, comments, directives and admonitions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter

MAX_NESTING = 8

_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})([^`]*)$")
_LIST_ITEM = re.compile(r"^ {0,8}(?:[-*+]|\d{1,9}[.)])\s")
_ADMONITION = re.compile(r"^([ \t]*)(?:!!!|\?\?\?\+?)\s+([\w-]+)[^\"]*(?:\"([^\"]*)\")?\s*$")
_CONTENT_TAB = re.compile(r"^([ \t]*)===\+?\s+\"([^\"]+)\"\s*$")
_ALERT = re.compile(r"^([ \t>]*)\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(.*)$", re.I)
_MARKER = re.compile(r"^[ \t>]*\[!(?:div|NOTE\s)[^\]]*\][ \t]*$", re.I)
_VIDEO = re.compile(r"\[!VIDEO\s{1,3}<?(https?://[^\]\s>]{1,2000})>?\s{0,3}\]", re.I)
_INCLUDE = re.compile(
    r"\[!INCLUDE\s{0,3}\[[^\]]{0,500}\]\s{0,3}\(([^)\s]{0,500})[^)]{0,500}\)\s{0,3}\]", re.I
)
_IMAGE_DIRECTIVE = re.compile(r":::\s?image\b.{0,2000}?:::(?:[ \t]*$)?", re.M)
_ZONE = re.compile(r"^[ \t>]*:::\s*zone\s+(?:target=\S+\s*)?(?:pivot=\"([^\"]+)\")?.*$")
_CODE_DIRECTIVE = re.compile(r"^[ \t]*:::\s*code\b.*:::[ \t]*$")
_NAMED_BOX = re.compile(
    r"^([ \t]*):{3,}\s*\{?\.?([A-Za-z]+)\}?(?:\[([^\]]*)\]|[ \t]+([^:]*?))?\s*$"
)
_BOX_END = re.compile(r"^[ \t>]*:{3,}.*$")
_BOXES = {"note", "tip", "info", "warning", "danger", "caution", "important", "hint", "details"}
_TEMPLATE = re.compile(r"\{\{[<%].{0,1000}?[>%]\}\}|\{%.{0,1000}?%\}")
_ATTRIBUTES = re.compile(r"\{:[^{}\n]{0,500}\}|(?<=\S)[ \t]+\{#[\w-]+\}[ \t]*$", re.M)
_MODULE_LINE = re.compile(
    r"^(?:import\s.+\sfrom\s+['\"].+['\"]|export\s+(?:const|default)\s.*);?\s*$"
)
_TAB_HEADING = re.compile(r"^(#{1,6}[ \t]+)\[([^\]]+)\]\(#tabs?/[^)]*\)\s*$")


def stretches(text: str) -> Iterator[tuple[bool, str]]:
    """Cut a text into (is code, lines): fenced and indented blocks, and the prose between."""
    for is_code, lines in groupby(_labelled(text.split("\n")), key=itemgetter(0)):
        yield is_code, "\n".join(line for _, line in lines)


def _labelled(lines: list[str]) -> Iterator[tuple[bool, str]]:
    fence = ""
    before = "blank"  # what the last line was: blank, prose or code
    in_list = False
    for line in lines:
        found = _FENCE.match(line)
        if fence or found:
            if found and not fence:
                fence = found[1]
            elif found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
            before = "prose"
            yield True, line
            continue
        blank = not line.strip()
        indented = line.startswith(("    ", "\t")) and not blank
        if indented and not in_list and before != "prose":
            before = "code"
            yield True, line
            continue
        in_list = bool(_LIST_ITEM.match(line)) or (
            in_list
            and not line.startswith("#")
            and (blank or line[0].isspace() or before == "prose")
        )
        if not (blank and before == "code"):
            before = "blank" if blank else "prose"
        yield False, line


def uncommented(text: str) -> str:
    """Without HTML comments, except within fences."""
    if "<!--" not in text:
        return text
    kept: list[str] = []
    fence = ""
    hidden = False
    for line in text.split("\n"):
        found = None if hidden else _FENCE.match(line)
        if found and (not fence or (found[1].startswith(fence) and not found[2].strip())):
            fence = "" if fence else found[1]
        if fence:
            kept.append(line)
            continue
        shown, hidden = _visible(line, hidden)
        if shown.strip() or not line.strip():
            kept.append(shown)
    return "\n".join(kept)


def _visible(line: str, hidden: bool) -> tuple[str, bool]:
    shown = ""
    while line:
        before, mark, line = line.partition("-->" if hidden else "<!--")
        shown += "" if hidden else before
        hidden ^= bool(mark)
    return shown, hidden


def unfolded(text: str, depth: int = 0) -> str:
    """MkDocs admonitions and content tabs: their indented content as quotes and plain blocks."""
    if depth > MAX_NESTING or not re.search(r"^[ \t]*(?:!!!|\?\?\?|===)", text, re.M):
        return text
    lines = text.split("\n")
    kept: list[str] = []
    at = 0
    fence = ""
    while at < len(lines):
        line = lines[at]
        at += 1
        fenced = _FENCE.match(line)
        if fenced and (not fence or fenced[1].startswith(fence)):
            fence = "" if fence else fenced[1]
        box = None if fence else _ADMONITION.match(line)
        tab = None if fence else _CONTENT_TAB.match(line)
        if not box and not tab:
            kept.append(line)
            continue
        indent = (box or tab)[1]  # type: ignore[index]
        end = at
        while end < len(lines) and (
            not lines[end].strip() or lines[end].startswith((f"{indent}    ", f"{indent}\t"))
        ):
            end += 1
        inner = unfolded("\n".join(_dedented(lines[at:end], indent)), depth + 1).strip("\n")
        at = end
        if tab:
            kept += [
                "",
                f"{indent}**{tab[2]}**",
                "",
                *(indent + each for each in inner.split("\n")),
            ]
        elif box:
            name = box[3] or box[2].capitalize()
            kept += ["", f"{indent}> **{name}**", f"{indent}>"]
            kept += [f"{indent}> {each}".rstrip() for each in inner.split("\n")]
        kept.append("")
    return "\n".join(kept)


def _dedented(lines: list[str], indent: str) -> list[str]:
    return [
        line.removeprefix(indent).removeprefix("\t" if line.startswith(f"{indent}\t") else "    ")
        for line in lines
    ]


def plain_blocks(prose: str, lost: Counter[str], include: Callable[[str], str | None]) -> str:
    """Directives of docs sites as plain Markdown, or dropped and counted."""

    def included(found: re.Match[str]) -> str:
        text = include(found[1])
        if text is None:
            lost["includes"] += 1
        return text or ""

    def dropped(name: str) -> Callable[[re.Match[str]], str]:
        def drop(_: re.Match[str]) -> str:
            lost[name] += 1
            return ""

        return drop

    prose = _INCLUDE.sub(included, prose)
    prose = _VIDEO.sub(r"[Video](\1)", prose)
    prose = _IMAGE_DIRECTIVE.sub(dropped("images"), prose)
    prose = _TEMPLATE.sub(dropped("template tags"), prose)
    prose = _ATTRIBUTES.sub("", prose).replace("&nbsp;", " ")
    return "\n".join(_lines(prose.split("\n"), lost))


def _lines(lines: list[str], lost: Counter[str]) -> Iterator[str]:
    waiting: str | None = None  # a line that a row of === or --- would make a heading
    for line in lines:
        level = _underlined(waiting, line)
        if level and waiting is not None:
            yield f"{'#' * level} {waiting.strip()}"
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = _line(line, lost)
    if waiting is not None:
        yield waiting


def _underlined(above: str | None, line: str) -> int:
    if above is None or not above.strip() or not re.fullmatch(r" {0,3}(?:=+|-{2,})[ \t]*", line):
        return 0
    if re.match(r"[ \t]*(?:[#>|]|[-*+][ \t]|\d+[.)][ \t])|\t| {4}", above):
        return 0
    return 1 if "=" in line else 2


def _line(line: str, lost: Counter[str]) -> str | None:
    alert = _ALERT.match(line)
    if alert:
        return f"{alert[1]}**{alert[2].capitalize()}:** {alert[3]}".rstrip() + "  "
    tab = _TAB_HEADING.match(line)
    if tab:
        return tab[1] + tab[2]
    if _MARKER.match(line) or _MODULE_LINE.match(line):
        return None
    return _directive(line, lost) if ":::" in line else line


def _directive(line: str, lost: Counter[str]) -> str | None:
    zone = _ZONE.match(line)
    if zone:
        return f"\n**{zone[1].replace('-', ' ')}**\n" if zone[1] else None
    if _CODE_DIRECTIVE.match(line):
        lost["included code"] += 1
        return None
    box = _NAMED_BOX.match(line)
    if box and box[2].lower() in _BOXES:
        return f"\n{box[1]}**{(box[3] or box[4] or box[2].capitalize()).strip()}**\n"
    return None if _BOX_END.match(line) else line
