"""A folder of HTML pages: FAQPage data where a page has it, else its main text by headings."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from index_builder.sources import faq_jsonld
from index_builder.sources.dates import day
from index_builder.sources.docs_fields import language
from index_builder.sources.drafts import Draft, Item, Noted, Skipped, one_line
from index_builder.sources.files import UTF16_MARKS, Batch, Unreadable, decoded, guarded
from index_builder.sources.format import Head
from index_builder.sources.html_markdown import absolute, node_markdown
from index_builder.sources.html_parsing import parsed
from index_builder.sources.page_ids import page_ids, words_of

MAX_HTML_BYTES = 16 * 1024 * 1024

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_MAIN = ("main", "[role=main]", "article", "#main-content", "#content", "#main")
_AROUND = (
    "nav, aside, footer, body > header, [role=navigation], [role=banner], [role=contentinfo], "
    "[role=search], [hidden], .breadcrumb, .breadcrumbs"
)


def recognise(head: Head) -> bool:
    """A document type, or the tags that every page has."""
    start = head.text.lstrip().lower()
    return start.startswith(("<!doctype html", "<html")) or "<body" in start or "<h1" in start


def read(batch: Batch) -> Iterator[Item]:
    """Every page, in the order of their paths."""
    ids = page_ids(batch)
    for path in batch.files:
        yield from guarded(path, lambda page: _page(page, ids[page]))


def _page(path: Path, page_id: str) -> Iterator[Item]:
    tree = parsed(_text(path))
    source = _source(tree)
    questions = list(_questions(path, tree, source))
    yield from questions
    if any(isinstance(item, Draft) for item in questions):
        return
    main = _main(tree)
    heading = main.css_first("h1") if main is not None else None
    title = _title(path, tree, heading)
    if heading is not None:
        heading.decompose()
    body = node_markdown(main, source) if main is not None else None
    if body is None or not body.text.strip():
        yield Skipped(str(path), 1, "a page without a word in it")
        return
    root = tree.css_first("html")
    yield Draft(
        file=str(path),
        line=1,
        id=page_id,
        title=title,
        text=body.text,
        source=source,
        updated=day(_meta(tree, 'meta[property="article:modified_time"]')),
        language=language(root.attributes.get("lang") if root is not None else None),
        lost=tuple(body.lost.elements()),
    )


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > MAX_HTML_BYTES:
        raise Unreadable(1, f"holds {size:,} bytes; a page may hold {MAX_HTML_BYTES:,}")
    data = path.read_bytes()
    declared = _CHARSET.search(data[:4096])
    if data.startswith((codecs.BOM_UTF8, *UTF16_MARKS)) or declared is None:
        return decoded(data)
    name = declared[1].decode("ascii").lower()
    # Browsers read "iso-8859-1" as Windows-1252, so that is what pages are written in.
    name = "cp1252" if name in {"iso-8859-1", "latin1", "windows-1252", "us-ascii"} else name
    if name in {"utf-8", "utf8"}:
        return decoded(data)
    try:
        return decoded(data.decode(name).encode())
    except LookupError:
        raise Unreadable(1, f"declares the unknown encoding {name}: save it as UTF-8") from None
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = data.count(b"\n", 0, at) + 1
        raise Unreadable(line, f"is not in {name}, as it declares: save it as UTF-8") from None


def _questions(path: Path, tree: LexborHTMLParser, source: str | None) -> Iterator[Item]:
    for number, script in enumerate(tree.css('script[type="application/ld+json"]'), start=1):
        try:
            yield from faq_jsonld.in_page(str(path), 1, script.text(deep=True), source)
        except (ValueError, RecursionError):
            yield Noted(str(path), 1, f"the JSON-LD script {number} is broken; left out")


def _main(tree: LexborHTMLParser) -> LexborNode | None:
    for selector in _MAIN:
        found = tree.css(selector)
        # Several articles are a list of teasers; the page is all of them.
        if len(found) == 1 and found[0].text(deep=True).strip():
            return _bare(found[0])
    return _bare(tree.body) if tree.body is not None else None


def _bare(node: LexborNode) -> LexborNode:
    for each in node.css(_AROUND):
        if each.mem_id != node.mem_id:
            each.decompose()
    return node


def _title(path: Path, tree: LexborHTMLParser, heading: LexborNode | None) -> str:
    named = tree.css_first("title")
    for text in (
        heading.text(deep=True) if heading is not None else "",
        _meta(tree, 'meta[property="og:title"]'),
        named.text(deep=True) if named is not None else "",
    ):
        if one_line(text):
            return one_line(text)
    return words_of(path)


def _source(tree: LexborHTMLParser) -> str | None:
    link = tree.css_first('link[rel="canonical"]')
    given = (link.attributes.get("href") or "") if link is not None else ""
    given = given or _meta(tree, 'meta[property="og:url"]')
    return absolute(given, None) if given else None


def _meta(tree: LexborHTMLParser, selector: str) -> str:
    found = tree.css_first(selector)
    return (found.attributes.get("content") or "") if found is not None else ""
