"""``firstline-index gaps`` and ``journal``: from what people asked to files and back."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index_builder.main import main
from service.live.journal_rows import AcceptedRow, AskedRow, FeedbackRow
from service.live.journal_store import ACCEPTED, FEEDBACK, QUESTIONS, JournalStore, journal_url
from tests.unit.live.some_rows import asked, feedback

Run = Callable[..., Result]
WIFI = """---
title: Slow Wi-Fi
questions:
  - slow internet  # the usual
tags: [network]
---

Move closer.
"""
NOTHING = {"outcome": "no_answer", "entry_id": None, "nearest_id": "wifi"}
OFFERED = {"outcome": "suggestions", "entry_id": None, "nearest_id": "wifi"}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A knowledge base of two entries."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "wifi.md").write_text(WIFI)
    (folder / "printer.md").write_text(
        "---\ntitle: Printer offline\nquestions: [printer is off]\n---\nSwitch it on.\n"
    )
    return folder


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Three people miss the coffee machine, one the badge; two take a suggestion."""
    path = tmp_path / "j.sqlite3"
    rows = [
        asked("r1", question="the coffee machine leaks", session="s1", **NOTHING),
        asked("r2", question="coffee machine is leaking", session="s2", **NOTHING),
        asked("r3", question="The coffee machine leaks!", session="s3", **NOTHING),
        asked("r4", question="order a new badge [mail]", session="s1", **NOTHING),
        asked("r5", question="printer is off", session="s4", **NOTHING),
        asked("r6", question="net: so lame", session="s5", **OFFERED),
        asked("r7", question="net: so lame", session="s6", **OFFERED),
        asked("r8", question="slow internet", session="s6", **OFFERED),
        asked("old", question="fax", asked_at="2026-01-01T00:00:00.000000Z", **NOTHING),
        AcceptedRow("2026-11-24T10:00:01.000000Z", "r6", "s5", "wifi"),
        AcceptedRow("2026-11-24T10:00:01.000000Z", "r7", "s6", "wifi"),
        AcceptedRow("2026-11-24T10:00:01.000000Z", "r8", "s6", "wifi"),
        feedback(request_id="r4", helpful=False, comment="please"),
    ]
    tables: dict[type, Any] = {AskedRow: QUESTIONS, AcceptedRow: ACCEPTED, FeedbackRow: FEEDBACK}

    async def write() -> None:
        store = JournalStore(journal_url(path, None))
        await store.prepare()
        for row in rows:
            await store.write(tables[type(row)], [asdict(row)])
        await store.close()

    asyncio.run(write())
    return path


