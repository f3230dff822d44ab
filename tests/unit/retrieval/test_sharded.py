"""An index whose shards may be away: what is still answered, and that it is said."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index_builder.build import silent
from index_builder.config import BuildSettings
from index_builder.shards.build import build_shards
from index_builder.shards.depot import Depot
from index_builder.shards.hands import OwnHands
from service.cluster.keeper import ShardKeeper
from service.errors import ArtefactError, IndexUnavailable
from service.retrieval.answers import Question, answer
from service.retrieval.artefact import open_generation
from service.retrieval.entries import Entry
from service.retrieval.shard import Filter, Shard, ShardReader
from service.retrieval.sharded import AWAY, Call, ShardedIndex, ShardsHere

FIRST_SHARD = {"printer-offline", "paper-jam", "wifi-slow", "router-restart"}


class Unsteady(ShardsHere):
    """Shards of which some do not answer; ``asked`` are the methods that were called."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        super().__init__(shards)
        self.away: set[int] = set()
        self.asked: list[str] = []

    def call(self, calls: Sequence[Call]) -> list[Any]:
        """Nothing from those that are away."""
        self.asked += [call.method for call in calls]
        return [
            AWAY if call.shard in self.away else super(Unsteady, self).call([call])[0]
            for call in calls
        ]


@pytest.fixture(scope="module")
def root(entries: tuple[Entry, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The eight entries in two shards of four."""
    folder = tmp_path_factory.mktemp("sharded")
    chosen = BuildSettings(lemmas="none", pickles=False)
    build_shards(entries, Depot(str(folder)), chosen, shards=2, hands=OwnHands(silent))
    return folder


@pytest.fixture
def sharded(root: Path) -> tuple[ShardedIndex, Unsteady]:
    """The index, and the shards that a test may send away."""
    reader = open_generation(root)
    shards = Unsteady([Shard(ShardReader(reader.folder, number)) for number in range(2)])
    return ShardedIndex(reader, shards), shards


def test_an_answer_without_a_shard_says_so(sharded: tuple[ShardedIndex, Unsteady]) -> None:
    """What the other shards have is answered, and the view remembers that one was away."""
    index, shards = sharded
    shards.away = {1}
    view = index.for_question()
    reply = answer(view, Question("router is slow", top_k=8))
    ids = {hit.id for hit in reply.hits}
    assert {"wifi-slow", "router-restart"} <= ids <= FIRST_SHARD
    assert view.partial
    shards.away = set()
    again = index.for_question()
    answer(again, Question("router is slow"))
    assert not again.partial


def test_with_every_shard_away_nothing_is_made_up(
    sharded: tuple[ShardedIndex, Unsteady],
) -> None:
    """That is an error with a code, not the word that nothing is known."""
    index, shards = sharded
    shards.away = {0, 1}
    with pytest.raises(IndexUnavailable):
        answer(index.for_question(), Question("router is slow"))


def test_a_shard_that_leaves_between_two_calls_takes_its_hits_along(
    sharded: tuple[ShardedIndex, Unsteady],
) -> None:
    """Nearest entries whose texts cannot be had any more are not shown as hits."""
    index, shards = sharded
    whole = shards.call

    def leaving(calls: Sequence[Call]) -> list[Any]:
        found = whole(calls)
        if calls[0].method == "candidates":
            shards.away = {1}
        return found

    shards.call = leaving  # type: ignore[method-assign]
    view = index.for_question()
    reply = answer(view, Question("no sound, printer offline", top_k=8))
    assert reply.hits and {hit.id for hit in reply.hits} <= FIRST_SHARD
    assert view.partial


def test_word_for_word_without_its_shard_is_an_ordinary_question(
    sharded: tuple[ShardedIndex, Unsteady],
) -> None:
    """A pinned phrasing whose entry is away does not stand in the way of the others."""
    index, shards = sharded
    shards.away = {0}
    view = index.for_question()
    reply = answer(view, Question("printer!"))
    assert reply.confidence < 1.0
    assert view.partial


def test_a_question_asks_each_shard_twice(sharded: tuple[ShardedIndex, Unsteady]) -> None:
    """Once for its candidates, once for what is shown of them, and never entry by entry."""
    index, shards = sharded
    index.warm()
    shards.asked.clear()
    answer(index.for_question(), Question("no sound on my router printer", top_k=8))
    assert sorted(shards.asked) == ["candidates"] * 2 + ["details"] * 2
    shards.asked.clear()
    assert index.starters(3)
    assert shards.asked == []


def test_entries_of_a_shard_that_is_away_are_said_to_be_away(
    sharded: tuple[ShardedIndex, Unsteady],
) -> None:
    """An entry is not said to be missing from the knowledge base when its shard is."""
    index, shards = sharded
    shards.away = {1}
    with pytest.raises(IndexUnavailable):
        index.entry("hello")
    assert index.entry("wifi-slow").title == "Wi-Fi is slow"


def test_an_index_is_not_opened_without_all_of_its_shards(root: Path) -> None:
    """A shard that does not answer at opening is named."""
    reader = open_generation(root)
    shards = Unsteady([Shard(ShardReader(reader.folder, number)) for number in range(2)])
    shards.away = {1}
    with pytest.raises(ArtefactError, match="shard 1 does not answer"):
        ShardedIndex(reader, shards)


def test_a_keeper_opens_what_it_is_asked_for(root: Path) -> None:
    """One that was restarted answers without being told, and forgets what nobody asks for."""
    generation = (root / "CURRENT").read_text().strip()
    keeper = ShardKeeper(str(root), 1, None, 600, lambda: None)
    assert keeper.ask(generation, "summary", ()).entries == 4
    keeper.forget(generation)
    keeper.prepare(generation)
    assert keeper.ask(generation, "allows", (Filter(platform="macos"), 1)) is True


def test_a_keeper_leaves_when_no_server_gives_a_sign(root: Path) -> None:
    """When its lease has run out it ends; one with a longer lease stays."""
    left, stayed = threading.Event(), threading.Event()
    ShardKeeper(str(root), 0, None, 0.05, left.set)
    kept = ShardKeeper(str(root), 0, None, 600, stayed.set)
    assert kept.touch().process == os.getpid()
    assert left.wait(30)
    assert not stayed.is_set()
