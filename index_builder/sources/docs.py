"""
A documentation site's Markdown: front matter by convention, or none at all.

Every article becomes one entry. What a page builder would fill in (includes, images, templates)
is dropped and counted; a head that is not YAML is read line by line and the ledger says so.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from index_builder.sources import docs_blocks, docs_fields, front_matter, markdown_text, yaml_nodes
from index_builder.sources.docs_fields import Fields
from index_builder.sources.docs_inline import Inline
from index_builder.sources.drafts import Draft, Item, Noted, Skipped, body
from index_builder.sources.files import MAX_PAGE_BYTES, Batch, Unreadable, guarded, whole_text
from index_builder.sources.page_ids import page_ids, words_of

MAX_RELATED = 8
MAX_INCLUDES_DEEP = 3

_FRAGMENT_FOLDERS = {"includes", "include", "snippets", "partials"}
_CONTENTS = {"toc.md", "summary.md", "_sidebar.md", "readme.md"}
_LOOSE_LINE = re.compile(r"^([A-Za-z_][\w.-]*):[ \t]*(.*)$")
_H1 = re.compile(r"^ {0,3}#[ \t]+(.+?)[ \t]*#*[ \t]*$")


@dataclass(slots=True)
class _Site:
    """The folder as a whole: which id each file has, so that links between pages can be kept."""

    root: Path
    ids: dict[Path, str] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: Batch) -> _Site:
        return cls(batch.root, page_ids(batch))

    def target(self, page: Path, link: str) -> Path | None:
        """The file of this site that *link* on *page* means."""
        bare = link.split("#")[0].split("?")[0]
        if not bare or not bare.lower().endswith((".md", ".mdx", ".markdown")):
            return None
        if bare.startswith(("~/", "/")):
            return self._inside(self.root, bare.lstrip("~/"))
        return self._inside(page.parent, bare)

    def _inside(self, folder: Path, link: str) -> Path | None:
        parts: list[str] = []
        for part in (*folder.parts, *PurePosixPath(link).parts):
            if part == ".." and parts:
                parts.pop()
            elif part != ".":
                parts.append(part)
        path = Path(*parts)
        return path if path in self.ids else None


def read(batch: Batch) -> Iterator[Item]:
    """Every article of the site, in the order of their paths."""
    site = _Site.of(batch)
    for path in batch.files:
        yield from guarded(path, lambda page: _article(page, site))


def _article(path: Path, site: _Site) -> Iterator[Item]:
    name = str(path)
    if path.name.lower() in _CONTENTS:
        yield Skipped(name, 1, "a table of contents or README, not an article")
        return
    if _FRAGMENT_FOLDERS & {part.lower() for part in path.relative_to(site.root).parts[:-1]}:
        yield Skipped(name, 1, "a fragment for other articles to include")
        return
    parts = front_matter.split(whole_text(path, MAX_PAGE_BYTES))
    fields, mended = _head(parts)
    if mended:
        yield Noted(name, mended[0], mended[1])
    if fields.draft:
        yield Skipped(name, 1, "a draft")
        return
    page = _Page(path, site)
    title, text = page.cleaned(parts.body)
    if fields.intro and not text.startswith(fields.intro):
        text = f"{markdown_text.from_plain(fields.intro)}\n\n{body(text)}"
    if not text.strip():
        yield Skipped(name, parts.body_line, "an article without a word in it")
        return
    yield _draft(path, site, fields, title, text, page)


def _draft(path: Path, site: _Site, fields: Fields, heading: str, text: str, page: _Page) -> Draft:
    title = heading or fields.title or words_of(path)
    other = fields.title if _words(fields.title) != _words(title) else ""
    folders = path.relative_to(site.root).parts[:-1]
    return Draft(
        file=str(path),
        line=1,
        id=site.ids[path],
        title=title,
        text=text,
        questions=(*([other] if other else []), *fields.questions),
        tags=(*folders, *fields.tags),
        platforms=fields.platforms,
        related=tuple(list(dict.fromkeys(page.related))[:MAX_RELATED]),
        source=fields.source,
        updated=fields.updated,
        language=fields.language,
        lost=(*fields.lost, *page.lost.elements()),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


class _Page:
    """One article on its way to plain Markdown."""

    def __init__(self, path: Path, site: _Site) -> None:
        self.path = path
        self.site = site
        self.lost: Counter[str] = Counter()
        self.related: list[str] = []

    def cleaned(self, article: str) -> tuple[str, str]:
        """The first H1 as plain words, and the rest as GFM."""
        inline = Inline(self._locate, self.lost)
        text = docs_blocks.unfolded(docs_blocks.uncommented(_printable(article)))
        parts = [
            (code, part if code else inline.define(self._blocks(part, self.path, 0)))
            for code, part in docs_blocks.stretches(text)
        ]
        title, parts = _without_title(parts)
        shown = "\n".join(part if code else _tidy(inline.cleaned(part)) for code, part in parts)
        return markdown_text.without_marks(inline.cleaned(title)), shown

    def _blocks(self, prose: str, page: Path, depth: int) -> str:
        def include(link: str) -> str | None:
            target = self.site.target(page, link)
            if target is None or depth >= MAX_INCLUDES_DEEP:
                return None
            try:
                inner = front_matter.split(whole_text(target, MAX_PAGE_BYTES)).body
            except (Unreadable, OSError):
                return None
            return self._blocks(docs_blocks.uncommented(inner).strip(), target, depth + 1)

        return docs_blocks.plain_blocks(prose, self.lost, include)

    def _locate(self, link: str) -> str | None:
        target = self.site.target(self.path, link)
        if target is not None and target != self.path:
            self.related.append(self.site.ids[target])
        return None


def _printable(text: str) -> str:
    return re.sub(r"[\x01-\x08\x0b-\x1f]", " ", text)


def _tidy(prose: str) -> str:
    """What was dropped leaves no holes: one blank line is enough."""
    return re.sub(r"\n(?:[ \t>]*\n){2,}", "\n\n", re.sub(r"^[ \t]+$", "", prose, flags=re.M))


def _without_title(parts: list[tuple[bool, str]]) -> tuple[str, list[tuple[bool, str]]]:
    for place, (code, part) in enumerate(parts):
        lines = part.split("\n")
        for number, line in enumerate(lines):
            found = None if code else _H1.match(line)
            if found:
                rest = "\n".join(lines[:number] + lines[number + 1 :])
                return found[1], [*parts[:place], (False, rest), *parts[place + 1 :]]
    return "", parts


def _head(parts: front_matter.Parts) -> tuple[Fields, tuple[int, str] | None]:
    if not parts.closed:
        loose = _loose(parts.body.split("\n\n", 1)[0])
        return docs_fields.of(loose), (1, "the front matter is never closed; read line by line")
    if parts.head is None:
        return docs_fields.of({}), None
    try:
        if parts.fence == "+++":
            return docs_fields.of(_toml(parts.head)), None
        node = yaml_nodes.parse(parts.head, first_line=2)
    except Unreadable as error:
        return docs_fields.of(_loose(parts.head)), (error.line, f"{error.why}; read line by line")
    if node.value is not None and not isinstance(node.value, dict):
        return docs_fields.of({}), (2, "the front matter is not lines of `key: value`; left out")
    return docs_fields.of({key: each.texts() for key, each in (node.value or {}).items()}), None


def _loose(head: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    key = ""
    for line in head.split("\n"):
        pair = _LOOSE_LINE.match(line)
        if pair:
            key = pair[1]
            found.setdefault(key, []).extend([pair[2].strip("\"' ")] if pair[2].strip() else [])
        elif key and line.lstrip().startswith("- "):
            found[key].append(line.lstrip()[2:].strip("\"' "))
    return found


def _toml(head: str) -> dict[str, list[str]]:
    try:
        table = tomllib.loads(head)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise Unreadable(1 + int(line[1]) if line else 1, f"broken TOML: {error}") from None
    return {
        key: [str(item) for item in (value if isinstance(value, list) else [value])]
        for key, value in table.items()
        if not isinstance(value, dict)
    }
