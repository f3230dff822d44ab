"""Words and meaning together: what is found, and what happens where a model is wrong or fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from index_builder.fitting import shipped_prior
from index_builder.graph import write_graph
from service.errors import ArtefactDamaged, ArtefactModel, EncodingFailed, EncodingSlow
from service.retrieval.answers import Question, Turn, answer
from service.retrieval.artefact import GenerationReader, GenerationWriter
from service.retrieval.dense import NEAREST_ROWS, Dense
from service.retrieval.embedding import open_encoder
from service.retrieval.evidence import DENSE_FEATURES
from service.retrieval.graph import Graph
from service.retrieval.index import Index, open_index
from service.retrieval.similarity import similarities, whole_numbers, whole_question
from tests.tiny_model import write_model


@pytest.fixture(scope="module")
def encoder(model_dir):
    return open_encoder(model_dir)


@pytest.fixture(scope="module")
def meaning(meaning_root, encoder) -> Index:
    return open_index(meaning_root, encoder=encoder)


@pytest.fixture(scope="module")
def words(meaning_root) -> Index:
    return open_index(meaning_root)


class Failing:
    """An encoder of the right model that never gets anything done."""

    def __init__(self, encoder, error: Exception) -> None:
        self.digest, self.dimension, self.error = encoder.digest, encoder.dimension, error

    def encode(self, texts):
        raise self.error


def best(index: Index, text: str, **asked) -> str | None:
    hits = answer(index, Question(text, **asked)).hits
    return hits[0].id if hits else None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("inkjet unreachable", "printer-offline"),
        ("sheet wedged", "paper-jam"),
        ("sluggish wlan", "wifi-slow"),
        ("relaunch the gateway", "router-restart"),
    ],
)
def test_an_entry_is_found_by_what_it_means(meaning, words, question, expected):
    """Questions that share no word with their entry find it by meaning, and not by words."""
    assert best(meaning, question) == expected
    assert best(words, question) != expected


def test_words_still_count(meaning):
    """An error code the model has never seen finds its entry by its letters."""
    assert best(meaning, "pc 0x80070057") == "error-0x80070057"


def test_scores_are_shares_and_fall(meaning):
    """Hits come best first with scores in [0, 1], as they do without a model."""
    hits = answer(meaning, Question("my inkjet is offline", top_k=10)).hits
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_typing_errors_are_corrected_before_the_model_reads(meaning):
    """A mistyped word, unknown to the model, is read as the word it stands for."""
    reply = answer(meaning, Question("restrat gateway", explain=True))
    assert reply.corrected == "restart gateway"
    assert reply.hits[0].id == "router-restart"


def test_filters_hold_for_meaning_too(meaning):
    """Nothing outside a tag or platform appears, however near its meaning."""
    found = answer(meaning, Question("mute speakers", platform="macos", top_k=10)).hits
    assert found
    assert "windows-sound" not in {hit.id for hit in found}
    tagged = answer(meaning, Question("inkjet unreachable", tags=("network",), top_k=10)).hits
    assert {hit.id for hit in tagged} <= {"wifi-slow", "router-restart"}


def test_a_question_asked_word_for_word_is_answered_surely(meaning):
    """What an author wrote needs no model: the answer is sure and nothing is encoded."""
    reply = answer(meaning, Question("paper stuck", explain=True))
    assert (reply.entry.id, reply.confidence) == ("paper-jam", 1.0)
    assert reply.explanation["meaning"] is None


def test_the_explanation_tells_of_meaning(meaning, encoder):
    """Which model was asked, what it gave, and the two features it adds; the parts add up."""
    told = answer(meaning, Question("inkjet unreachable now", explain=True)).explanation
    assert told["meaning"]["model"] == encoder.digest[:12]
    assert told["meaning"]["trouble"] is None
    assert told["meaning"]["nearest"][0]["id"] == "printer-offline"
    assert {"meaning", "meaning_ahead"} <= told["confidence_features"].keys()
    parts = told["score_parts"]
    total = parts.pop("total")
    assert sum(parts.values()) == pytest.approx(total, abs=0.05)
    assert parts["meaning"] > 0


def test_a_follow_up_leans_on_what_the_last_turn_meant(meaning):
    """A follow-up such as "and on a mac?" after a question about sound means the sound of a Mac."""
    turns = (Turn("why are the speakers mute", "windows-sound"),)
    assert best(meaning, "and on my macbook", context=turns) == "mac-sound"


def test_nothing_is_taken_from_a_turn_that_was_not_answered(meaning):
    """The same follow-up after a question without an answer is asked alone."""
    alone = answer(meaning, Question("and what about it", top_k=5))
    turns = (Turn("why are the speakers mute", None),)
    after = answer(meaning, Question("and what about it", context=turns, top_k=5))
    assert after.hits == alone.hits


@pytest.mark.parametrize(
    ("error", "code"),
    [(EncodingFailed("no"), "encoding_failed"), (EncodingSlow("late"), "encoding_slow")],
)
def test_without_the_model_words_answer(meaning_root, words, encoder, error, code):
    """A failing or slow model costs its help and nothing else, and the explanation says so."""
    index = open_index(meaning_root, encoder=Failing(encoder, error))
    asked = Question("the printer is not reachable", explain=True)
    reply, plain = answer(index, asked), answer(words, asked)
    assert (reply.hits, reply.confidence) == (plain.hits, plain.confidence)
    assert reply.trouble == code
    assert reply.explanation["meaning"]["trouble"] == code
    assert plain.trouble is None


def test_words_alone_answer_as_if_there_were_no_vectors(words, index):
    """A server without the setting reads an index with vectors as any other."""
    for text in ("printer says offline", "slow internet", "no sound"):
        with_vectors, without = answer(words, Question(text)), answer(index, Question(text))
        assert [hit.score for hit in with_vectors.hits] == [hit.score for hit in without.hits]
        assert with_vectors.confidence == without.confidence


def test_another_model_is_refused(meaning_root, tmp_path):
    """Vectors of two models are never compared: the message names both, and the way out."""
    other = open_encoder(write_model(tmp_path, seed=2))
    with pytest.raises(ArtefactModel, match=r"was built with model \w+…, and this program") as said:
        open_index(meaning_root, encoder=other)
    assert other.digest[:12] in str(said.value)
    assert "same embedding_model_dir" in str(said.value)


def test_an_index_without_vectors_is_refused_where_a_model_is_set(index_root, encoder):
    """Who switched meaning on is told that the index has none, and how to get it."""
    with pytest.raises(ArtefactModel, match="has no vectors"):
        open_index(index_root, encoder=encoder)


@pytest.mark.parametrize("text", ["🙂" * 2000, "????", "the", "x" * 2000, "لا يوجد اتصال"])
def test_strange_questions_are_taken_calmly(meaning, text):
    """Emoji, punctuation, one letter and other scripts get a reply, and never a sure one."""
    reply = answer(meaning, Question(text))
    assert reply.trouble is None
    assert reply.confidence < 0.9


class Remembered:
    """A generation in memory, as far as vectors go."""

    generation = "g-test"

    def __init__(self, encoder, rows: np.ndarray, per_entry: int, graph: Path | None) -> None:
        vectors, scale = whole_numbers(rows)
        bounds = np.arange(0, 2 * len(rows) // per_entry + 1) // 2 * per_entry
        bounds[1::2] += per_entry - 1  # all but the last row of an entry are short
        self.arrays = {
            "dense.vector": vectors,
            "dense.scale": scale,
            "dense.bounds": bounds.astype(np.uint64),
        }
        self.graph = graph
        self.info = {
            "embedding": {
                "model": encoder.digest,
                "dimension": rows.shape[1],
                "fusion": {"weight": 0.5, "ballot": 0.02},
                "graph": graph is not None,
            }
        }

    def array(self, name):
        return self.arrays[name]

    def data(self, name):
        return shipped_prior(meaning=True).model().to_json(DENSE_FEATURES)

    def path(self, name):
        return self.graph


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """3,000 rows of 48 numbers, in few dimensions within many, as what texts mean is."""
    random = np.random.default_rng(3)
    values = random.standard_normal((3000, 12)) @ random.standard_normal((12, 48))
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def graph_file(tmp_path_factory, rows) -> Path:
    with GenerationWriter(tmp_path_factory.mktemp("graph"), "g-graph") as writer:
        write_graph(whole_numbers(rows)[0], writer, lambda _: None)
        folder = writer.finish({})
    reader = GenerationReader(folder)
    return reader.path("dense.usearch")


def test_the_graph_finds_what_a_comparison_of_all_rows_finds(encoder, rows, graph_file):
    """Of the ten nearest rows the graph's candidates hold at least 99 in 100."""
    graph = Graph(Remembered(encoder, rows, 3, graph_file))
    found = 0
    for question in rows[::60]:
        exact = np.empty(len(rows), np.float32)
        similarities(*whole_numbers(rows), *whole_question(question), exact)
        nearest = set(np.argsort(-exact)[:10].tolist())
        found += len(nearest & set(graph.nearest(question, NEAREST_ROWS).tolist()))
    assert found >= 0.99 * 500


