"""Which entries will be taken for each other."""

from __future__ import annotations

from index_builder.check_confusion import confusion, folds
from index_builder.config import BuildSettings
from service.retrieval.entries import Entry

SETTINGS = BuildSettings(lemmas="none")
SOUND = Entry(
    id="sound",
    title="The speaker is silent",
    questions=(
        "the speaker is silent in films",
        "the speaker is silent in games",
        "the speaker is silent in calls",
        "the speaker is silent in meetings",
    ),
)
PRINTER = Entry(
    id="printer",
    title="Paper jams and torn sheets",
    questions=(
        "paper jams every morning",
        "paper jams every evening",
        "torn sheets every evening",
        # Worded like the other entry: nothing of its own answers to these.
        "speaker silent, as always",
        "speaker silent",
    ),
)
SCREEN = Entry(
    id="screen",
    title="Black screen",
    questions=("black screen at noon", "black screen at night"),
)
ENTRIES = (SOUND, PRINTER, SCREEN)


def test_every_phrasing_is_left_out_once_and_only_there() -> None:
    """Over all folds each phrasing is asked once, of entries that do not have it."""
    entries = ENTRIES
    asked_of_all = []
    for kept, asked in folds(entries, 3):
        for text, number in asked:
            assert text not in kept[number].questions
        remaining = [(text, n) for n, entry in enumerate(kept) for text in entry.questions]
        everything = [(text, n) for n, entry in enumerate(entries) for text in entry.questions]
        assert sorted(remaining + asked) == sorted(everything)
        asked_of_all += asked
    assert sorted(asked_of_all) == sorted(everything)


def test_an_only_text_is_not_left_out() -> None:
    """An entry must keep a text to be found by, so its only phrasing is never asked."""
    alone = Entry(id="alone", questions=("nothing else here",))
    assert list(folds([alone])) == []


def test_a_pair_is_told_with_its_count_and_an_example() -> None:
    """Two phrasings that find the other entry make a pair, shown by the shorter one."""
    found = confusion(ENTRIES, SETTINGS)
    (pair,) = found.pairs
    assert (pair.first, pair.second) == ("sound", "printer")
    assert (pair.astray, pair.asked) == (2, 9)
    assert (pair.example, pair.owner) == ("speaker silent", "printer")
    assert (found.asked, found.found) == (11, 9)


def test_a_pair_below_the_share_is_not_told() -> None:
    """Two of nine phrasings are less than a quarter."""
    assert confusion(ENTRIES, SETTINGS, share=0.25).pairs == ()


def test_entries_with_nothing_to_leave_out_are_no_fault() -> None:
    """Titles alone are not asked, and the report is empty rather than an error."""
    found = confusion([Entry(id="a", title="A"), Entry(id="b", title="B")], SETTINGS)
    assert (found.asked, found.pairs) == (0, ())
