"""Looking a question up, alone and with what a conversation lends it."""

from __future__ import annotations

from service.retrieval.context import Turn
from service.retrieval.lookup import look_up

AFTER_PRINTER = (Turn("my printer is shown as offline", "printer-offline"),)


def found(index, question: str, turns=()):
    return look_up(index, index.read(question), question, turns, 10, None)


def test_a_sure_answer_is_not_changed_by_an_unrelated_turn(index):
    """A question that answers itself borrows nothing, whatever was asked before."""
    alone, after = found(index, "no sound on mac"), found(index, "no sound on mac", AFTER_PRINTER)
    assert after.lent == ()
    assert after.nearest.hits == alone.nearest.hits


def test_a_question_that_names_a_platform_alone_always_leans(index):
    """However few entries speak of macs, "and on a mac?" is about what was asked before."""
    assert found(index, "and on a mac?", AFTER_PRINTER).lent != ()


def test_the_entry_just_given_is_not_given_for_what_it_lacks(index):
    """A follow-up that names what the last answer does not hold asks for another answer."""
    again = found(index, "and on a mac?", AFTER_PRINTER)
    assert "printer-offline" not in {index.store.card(h.entry).id for h in again.nearest.hits}


def test_a_turn_of_an_older_generation_lends_nothing(index):
    """An entry that is gone cannot be leaned on."""
    assert found(index, "and on a mac?", (Turn("no sound", "gone-since"),)).lent == ()


def test_a_question_word_for_word_needs_no_judging(index):
    """What an author wrote as a phrasing is answered surely."""
    title = index.store.card(0).title
    same = found(index, title)
    assert (same.confidence, same.features) == (1.0, None)
    assert same.nearest.hits[0].entry == 0
