"""A question's words in, the nearest entries out."""

from __future__ import annotations

import threading

import pytest

from service.errors import ArtefactDamaged, ArtefactMissing
from service.retrieval.artefact import current
from service.retrieval.entries import Entry
from service.retrieval.index import Index, open_index
from service.retrieval.reading import MAX_TYPING_ERRORS


def nearest(index: Index, question: str, k: int = 10) -> list[str]:
    """Ids of the nearest entries."""
    hits = index.nearest(index.read(question).counts, k).hits
    return [index.store.card(hit.entry).id for hit in hits]


@pytest.mark.parametrize(
    ("question", "entry_id"),
    [
        ("my printer is offline", "printer-offline"),
        ("printers are not responding", "printer-offline"),
        ("paper jammed", "paper-jam"),
        ("0x80070057", "error-0x80070057"),
        ("5 ghz band", "wifi-slow"),
        ("wi fi slow", "wifi-slow"),
        ("rear cover", "paper-jam"),
        ("macbook speakers", "mac-sound"),
    ],
)
def test_the_entry_a_question_is_about_comes_first(index, question, entry_id):
    """Titles, phrasings, bodies, codes and inflected forms all lead to their entry."""
    assert nearest(index, question)[0] == entry_id


def test_scores_fall_and_lie_between_0_and_1(index):
    """Hits come best first, each with a score that another question's can be compared with."""
    hits = index.nearest(index.read("no sound from the printer").counts, 10).hits
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1


def test_at_most_k_entries_are_given(index):
    """Fewer come where fewer share a term, none where none does."""
    assert len(nearest(index, "printer", 1)) == 1
    assert nearest(index, "xyzzy") == []
    assert nearest(index, "?!") == []


def test_equal_entries_keep_corpus_order(make_index):
    """Of entries that say the same, the first of the corpus comes first."""
    index = make_index([Entry(id=f"e{n}", title="printer offline") for n in range(5)])
    assert nearest(index, "printer") == ["e0", "e1", "e2", "e3", "e4"]


def test_a_filter_leaves_only_its_entries(index):
    """Entries outside the filter do not appear, however near; their ballots do not count."""
    allowed = index.facets.allowed(("sound",), None)
    found = index.nearest(index.read("printer offline sound").counts, 10, allowed)
    assert {index.store.card(hit.entry).id for hit in found.hits} == {"mac-sound", "windows-sound"}
    assert {index.store.card(int(n)).id for n in found.voters} <= {"mac-sound", "windows-sound"}


def test_one_question_leaves_nothing_for_the_next(index):
    """The same question has the same hits whatever was asked, or filtered, before it."""
    counts = index.read("slow internet").counts
    first = index.nearest(counts, 5)
    index.nearest(index.read("printer offline jam").counts, 1, index.facets.allowed(("no",), None))
    again = index.nearest(counts, 5)
    assert again.hits == first.hits
    assert again.ballots.tolist() == first.ballots.tolist()


def test_threads_do_not_disturb_each_other(index):
    """Questions asked at the same time from several threads find what they find alone."""
    questions = ["printer offline", "slow wifi", "no sound mac", "error 0x80070057"]
    alone = {question: nearest(index, question) for question in questions}
    wrong: list[str] = []

    def ask(question: str) -> None:
        wrong.extend(question for _ in range(200) if nearest(index, question) != alone[question])

    threads = [threading.Thread(target=ask, args=(question,)) for question in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_question_is_read_with_its_corrections(index):
    """What was typed, what it was taken for, and the words that count are all told."""
    read = index.read("My PRITNER is xyzzyq")
    assert read.surfaces == ("my", "printer", "is", "xyzzyq")
    assert read.corrections == (("pritner", "printer"),)
    assert read.known >= 1


def test_corrections_can_be_declined(index):
    """A reader that wants the words as typed gets them."""
    read = index.read("pritner", correct=False)
    assert read.corrections == ()
    assert read.known == 0


def test_a_text_of_strange_words_is_not_corrected_into_another(index):
    """Many unknown words are another language, not many typing errors."""
    strange = "prnter ofline papr rotuer sownd macboook".split()
    assert len(index.read(" ".join(strange[:MAX_TYPING_ERRORS])).corrections) > 0
    assert index.read(" ".join(strange)).corrections == ()


def test_lent_words_change_what_is_found(index):
    """Words of an earlier turn lead an elliptical question to their entry."""
    question = index.read("and on a mac?")
    lent = index.lend(question, [("sound", 0.5), ("unheardof", 0.5)])
    assert lent.words.tolist() == question.words.tolist()
    hits = index.nearest(lent.counts, 3).hits
    assert index.store.card(hits[0].entry).id == "mac-sound"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("pri", "printer-offline"),
        ("paper ja", "paper-jam"),
        ("no sou", "mac-sound"),
        ("WI-F", "wifi-slow"),
    ],
)
def test_typing_ahead_offers_titles(index, typed, offered):
    """The beginning of a word is enough to be offered what it may become."""
    assert offered in [card.id for card in index.suggest(typed)]


def test_typing_ahead_never_offers_small_talk(index):
    """Only answers are offered, at most as many as asked, and nothing for nothing."""
    assert "hello" not in [card.id for card in index.suggest("hel")]
    assert len(index.suggest("p", limit=1)) <= 1
    assert index.suggest("") == index.suggest(" ?! ") == index.suggest("zzzz") == ()


def test_an_index_tells_where_it_comes_from(index, index_root, entries):
    """Generation, size and time of building are known to whoever asks."""
    assert index.generation == current(index_root)
    assert index.entry_count == len(entries)
    assert index.built_at.startswith("20")


def test_warming_answers_without_leaving_a_trace(index):
    """The first questions of a fresh index are asked by itself."""
    before = nearest(index, "printer offline")
    index.warm()
    assert nearest(index, "printer offline") == before


def test_an_index_is_opened_by_name(make_root):
    """A generation that is not live can be opened for comparison; an unheard one is missing."""
    root = make_root()
    assert open_index(root, generation=current(root)).generation == current(root)
    with pytest.raises(ArtefactMissing, match="g-unheard"):
        open_index(root, generation="g-unheard")


def test_the_sklearn_engine_needs_its_pickle(tmp_path, make_root):
    """An index whose pickle went says which file is missing."""
    root = make_root()
    (root / current(root) / "neighbours.joblib").unlink()
    with pytest.raises(ArtefactDamaged, match=r"neighbours\.joblib"):
        open_index(root, engine="sklearn")


def test_an_index_of_one_entry_answers(make_index):
    """The smallest knowledge base is one too."""
    index = make_index([Entry(id="only", text="printer")])
    assert nearest(index, "printer") == ["only"]
    index.warm()


def test_an_index_without_a_single_word_opens(make_index):
    """A corpus of symbols has no terms, answers nothing, and breaks nothing."""
    index = make_index([Entry(id="smile", title="👍")])
    assert nearest(index, "printer 👍") == []
    assert index.suggest("printer") == ()
