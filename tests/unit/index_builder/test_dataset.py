"""Labelled data sets: what is read, and each refusal with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index_builder.dataset import read_dataset
from service.errors import DataSetError

CORPUS = [
    {"_id": "d/1", "title": "Printer", "text": "offline"},
    {"_id": "d 2", "text": "slow wifi"},
]
QUERIES = [{"_id": "q1", "text": "printer"}, {"_id": "q2", "text": "wifi"}, {"_id": 3, "text": "?"}]
JUDGED = "query-id\tcorpus-id\tscore\nq1\td/1\t2\n"
INTENTS = [
    {"_id": "1", "text": "it is slow", "metadata": {"intent": "slow"}},
    {"_id": "2", "text": "so slow", "metadata": {"intent": "slow"}},
    {"_id": "3", "text": "broken", "metadata": {"intent": "broken"}},
]


def lines(records: list) -> str:
    return "".join(
        f"{record if isinstance(record, str) else json.dumps(record)}\n" for record in records
    )


@pytest.fixture
def put(tmp_path):
    """Write a data set; what is None is left out."""

    def write(corpus=CORPUS, queries=QUERIES, **qrels: str) -> Path:
        if corpus is not None:
            (tmp_path / "corpus.jsonl").write_text(lines(corpus), "utf-8")
        if queries is not None:
            (tmp_path / "queries.jsonl").write_text(lines(queries), "utf-8")
        if qrels:
            (tmp_path / "qrels").mkdir()
        for split, content in qrels.items():
            (tmp_path / "qrels" / f"{split}.tsv").write_text(content, "utf-8")
        return tmp_path

    return write


def refused(folder: Path, split: str | None = None) -> str:
    """The refusal, with files named relative to the data set."""
    with pytest.raises(DataSetError) as caught:
        read_dataset(folder, split)
    return str(caught.value).replace(f"{folder}/", "")


def test_a_judged_set_is_documents_and_judged_queries(put):
    """Each document is an entry; a query without a judgement is not asked."""
    found = read_dataset(put(test=JUDGED))
    assert [(entry.title, entry.text) for entry in found.entries] == [
        ("Printer", "offline"),
        ("", "slow wifi"),
    ]
    assert found.names == ("d/1", "d 2")
    assert [(query.id, query.relevant) for query in found.queries] == [("q1", {"d/1": 2})]


def test_all_splits_are_asked_unless_one_is_named(put):
    """Without a split every judged query counts; with one, its own alone."""
    folder = put(train=JUDGED, test="query-id\tcorpus-id\tscore\nq2\td 2\t1\n")
    assert [query.id for query in read_dataset(folder).queries] == ["q1", "q2"]
    assert [query.id for query in read_dataset(folder, "test").queries] == ["q2"]


def test_a_judgement_of_zero_is_no_answer(put):
    """A document judged irrelevant does not make a query answerable."""
    found = read_dataset(put(test=JUDGED + "q1\td 2\t0\nq2\td 2\t0\n"))
    assert [(query.id, query.relevant) for query in found.queries] == [("q1", {"d/1": 2})]


def test_judgements_without_a_header_are_read(put):
    """The first line is a header only where it says so."""
    assert len(read_dataset(put(test="q1\td/1\t1\nq2\td 2\t1\n")).queries) == 2


def test_ids_may_be_numbers(put):
    """An id in the JSON and its digits in the judgements are one."""
    assert read_dataset(put(test="3\td/1\t1\n")).queries[0].id == "3"


def test_a_set_without_judgements_is_an_intent_set(put):
    """Phrasings of one intent are one entry; a query is answered by its intent, or by nothing."""
    queries = [
        {"_id": "a", "text": "slower", "metadata": {"intent": "slow"}},
        {"_id": "b", "text": "the moon", "metadata": {"oos": True}},
    ]
    found = read_dataset(put(INTENTS, queries))
    assert [entry.questions for entry in found.entries] == [("it is slow", "so slow"), ("broken",)]
    assert found.names == ("slow", "broken")
    assert [query.relevant for query in found.queries] == [{"slow": 1}, {}]
    assert [query.out_of_scope for query in found.queries] == [False, True]


@pytest.mark.parametrize("missing", ["corpus", "queries"])
def test_a_missing_file_is_named(put, missing):
    """The refusal says which file is not there."""
    assert f"{missing}.jsonl cannot be read" in refused(put(**{missing: None}, test=JUDGED))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", 'expected an object with "_id"'),
        ('{"text": "x"}', 'expected an object with "_id"'),
        ('{"_id": null, "text": "x"}', 'expected an object with "_id"'),
        ('{"_id": "x", "text": 5}', '"text" is not text'),
        ('{"_id": "x", "title": [], "text": "x"}', '"title" is not text'),
        ('{"_id": "x", "text": "x", "metadata": "y"}', '"metadata" is not an object'),
        ('{"_id": "d/1", "text": "again"}', "stands twice"),
        ('{"_id": "x", "text": "half \\ud83d a character"}', "not JSON in UTF-8"),
    ],
    ids=lambda part: part[:30],
)
def test_a_wrong_document_is_refused_with_its_line(put, line, says):
    """File, line and what is wrong; lines that say nothing are counted too."""
    message = refused(put([CORPUS[0], "", line], test=JUDGED))
    assert message.startswith("corpus.jsonl:3: ")
    assert says in message


def test_what_has_no_words_is_counted_and_said(put):
    """Published sets hold empty documents and queries: neither is found, both count."""
    corpus = [*CORPUS, {"_id": "d3", "title": None, "text": " "}]
    found = read_dataset(put(corpus, [*QUERIES, {"_id": "q4"}], test=f"{JUDGED}q4\td3\t1\n"))
    assert found.names == ("d/1", "d 2")
    assert [(query.text, query.relevant) for query in found.queries][1] == ("", {"d3": 1})
    assert found.notes == (
        "1 queries have no text: nothing is asked, nothing answered (first: line 4)",
        "1 documents have no words: nothing finds them (first: line 3)",
    )


def test_files_of_other_systems_are_read(put):
    """A byte order mark, line ends of Windows, null for nothing, another spelling of the head."""
    folder = put([{"_id": 1, "title": None, "text": "a", "metadata": None}], QUERIES, test=JUDGED)
    for name in ("corpus", "queries"):
        path = folder / f"{name}.jsonl"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    (folder / "qrels" / "test.tsv").write_bytes(
        b"\xef\xbb\xbfquery_id\tdoc_id\trelevance\r\nq1\t1\t2\r\n"
    )
    assert read_dataset(folder).queries[0].relevant == {"1": 2}


def test_a_record_that_stands_twice_is_read_once(put):
    """The same again is no contradiction; it is said all the same."""
    found = read_dataset(put([*CORPUS, CORPUS[0]], test=JUDGED))
    assert len(found.entries) == 2
    assert found.notes == ("1 records of corpus.jsonl stand twice: read once (first: line 3)",)


def test_judgements_of_what_is_not_there_are_said(put):
    """A document that is missing is never found; a query that is missing is not asked."""
    found = read_dataset(put(test=f"{JUDGED}q1\td/9\t1\nq9\td/1\t1\n"))
    assert [query.relevant for query in found.queries] == [{"d/1": 2, "d/9": 1}]
    assert found.notes == (
        "1 judged documents are not in corpus.jsonl: never found (first: test.tsv:3)",
        "1 judgements are of no query in queries.jsonl: passed over (first: test.tsv:4)",
    )


def test_an_intent_may_be_a_number(put):
    """Label files count their intents."""
    corpus = [{"_id": "1", "text": "it is slow", "metadata": {"intent": 0}}]
    found = read_dataset(put(corpus, [{"_id": "a", "text": "x", "metadata": {"intent": 0}}]))
    assert (found.names, found.queries[0].relevant) == (("0",), {"0": 1})


def test_a_file_that_is_not_utf_8_is_refused(put):
    """Bytes that are no text are told as that."""
    folder = put(test=JUDGED)
    (folder / "corpus.jsonl").write_bytes(b'{"_id": "x", "text": "caf\xe9"}\n')
    assert "corpus.jsonl is not UTF-8" in refused(folder)
    (folder / "corpus.jsonl").write_text(lines(CORPUS))
    (folder / "qrels" / "test.tsv").write_bytes(b"q1\tcaf\xe9\t1\n")
    assert "test.tsv cannot be read" in refused(folder)


def test_a_set_without_queries_is_refused(put):
    """There must be something to ask."""
    assert "holds no queries" in refused(put(queries=[], test=JUDGED))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("q1\td/1\t0.5", "not a whole number"),
        ("q1\td/1", "between tabs"),
        ("q1 d/1 1", "between tabs"),
        ("q1\td/1\tmuch", "between tabs"),
        ("q1\td/1\tinf", "between tabs"),
        ("q1\td/1\tnan", "between tabs"),
        ("q1\td/1\t1\t1", "between tabs"),
    ],
)
def test_a_wrong_judgement_is_refused_with_its_line(put, line, says):
    """Malformed judgements are named by file and line."""
    message = refused(put(test=f"{JUDGED}\n{line}\n"))
    assert message.startswith("qrels/test.tsv:4: ")
    assert says in message


def test_judgements_of_no_query_are_refused(put):
    """A split that judges nothing measures nothing."""
    assert "judges none" in refused(put(test="query-id\tcorpus-id\tscore\n"))


def test_a_folder_without_splits_is_refused(put):
    """An empty qrels folder is told as that."""
    folder = put()
    (folder / "qrels").mkdir()
    assert "holds no .tsv file" in refused(folder)


def test_an_unheard_split_is_refused_with_those_there_are(put):
    """The splits that could have been meant are listed."""
    message = refused(put(train=JUDGED, test=JUDGED), "dev")
    assert "the splits there are: test, train" in message


def test_an_intent_set_has_no_splits(put):
    """Naming a split of a set without judgements is told."""
    assert "no split 'test'" in refused(put(INTENTS, QUERIES), "test")


def test_an_intent_set_with_a_document_of_no_intent_is_refused(put):
    """The first phrasing without an intent is named, and why it would need one."""
    message = refused(put([*INTENTS, {"_id": "4", "text": "x"}], QUERIES))
    assert message.startswith("corpus.jsonl:4: no metadata.intent")


@pytest.mark.parametrize("metadata", [{}, {"intent": "unheard"}, {"intent": None}])
def test_a_query_of_an_unheard_intent_is_refused(put, metadata):
    """A query that is not out of scope must have an intent of the corpus."""
    message = refused(put(INTENTS, [{"_id": "a", "text": "x", "metadata": metadata}]))
    assert message.startswith("queries.jsonl:1: nothing in corpus.jsonl has the intent")
