"""The generation in use: opened aside, put in place, refused."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from service.errors import ArtefactDamaged, ArtefactError, ArtefactMissing, IndexUnavailable
from service.live.current import CurrentIndex, Status, Trouble


class FakeIndex:
    """As much of an index as a generation needs."""

    built_at = "2026"
    entry_count = 3

    def __init__(self, generation: str) -> None:
        self.generation = generation
        self.warmed = False
        self.closed = False
        self.closed_by: threading.Thread | None = None

    def warm(self) -> None:
        if self.generation == "g-cold":
            raise MemoryError
        self.warmed = True

    def close(self) -> None:
        self.closed = True
        self.closed_by = threading.current_thread()


async def let_go() -> None:
    """Wait until every index that nobody reads any more is closed."""
    await asyncio.sleep(0.01)
    for thread in threading.enumerate():
        if thread.name == "letting-go":
            thread.join()


class Shelf:
    """Opens what CURRENT names and remembers what it opened."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.opened: list[FakeIndex] = []
        self.attempts = 0

    def publish(self, generation: str) -> None:
        (self.directory / "CURRENT").write_text(generation + "\n")

    def open(self, directory: Path) -> FakeIndex:
        self.attempts += 1
        try:
            generation = (directory / "CURRENT").read_text().strip()
        except OSError:
            raise ArtefactMissing("No index here. Run make index.") from None
        if generation == "g-damaged":
            raise ArtefactDamaged("A file is short. Run make index.")
        if generation == "g-defect":
            raise ZeroDivisionError
        index = FakeIndex(generation)
        self.opened.append(index)
        return index


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A folder without an index yet."""
    return Shelf(tmp_path)


@pytest.fixture
def current(shelf: Shelf) -> CurrentIndex:
    """Follows the shelf."""
    return CurrentIndex(shelf.directory, shelf.open, poll_s=0.05, retry_s=1000, kept_s=0)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something to become true; the test's own timeout is its limit."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_nothing_can_be_read_before_an_index_is_open(current: CurrentIndex) -> None:
    """The error says that, and nothing is pretended."""
    assert current.status == Status(None, None)
    with pytest.raises(IndexUnavailable, match="being opened"):
        _ = current.index


async def test_a_missing_index_is_a_reason_and_not_a_crash(
    current: CurrentIndex, shelf: Shelf
) -> None:
    """The reason says how to make one; the index is found when it appears."""
    await current.check()
    assert current.status == Status(
        None, Trouble("index_missing", "No index here. Run make index.")
    )
    with pytest.raises(IndexUnavailable, match="make index"):
        _ = current.index
    shelf.publish("g-1")
    await current.check()
    assert current.status == Status("g-1", None)


async def test_an_index_is_warmed_before_it_is_put_in_place(
    current: CurrentIndex, shelf: Shelf
) -> None:
    """Nobody's question pays for the compiler."""
    shelf.publish("g-1")
    assert await current.reload() is True
    assert current.index.generation == "g-1"
    assert shelf.opened[0].warmed


async def test_a_new_generation_replaces_and_closes_the_old(
    current: CurrentIndex, shelf: Shelf
) -> None:
    """Listeners are told once, and only of a change; unmapping is not on the answers' time."""
    told: list[str] = []
    current.on_change.append(told.append)
    shelf.publish("g-1")
    await current.reload()
    shelf.publish("g-2")
    assert await current.reload() is True
    assert await current.reload() is False
    assert current.index.generation == "g-2"
    await let_go()
    assert [index.closed for index in shelf.opened] == [True, False]
    assert shelf.opened[0].closed_by is not threading.current_thread()
    assert told == ["g-2"]


async def test_an_index_stays_open_while_it_is_read_in_a_thread(
    current: CurrentIndex, shelf: Shelf
) -> None:
    """A question ends with the index it began with."""
    shelf.publish("g-1")
    await current.reload()
    held = current.take()
    shelf.publish("g-2")
    await current.reload()
    assert held.index.generation == "g-1"
    assert not shelf.opened[0].closed
    held.give_back()
    await let_go()
    assert shelf.opened[0].closed