def test_a_graph_changes_speed_and_not_answers(encoder, rows, graph_file):
    """The same entries come first with the graph and without it."""
    plain = Dense(Remembered(encoder, rows, 3, None), encoder)
    quick = Dense(Remembered(encoder, rows, 3, graph_file), encoder)
    nothing = np.zeros(1000, np.float32)
    same = 0
    for question in rows[::100]:
        scan, graph = (dense.fuse(question, nothing, 5.0, 5) for dense in (plain, quick))
        same += scan.entries[0] == graph.entries[0]
        np.testing.assert_allclose(scan.scores[0], graph.scores[0], atol=0.02)
    assert same >= 29


def test_a_damaged_graph_is_refused(encoder, rows, tmp_path):
    """A file that is no graph is named, with how to make it again."""
    path = tmp_path / "dense.usearch"
    path.write_bytes(b"not a graph")
    with pytest.raises(ArtefactDamaged, match="is not a graph"):
        Graph(Remembered(encoder, rows, 3, path))


def test_a_damaged_vector_file_is_refused(meaning_root, encoder, tmp_path):
    """Vectors are checked like every other file of the artefact."""
    root = Path(shutil.copytree(meaning_root, tmp_path / "index"))
    (vectors,) = root.glob("*/dense.vector.npy")
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1
    vectors.write_bytes(content)
    with pytest.raises(ArtefactDamaged, match=r"dense\.vector\.npy"):
        open_index(root, encoder=encoder)
