"""What the shipped knowledge base owes the people who follow its steps."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from index_builder.sources.reading import read
from service.retrieval.entries import Entry

ROOT = Path(__file__).parents[2]
# Commands that cannot be undone: a person who has run one learns too late what it did.
_DESTRUCTIVE = re.compile(
    r"^\s*(sudo )?(rm -r|dd if=|mkfs|fsck -y|clean$|format |chown -R (?!\$USER|\"\$)"
    r"|git reset --hard|git push --force|shred )",
    re.MULTILINE,
)
_CODE = re.compile(r"```\w*\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return list(read([ROOT / "corpus"]).entries)


def test_a_step_that_destroys_is_preceded_by_its_warning(entries: list[Entry]) -> None:
    """Nobody reads what a command has erased after having run it."""
    late = [
        entry.id
        for entry in entries
        for section in re.split(r"^## ", entry.text, flags=re.MULTILINE)
        for code in _CODE.finditer(section)
        if _DESTRUCTIVE.search(code[1]) and "**" not in section[: code.start()]
    ]
    assert not late, late


def test_the_knowledge_base_is_as_large_as_it_is_said_to_be(entries: list[Entry]) -> None:
    """The README's promise of breadth: entries, categories, small talk, ways to ask."""
    technical = [entry for entry in entries if entry.kind == "answer"]
    categories = {path.parent.name for path in (ROOT / "corpus").glob("*/*.md")} - {"smalltalk"}
    assert len(technical) > 470
    assert len(entries) - len(technical) >= 40
    assert len(categories) >= 20
    assert [entry.id for entry in entries if len(entry.questions) < 4] == []


def test_the_regression_questions_ask_what_nothing_answers_too() -> None:
    """600 questions or more, 150 of them unanswerable, none asked twice."""
    lines = (ROOT / "corpus" / "regression.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    assert len(asked) >= 600
    assert sum(one["expect"] == "none" for one in asked) >= 150
    assert len({one["question"] for one in asked}) == len(asked)
