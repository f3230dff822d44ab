"""Text to tokens: what is kept whole, what is taken apart, and what never goes wrong."""

from __future__ import annotations

import pytest

from service.retrieval.analysis import Analyser, AnalyserSettings, grams, normalise, surfaces


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Printer is OFFLINE", ["printer", "is", "offline"]),
        ("  two\n words\t", ["two", "words"]),
        ("what?! (really)", ["what", "really"]),
        ("naïve café", ["naïve", "café"]),
    ],
)
def test_words_are_lower_cased_and_freed_of_punctuation(text, forms):
    """Case, white space and punctuation at the ends of a word do not change it."""
    assert surfaces(text) == forms


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("ERR_NAME_NOT_RESOLVED", "err_name_not_resolved"),
        ("0x80070057", "0x80070057"),
        ("error 0x80070057:5!", "0x80070057:5"),
        ("C:\\Windows\\System32", "c:\\windows\\system32"),
        ("ctrl+alt+del", "ctrl+alt+del"),
        ("version 24.04.1 please", "24.04.1"),
        ("root@example.org", "root@example.org"),
        ("resolv.conf", "resolv.conf"),
        ("c++", "c++"),
        ("c#", "c#"),
    ],
)
def test_codes_paths_versions_and_keys_stay_whole(text, whole):
    """What a person copies from a screen can be found as it was copied."""
    assert whole in surfaces(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ERR_NAME_NOT_RESOLVED", {"err", "name", "not", "resolved"}),
        ("C:\\Windows\\System32", {"windows", "system32"}),
        ("ctrl+alt+del", {"ctrl", "alt", "del"}),
        ("resolv.conf", {"resolv", "conf"}),
        ("NetSwitchTeam", {"netswitchteam", "net", "switch", "team"}),
        ("HTTPServer", {"httpserver", "http", "server"}),
        ("OneDrive", {"onedrive", "one", "drive"}),
        (".pst", {".pst", "pst"}),
        ("https://example.org/wifi", {"https", "example", "org", "wifi"}),
    ],
)
def test_the_parts_of_an_identifier_are_found_too(text, parts):
    """A person who types only one part of a code, path or name still shares a token with it."""
    assert parts <= set(surfaces(text))


@pytest.mark.parametrize("text", ["printer", "Printer", "PRINTER", "WIFI"])
def test_ordinary_words_are_not_taken_apart(text):
    """Capital letters at the start, or everywhere, do not make a camel-cased name."""
    assert surfaces(text) == [text.lower()]


@pytest.mark.parametrize(
    ("one", "other"), [("wi-fi", "wifi"), ("E-Mail", "email"), ("log-in", "login")]
)
def test_a_hyphenated_word_meets_its_joined_spelling(one, other):
    """Words typed with a hyphen as often as without share a token either way."""
    assert set(surfaces(one)) & set(surfaces(other))


def test_words_around_a_hyphen_are_found_alone():
    """A hyphen between two words keeps neither from being found."""
    assert {"sign", "in"} <= set(surfaces("sign-in"))


@pytest.mark.parametrize("text", ["can't", "can’t", "CAN'T", "canʼt", "can`t", "can´t"])
def test_every_apostrophe_reads_the_same(text):
    """Typographic, modifier and typewriter apostrophes give one word without any."""
    assert surfaces(text) == ["cant"]


@pytest.mark.parametrize("text", ["printer's", "printer’s"])
def test_a_possessive_is_its_noun(text):
    """The printer's is about the printer."""
    assert surfaces(text) == ["printer"]


def test_quotation_marks_around_a_word_are_not_part_of_it():
    """A quoted word is the word, whatever the marks."""
    assert set(surfaces("'offline' “offline” „offline“ «offline» ‘offline’")) == {"offline"}


def test_emoji_are_left_out():
    """A smiley adds no token and hides no word beside it."""
    assert surfaces("printer 😀 broken👍 🖨️") == ["printer", "broken"]


def test_ideographs_are_tokens_of_their_own():
    """Text written without spaces is cut so that a part of it can be found."""
    assert surfaces("打印机坏了") == list("打印机坏了")
    assert surfaces("wifi密码") == ["wifi", "密", "码"]


def test_compatibility_characters_read_as_plain_ones():
    """Full-width letters and ligatures equal what is on a keyboard."""
    assert surfaces("ＷｉＦｉ ﬁle") == surfaces("WiFi file")


def test_plain_text_passes_through_normalisation_untouched():
    """Nothing is done to a text that needs nothing."""
    assert normalise("can't 0x1") == "can't 0x1"


@pytest.mark.parametrize("text", ["", " \n\t", "?!…", "👍", "((((", "-- - --", "'", "\u200b"])
def test_text_without_words_gives_no_tokens(text):
    """Punctuation, symbols and white space say nothing."""
    assert surfaces(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000,
        "a" * 2000,
        "'" * 2000,
        "a'" * 1000,
        "aA" * 1000,
        "a-" * 1000,
        "a_" * 1000,
        "https://" * 250,
        "打" * 2000,
        "é" * 2000,
        "\u0301" * 2000,
        "e\u0301" * 1000,
        "\ufdfa" * 2000,
        "👩‍👩‍👧" * 400,
        "\x00" * 2000,
        "\ud800" * 2000,
        "a.b " * 500,
    ],
    ids=lambda text: ascii(text[:4]),
)
def test_two_thousand_hostile_characters_give_few_tokens(text):
    """No question grows into much more work than its length: tokens stay within its characters."""
    forms = surfaces(text)
    assert len(forms) <= len(normalise(text))
    assert sum(map(len, forms)) <= 4 * len(normalise(text))


def test_a_word_is_cut_at_sixty_four_characters():
    """One endless word cannot fill the vocabulary with endless words."""
    assert surfaces("a" * 500) == ["a" * 64]


def test_a_memo_changes_no_token():
    """Reading a corpus with a memo of chunks equals reading it without, also the second time."""
    text = "NetSwitchTeam can't reach C:\\Windows, wi-fi 5.1"
    memo: dict[str, tuple[str, ...]] = {}
    assert surfaces(text, memo) == surfaces(text)
    assert surfaces(text, memo) == surfaces(text)


def test_lemmas_come_from_the_table_alone():
    """A form in the table becomes its lemma; any other stays as it is."""
    analyser = Analyser(AnalyserSettings(), {"printers": "printer"})
    assert analyser.tokens("Printers jam") == ["printer", "jam"]
    assert analyser.lemma("routers") == "routers"


def test_settings_are_json_values():
    """The settings that shaped the tokens can travel in a manifest and come back equal."""
    settings = AnalyserSettings(language="de", lemmas="snowball")
    assert AnalyserSettings(**settings.as_dict()) == settings


def test_grams_stand_between_spaces():
    """A word's n-grams know where it begins and ends."""
    assert grams("wifi", 4) == [" wif", "wifi", "ifi "]


def test_a_short_word_is_one_gram():
    """A word shorter than an n-gram still has one, itself between spaces."""
    assert grams("a", 4) == [" a "]
    assert grams("pc", 4) == [" pc "]
