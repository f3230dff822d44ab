"""
YAML as text with places: every value a string, every node with its line.

Nothing is guessed from plain words, so ``language: no`` is Norwegian and ``id: 0042`` keeps its
zeros. Aliases and tags are refused: what cannot be written cannot explode or run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from index_builder.sources.files import Unreadable

MAX_DEPTH = 24
_NULLS = {"", "~", "null", "Null", "NULL"}
_HARMLESS = "tag:yaml.org,2002:"
_SCALARS = {_HARMLESS + name for name in ("str", "int", "float", "bool", "null", "timestamp")}

# libyaml is ten times as fast; the pure parser reads the same.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line to open; for a value of a mapping that is the line of its key."""

    line: int
    value: str | list[Node] | dict[str, Node] | None

    def text(self) -> str | None:
        """The scalar, or None for an empty one and for collections."""
        return self.value if isinstance(self.value, str) else None

    def items(self) -> list[Node]:
        """The elements of a list; a single scalar counts as a list of one."""
        if isinstance(self.value, list):
            return self.value
        return [self] if isinstance(self.value, str) else []

    def get(self, key: str) -> Node | None:
        """The value under *key* of a mapping."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def texts(self) -> list[str]:
        """The scalars of a list, or of a single scalar."""
        return [item.value for item in self.items() if isinstance(item.value, str)]


def parse(text: str, first_line: int = 1) -> Node:
    """
    The first document of *text*; an empty one is a Node with value None.

    Raises:
        Unreadable: not YAML, an alias, a tag, a key given twice, or nested too deeply.

    """
    events = yaml.parse(text, Loader=_LOADER)
    try:
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                return _node(event, events, first_line, 0)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(*_complaint(error, first_line)) from None
    except yaml.YAMLError as error:
        raise Unreadable(first_line, f"broken YAML: {str(error).splitlines()[0]}") from None
    return Node(first_line, None)


def _complaint(error: yaml.MarkedYAMLError, first_line: int) -> tuple[int, str]:
    mark = error.problem_mark or error.context_mark
    # An unclosed quote or bracket is noticed at the end of the text; the mistake is where it opens.
    if error.context_mark is not None and "end of stream" in str(error.problem):
        mark = error.context_mark
    line = first_line + (mark.line if mark is not None else 0)
    return line, "broken YAML: " + ", ".join(
        str(part) for part in (error.context, error.problem) if part
    )


def _node(event: yaml.Event, events: Iterator[yaml.Event], first: int, depth: int) -> Node:
    mark = event.start_mark
    line = first + (mark.line if mark is not None else 0)
    if depth > MAX_DEPTH:
        raise Unreadable(line, f"YAML nested deeper than {MAX_DEPTH} levels")
    if isinstance(event, yaml.AliasEvent):
        raise Unreadable(line, f"YAML aliases (*{event.anchor}) are not read: write the value out")
    _refuse_tag(event, line)
    if isinstance(event, yaml.ScalarEvent):
        plain = event.implicit[0]
        return Node(line, None if plain and event.value in _NULLS else event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(line, list(_elements(events, first, depth + 1)))
    return Node(line, _pairs(events, first, depth + 1))


def _refuse_tag(event: yaml.Event, line: int) -> None:
    tag = getattr(event, "tag", None)
    if tag is None or tag == "!" or tag in _SCALARS:
        return
    shown = str(tag).replace(_HARMLESS, "!!")
    raise Unreadable(line, f"the YAML tag {shown} is not read: write a plain value")


def _elements(events: Iterator[yaml.Event], first: int, depth: int) -> Iterator[Node]:
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        yield _node(event, events, first, depth)


def _pairs(events: Iterator[yaml.Event], first: int, depth: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        key = _node(event, events, first, depth)
        name = "" if key.value is None else key.value
        if not isinstance(name, str):
            raise Unreadable(key.line, "a YAML key must be a word")
        if name in found:
            raise Unreadable(
                key.line, f"the key {name!r} is given twice, first on line {found[name].line}"
            )
        value = _node(next(events), events, first, depth)
        found[name] = Node(key.line, value.value)
    return found
