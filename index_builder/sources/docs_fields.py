"""What the keys of documentation front matter mean, across the common site builders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index_builder.sources.dates import day
from index_builder.sources.html_markdown import absolute

_INTRO = ("description", "summary", "excerpt")
_KEYWORDS = ("keywords", "f1.keywords", "search_keywords")
_TAGS = ("tags", "categories", "category", "appliesto", "topics")
_UPDATED = ("updated", "lastmod", "last_updated", "last_modified_at", "ms.date", "date")
_LANGUAGE = ("language", "lang", "locale")
_SOURCE = ("source", "canonical", "canonical_url", "url", "permalink")
_KNOWN = {"title", "platforms", "draft", "published", *_TAGS, *_KEYWORDS}


@dataclass(frozen=True, slots=True)
class Fields:
    """The head of an article, as far as an entry has places for it."""

    title: str = ""
    intro: str = ""
    questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    source: str | None = None
    updated: str | None = None
    language: str | None = None
    draft: bool = False
    lost: tuple[str, ...] = ()


def of(head: Mapping[str, Sequence[str]]) -> Fields:
    """The fields; every key that none of them came from is in ``lost``."""
    folded = {key.lower(): (key, [text for text in values if text]) for key, values in head.items()}
    used = set(_KNOWN)

    def first(keys: Sequence[str]) -> str:
        for key in keys:
            values = folded.get(key, ("", []))[1]
            if values:
                used.add(key)
                return " ".join(values[0].split())
        return ""

    keywords = [word for key in _KEYWORDS for each in _values(folded, key) for word in _split(each)]
    source = first(_SOURCE)
    updated = first(_UPDATED)
    return Fields(
        title=first(("title",)),
        intro=first(_INTRO),
        questions=tuple(word for word in keywords if _is_phrase(word)),
        tags=(
            *(tag for key in _TAGS for value in _values(folded, key) for tag in _split(value)),
            *(word for word in keywords if not _is_phrase(word)),
        ),
        platforms=tuple(_values(folded, "platforms")),
        source=absolute(source, None) if source else None,
        updated=day(updated),
        language=language(first(_LANGUAGE)),
        draft=first(("draft",)).lower() == "true" or first(("published",)).lower() == "false",
        lost=tuple(name for key, (name, values) in folded.items() if values and key not in used),
    )


def _values(folded: Mapping[str, tuple[str, list[str]]], key: str) -> list[str]:
    return folded.get(key, ("", []))[1]


def _is_phrase(keyword: str) -> bool:
    # "Outlook doesn't work" is how people ask; "Exchange Online" is what it is about.
    return len(keyword.split()) > 2


def _split(value: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;]", value) if part.strip()]


def language(locale: str | None) -> str | None:
    """The language of a locale: ``en-US`` and ``en_us`` are both ``en``."""
    return re.split(r"[-_]", locale.strip().lower())[0] or None if locale else None
