"""The decision: answer, did-you-mean, or say so."""

from __future__ import annotations

import pytest

from service.errors import QuestionEmpty, QuestionError, QuestionNotText, QuestionTooLong
from service.retrieval.answers import (
    MAX_QUESTION_CHARS,
    MAX_SUGGESTIONS,
    Question,
    Turn,
    answer,
    check_question,
)
from service.retrieval.confidence import FEATURES, ConfidenceModel
from service.retrieval.entries import Entry
from service.retrieval.index import Index


def sure_of(probability: str) -> ConfidenceModel:
    """A model that is sure, doubtful, or at a loss about every question."""
    intercept = {"sure": 20.0, "doubtful": 0.0, "at a loss": -20.0}[probability]
    return ConfidenceModel((0.0,) * len(FEATURES), intercept, answer=0.8, suggest=0.3)


@pytest.fixture
def judged(make_index, entries):
    """The eight entries under a model that is sure, doubtful, or at a loss."""

    def make(probability: str) -> Index:
        index = make_index(entries)
        index.confidence = sure_of(probability)
        return index

    return make


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_an_empty_question_is_refused(index, text):
    """White space asks nothing, and the message says what to do."""
    with pytest.raises(QuestionEmpty, match="Please type"):
        answer(index, Question(text))


def test_a_question_may_have_two_thousand_characters(index):
    """The limit itself is allowed; one more is refused, both numbers in the message."""
    assert answer(index, Question("a " * (MAX_QUESTION_CHARS // 2)))
    with pytest.raises(QuestionTooLong, match="2001 characters; at most 2000"):
        answer(index, Question("x" * (MAX_QUESTION_CHARS + 1)))


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31mred", "\x7f", "\x85", "\ud800", "\udfff x"])
def test_control_characters_are_no_question(index, text):
    """Terminal codes and halves of characters are refused before anything reads them."""
    with pytest.raises(QuestionNotText, match="plain text"):
        answer(index, Question(text))


@pytest.mark.parametrize("value", [None, 5, b"printer", ["printer"], {"text": "printer"}])
def test_what_is_no_text_is_no_question(value):
    """JSON values that are not strings are refused in a sentence."""
    with pytest.raises(QuestionNotText, match="must be text"):
        check_question(value)


@pytest.mark.parametrize("text", ["two\nlines", "a\ttab", "\r\nprinter\r\n", "打印机", "🖨️?"])
def test_ordinary_text_may_be_asked(index, text):
    """Line ends, tabs, other scripts and emoji are all text."""
    assert answer(index, Question(text)).question == text.strip()


def test_every_refusal_is_a_question_error():
    """One kind of error is enough for whoever forwards it to a person."""
    for text in ("", "x" * 2001, "\x00", None):
        with pytest.raises(QuestionError):
            check_question(text)


def test_a_sure_question_is_answered(judged):
    """Above the answer threshold the best entry is given, and nothing is suggested."""
    reply = answer(judged("sure"), Question("printer is offline again"))
    assert reply.outcome == "answer"
    assert reply.entry.id == reply.hits[0].id == "printer-offline"
    assert reply.suggestions == ()


def test_a_doubtful_question_is_offered_choices(judged):
    """Between the thresholds up to three entries are offered, and none is given as the answer."""
    reply = answer(judged("doubtful"), Question("printer paper sound router"))
    assert reply.outcome == "suggestions"
    assert reply.entry is None
    assert 1 <= len(reply.suggestions) <= MAX_SUGGESTIONS
    assert reply.suggestions[0].id == reply.hits[0].id


def test_a_question_at_a_loss_is_told_so(judged):
    """Below both thresholds nothing is answered; the nearest topics are there to be shown."""
    reply = answer(judged("at a loss"), Question("printer paper"))
    assert reply.outcome == "no_answer"
    assert reply.entry is None
    assert reply.suggestions


def test_small_talk_is_answered_as_such(judged):
    """A greeting is answered with its own outcome, and is never offered as a suggestion."""
    assert answer(judged("sure"), Question("well, good morning")).outcome == "smalltalk"
    doubtful = answer(judged("doubtful"), Question("well, good morning"))
    assert doubtful.outcome == "no_answer"
    assert "hello" not in {pointer.id for pointer in doubtful.suggestions}


@pytest.mark.parametrize("text", ["xyzzy", "👍", "???", "打印机"])
def test_a_question_that_shares_nothing_has_no_answer(judged, text):
    """Where no word is known there are no hits and no confidence, whatever the model thinks."""
    reply = answer(judged("sure"), Question(text))
    assert (reply.outcome, reply.confidence, reply.hits) == ("no_answer", 0.0, ())
    assert reply.suggestions == ()


def test_a_question_met_word_for_word_is_answered_surely(judged):
    """A title, phrasing or pinned phrasing asked exactly is answered, whatever the model thinks."""
    index = judged("at a loss")
    for text in ("Paper stuck?", "paper is JAMMED in the printer", "printer!"):
        reply = answer(index, Question(text))
        assert (reply.outcome, reply.confidence) == ("answer", 1.0)
    assert answer(index, Question("Hi!")).outcome == "smalltalk"


def test_a_pinned_phrasing_comes_before_nearer_entries(make_index):
    """An author's pin is the first hit even where other entries say the words more often."""
    index = make_index(
        [
            Entry(id="much", title="vpn vpn", questions=("vpn vpn vpn",), text="vpn " * 9),
            Entry(id="pinned", title="Remote access", pinned=("vpn",)),
        ]
    )
    reply = answer(index, Question("VPN"))
    assert reply.entry.id == reply.hits[0].id == "pinned"
    assert [hit.id for hit in reply.hits].count("pinned") == 1
    assert reply.hits[0].score >= reply.hits[1].score


def test_a_filter_outweighs_a_pin(judged):
    """A pinned entry that the filter leaves out does not appear."""
    reply = answer(judged("sure"), Question("printer!", tags=("hardware",)))
    assert [hit.id for hit in reply.hits] == ["paper-jam"]


@pytest.mark.parametrize(("platform", "entry_id"), [("macos", "mac"), ("windows", "windows")])
def test_a_platform_decides_between_twins(judged, platform, entry_id):
    """The same question is answered for the system it is asked on."""
    reply = answer(judged("sure"), Question("there is no sound", platform=platform))
    assert reply.entry.id == f"{entry_id}-sound"


def test_a_tag_nobody_has_leaves_no_answer(judged):
    """Filters that leave nothing give no answer and not an error."""
    reply = answer(judged("sure"), Question("printer", tags=("unheard",)))
    assert (reply.outcome, reply.hits) == ("no_answer", ())


@pytest.mark.parametrize("top_k", [1, 2, 5])
def test_as_many_hits_as_asked_are_shown(index, top_k):
    """Hits are best first, each with a snippet, and no more than were asked for."""
    hits = answer(index, Question("printer paper sound windows router", top_k=top_k)).hits
    assert len(hits) == top_k
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.title and hit.snippet for hit in hits)


def test_a_corrected_question_is_shown_as_it_was_read(index):
    """Corrected words stand in place of typed ones; what was asked is kept beside it."""
    reply = answer(index, Question("My PRITNER's offline"))
    assert reply.question == "My PRITNER's offline"
    assert reply.corrected == "My printer's offline"


@pytest.mark.parametrize("text", ["my printer is offline", "xyzzy"])
def test_where_nothing_was_corrected_nothing_is_said(index, text):
    """A question that is right, or beyond correction, has no corrected form."""
    assert answer(index, Question(text)).corrected is None


def test_a_correction_inside_a_code_is_not_shown(index):
    """A part of an identifier may be corrected for the search; the code is not rewritten."""
    reply = answer(index, Question("my printer is offline ERR_PRITNER", explain=True))
    assert reply.explanation["corrections"]
    assert reply.corrected is None


def test_a_follow_up_leans_on_the_answer_before_it(index):
    """A question such as "and on a mac?" is about what was asked before it."""
    alone = answer(index, Question("and on a mac?"))
    turns = (Turn("there is no sound on my pc", "windows-sound"),)
    reply = answer(index, Question("and on a mac?", context=turns))
    assert reply.used_context
    assert not alone.used_context
    assert reply.hits[0].id == "mac-sound"


@pytest.mark.parametrize(
    "turn",
    [Turn("no sound on my pc"), Turn("no sound on my pc", "gone-with-an-older-index")],
    ids=["unanswered", "gone"],
)
def test_nothing_is_taken_from_a_turn_without_an_answer(index, turn):
    """A turn that was not answered, or whose entry is gone, lends nothing."""
    reply = answer(index, Question("and on a mac?", context=(turn,)))
    assert not reply.used_context
    assert reply.hits == answer(index, Question("and on a mac?")).hits


def test_a_question_of_its_own_ignores_what_was_said(index):
    """Context never changes the hits of a self-contained question."""
    turns = (Turn("no sound on my mac", "mac-sound"),)
    with_context = answer(index, Question("my printer is shown as offline", context=turns))
    assert not with_context.used_context
    assert with_context.hits == answer(index, Question("my printer is shown as offline")).hits


def test_the_same_question_has_the_same_answer(index):
    """Answering is pure: asked again, everything is equal."""
    question = Question("paper jam in pritner", explain=True)
    assert answer(index, question) == answer(index, question)


def test_an_answer_tells_its_index(index):
    """Whoever reads an answer can tell which knowledge base gave it."""
    reply = answer(index, Question("printer"))
    assert (reply.generation, reply.entries, reply.built_at) == (
        index.generation,
        index.entry_count,
        index.built_at,
    )


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [
        ("my wifi is connected but there is no internet", "wifi-connected-no-internet"),
        ("printer says offline", "printer-offline-windows"),
        ("how do i get my bitlocker recovery key", "password-bitlocker-recovery-key"),
    ],
)
def test_the_shipped_knowledge_base_answers_plain_questions(shipped, text, entry_id):
    """What people ask every day is answered with the entry that is about it."""
    reply = answer(shipped, Question(text))
    assert reply.outcome == "answer"
    assert entry_id in reply.hits[0].id


@pytest.mark.parametrize("text", ["hello", "thanks!", "bye"])
def test_the_shipped_knowledge_base_makes_small_talk(shipped, text):
    """A greeting, thanks and a farewell are met in kind."""
    assert answer(shipped, Question(text)).outcome == "smalltalk"


@pytest.mark.parametrize(
    "text",
    [
        "who won the world cup in 1998",
        "best recipe for banana bread",
        "asdkjh qwlekj zxmcnb",
        "what is the capital of australia",
    ],
)
def test_the_shipped_knowledge_base_says_so_when_it_does_not_know(shipped, text):
    """A question about something else is never answered."""
    assert answer(shipped, Question(text)).outcome in ("suggestions", "no_answer")
