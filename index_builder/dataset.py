"""A labelled data set in the BEIR layout, an intent set, or a regression file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index_builder.corpus_files import NOTHING, Beside, LabelledQuery
from service.errors import DataSetError
from service.retrieval.entries import Entry


@dataclass(frozen=True, slots=True)
class DataSet:
    """
    Entries to index and questions to ask.

    ``names`` gives each entry's id in the data set (for an intent set, the intent): ids of data
    sets may hold characters that an entry's may not. ``notes`` say what in the files was odd and
    what was made of it.
    """

    name: str
    entries: tuple[Entry, ...]
    names: tuple[str, ...]
    queries: tuple[LabelledQuery, ...]
    beside: Beside = NOTHING
    notes: tuple[str, ...] = ()


def read_dataset(folder: Path, split: str | None = None) -> DataSet:
    """
    Read a folder with ``corpus.jsonl``, ``queries.jsonl`` and perhaps ``qrels/*.tsv``.

    Args:
        folder: in the BEIR layout; without qrels it is an intent set.
        split: a file of ``qrels``; all of them where None.

    Raises:
        DataSetError: a file that is missing or wrong, with its line.

    """
    notes = _Notes()
    corpus = list(_records(folder / "corpus.jsonl", notes))
    queries = list(_records(folder / "queries.jsonl", notes))
    if not queries:
        raise DataSetError(f"{folder / 'queries.jsonl'} holds no queries.")
    for number, record in queries:
        if not record["text"].strip():
            notes.add("queries have no text: nothing is asked, nothing answered", f"line {number}")
    if (folder / "qrels").is_dir():
        return _judged(folder, corpus, queries, split, notes)
    if split is not None:
        raise DataSetError(f"{folder} has no qrels, so there is no split {split!r} of it.")
    return _intents(folder, corpus, queries, notes)


class _Notes:
    """What was odd, counted by kind, with the first place."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}

    def add(self, kind: str, place: str) -> None:
        """One more of a kind."""
        self._found.setdefault(kind, []).append(place)

    def lines(self) -> tuple[str, ...]:
        """A sentence a kind."""
        return tuple(
            f"{len(places):,} {kind} (first: {places[0]})" for kind, places in self._found.items()
        )


def _records(path: Path, notes: _Notes) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, record) of a JSONL file; ids must be there, and mean one record each."""
    seen: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                record = _record(path, number, line)
                said = hash((record["title"], record["text"]))
                if record["_id"] not in seen:
                    seen[record["_id"]] = said
                    yield number, record
                elif seen[record["_id"]] == said:
                    notes.add(f"records of {path.name} stand twice: read once", f"line {number}")
                else:
                    raise DataSetError(
                        f"{path}:{number}: the _id {record['_id']!r} stands twice, with two texts."
                    )
    except OSError as error:
        raise DataSetError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DataSetError(f"{path} is not UTF-8: {error.reason}.") from error


def _record(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
        if "\\u" in line:  # which can spell half a character
            json.dumps(record, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise DataSetError(f"{path}:{number}: not JSON in UTF-8: {error}.") from error
    if not isinstance(record, dict) or not isinstance(record.get("_id"), (str, int)):
        raise DataSetError(f'{path}:{number}: expected an object with "_id".')
    record["_id"] = str(record["_id"])
    for key, empty in (("text", ""), ("title", ""), ("metadata", {})):
        if record.get(key) is None:  # exports write null for what a record has not
            record[key] = empty
    for key in ("text", "title"):
        if not isinstance(record[key], str):
            raise DataSetError(f'{path}:{number}: "{key}" is not text.')
    if not isinstance(record["metadata"], dict):
        raise DataSetError(f'{path}:{number}: "metadata" is not an object.')
    return record


_HEADER = re.compile(r"q(uery)?[-_ ]?id\t", re.IGNORECASE)

_Numbered = list[tuple[int, dict[str, Any]]]


def _judged(
    folder: Path, corpus: _Numbered, queries: _Numbered, split: str | None, notes: _Notes
) -> DataSet:
    known, asked = ({record["_id"] for _, record in each} for each in (corpus, queries))
    worded = [record for _, record in corpus if record["text"].strip() or record["title"].strip()]
    for number, record in corpus:
        if not (record["text"].strip() or record["title"].strip()):
            notes.add("documents have no words: nothing finds them", f"line {number}")
    relevant: dict[str, dict[str, int]] = {}
    for path in _splits(folder / "qrels", split):
        for number, query, document, score in _judgements(path):
            place = f"{path.name}:{number}"
            if query not in asked:
                notes.add("judgements are of no query in queries.jsonl: passed over", place)
                continue
            if document not in known:
                notes.add("judged documents are not in corpus.jsonl: never found", place)
            if score > 0:
                relevant.setdefault(query, {})[document] = score
    labelled = tuple(
        LabelledQuery(record["_id"], record["text"], relevant[record["_id"]])
        for _, record in queries
        if record["_id"] in relevant
    )
    if not labelled:
        raise DataSetError(f"{folder / 'qrels'} judges none of the queries.")
    entries = tuple(
        Entry(id=f"d{n}", title=record["title"], text=record["text"])
        for n, record in enumerate(worded)
    )
    names = tuple(record["_id"] for record in worded)
    return DataSet(folder.name, entries, names, labelled, notes=notes.lines())


def _splits(folder: Path, split: str | None) -> list[Path]:
    if split is None:
        found = sorted(folder.glob("*.tsv"))
        if not found:
            raise DataSetError(f"{folder} holds no .tsv file.")
        return found
    path = folder / f"{split}.tsv"
    if not path.is_file():
        others = ", ".join(sorted(other.stem for other in folder.glob("*.tsv"))) or "none"
        raise DataSetError(f"{path} does not exist; the splits there are: {others}.")
    return [path]


def _judgements(path: Path) -> Iterator[tuple[int, str, str, int]]:
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataSetError(f"{path} cannot be read: {error}.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or (number == 1 and _HEADER.match(line)):
            continue
        try:
            query, document, score = line.rstrip("\r").split("\t")
            grade = int(float(score))
        except (ValueError, OverflowError):
            raise DataSetError(
                f"{path}:{number}: expected query-id, corpus-id and score between tabs."
            ) from None
        if grade != float(score):
            raise DataSetError(f"{path}:{number}: the score {score} is not a whole number.")
        yield number, query, document, grade


def _intents(folder: Path, corpus: _Numbered, queries: _Numbered, notes: _Notes) -> DataSet:
    phrasings: dict[str, list[str]] = {}
    for number, record in corpus:
        intent = _intent(record)
        if intent is None:
            raise DataSetError(
                f"{folder / 'corpus.jsonl'}:{number}: no metadata.intent, and there are no qrels."
            )
        phrasing = record["text"].strip() or record["title"].strip()
        if phrasing:
            phrasings.setdefault(intent, []).append(phrasing)
        else:
            notes.add("documents have no words: nothing finds them", f"line {number}")
    labelled = []
    for number, record in queries:
        out_of_scope, intent = record["metadata"].get("oos"), _intent(record)
        if not out_of_scope and intent not in phrasings:
            raise DataSetError(
                f"{folder / 'queries.jsonl'}:{number}: nothing in corpus.jsonl has the intent "
                f"{intent!r}."
            )
        relevant = {} if out_of_scope or intent is None else {intent: 1}
        labelled.append(LabelledQuery(record["_id"], record["text"], relevant))
    entries = tuple(
        Entry(id=f"d{n}", questions=tuple(questions))
        for n, questions in enumerate(phrasings.values())
    )
    return DataSet(folder.name, entries, tuple(phrasings), tuple(labelled), notes=notes.lines())


def _intent(record: dict[str, Any]) -> str | None:
    """An intent by name, or by number as label files have it."""
    intent = record["metadata"].get("intent")
    return str(intent) if isinstance(intent, str | int) and not isinstance(intent, bool) else None


def regression_set(name: str, entries: tuple[Entry, ...], beside: Beside) -> DataSet:
    """A corpus's regression questions over its entries."""
    names = tuple(entry.id for entry in entries)
    return DataSet(name, entries, names, beside.regression, beside)
