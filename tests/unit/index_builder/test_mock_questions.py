"""Questions made from a corpus: what is held out, thinned, and made up."""

from __future__ import annotations

import random

import pytest

from index_builder.mock_questions import familiar, hold_out, noise
from service.retrieval.entries import Entry


def chance() -> random.Random:
    return random.Random(1)


MANY = Entry(id="many", questions=tuple(f"phrasing {n}" for n in range(20)))
TITLED = Entry(id="titled", title="A title", questions=("a phrasing",))
BODIES = [Entry(id=f"b{n}", title=f"Title {n}", text=f"Body {n}") for n in range(4)]


def test_a_tenth_of_the_phrasings_is_held_out():
    """What is asked is no longer in the entry, and what is in the entry is not asked."""
    kept, asked = hold_out([MANY], 100, chance())
    assert len(asked) == 2
    assert set(kept[0].questions) | {text for text, _ in asked} == set(MANY.questions)
    assert not set(kept[0].questions) & {text for text, _ in asked}


def test_a_phrasing_goes_where_a_title_stays():
    """An entry with a title can spare its only phrasing."""
    kept, asked = hold_out([TITLED], 100, chance())
    assert asked == [("a phrasing", 0)]
    assert (kept[0].title, kept[0].questions) == ("A title", ())


def test_titles_are_never_held_out():
    """A title names a problem, and nobody asks in titles."""
    assert hold_out(BODIES, 100, chance()) == (BODIES, [])


@pytest.mark.parametrize(
    "entry",
    [
        Entry(id="a", questions=("hi",)),
        Entry(id="a", questions=("hi", "hi")),
        Entry(id="a", title="Reset", questions=("Reset",)),
        Entry(id="a", title="alone"),
        Entry(id="a", text="alone"),
    ],
    ids=["one phrasing", "the same twice", "title as phrasing", "title", "text"],
)
def test_an_entry_never_loses_its_last_text(entry):
    """What an entry is found by is not taken from it."""
    assert hold_out([entry], 100, chance()) == ([entry], [])


def test_no_more_are_held_out_than_asked_for():
    """Phrasings beyond the limit stay in their entries."""
    kept, asked = hold_out([MANY, TITLED, *BODIES], 1, chance())
    assert len(asked) == 1
    assert sum(len(entry.questions) for entry in kept) in (20, 21)


def test_entries_keep_their_places():
    """The number beside a question is the entry's place in the corpus, before and after."""
    entries = [*BODIES, MANY, TITLED]
    kept, asked = hold_out(entries, 100, chance())
    assert [entry.id for entry in kept] == [entry.id for entry in entries]
    for text, number in asked:
        assert text in (entries[number].title, *entries[number].questions)


def test_familiar_questions_are_made_of_an_entrys_own_words():
    """Words may go, none comes, and never so many that nothing can be asked."""
    entry = Entry(id="a", questions=("one two three four five six",))
    for seed in range(10):
        ((text, number),) = familiar([entry], 5, random.Random(seed))
        assert number == 0
        assert 2 <= len(text.split()) <= 6
        assert set(text.split()) <= set(entry.questions[0].split())


def test_noise_holds_one_word_of_the_corpus():
    """All words but one are nobody's, and there are at least two words."""
    known = {"printer", "offline", "paper"}
    entries = [Entry(id="a", title="printer offline paper"), Entry(id="b", title="printer")]
    for text in noise(entries, 5, chance()):
        words = text.split()
        assert len(words) >= 2
        assert len([word for word in words if word in known]) == 1


@pytest.mark.parametrize("make", [familiar, noise])
def test_a_corpus_without_short_texts_gives_no_questions(make):
    """Where there is no title and no phrasing, none can be made."""
    assert make([Entry(id="a", text="body")], 5, chance()) == []


def test_the_same_seed_makes_the_same_questions():
    """A build is repeatable."""
    entries = [MANY, TITLED, *BODIES]
    assert hold_out(entries, 3, chance()) == hold_out(entries, 3, chance())
    assert familiar(entries, 3, chance()) == familiar(entries, 3, chance())
    assert noise(entries, 3, chance()) == noise(entries, 3, chance())
