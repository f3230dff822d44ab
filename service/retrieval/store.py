"""The entries of an index, read one at a time from a mapped file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson

from service.errors import EntryNotFound
from service.retrieval.artefact import Reader
from service.retrieval.entries import Listed, Related, Section, StoredEntry, joined
from service.retrieval.vocabulary import position, surface_key


class EntryStore:
    """
    ``entries.jsonl`` by number and by id, ``cards.jsonl`` for what a list shows.

    A line of the first is a :class:`StoredEntry`; of the second ``[id, title, tags]``.
    """

    def __init__(self, reader: Reader) -> None:
        self.entries = Lines(reader, "entries")
        self.cards = Lines(reader, "cards")
        self._open_keys(reader)

    def _open_keys(self, reader: Reader) -> None:
        self._language = str(reader.info["analyser"]["language"])
        self._id_keys = reader.array("ids.key")
        self._id_entries = reader.array("ids.entry")
        self._exact_keys = reader.array("exact.key")
        self._exact_entries = reader.array("exact.entry")

    def __len__(self) -> int:
        return len(self.entries)

    def number(self, entry_id: str) -> int:
        """
        The number of an entry.

        Raises:
            EntryNotFound: no entry has this id.

        """
        at = int(position(self._id_keys, np.uint64(surface_key(entry_id))))
        if at < self._id_keys.size:
            number = int(self._id_entries[at])
            if self.card(number).id == entry_id:
                return number
        raise EntryNotFound(
            f"There is no entry {entry_id[:80]!r} in the knowledge base being served. "
            "GET /v1/entries lists all of them."
        )

    def exact(self, surfaces: Sequence[str]) -> int | None:
        """The one entry that has exactly this phrasing, compared by its surface forms."""
        at = int(position(self._exact_keys, np.uint64(surface_key(" ".join(surfaces)))))
        return int(self._exact_entries[at]) if at < self._exact_keys.size else None

    def card(self, number: int) -> Related:
        """Id and title of an entry."""
        entry_id, title, _ = orjson.loads(self.cards[number])
        return Related(entry_id, title)

    def listed(self, number: int) -> Listed:
        """An entry as a list shows it."""
        entry_id, title, tags = orjson.loads(self.cards[number])
        return Listed(entry_id, title, tuple(tags))

    def passage(self, number: int) -> tuple[str, str, str]:
        """Id, title and text of an entry: less than half the work of :meth:`load`."""
        values = orjson.loads(self.entries[number])
        return values["id"], values["title"], joined(text for *_, text in values["sections"])

    def load(self, number: int) -> StoredEntry:
        """An entry, ready to be shown."""
        values = orjson.loads(self.entries[number])
        return StoredEntry(
            id=values["id"],
            title=values["title"],
            sections=tuple(Section(*section) for section in values["sections"]),
            questions=tuple(values["questions"]),
            tags=tuple(values["tags"]),
            platforms=tuple(values["platforms"]),
            related=tuple(Related(*pointer) for pointer in values["related"]),
            source=values["source"],
            updated=values["updated"],
            kind=values["kind"],
            language=values["language"] or self._language,
        )


class Lines:
    """Lines of a mapped file by number."""

    def __init__(self, reader: Reader, name: str) -> None:
        self._offsets = reader.array(f"{name}.offset")
        self._map = reader.view(f"{name}.jsonl")

    def __len__(self) -> int:
        return int(self._offsets.size) - 1

    def __getitem__(self, number: int) -> bytes:
        return self._map[int(self._offsets[number]) : int(self._offsets[number + 1])]
