"""HTML to a tree, by lexbor's parser: the same algorithm as browsers, any input, no network."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from index_builder.sources.files import Unreadable

# lexbor takes quadratic time for elements within elements: 10,000 deep is 0.1 s, 100,000 is 11 s.
MAX_PARSER_DEPTH = 10_000
# The longest page of a manual that we met has 30,000; half a million take ten seconds.
MAX_TAGS = 500_000

# Elements that a following one closes are not counted: old pages have thousands open.
_OPEN_OR_CLOSE = re.compile(
    r"<(/?)(?!(?:p|li|td|tr|th|tbody|thead|dd|dt|option|br|hr|img|input|meta|link|col|area|base|"
    r"source|wbr|embed|track|param)\b)[a-z][^<>]*?(/?)>",
    re.IGNORECASE,
)


def parsed(html: str) -> LexborHTMLParser:
    """
    The document.

    Raises:
        Unreadable: more elements, or elements within elements, than any page has.

    """
    tags = html.count("<")
    if tags > MAX_TAGS:
        raise Unreadable(1, f"HTML of more than {MAX_TAGS:,} tags")
    if tags > MAX_PARSER_DEPTH and _depth(html) > MAX_PARSER_DEPTH:
        raise Unreadable(1, f"HTML nested deeper than {MAX_PARSER_DEPTH:,} elements")
    return LexborHTMLParser(html)


def _depth(html: str) -> int:
    deepest = depth = 0
    for found in _OPEN_OR_CLOSE.finditer(html):
        if found[1]:
            depth = max(0, depth - 1)
        elif not found[2]:
            depth += 1
            deepest = max(deepest, depth)
    return deepest
