"""The commands that bring a knowledge base in and out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index_builder.main import main
from index_builder.sources.reading import read


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """An export with two questions that have answers."""
    path = tmp_path / "faq.csv"
    path.write_text(
        "question,answer\nNo sound,Turn it up.\nNo picture,Switch the monitor on.\n", "utf-8"
    )
    return path


def run(*arguments: object) -> Result:
    """One run of the command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_an_import_writes_an_entry_a_file_and_ends_with_the_ledger(
    table: Path, tmp_path: Path
) -> None:
    """What was read can be read again from the folder, and every record is accounted for."""
    done = run("import", table, "--to", tmp_path / "kb")
    assert done.exit_code == 0
    assert "read 2, kept 2, skipped 0" in done.stdout
    entries = list(read([tmp_path / "kb"]).entries)
    assert sorted(entry.title for entry in entries) == ["No picture", "No sound"]


def test_an_import_that_meets_a_fault_writes_nothing(table: Path, tmp_path: Path) -> None:
    """One bad record fails the import with its place, or is skipped and counted if so asked."""
    with table.open("ab") as file:
        file.write(b"No print,a NUL \x00 here\n")
    done = run("import", table, "--to", tmp_path / "kb")
    assert done.exit_code == 1
    assert f"{table}:4" in done.stderr
    assert list(tmp_path.glob("kb/*")) == []
    done = run("import", table, "--to", tmp_path / "kb", "--keep-going", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["written"], report["ledger"]["skipped_count"]) == (0, 2, 1)


def test_an_import_does_not_overwrite_what_somebody_has_edited(table: Path, tmp_path: Path) -> None:
    """The second import into one folder is refused."""
    assert run("import", table, "--to", tmp_path / "kb").exit_code == 0
    assert run("import", table, "--to", tmp_path / "kb").exit_code == 1


def test_an_export_says_what_the_format_has_no_place_for(tmp_path: Path) -> None:
    """The file is written, and lost fields are counted."""
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "a.md").write_text(
        "---\ntitle: No sound\nrelated: [b]\n---\nTurn it up.\n", "utf-8"
    )
    done = run("export", tmp_path / "kb", "--as", "faq-jsonld", "--to", tmp_path / "faq.json")
    assert done.exit_code == 0
    assert "as faq-jsonld" in done.stdout
    assert "related" in done.stdout
    assert [entry.title for entry in read([tmp_path / "faq.json"]).entries] == ["No sound"]


def test_an_unknown_format_is_wrong_usage(table: Path, tmp_path: Path) -> None:
    """Exit code 2, with the formats there are."""
    done = run("export", table, "--as", "papyrus", "--to", tmp_path / "out")
    assert done.exit_code == 2
    assert "qna-tsv" in done.stderr
