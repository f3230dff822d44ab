"""More phrasings in an entry's file, with every other character of it left as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from index_builder.sources import front_matter, yaml_nodes, yaml_text
from index_builder.sources.files import Unreadable

KEY = "questions"


def add_phrasings(path: Path, phrasings: Sequence[str]) -> None:
    """
    Write *phrasings* at the end of the ``questions`` of a Markdown file.

    Raises:
        Unreadable: the file is none of ours, or written in a way that is safer edited by hand.

    """
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    changed = with_phrasings(text, phrasings)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(changed)


def with_phrasings(text: str, phrasings: Sequence[str]) -> str:
    """As ``add_phrasings``, from text to text."""
    head = front_matter.split(text).head
    if head is None:
        raise Unreadable(1, "no front matter between --- and ---")
    first = text.index("\n") + 1
    end = "\r\n" if text[first - 2 : first] == "\r\n" else "\n"
    changed = _changed(head, phrasings, end)
    before, after = _questions(head), _questions(changed)
    if after != [*before, *phrasings]:
        raise Unreadable(1, f"{KEY} are written in an unusual way: add the phrasing by hand")
    return text[:first] + changed + text[first + len(head) :]


def _questions(head: str) -> list[str]:
    node = yaml_nodes.parse(head, first_line=2).get(KEY)
    return [] if node is None else node.texts()


def _changed(head: str, phrasings: Sequence[str], end: str) -> str:
    # The pure parser: only it says where in the text a node ends.
    mapping = yaml.compose(head, Loader=yaml.SafeLoader)
    if not isinstance(mapping, yaml.MappingNode):
        raise Unreadable(2, "the front matter must be lines of `key: value`")
    values = {key.value: value for key, value in mapping.value}
    known = values.get(KEY)
    if known is None:
        title = values.get("title")
        if title is None:
            raise Unreadable(2, "no title: add a line `title: …`")
        return _below(head, title, [f"{KEY}:", *_items(phrasings, 2)], end)
    if isinstance(known, yaml.SequenceNode) and known.value:
        last = known.value[-1]
        if known.flow_style:
            place = last.end_mark.index
            return f"{head[:place]}, {_flow(phrasings)}{head[place:]}"
        return _below(head, last, _items(phrasings, known.start_mark.column), end)
    if isinstance(known, yaml.SequenceNode):
        place = known.end_mark.index - 1
        return f"{head[:place]}{_flow(phrasings)}{head[place:]}"
    if isinstance(known, yaml.ScalarNode) and not known.value:
        return _below(head, known, _items(phrasings, 2), end)
    raise Unreadable(known.start_mark.line + 2, f"{KEY} must be a list: one `- …` a line")


def _below(head: str, node: yaml.Node, lines: Sequence[str], end: str) -> str:
    """*head* with *lines* below the last line of *node*."""
    # A block of text ends at the beginning of the line after it.
    last = node.end_mark.line - (node.end_mark.column == 0 and node.end_mark.line > 0)
    rows = head.split("\n")
    # Each row but the very last of the head still has its carriage return.
    added = [line + end.removesuffix("\n") for line in lines]
    if last == len(rows) - 1 and end == "\r\n" and not rows[last].endswith("\r"):
        rows[last] += "\r"
    return "\n".join([*rows[: last + 1], *added, *rows[last + 1 :]])


def _items(phrasings: Sequence[str], indent: int) -> list[str]:
    return [" " * indent + yaml_text.dumped([one]).strip() for one in phrasings]


def _flow(phrasings: Sequence[str]) -> str:
    return yaml_text.flow(phrasings)[1:-1]
