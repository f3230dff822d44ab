"""An index in shards answers as one index does: same entries, same scores, same confidence."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index_builder.build import build, silent
from index_builder.config import BuildSettings
from index_builder.corpus_files import NOTHING, Beside, read_beside
from index_builder.shards.build import build_shards
from index_builder.shards.depot import Depot
from index_builder.shards.hands import OwnHands
from service.retrieval.answers import Question, Turn, answer
from service.retrieval.entries import Entry
from service.retrieval.index import Index, open_index

# Where writing to the disk again and again would be most of the test.
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
SHARDS = (1, 2, 3, 7)
WORDS = "printer offline wifi slow router paper jam driver blue screen mac sound reset the".split()
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


@st.composite
def corpora(draw: st.DrawFn) -> tuple[Entry, ...]:
    """Entries that share many words, phrasings and ties; some are small talk, some point on."""
    count = draw(st.integers(7, 24))
    return tuple(
        Entry(
            id=f"e{number}",
            title=draw(TEXTS),
            text=draw(st.sampled_from(["", "## One\n\nblue\n\n## Two\n\nsound"])) or draw(TEXTS),
            questions=tuple(draw(st.lists(TEXTS, max_size=4))),
            pinned=tuple(draw(st.lists(TEXTS, max_size=1))),
            tags=tuple(draw(st.lists(st.sampled_from("abc"), max_size=2, unique=True))),
            platforms=tuple(draw(st.lists(st.sampled_from("xy"), max_size=1))),
            related=(f"e{draw(st.integers(0, count))}",),
            kind="smalltalk" if draw(st.integers(0, 9)) == 0 else "answer",
        )
        for number in range(count)
    )


def built(
    entries: Sequence[Entry], root: Path, shards: int, chosen: BuildSettings, beside: Beside
) -> Index:
    """The index of the entries in so many shards; 0 for one in one piece."""
    if shards:
        hands = OwnHands(silent)
        build_shards(entries, Depot(str(root)), chosen, shards=shards, hands=hands, beside=beside)
    else:
        build(entries, root, chosen, beside=beside)
    return open_index(root)


# What differs between two answers that are the same.
_OF_ITS_OWN = ("generation", "built_at", "stages")


def seen(index: Index, question: Question) -> object:
    """An answer without what tells generations and moments apart."""
    reply = answer(index, question)
    names = (name for name in reply.__slots__ if name not in _OF_ITS_OWN)
    return {name: getattr(reply, name) for name in names}


def asked(text: str) -> list[Question]:
    """A question in the forms in which it can be asked."""
    return [
        Question(text, top_k=12, explain=True),
        Question(text, tags=("a",)),
        Question(text, platform="x"),
        Question("and that on x", context=(Turn(text, "e1"),), top_k=8, explain=True),
        Question("it slow", context=(Turn(text, "e2"),), tags=("b",)),
    ]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(corpora(), st.lists(TEXTS, min_size=2, max_size=5), st.sampled_from(["bm25", "ltc.ltc"]))
def test_any_number_of_shards_answers_as_one_index(
    entries: tuple[Entry, ...], texts: list[str], weighting: str
) -> None:
    """For N = 1, 2, 3, 7 every field of every answer is equal to the last bit."""
    chosen = BuildSettings(lemmas="none", pickles=False, weighting=weighting)  # type: ignore[arg-type]
    folder = Path(tempfile.mkdtemp(prefix="firstline-", dir=IN_MEMORY))
    try:
        one = built(entries, folder / "0", 0, chosen, NOTHING)
        many = [built(entries, folder / str(n), n, chosen, NOTHING) for n in SHARDS]
        for text in (*texts, entries[0].title, entries[-1].title, "printr ofline"):
            for question in asked(text):
                expected = seen(one, question)
                for index in many:
                    assert seen(index, question) == expected
        for index in many:
            assert index.starters() == one.starters()
            assert index.entries(tag="a", limit=3) == one.entries(tag="a", limit=3)
            assert index.entries(cursor="e2", limit=4) == one.entries(cursor="e2", limit=4)
            assert index.suggest("pri") == one.suggest("pri")
            assert index.entry("e3") == one.entry("e3")
    finally:
        shutil.rmtree(folder)


def test_the_shipped_corpus_in_shards_answers_as_in_one_piece(
    shipped: Index, shipped_entries: tuple[Entry, ...], tmp_path: Path
) -> None:
    """Calibrated, with synonyms: the corpus's own questions give the same answers."""
    beside = read_beside([Path(__file__).resolve().parents[2] / "corpus"])
    index = built(shipped_entries, tmp_path, 3, BuildSettings(), beside)
    for query in beside.regression[::5]:
        question = Question(query.text, top_k=5, explain=True)
        assert seen(index, question) == seen(shipped, question)
