"""Builds with a model: what is encoded, what is kept, and what the gate compares."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from index_builder import dense
from index_builder.build import build
from index_builder.corpus_files import Beside, LabelledQuery
from index_builder.dense import encoder_of, texts_of_rows
from index_builder.main import main
from service.errors import ArtefactModel, ModelUnusable
from service.retrieval.answers import Question, answer
from service.retrieval.artefact import open_generation
from service.retrieval.embedding import open_encoder
from service.retrieval.entries import Entry
from service.retrieval.index import open_index
from tests.tiny_model import DIMENSION, write_model


def test_rows_are_short_texts_and_sections_under_their_title(entries):
    """A section is read together with the title it stands under."""
    texts, bounds = texts_of_rows(entries[:1])
    assert texts[:3] == [
        "The printer is shown as offline",
        "my printer is offline",
        "printer not responding",
    ]
    sections = texts[int(bounds[1]) : int(bounds[2])]
    assert len(sections) == 2
    assert all("shown as offline" in text for text in sections)
    assert "print queue" in sections[1]


def test_the_artefact_says_which_model_made_its_vectors(meaning_root, model_dir, entries):
    """The manifest names model, dimension and number of rows; every row has its vector."""
    reader = open_generation(meaning_root)
    about = reader.info["embedding"]
    texts, _ = texts_of_rows(entries)
    assert about["model"] == open_encoder(model_dir).digest
    assert (about["dimension"], about["rows"], about["graph"]) == (DIMENSION, len(texts), False)
    vectors = reader.array("dense.vector")
    assert (vectors.dtype, vectors.shape) == (np.int8, (len(texts), DIMENSION))
    assert reader.array("dense.bounds")[-1] == len(texts)


def test_an_index_without_a_model_has_no_trace_of_one(index_root):
    """Off by default: no vectors, no second confidence model, no word in the manifest."""
    reader = open_generation(index_root)
    assert "embedding" not in reader.info
    assert not [name for name in reader.manifest.files if name.startswith("dense")]


def test_a_second_build_encodes_only_what_changed(tmp_path, entries, meaning_settings, monkeypatch):
    """Vectors of unchanged texts come from the cache; an edit costs the texts it touches."""
    asked: list[str] = []

    def counting(folder, threads=1):
        encoder = open_encoder(folder, threads)
        real = encoder.encode
        encoder.encode = lambda texts: (asked.extend(texts), real(texts))[1]
        return encoder

    monkeypatch.setattr(dense, "open_encoder", counting)
    settings = meaning_settings.model_copy(update={"embedding_cache_dir": tmp_path / "cache"})
    build(entries, tmp_path / "index", settings)
    assert len(asked) == len(set(texts_of_rows(entries)[0]))
    asked.clear()
    edited = replace(entries[3], questions=("reboot my router", "power cycle the gateway"))
    build((*entries[:3], edited, *entries[4:]), tmp_path / "index", settings)
    assert asked == ["power cycle the gateway"]


def test_many_rows_get_a_graph(tmp_path, entries, meaning_settings, model_dir, monkeypatch):
    """Past the threshold a graph is written, opened in place, and answers as the scan does."""
    monkeypatch.setattr(dense, "GRAPH_ROWS", 10)
    build(entries, tmp_path, meaning_settings)
    assert open_generation(tmp_path).info["embedding"]["graph"] is True
    index = open_index(tmp_path, encoder=open_encoder(model_dir))
    assert answer(index, Question("inkjet unreachable")).hits[0].id == "printer-offline"
    assert answer(index, Question("mute", platform="macos")).hits[0].id == "mac-sound"


def test_a_larger_corpus_teaches_a_model_of_words_and_one_of_meaning(tmp_path, meaning_settings):
    """Both are kept: the one for words alone is what answers when the model fails."""
    things = ("printer", "router", "wifi", "mac", "windows", "paper")
    troubles = ("offline", "slow", "silent", "jammed", "restart", "sound", "hello", "dead")
    corpus = [
        Entry(
            id=f"{thing}-{trouble}",
            title=f"The {thing} {trouble}",
            questions=(f"my {thing} is {trouble} what now", f"{trouble} {thing}"),
        )
        for thing in things
        for trouble in troubles
    ]
    build(corpus, tmp_path, meaning_settings)
    reader = open_generation(tmp_path)
    words, meaning = (json.loads(reader.data(f"{n}.json")) for n in ("confidence", "dense"))
    assert meaning["features"][: len(words["features"])] == words["features"]
    assert meaning["features"][len(words["features"]) :] == ["meaning", "meaning_ahead"]
    assert all(weight >= 0 for weight in meaning["weights"][-2:])
    assert 0 < meaning["suggest"] < meaning["answer"] < 1


def test_the_gate_asks_the_candidate_by_meaning(tmp_path, entries, meaning_settings):
    """A question that only meaning answers counts as handled, against an index of words alone."""
    question = LabelledQuery("r1", "sheet wedged", {"paper-jam": 1})
    beside = Beside(regression=(question,))
    build(entries, tmp_path, meaning_settings.model_copy(update={"embedding_model_dir": None}))
    report = build(entries, tmp_path, meaning_settings, beside=beside)
    assert report.gate.served is not None
    assert report.published


def test_off_means_no_encoder(meaning_settings):
    """Without the setting nothing is opened."""
    assert encoder_of(meaning_settings.model_copy(update={"embedding_model_dir": None})) is None


def test_a_wrong_folder_stops_the_build_before_it_begins(tmp_path, entries, meaning_settings):
    """The sentence names the folder, and the output folder is untouched."""
    settings = meaning_settings.model_copy(update={"embedding_model_dir": tmp_path / "nowhere"})
    with pytest.raises(ModelUnusable, match="There is no folder"):
        build(entries, tmp_path / "index", settings)
    assert not (tmp_path / "index").exists()


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, title in (("jam", "paper is stuck"), ("slow", "wifi is slow")):
        (folder / f"{name}.md").write_text(f"---\ntitle: {title}\n---\nDo this.\n")
    return folder


@pytest.mark.parametrize("by", ["flag", "environment"])
def test_the_command_takes_the_folder_by_flag_and_environment(tmp_path, corpus, by, monkeypatch):
    """One variable switches the builder and the server on."""
    monkeypatch.chdir(tmp_path)
    model = write_model(tmp_path / "model")
    arguments = ["build", str(corpus), "--out", "index"]
    environment = {"FIRSTLINE_EMBEDDING_MODEL_DIR": str(model)} if by == "environment" else {}
    if by == "flag":
        arguments += ["--embedding-model-dir", str(model)]
    ran = CliRunner().invoke(main, arguments, env=environment)
    assert ran.exit_code == 0, ran.output
    assert open_generation(tmp_path / "index").info["embedding"]["rows"] == 4


def test_the_command_says_what_is_wrong_with_the_folder(tmp_path, corpus):
    """Exit code 2 and a sentence, as for every setting that cannot be used."""
    ran = CliRunner().invoke(
        main,
        ["build", str(corpus), "--out", str(tmp_path / "index")],
        env={"FIRSTLINE_EMBEDDING_MODEL_DIR": str(tmp_path / "nowhere")},
    )
    assert ran.exit_code == 2
    assert "There is no folder" in ran.output


def test_an_index_in_shards_has_no_vectors(tmp_path, corpus, model_dir):
    """--shards with a model is refused in a sentence, and nothing is written."""
    ran = CliRunner().invoke(
        main,
        ["build", str(corpus), "--out", str(tmp_path / "index"), "--shards", "1"],
        env={"FIRSTLINE_EMBEDDING_MODEL_DIR": str(model_dir)},
    )
    assert ran.exit_code == 2, ran.output
    assert "has no vectors: leave out --shards" in ran.output
    assert not (tmp_path / "index" / "CURRENT").exists()


def test_a_server_with_a_model_refuses_an_index_in_shards(tmp_path, corpus, model_dir):
    """The sentence says that shards have no vectors, and both ways out."""
    out = tmp_path / "index"
    ran = CliRunner().invoke(main, ["build", str(corpus), "--out", str(out), "--shards", "1"])
    assert ran.exit_code == 0, ran.output
    with pytest.raises(ArtefactModel, match="cut into shards, which have no vectors"):
        open_index(out, encoder=open_encoder(model_dir))
    assert open_index(out).entry_count == 2
