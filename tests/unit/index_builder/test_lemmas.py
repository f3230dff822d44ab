"""Corpus words to a lemma table."""

from __future__ import annotations

import sys

import pytest

from index_builder.lemmas import OVERRIDES, lemma_table, lookup_forms
from service.errors import ConfigError


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    """The table of an English corpus that says little itself."""
    return lemma_table(["printer", "qwzx"], "en", "lookup")[1]


@pytest.fixture(scope="module")
def german() -> tuple[str, dict[str, str]]:
    """What is chosen for a German corpus, and its table."""
    return lemma_table(["passwort", "passwörter"], "de")


@pytest.mark.parametrize(
    ("form", "expected"),
    [("printers", "printer"), ("connecting", "connect"), ("was", "be"), ("batteries", "battery")],
)
def test_inflected_forms_have_their_lemma(english, form, expected):
    """spaCy's lookup table brings plurals and verb forms together."""
    assert english[form] == expected


@pytest.mark.parametrize("form", sorted(OVERRIDES["en"]))
def test_overrides_win_over_the_table(english, form):
    """Each word the lookup table would spoil in technical text has the lemma written down here."""
    assert english.get(form, form) == OVERRIDES["en"][form]


def test_windows_is_not_a_window(english):
    """The system and the thing on the screen are two subjects."""
    assert english.get("windows", "windows") != english.get("window", "window")


def test_forms_of_the_language_are_in_the_table_without_being_in_the_corpus(english):
    """A person may type a form that no entry uses; it has its lemma all the same."""
    assert english["routers"] == "router"


def test_forms_that_are_their_own_lemma_take_no_room(english):
    """Only changes are kept."""
    assert all(form != lemma for form, lemma in english.items())
    assert "qwzx" not in english


def test_everything_is_lower_case(english, german):
    """Forms and lemmas compare with lower-cased tokens, in German too."""
    for table in (english, german[1]):
        assert all(form == form.lower() for form in table)
        assert all(lemma == lemma.lower() for lemma in table.values())


def test_auto_chooses_the_lookup_table_for_english():
    """English has a good table."""
    assert lemma_table(["printers"], "en")[0] == "lookup"


def test_auto_chooses_the_stemmer_for_german(german):
    """German plurals that the table lacks meet through the stemmer."""
    method, table = german
    assert method == "snowball"
    assert table.get("passwort", "passwort") == table.get("passwörter", "passwörter")


def test_auto_chooses_nothing_for_a_language_nobody_knows():
    """A corpus in another language is built without lemmas and without complaint."""
    assert lemma_table(["saluton"], "eo") == ("none", {})


def test_none_is_no_table():
    """Who wants no lemmas gets none, overrides included."""
    assert lemma_table(["windows", "printers"], "en", "none") == ("none", {})


def test_snowball_stems_where_there_is_no_table():
    """A language that has a stemmer alone is stemmed."""
    method, table = lemma_table(["tulostimet", "tulostimen"], "fi")
    assert method == "snowball"
    assert table["tulostimet"] == table["tulostimen"]


def test_a_language_without_lookup_data_says_what_to_do():
    """The refusal names the language and the other choices."""
    with pytest.raises(ConfigError, match=r"'zh'.*spacy\[lookups\].*snowball or none"):
        lemma_table(["x"], "zh", "lookup")


def test_a_language_without_a_stemmer_says_what_to_do():
    """The refusal names the language and the other choice."""
    with pytest.raises(ConfigError, match=r"'ja'.*none"):
        lemma_table(["x"], "ja", "snowball")


def test_a_pipeline_that_is_not_installed_says_how_to_get_it():
    """The refusal names the pipeline and the command that installs it."""
    with pytest.raises(ConfigError, match=r"spacy download en_core_web_xl"):
        lemma_table(["x"], "en", "en_core_web_xl")


def test_a_trained_pipeline_is_asked_word_by_word(tmp_path):
    """Any installed pipeline can give the lemmas; a folder counts as installed."""
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    nlp.to_disk(tmp_path / "pipeline")
    method, table = lemma_table(["printers", "windows"], "en", str(tmp_path / "pipeline"))
    assert method == str(tmp_path / "pipeline")
    assert table["printers"] == "printer"
    assert "windows" not in table


def test_without_lookup_data_auto_falls_back(monkeypatch):
    """Where spacy-lookups-data is absent, the stemmer is chosen and no form is invented."""
    monkeypatch.setitem(sys.modules, "spacy_lookups_data", None)  # as if it were not installed
    assert lookup_forms("en") == set()
    assert lemma_table(["printers"], "en")[0] == "snowball"
