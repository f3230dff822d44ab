"""docs/how-to/import.md says what is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from index_builder.export import EXPORTS, write_entries
from index_builder.sources.formats import FORMATS
from index_builder.sources.reading import read

PAGE = (Path(__file__).parents[4] / "docs" / "how-to" / "import.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("name", sorted({*FORMATS, *EXPORTS}))
def test_every_format_is_on_the_page(name):
    """Each has a row of its own in one of the tables."""
    assert re.search(rf"^\| `{name}` \|", PAGE, re.MULTILINE)


def test_the_example_of_the_page_is_what_happens(tmp_path):
    """The table in gives the Markdown out, to the letter."""
    (tmp_path / "faq.csv").write_text(block("csv"))
    write_entries(read([tmp_path / "faq.csv"]).entries, tmp_path / "corpus")
    (written,) = (tmp_path / "corpus").iterdir()
    assert written.read_text() == block("markdown")
