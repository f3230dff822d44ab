"""The platform a question names."""

from __future__ import annotations

import pytest

from service.retrieval.index import Hit, Nearest
from service.retrieval.platforms import named_platforms, prefer_platform


class Facets:
    """Entry 0 is for Windows, 1 for macOS, 2 for all."""

    platforms = frozenset({"windows", "macos", "kiosk"})

    def suits(self, entry, platforms):
        return entry == 2 or {0: "windows", 1: "macos"}[entry] in platforms


class Index:
    facets = Facets()


def order(*forms: str, scores=(1.0, 0.9, 0.8)) -> list[int]:
    """The entries as a question with these words finds them."""
    nearest = Nearest(tuple(Hit(n, score) for n, score in enumerate(scores)), None, None, None)
    return [hit.entry for hit in prefer_platform(Index(), forms, nearest).hits]


@pytest.mark.parametrize("said", ["macbook", "mac", "macos"])
def test_what_is_for_another_platform_steps_back(said):
    """Who says MacBook sees what is for macOS or for all first."""
    assert order("my", said) == [1, 2, 0]


def test_a_question_that_names_no_platform_is_left_alone():
    """Without a platform, and with one that no entry is for, the order stays."""
    assert order("no", "sound") == order("on", "ubuntu") == [0, 1, 2]


def test_two_platforms_both_count():
    """Who names Windows and a Mac may mean either."""
    assert order("windows", "mac") == [0, 1, 2]


def test_a_much_better_match_stays_first():
    """The platform is a hint: an entry that matches far better is still the answer."""
    assert order("mac", scores=(1.0, 0.5, 0.4))[0] == 0


def test_a_platform_of_ones_own_is_named_by_its_name():
    """A knowledge base may have platforms that nobody else has."""
    assert "kiosk" in named_platforms(["kiosk"])