@pytest.mark.parametrize(
    ("generation", "code"),
    [("g-damaged", "index_damaged"), ("g-defect", "index_invalid"), ("g-cold", "index_invalid")],
)
async def test_a_bad_generation_is_refused_and_the_old_one_answers_on(
    current: CurrentIndex, shelf: Shelf, generation: str, code: str
) -> None:
    """Damage, a defect while opening, a failure while warming: the status says which."""
    shelf.publish("g-1")
    await current.reload()
    shelf.publish(generation)
    with pytest.raises(ArtefactError):
        await current.reload()
    assert current.index.generation == "g-1"
    assert not shelf.opened[0].closed
    assert current.status.trouble is not None
    assert current.status.trouble.code == code
    shelf.publish("g-2")
    await current.reload()
    assert current.status == Status("g-2", None)


async def test_going_back_to_the_served_generation_ends_the_trouble(
    current: CurrentIndex, shelf: Shelf
) -> None:
    """A rollback to what is being served needs no opening."""
    shelf.publish("g-1")
    await current.reload()
    shelf.publish("g-damaged")
    await current.check()
    shelf.publish("g-1")
    assert await current.reload() is False
    assert current.status == Status("g-1", None)
    assert len(shelf.opened) == 1


async def test_a_refused_generation_is_left_alone_for_a_while(
    current: CurrentIndex, shelf: Shelf
) -> None:
    """Looking every second does not mean reading a damaged index every second."""
    shelf.publish("g-damaged")
    await current.check()
    await current.check()
    assert shelf.attempts == 1
    with pytest.raises(ArtefactDamaged):
        await current.reload()
    assert shelf.attempts == 2


async def test_two_reloads_at_once_open_one_index(current: CurrentIndex, shelf: Shelf) -> None:
    """The second waits for the first, and finds nothing left to do."""
    shelf.publish("g-1")
    assert sorted(await asyncio.gather(current.reload(), current.reload())) == [False, True]
    assert len(shelf.opened) == 1


@pytest.fixture
async def watching(current: CurrentIndex) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """The watch, started by the test and stopped after it."""
    tasks: list[asyncio.Task[None]] = []

    async def start() -> None:
        tasks.append(asyncio.create_task(current.watch()))

    yield start
    current.close()
    await asyncio.gather(*tasks)


async def test_a_publish_is_noticed_without_being_told(
    current: CurrentIndex, shelf: Shelf, watching: Callable[[], Awaitable[None]]
) -> None:
    """Also an atomic replacement of CURRENT, as the builder does it."""
    shelf.publish("g-1")
    await watching()
    await until(lambda: current.status.generation == "g-1")
    (shelf.directory / "CURRENT.new").write_text("g-2\n")
    (shelf.directory / "CURRENT.new").replace(shelf.directory / "CURRENT")
    await until(lambda: current.status.generation == "g-2")


async def test_a_folder_that_appears_later_is_watched_too(tmp_path: Path) -> None:
    """The server may start before the first build."""
    shelf = Shelf(tmp_path / "build" / "index")
    current = CurrentIndex(shelf.directory, shelf.open, poll_s=0.05)
    task = asyncio.create_task(current.watch())
    try:
        await until(lambda: current.status.trouble is not None)
        shelf.directory.mkdir(parents=True)
        shelf.publish("g-1")
        await until(lambda: current.status.generation == "g-1")
        for file in shelf.directory.iterdir():
            file.unlink()
        shelf.directory.rmdir()
        await until(lambda: current.status.trouble is not None)
        assert current.index.generation == "g-1"
        shelf.directory.mkdir()
        shelf.publish("g-2")
        await until(lambda: current.status.generation == "g-2")
    finally:
        current.close()
        await task


async def test_a_replaced_index_is_kept_for_a_moment(shelf: Shelf) -> None:
    """Giving its pages back would hold up the first answers of its successor; an end would not."""
    current = CurrentIndex(shelf.directory, shelf.open, kept_s=1000)
    shelf.publish("g-1")
    await current.reload()
    shelf.publish("g-2")
    await current.reload()
    await let_go()
    assert [index.closed for index in shelf.opened] == [False, False]
    current.close()
    await let_go()
    assert [index.closed for index in shelf.opened] == [True, True]


async def test_closing_lets_go_of_the_index(current: CurrentIndex, shelf: Shelf) -> None:
    """And says so to whoever asks afterwards."""
    shelf.publish("g-1")
    await current.reload()
    current.close()
    await let_go()
    assert shelf.opened[0].closed
    with pytest.raises(IndexUnavailable):
        _ = current.index
