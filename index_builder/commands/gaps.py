"""``firstline-index gaps``: what people asked and did not get answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson

from index_builder.commands.options import DEFAULT_OUT, DEFAULT_SOURCE, FORM, SOURCES
from index_builder.corpus_files import read_beside
from index_builder.gaps import Answers, Findings, find
from index_builder.journal_access import CONFIG, JOURNAL, Day, with_journal
from index_builder.proposals import Proposal, apply, propose
from index_builder.sources.files import Unreadable
from index_builder.sources.reading import read
from index_builder.stubs import Inbox
from service.errors import ArtefactError, QuestionError
from service.live.gaps import Gap
from service.retrieval.entries import Entry

INBOX = "_inbox"


@click.command()
@SOURCES
@click.option("--since", type=Day(), help="Look at what was asked from this day on.")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the stubs; no build reads it.  [_inbox in the first source]",
)
@click.option("--apply", "applied", is_flag=True, help="Also write the proposed phrasings.")
@click.option("--dry-run", is_flag=True, help="Only print; write nothing.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Gaps at most."
)
@click.option(
    "--least-people",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Leave out what fewer people asked.",
)
@click.option(
    "--index",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_OUT,
    show_default=True,
    help="Leave out what this index answers by now.",
)
@FORM
@CONFIG
@JOURNAL
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(
    sources: tuple[Path, ...],
    since: str | None,
    folder: Path | None,
    applied: bool,
    dry_run: bool,
    limit: int,
    least_people: int,
    index: Path,
    form: str | None,
    config: Path | None,
    file: Path | None,
    as_json: bool,
) -> None:
    """
    Turn what people asked and did not get into stubs, beside the entries of SOURCES (corpus/).

    Questions that mean the same are one stub; most people first; those in out_of_scope.txt are left
    out. Suggestions that people took are proposed as phrasings of the entry they took.
    """
    if applied and dry_run:
        raise click.UsageError("--apply writes and --dry-run does not: leave one of them out.")
    where = sources or (DEFAULT_SOURCE,)
    answers, strange = _answers(index), read_beside(where).out_of_scope
    found = with_journal(
        config,
        file,
        lambda store: find(
            store, since or "", least_people=least_people, answers=answers, strange=strange
        ),
    )
    entries, places = _corpus(where, form)
    titles = {entry.id: entry.title for entry in entries}
    proposals = propose(found.accepted, entries, places)
    stubs: list[Path | None] = [None] * min(limit, len(found.gaps))
    if not dry_run:
        inbox = Inbox(folder or _beside(where[0]), list(titles), titles)
        stubs = [_put(inbox, gap) for gap in found.gaps[:limit]]
    written, refused = apply(proposals) if applied else (0, [])
    if as_json:
        report = _as_dict(found, stubs, proposals, titles)
        report["phrasings_written"] = written
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    else:
        for line in _lines(found, stubs, proposals, titles):
            click.echo(line)
        if applied:
            click.echo(f"{written} phrasings were written; run make index to serve them.")
    for line in refused:
        click.echo(f"firstline-index: not written: {line}", err=True)


def _beside(source: Path) -> Path:
    return (source.parent if source.is_file() else source) / INBOX


def _corpus(
    where: Sequence[Path], form: str | None
) -> tuple[list[Entry], dict[str, tuple[str, int]]]:
    """The entries as far as they can be read: the stubs may be what mends them."""
    if not all(source.exists() for source in where):
        return [], {}
    reading = read(where, form=form, keep_going=True)
    return list(reading.entries), reading.places


def _answers(folder: Path) -> Answers | None:
    """Asks the index in *folder*; None where there is none to ask."""
    from service.retrieval.answers import Question, answer
    from service.retrieval.index import open_index

    try:
        index = open_index(folder)
    except ArtefactError as error:
        click.echo(f"firstline-index: nothing is asked again: {error}", err=True)
        return None

    def answered(question: str) -> bool:
        try:
            return answer(index, Question(question)).outcome == "answer"
        except QuestionError:
            return False

    return answered


def _put(inbox: Inbox, gap: Gap) -> Path | None:
    try:
        return inbox.put(gap)
    except Unreadable as error:
        click.echo(
            f"firstline-index: the stub of {gap.question!r} cannot be edited: {error.why}", err=True
        )
        return None


def _lines(
    found: Findings,
    stubs: Sequence[Path | None],
    proposals: Sequence[Proposal],
    titles: dict[str, str],
) -> list[str]:
    lines = [f"{len(found.gaps)} gaps; {found.answered_since} questions are answered by now."]
    for gap, path in zip(found.gaps, stubs, strict=False):
        why = ", ".join(f"{reason} {n}" for reason, n in gap.reasons.items())
        lines.append(f"{gap.people:5} people  {gap.question}  ({why})")
        lines += [f"              also: {said.question}" for said in gap.phrasings[1:4]]
        if gap.nearest:
            near = ", ".join(f"{name} ({titles.get(name, 'gone')})" for name in gap.nearest)
            lines.append(f"              near: {near}")
        if path is not None:
            lines.append(f"              stub: {path}")
    if len(found.gaps) > len(stubs):
        lines.append(f"and {len(found.gaps) - len(stubs)} more: raise --limit.")
    if proposals:
        lines.append(f"{len(proposals)} phrasings that people meant (--apply writes them):")
    for one in proposals:
        hindrance = f"; {one.hindrance}" if one.hindrance else ""
        people = one.accepted.people
        lines.append(
            f"{people:5} people  {one.accepted.entry_id} + {one.accepted.question!r}{hindrance}"
        )
    return lines


def _as_dict(
    found: Findings,
    stubs: Sequence[Path | None],
    proposals: Sequence[Proposal],
    titles: dict[str, str],
) -> dict[str, Any]:
    """As /v1/insights names them, with the files beside."""
    return {
        "gaps": [
            {
                **asdict(gap),
                "nearest": [{"id": name, "title": titles.get(name)} for name in gap.nearest],
                "stub": None if path is None else str(path),
            }
            for gap, path in zip(found.gaps, stubs, strict=False)
        ],
        "gaps_found": len(found.gaps),
        "accepted": [
            {
                **asdict(one.accepted),
                "title": one.title,
                "file": one.file,
                "hindrance": one.hindrance,
            }
            for one in proposals
        ],
        "answered_since": found.answered_since,
    }
