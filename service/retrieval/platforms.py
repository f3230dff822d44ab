"""The platform a question names: what is written for another one steps back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.retrieval.index import Hit, Index, Nearest

# What people say for the platforms that entries are filed under. Any other platform of a knowledge
# base is named by its own name.
_SAID_FOR = {
    "android": "galaxy huawei motorola oneplus pixel samsung xiaomi",
    "chromeos": "chromebook chromebooks",
    "ios": "ipad ipads iphone iphones",
    "linux": "debian fedora mint ubuntu",
    "macos": "imac mac macbook macbooks macs osx",
    "windows": "win win10 win11",
}
_PLATFORM_OF = {said: name for name, words in _SAID_FOR.items() for said in words.split()}
# What the score of an entry for other platforms is multiplied by (docs/decisions/0008).
OTHER_PLATFORM = 0.75


def says_platform(form: str) -> bool:
    """Whether a surface form is a word for a platform."""
    return form in _PLATFORM_OF or form in _SAID_FOR


def named_platforms(forms: Iterable[str]) -> frozenset[str]:
    """The platforms that surface forms may name."""
    return frozenset(_PLATFORM_OF.get(form, form) for form in forms)


def prefer_platform(index: Index, forms: Iterable[str], nearest: Nearest) -> Nearest:
    """The nearest entries again, those that are only for platforms not named stepping back."""
    named = named_platforms(forms) & index.facets.platforms
    if not named:
        return nearest

    def fitted(hit: Hit) -> Hit:
        if index.facets.suits(hit.entry, named):
            return hit
        return hit._replace(score=hit.score * OTHER_PLATFORM)

    hits = sorted(map(fitted, nearest.hits), key=lambda hit: -hit.score)
    return replace(nearest, hits=tuple(hits))