@pytest.fixture
def run(tmp_path: Path, corpus: Path, journal: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in the folder of that knowledge base and journal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLINE_JOURNAL_PATH", str(journal))

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


def test_gaps_become_stubs_that_only_want_an_answer(run: Run, corpus: Path) -> None:
    """Ranked by people; questions are phrasings, the nearest entry and the reasons a comment."""
    result = run("gaps", "--since", "2026-11-01")
    assert result.exit_code == 0, result.output
    assert "3 people  the coffee machine leaks  (no_answer 3)" in result.stdout
    stub = (corpus / "_inbox" / "the-coffee-machine-leaks.md").read_text()
    assert stub == (
        "---\nid: the-coffee-machine-leaks\ntitle: the coffee machine leaks\nquestions:\n"
        "  - the coffee machine leaks\n  - coffee machine is leaking\ntags: []\n"
        "# 3 people asked this 3 times, last on 2026-11-24: 3 had no answer.\n"
        "# If one of these answers it, give it the phrasings and delete this file:\n"
        "#   wifi: Slow Wi-Fi\n"
        "# If nobody means to answer it, put the question into out_of_scope.txt.\n"
        "# Otherwise write the answer below and move the file out of this folder.\n---\n\n"
    )
    badge = (corpus / "_inbox" / "order-a-new-badge.md").read_text()
    assert "title: order a new badge\n" in badge
    assert not (corpus / "_inbox" / "fax.md").exists()


def test_a_stub_is_in_no_index_and_unfinished_in_the_corpus(run: Run, corpus: Path) -> None:
    """Builds leave the inbox alone; moved without an answer it is refused by name."""
    run("gaps")
    assert "2 entries" in run("build", corpus, "--out", "index").stdout
    stub = corpus / "_inbox" / "order-a-new-badge.md"
    stub.rename(corpus / stub.name)
    refused = run("check", corpus, "--quick")
    assert refused.exit_code == 3
    assert "order-a-new-badge.md" in refused.stdout
    assert "write the answer" in refused.stdout
    (corpus / stub.name).write_text((corpus / stub.name).read_text() + "Ask reception.\n")
    assert "3 entries" in run("build", corpus, "--out", "index").stdout


def test_running_it_again_keeps_what_somebody_wrote(run: Run, corpus: Path, journal: Path) -> None:
    """A stub is never overwritten; a wording that came in since is added to it."""
    run("gaps")
    stub = corpus / "_inbox" / "the-coffee-machine-leaks.md"
    stub.write_text(stub.read_text() + "Half an answer.\n")
    connection = sqlite3.connect(journal)
    connection.execute(
        "update questions set question = 'leaks in the coffee machine' where request_id = 'r3'"
    )
    connection.commit()
    connection.close()
    assert run("gaps").exit_code == 0
    text = stub.read_text()
    assert text.endswith("Half an answer.\n")
    assert text.count("leaks in the coffee machine") == 1
    assert len(list((corpus / "_inbox").iterdir())) == 4


def test_what_the_index_answers_by_now_is_no_gap(run: Run, corpus: Path) -> None:
    """Somebody has written it since: it is counted, and no stub is made."""
    before = json.loads(run("gaps", "--json", "--dry-run").stdout)
    assert "printer is off" in [gap["question"] for gap in before["gaps"]]
    run("build", corpus, "--out", "build/index")
    after = json.loads(run("gaps", "--json").stdout)
    assert "printer is off" not in [gap["question"] for gap in after["gaps"]]
    assert after["answered_since"] >= 1
    assert not (corpus / "_inbox" / "printer-is-off.md").exists()


def test_what_nobody_means_to_answer_is_asked_for_no_more(run: Run, corpus: Path) -> None:
    """One wording in out_of_scope.txt is enough for all that mean the same."""
    (corpus / "out_of_scope.txt").write_text("coffee machine is leaking\n")
    found = json.loads(run("gaps", "--json").stdout)["gaps"]
    assert not any("coffee" in gap["question"] for gap in found)
    assert not (corpus / "_inbox" / "the-coffee-machine-leaks.md").exists()


def test_accepted_suggestions_are_proposed_and_only_written_when_told_to(
    run: Run, corpus: Path
) -> None:
    """--apply adds the phrasing and keeps the rest of the file; what is known is not proposed."""
    proposed = json.loads(run("gaps", "--json").stdout)["accepted"]
    assert [(one["entry_id"], one["question"], one["people"]) for one in proposed] == [
        ("wifi", "net: so lame", 2)
    ]
    assert (corpus / "wifi.md").read_text() == WIFI
    result = run("gaps", "--apply")
    assert "1 phrasings were written" in result.stdout
    usual = "  - slow internet  # the usual\n"
    assert (corpus / "wifi.md").read_text() == WIFI.replace(usual, f"{usual}  - 'net: so lame'\n")
    assert json.loads(run("gaps", "--json", "--apply").stdout)["accepted"] == []


def test_a_phrasing_of_another_entry_is_not_given_away(run: Run, corpus: Path) -> None:
    """The author decides where two entries claim one question."""
    (corpus / "net.md").write_text("---\ntitle: 'net: so lame'\n---\nText.\n")
    result = run("gaps", "--apply")
    assert result.exit_code == 0
    assert "it is a phrasing of net already" in result.stderr
    assert (corpus / "wifi.md").read_text() == WIFI


def test_gaps_are_found_before_there_is_a_corpus(run: Run, corpus: Path) -> None:
    """The first stubs are where the first entries will be."""
    shutil.rmtree(corpus)
    found = json.loads(run("gaps", "--json").stdout)
    assert found["gaps"][0]["nearest"] == [{"id": "wifi", "title": None}]
    assert (corpus / "_inbox" / "the-coffee-machine-leaks.md").is_file()


def test_few_people_can_be_left_out_and_nothing_written(run: Run, corpus: Path) -> None:
    """--least-people and --dry-run."""
    found = json.loads(run("gaps", "--least-people", "3", "--dry-run", "--json").stdout)
    assert [gap["people"] for gap in found["gaps"]] == [3]
    assert not (corpus / "_inbox").exists()
    assert run("gaps", "--dry-run", "--apply").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--journal", "nowhere.sqlite3"), "no journal at nowhere.sqlite3"),
        (("--since", "yesterday"), "write it as 2026-11-22"),
        (("--config", "none.toml"), "none.toml"),
    ],
)
def test_wrong_input_is_a_sentence(run: Run, arguments: tuple[str, ...], says: str) -> None:
    """Exit 2, what it was, and no traceback."""
    result = run("gaps", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_no_journal_is_a_sentence(run: Run, tmp_path: Path) -> None:
    """Exit 1 for a text file, and for the journal of a newer Firstline, which is left alone."""
    (tmp_path / "note").write_text("not a database, but long enough to be looked at" * 50)
    result = run("journal", "export", "--journal", "note")
    assert result.exit_code == 1
    assert "cannot be used" in result.stderr


def test_a_journal_of_a_newer_schema_is_refused(run: Run, journal: Path) -> None:
    """Nothing is read, nothing is written, and the way out is named."""
    connection = sqlite3.connect(journal)
    connection.execute("update alembic_version set version_num = '9999'")
    connection.commit()
    connection.close()
    result = run("gaps")
    assert result.exit_code == 1
    assert "Upgrade Firstline" in result.stderr


def test_the_journal_is_exported_a_line_a_question(run: Run, tmp_path: Path) -> None:
    """With its votes and the suggestion that was taken; from a day on; to a file."""
    result = run("journal", "export", "--since", "2026-11-01", "--to", "out.jsonl")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["request_id"] for line in lines] == [f"r{n}" for n in range(1, 9)]
    assert [vote["comment"] for vote in lines[3]["feedback"]] == ["please"]
    assert (lines[5]["accepted"], lines[3]["accepted"]) == ("wifi", None)
    assert len(run("journal", "export").stdout.splitlines()) == 9


def test_purging_takes_the_words_out_of_the_file(run: Run, journal: Path) -> None:
    """Of a session, before a day, or all: the file no longer holds them."""
    assert b"fax" in journal.read_bytes()
    gone = json.loads(run("journal", "purge", "--before", "2026-11-01", "--json").stdout)
    assert gone == {"questions": 1, "feedback": 0, "accepted": 0, "messages": 0}
    assert b"fax" not in journal.read_bytes()
    gone = json.loads(run("journal", "purge", "--session", "s6", "--json").stdout)
    assert (gone["questions"], gone["accepted"]) == (2, 2)
    assert run("journal", "purge", "--all").exit_code == 0
    assert run("journal", "export").stdout == ""
    assert b"coffee" not in journal.read_bytes()


def test_purging_wants_to_be_told_what(run: Run) -> None:
    """Nothing is deleted by a slip."""
    assert run("journal", "purge").exit_code == 2
    assert run("journal", "purge", "--all", "--session", "s1").exit_code == 2
    assert len(run("journal", "export").stdout.splitlines()) == 9
