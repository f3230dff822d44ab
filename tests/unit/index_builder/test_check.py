"""The linter as a whole, and its command."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index_builder.check import CheckReport, check
from index_builder.config import BuildSettings
from index_builder.main import main

TODAY = date(2026, 11, 24)
SETTINGS = BuildSettings(lemmas="none")

CLEAN = """---
id: {id}
title: The {id} {fault}
questions:
  - my {id} {fault} again
  - the {id} {fault} at home
  - why does it happen that the {id} {fault}
related: [{related}]
updated: 2026-11-01
---
Switch the {id} off and on again.
"""
ROUTER = CLEAN.format(id="router", fault="drops the connection", related="printer")
PRINTER = CLEAN.format(id="printer", fault="tears paper", related="router")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two entries with nothing wrong, and nothing beside them."""
    (tmp_path / "router.md").write_text(ROUTER, "utf-8")
    (tmp_path / "printer.md").write_text(PRINTER, "utf-8")
    return tmp_path


def look(corpus: Path, **options: Any) -> CheckReport:
    """A check of the corpus on one certain day."""
    return check([corpus], SETTINGS, today=TODAY, **options)


def test_a_clean_corpus_passes_strictly(corpus: Path) -> None:
    """Nothing wrong is nothing said."""
    report = look(corpus)
    assert (report.entries, report.errors, report.warnings) == (2, (), ())
    assert report.passed(strict=True)


def test_a_file_that_cannot_be_read_does_not_hide_the_faults_of_others(corpus: Path) -> None:
    """Bad input is an error with its place, and the readable entries are checked all the same."""
    (corpus / "bad.md").write_text("---\nid: [unclosed\n---\nText.\n", "utf-8")
    (corpus / "printer.md").write_text(PRINTER.replace("[router]", "[scanner]"), "utf-8")
    report = look(corpus)
    assert [finding.code for finding in report.errors] == ["bad-input", "unknown-related"]
    assert report.errors[0].file.endswith("bad.md")
    assert not report.passed()


def test_a_folder_without_entries_is_an_error(tmp_path: Path) -> None:
    """An empty source is not a clean one."""
    assert [finding.code for finding in look(tmp_path).errors] == ["bad-input"]


def test_a_regression_question_that_expects_an_unknown_entry_is_an_error(corpus: Path) -> None:
    """The line is named; known ids, lists of them and "none" pass."""
    lines = [
        {"question": "router?", "expect": "router"},
        {"question": "both?", "expect": ["router", "fax"]},
        {"question": "weather?", "expect": "none"},
    ]
    _write_lines(corpus / "regression.jsonl", lines)
    (finding,) = look(corpus).errors
    assert (finding.code, finding.line) == ("unknown-expected", 2)
    assert "'fax'" in finding.text


def test_a_conversation_that_expects_an_unknown_entry_is_an_error(corpus: Path) -> None:
    """Every turn of every conversation is looked at."""
    turns = [
        {"question": "router?", "expect": ["router", "printer"]},
        {"question": "and the weather?", "expect": "none"},
    ]
    wrong = [*turns, {"question": "and the fax?", "expect": "fax"}]
    _write_lines(corpus / "conversations.jsonl", [{"turns": turns}, {"turns": wrong}])
    (finding,) = look(corpus).errors
    assert (finding.code, finding.line) == ("unknown-expected", 2)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"turns": []}',
        '{"turns": 3}',
        '{"turns": ["text"]}',
        '{"turns": [{"question": " ", "expect": "router"}]}',
        '{"turns": [{"question": "q"}]}',
        '{"turns": [{"question": "q", "expect": 3}]}',
        '{"turns": [{"question": "q", "expect": [3]}]}',
        '{"turns": [{"question": "\udcff", "expect": "router"}]}',
    ],
)
def test_a_line_that_is_no_conversation_is_an_error(corpus: Path, line: str) -> None:
    """Broken JSON, another shape and another encoding are named by file and line."""
    path = corpus / "conversations.jsonl"
    path.write_text(f"# scripted\n\n{line}\n", "utf-8", errors="surrogateescape")
    (finding,) = look(corpus).errors
    assert (finding.code, finding.file, finding.line) == ("bad-input", str(path), 3)


def test_faults_beside_the_entries_do_not_stop_the_check(corpus: Path) -> None:
    """Bad regression lines and a lonely synonym are errors in one report."""
    (corpus / "regression.jsonl").write_text("{}\n[]\n", "utf-8")
    assert [finding.line for finding in look(corpus).errors] == [1, 2]
    (corpus / "synonyms.txt").write_text("wifi\n", "utf-8")
    assert look(corpus).errors[0].file.endswith("synonyms.txt")


def test_pairs_that_will_be_confused_are_warnings_unless_not_asked_for(corpus: Path) -> None:
    """The prediction is part of the check, and can be left out."""
    more = "  - printer tears letters\n  - printer tears envelopes\nrelated"
    (corpus / "router.md").write_text(ROUTER.replace("related", more), "utf-8")
    codes = [finding.code for finding in look(corpus).warnings]
    assert codes == ["confused"]
    assert "confused" not in [f.code for f in look(corpus, confused_share=None).warnings]


def test_the_command_ends_with_3_on_errors_and_strictly_on_warnings(corpus: Path) -> None:
    """Warnings alone fail a run only where they are asked to."""
    path = corpus / "router.md"
    path.write_text(ROUTER.replace("2026-11-01", "2001-11-01"), "utf-8")
    assert run(corpus)[0] == 0
    assert run(corpus, "--strict")[0] == 3
    assert run(corpus, "--strict", "--stale-days", "1000000")[0] == 0
    old_and_wrong = path.read_text("utf-8").replace("[printer]", "[fax]")
    path.write_text(old_and_wrong, "utf-8")
    code, said = run(corpus)
    assert code == 3
    assert f"{path}:1: error: " in said
    assert said.splitlines()[-1] == "2 entries: 1 error, 1 warning"


def test_the_command_prints_json_that_a_script_can_sort(corpus: Path) -> None:
    """Errors, warnings and the prediction have their keys, and places are numbers and names."""
    path = corpus / "router.md"
    path.write_text(ROUTER.replace("[printer]", "[fax]"), "utf-8")
    code, said = run(corpus, "--json")
    report = json.loads(said)
    assert code == 3
    assert report["entries"] == 2
    assert report["errors"][0] | {"text": ""} == {
        "code": "unknown-related",
        "file": str(path),
        "line": 1,
        "text": "",
        "entries": ["router"],
    }
    assert report["confusion"]["asked"] == 6
    assert json.loads(run(corpus, "--json", "--quick")[1])["confusion"] is None


def run(corpus: Path, *options: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    done = CliRunner().invoke(main, ["check", str(corpus), *options])
    return done.exit_code, done.stdout


def _write_lines(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), "utf-8")
