"""What QnA Maker's three formats share: metadata, prompts, and how they become an entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from index_builder.sources import cells
from index_builder.sources.drafts import Draft, Item, asked, legal_id
from service.errors import Problem
from service.retrieval.entries import Entry, Kind

# Names under which we keep our own fields in metadata; any other pair becomes a tag "name:value".
_OWN = ("id", "title", "tags", "platforms", "updated", "kind", "language", "pin", "related")
EDITORIAL = {"", "editorial", "custom editorial"}


@dataclass(slots=True)
class Pair:
    """One question-answer pair with all its questions."""

    file: str
    line: int
    key: str
    answer: str = ""
    questions: list[str] = field(default_factory=list)
    source: str = ""
    metadata: list[tuple[str, str]] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)  # the keys of other pairs
    lost: list[str] = field(default_factory=list)


def drafts(pairs: Sequence[Pair]) -> Iterator[Item]:
    """The pairs as drafts, prompts turned into related entries."""
    ids = {pair.key: found for pair in pairs if pair.key and (found := _id(pair))}
    for pair in pairs:
        yield _draft(pair, ids)


def _id(pair: Pair) -> str:
    return legal_id(_own(pair).get("id", "") or pair.key)


def _own(pair: Pair) -> dict[str, str]:
    return {name: unquote(value) for name, value in pair.metadata if name in _OWN}


def _draft(pair: Pair, ids: Mapping[str, str]) -> Item:
    own = _own(pair)
    title, questions = asked(pair.questions)
    if "title" in own:
        questions = tuple(each for each in (title, *questions) if each != own["title"])
        title = own["title"]
    if not title:
        return Problem(pair.file, pair.line, "this pair has no question")
    if not pair.answer.strip():
        return Problem(pair.file, pair.line, f"{title!r} has no answer")
    kind: Kind = "smalltalk" if own.get("kind") == "smalltalk" else "answer"
    related = cells.unpacked(own.get("related", ""))
    prompted = (ids[key] for key in pair.prompts if key in ids and key != pair.key)
    return Draft(
        file=pair.file,
        line=pair.line,
        id=_id(pair) or None,
        title=title,
        questions=questions,
        text=pair.answer,
        tags=(
            *cells.unpacked(own.get("tags", "")),
            *(f"{name}:{value}" for name, value in pair.metadata if name not in _OWN),
        ),
        platforms=cells.unpacked(own.get("platforms", "")),
        pinned=cells.unpacked(own.get("pin", "")),
        related=related or tuple(prompted),
        source=None if pair.source.strip().lower() in EDITORIAL else pair.source,
        updated=own.get("updated"),
        kind=kind,
        language=own.get("language"),
        lost=(*pair.lost, *("prompts" for key in pair.prompts if key not in ids)),
    )


def metadata_of(entry: Entry) -> str:
    """The fields that QnA Maker has no column for, as ``name:value | name:value``."""
    filled = {
        "id": entry.id,
        "tags": cells.packed(entry.tags) if entry.tags else "",
        "platforms": cells.packed(entry.platforms) if entry.platforms else "",
        "related": cells.packed(entry.related) if entry.related else "",
        "pin": cells.packed(entry.pinned) if entry.pinned else "",
        "updated": entry.updated or "",
        "kind": "" if entry.kind == "answer" else entry.kind,
        "language": entry.language or "",
    }
    return " | ".join(f"{name}:{_value(value)}" for name, value in filled.items() if value)


def _value(text: str) -> str:
    # Only what would break the cell is written in percents, so that people can read the rest.
    return "".join(quote(each, safe="") if each in "%|:\t" else each for each in text)


def pairs_of(cell: str) -> Iterable[tuple[str, str]]:
    """``name:value | name:value`` as pairs."""
    for part in cell.split("|"):
        name, colon, value = part.strip().partition(":")
        if colon and name.strip():
            yield name.strip(), value.strip()
