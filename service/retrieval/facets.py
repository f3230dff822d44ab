"""Which entries carry which tag, are for which platform, are answers or small talk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import orjson

from service.retrieval.artefact import Reader

Mask = npt.NDArray[np.bool_]
# Masks kept for filters asked for again; each is one byte an entry.
_KEPT_MASKS = 16


class Facets:
    """
    Lists of entry numbers by name: ``tag:wifi``, ``platform:macos``, ``kind:smalltalk``.

    ``answers`` is None where there is no small talk, so that no mask need be applied;
    ``platforms`` are the names of those that some entry is for.
    """

    def __init__(self, reader: Reader) -> None:
        self._names: dict[str, int] = {
            name: number for number, name in enumerate(orjson.loads(reader.data("facets.json")))
        }
        self._bounds = reader.array("facets.indptr")
        self._entries = reader.array("facets.entry")
        self._n_entries = int(reader.info["counts"]["entries"])
        self.smalltalk = frozenset(self._members("kind:smalltalk").tolist())
        self.answers: Mask | None = ~self._mask("kind:smalltalk") if self.smalltalk else None
        self.platforms = frozenset(
            name.removeprefix("platform:") for name in self._names if name.startswith("platform:")
        ) - {""}
        self._filters = lru_cache(_KEPT_MASKS)(self._make_filter)

    def allowed(self, tags: Iterable[str], platform: str | None) -> Mask | None:
        """
        Entries with every tag, and for the platform or for all; None where nothing is asked.

        A tag or platform that no entry has leaves nothing.
        """
        wanted = tuple(sorted(set(tags)))
        if not wanted and platform is None:
            return None
        return self._filters(wanted, platform)

    def without(self, entry: int, allowed: Mask | None) -> Mask:
        """The entries that may appear but for one."""
        others = np.ones(self._n_entries, bool) if allowed is None else allowed.copy()
        others[entry] = False
        return others

    def suits(self, entry: int, platforms: Iterable[str]) -> bool:
        """Whether an entry is for one of the platforms, or for all."""
        for name in ("", *platforms):
            members = self._members(f"platform:{name}")
            at = int(np.searchsorted(members, entry))
            if at < members.size and members[at] == entry:
                return True
        return False

    def entries(self, tag: str | None, start: int) -> Iterator[int]:
        """Numbers of the entries that are not small talk, from *start* on."""
        members: Iterable[int] = (
            range(start, self._n_entries) if tag is None else self._members(f"tag:{tag}").tolist()
        )
        return (n for n in members if n >= start and n not in self.smalltalk)

    def starters(self, limit: int) -> list[int]:
        """The first entry of each of the largest tags that is not small talk."""
        sizes = self.tag_sizes()
        chosen: list[int] = []
        for tag in sorted(sizes, key=lambda tag: (-sizes[tag], tag)):
            first = self.first_answer(tag)
            if first is not None and first not in chosen:
                chosen.append(first)
            if len(chosen) == limit:
                break
        return chosen

    def tag_sizes(self) -> dict[str, int]:
        """How many entries have each tag."""
        tags = [name for name in self._names if name.startswith("tag:")]
        return {name.removeprefix("tag:"): self._members(name).size for name in tags}

    def first_answer(self, tag: str) -> int | None:
        """The first entry with a tag that is not small talk."""
        members = self._members(f"tag:{tag}").tolist()
        return next((n for n in members if n not in self.smalltalk), None)

    def _make_filter(self, tags: tuple[str, ...], platform: str | None) -> Mask:
        mask = np.ones(self._n_entries, bool)
        for tag in tags:
            mask &= self._mask(f"tag:{tag}")
        if platform is not None:
            mask &= self._mask(f"platform:{platform}") | self._mask("platform:")
        mask.setflags(write=False)
        return mask

    def _mask(self, name: str) -> Mask:
        mask = np.zeros(self._n_entries, bool)
        mask[self._members(name)] = True
        return mask

    def _members(self, name: str) -> npt.NDArray[np.uint32]:
        number = self._names.get(name)
        if number is None:
            return np.empty(0, np.uint32)
        members: npt.NDArray[np.uint32] = self._entries[
            int(self._bounds[number]) : int(self._bounds[number + 1])
        ]
        return members
