"""A labelled data set in the BEIR layout, an intent set, or a regression file."""

from __future__ import annotations

import json
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
    sets may hold characters that an entry's may not.
    """

    name: str
    entries: tuple[Entry, ...]
    names: tuple[str, ...]
    queries: tuple[LabelledQuery, ...]
    beside: Beside = NOTHING


def read_dataset(folder: Path, split: str | None = None) -> DataSet:
    """
    Read a folder with ``corpus.jsonl``, ``queries.jsonl`` and perhaps ``qrels/*.tsv``.

    Args:
        folder: in the BEIR layout; without qrels it is an intent set.
        split: a file of ``qrels``; all of them where None.

    Raises:
        DataSetError: a file that is missing or wrong, with its line.

    """
    corpus = list(_records(folder / "corpus.jsonl"))
    queries = list(_records(folder / "queries.jsonl"))
    if not queries:
        raise DataSetError(f"{folder / 'queries.jsonl'} holds no queries.")
    for number, record in queries:
        if not record["text"].strip():
            raise DataSetError(f"{folder / 'queries.jsonl'}:{number}: the query has an empty text.")
    if (folder / "qrels").is_dir():
        return _judged(folder, corpus, queries, split)
    if split is not None:
        raise DataSetError(f"{folder} has no qrels, so there is no split {split!r} of it.")
    return _intents(folder, corpus, queries)


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, record) of a JSONL file; ids must be there, and be different."""
    seen: set[str] = set()
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                record = _record(path, number, line)
                if record["_id"] in seen:
                    raise DataSetError(f"{path}:{number}: the _id {record['_id']!r} stands twice.")
                seen.add(record["_id"])
                yield number, record
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
    for key in ("text", "title"):
        if not isinstance(record.setdefault(key, ""), str):
            raise DataSetError(f'{path}:{number}: "{key}" is not text.')
    if not isinstance(record.setdefault("metadata", {}), dict):
        raise DataSetError(f'{path}:{number}: "metadata" is not an object.')
    if not (record["text"].strip() or record["title"].strip()):
        raise DataSetError(f"{path}:{number}: {record['_id']!r} has an empty text.")
    return record


_Numbered = list[tuple[int, dict[str, Any]]]


def _judged(folder: Path, corpus: _Numbered, queries: _Numbered, split: str | None) -> DataSet:
    names = [record["_id"] for _, record in corpus]
    known, asked = set(names), {record["_id"] for _, record in queries}
    relevant: dict[str, dict[str, int]] = {}
    for path in _splits(folder / "qrels", split):
        for number, query, document, score in _judgements(path):
            if document not in known:
                raise DataSetError(f"{path}:{number}: no document {document!r} in corpus.jsonl.")
            if query not in asked:
                raise DataSetError(f"{path}:{number}: no query {query!r} in queries.jsonl.")
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
        for n, (_, record) in enumerate(corpus)
    )
    return DataSet(folder.name, entries, tuple(names), labelled)


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
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataSetError(f"{path} cannot be read: {error}.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or (number == 1 and line.split("\t")[-1].strip() == "score"):
            continue
        try:
            query, document, score = line.split("\t")
            yield number, query, document, int(float(score))
        except (ValueError, OverflowError):
            raise DataSetError(
                f"{path}:{number}: expected query-id, corpus-id and score between tabs."
            ) from None


def _intents(folder: Path, corpus: _Numbered, queries: _Numbered) -> DataSet:
    phrasings: dict[str, list[str]] = {}
    for number, record in corpus:
        intent = record["metadata"].get("intent")
        if not isinstance(intent, str):
            raise DataSetError(
                f"{folder / 'corpus.jsonl'}:{number}: no metadata.intent, and there are no qrels."
            )
        phrasings.setdefault(intent, []).append(record["text"] or record["title"])
    labelled = []
    for number, record in queries:
        metadata = record["metadata"]
        relevant = {} if metadata.get("oos") else {metadata.get("intent"): 1}
        if any(intent not in phrasings for intent in relevant):
            raise DataSetError(
                f"{folder / 'queries.jsonl'}:{number}: nothing in corpus.jsonl has the intent "
                f"{metadata.get('intent')!r}."
            )
        labelled.append(LabelledQuery(record["_id"], record["text"], relevant))
    entries = tuple(
        Entry(id=f"d{n}", questions=tuple(questions))
        for n, questions in enumerate(phrasings.values())
    )
    return DataSet(folder.name, entries, tuple(phrasings), tuple(labelled))


def regression_set(name: str, entries: tuple[Entry, ...], beside: Beside) -> DataSet:
    """A corpus's regression questions over its entries."""
    names = tuple(entry.id for entry in entries)
    return DataSet(name, entries, names, beside.regression, beside)
