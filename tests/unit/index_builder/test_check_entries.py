"""What the check says of single entries."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from index_builder import check_entries
from index_builder.findings import Located
from service.retrieval.entries import Entry

TODAY = date(2026, 11, 24)


def located(entry_id: str, **fields: Any) -> Located:
    """An entry read from a file of its name."""
    return Located(Entry(id=entry_id, **({"title": entry_id} | fields)), f"{entry_id}.md", 1)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "  \n\n",
        "## Steps\n\nRestart the router.",
        "- Restart the router.",
        "1. Restart the router.",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "```\nipconfig\n```\n\nDo that.",
        "    ipconfig\n",
        "> A quotation.",
        "![a picture](https://example.org/a.png)",
        "See below.\n\nRestart the router.",
        "Please see the steps below.",
        "*As above*, but for a Mac.",
        "As described earlier, restart it.",
        "Siehe oben.",
        "Wie oben beschrieben neu starten.",
        "Try the following steps:\n\n1. Restart the router.",
        "**Try this:**\n\n1. Restart the router.",
    ],
)
def test_a_beginning_that_says_nothing_alone_is_named(body: str) -> None:
    """Nothing, a heading, a list, or a pointer elsewhere is no first paragraph."""
    assert check_entries.weakness(body) is not None


@pytest.mark.parametrize(
    "body",
    [
        "Restart the router.",
        "\nRestart the router.\n\n1. Pull the plug.\n",
        "**Restart** the router: that mends most of it.",
        "As a first step, restart the router.",
        "See whether the light is green. If not, restart it.",
        "Wie bei jedem Gerät hilft zuerst ein Neustart.",
        "1Password asks for the secret key once.",
        "-20 °C is too cold for a battery.",
        "802.11n routers are slow. Buy a new one.\n\n## See below",
    ],
)
def test_a_sentence_that_helps_is_left_alone(body: str) -> None:
    """A first paragraph of prose passes, whatever follows it."""
    assert check_entries.weakness(body) is None


def test_a_related_id_that_nobody_has_is_an_error() -> None:
    """A dangling pointer is named with the entry that holds it; a good one is not."""
    entries = [located("a", related=("b", "gone")), located("b")]
    (finding,) = check_entries.unknown_related(entries, {"a", "b"})
    assert (finding.level, finding.file, finding.entries) == ("error", "a.md", ("a",))
    assert "'gone'" in finding.text


def test_one_question_under_two_entries_is_an_error() -> None:
    """Case and punctuation do not tell two questions apart, and a title is a question too."""
    entries = [
        located("a", questions=("No sound at all!",)),
        located("b", questions=("no SOUND at all", "something else")),
        located("c", title="Something else?"),
    ]
    found = list(check_entries.shared_questions(entries))
    assert [finding.entries for finding in found] == [("b", "a"), ("c", "b")]


def test_a_question_twice_under_one_entry_or_without_words_is_no_clash() -> None:
    """Only two different answers to the same words are a fault."""
    entries = [
        located("a", questions=("no sound", "No sound?", "!!!")),
        located("b", questions=("???",)),
    ]
    assert list(check_entries.shared_questions(entries)) == []


def test_a_pinned_phrasing_clashes_with_pins_alone() -> None:
    """A pin wins over a phrasing on purpose, but of two pins neither can."""
    phrased = located("a", questions=("no sound",))
    pins = [located("b", pinned=("no sound",)), located("c", pinned=("No sound",))]
    assert list(check_entries.shared_questions([phrased, pins[0]])) == []
    (finding,) = check_entries.shared_questions([phrased, *pins])
    assert finding.entries == ("c", "b")


def test_entries_with_few_phrasings_are_named_but_not_small_talk() -> None:
    """Three phrasings, pinned ones among them, are enough; small talk needs none."""
    entries = [
        located("two", questions=("q1", "q2")),
        located("three", questions=("q1", "q2"), pinned=("q3",)),
        located("none"),
        located("hello", kind="smalltalk"),
    ]
    found = list(check_entries.few_phrasings(entries))
    assert [finding.entries[0] for finding in found] == ["two", "none"]
    assert {finding.level for finding in found} == {"warning"}


def test_an_entry_is_stale_on_the_day_after_the_limit() -> None:
    """The limit itself is still fresh, and an entry without a date is left alone."""
    entries = [
        located("fresh", updated="2026-11-14"),
        located("old", updated="2026-11-13"),
        located("undated"),
    ]
    (finding,) = check_entries.stale(entries, TODAY, 10)
    assert finding.entries == ("old",)


@pytest.mark.parametrize(
    "text",
    [
        "[a](../other.md)",
        "[a](#part)",
        "[a](/path)",
        "[a](//example.org/x)",
        "[a](ftp://example.org/x)",
        "[a](javascript:alert(1))",
        "[a][r]\n\n[r]: page.html",
        "![a](img/a.png)",
    ],
)
def test_a_link_that_leads_nowhere_from_a_chat_is_named(text: str) -> None:
    """Relative, in-page and unsafe addresses are warned about, however they are written."""
    (finding,) = check_entries.broken_links([located("a", text=text)])
    assert finding.code == "relative-link"


def test_absolute_links_and_code_are_left_alone() -> None:
    """https, http and mailto pass; what stands in code is no link."""
    text = "[a](https://example.org) <http://example.org> [m](mailto:a@example.org) `[x](y)`"
    assert list(check_entries.broken_links([located("a", text=text)])) == []


def test_a_source_that_is_not_an_address_is_named() -> None:
    """The source is shown as a link as well."""
    assert list(check_entries.broken_links([located("a", source="https://example.org/a")])) == []
    (finding,) = check_entries.broken_links([located("a", source="handbook, page 3")])
    assert "handbook, page 3" in finding.text
