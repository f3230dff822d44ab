"""Admission, deadline, and where the work runs."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.errors import Busy, DeadlineExceeded, IndexUnavailable, QuestionEmpty
from service.live.current import CurrentIndex
from service.live.desk import LONG_QUESTION_CHARS, AnswerDesk
from service.retrieval.answers import Answer, Question


class FakeIndex:
    """An index that can be closed."""

    built_at = "2026"

    def __init__(self, generation: str = "g-1", entry_count: int = 3) -> None:
        self.generation = generation
        self.entry_count = entry_count
        self.closed = False

    def warm(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class Answerer:
    """Answers when it is let, and notes in which thread."""

    def __init__(self) -> None:
        self.threads: list[int] = []
        self.let = threading.Event()
        self.let.set()
        self.begun = threading.Event()

    def __call__(self, index: FakeIndex, question: Question) -> Answer:
        self.threads.append(threading.get_ident())
        self.begun.set()
        assert self.let.wait(10)
        assert not index.closed
        if not question.text:
            raise QuestionEmpty("Nothing was asked.")
        return Answer(
            "no_answer", 0.0, None, (), (), question.text, None, False, index.generation, 3, "2026"
        )


Desk = Callable[..., Any]


@pytest.fixture
def answerer() -> Iterator[Answerer]:
    """Let go at the end, so that no thread is left waiting."""
    answerer = Answerer()
    yield answerer
    answerer.let.set()


@pytest.fixture
def make_desk(tmp_path: Path, answerer: Answerer) -> Iterator[Desk]:
    """A desk over an open index of so many entries."""
    made: list[AnswerDesk] = []

    async def make(entries: int = 3, **settings: Any) -> AnswerDesk:
        current = CurrentIndex(tmp_path, lambda _: FakeIndex("g-1", entries))
        await current.reload()
        desk = AnswerDesk(current, answerer, **settings)
        made.append(desk)
        return desk

    yield make
    answerer.let.set()
    for desk in made:
        desk.close()


LARGE = 10_000_000


async def test_short_work_stays_in_the_event_loop(make_desk: Desk, answerer: Answerer) -> None:
    """A small index answers faster than a thread could be woken."""
    desk = await make_desk()
    answered = await desk.ask(Question("slow"))
    assert answered.answer.question == "slow"
    assert answered.took_ms >= 0
    assert answerer.threads == [threading.get_ident()]


async def test_long_work_leaves_the_event_loop(make_desk: Desk, answerer: Answerer) -> None:
    """A large index, and a long question to any index."""
    desk = await make_desk(LARGE)
    await desk.ask(Question("slow"))
    small = await make_desk()
    await small.ask(Question("x" * (LONG_QUESTION_CHARS + 1)))
    assert threading.get_ident() not in answerer.threads


async def test_where_work_runs_is_learnt_from_the_answers(
    make_desk: Desk, answerer: Answerer
) -> None:
    """A large index that turns out to be quick moves into the loop."""
    desk = await make_desk(LARGE)
    for _ in range(100):
        await desk.ask(Question("slow"))
    assert answerer.threads[0] != threading.get_ident()
    assert answerer.threads[-1] == threading.get_ident()


async def test_the_loop_turns_while_long_work_runs(make_desk: Desk, answerer: Answerer) -> None:
    """Other requests do not wait for a large index."""
    desk = await make_desk(LARGE)
    answerer.let.clear()
    asking = asyncio.create_task(desk.ask(Question("slow")))
    await asyncio.to_thread(answerer.begun.wait, 10)
    assert not asking.done()
    answerer.let.set()
    assert (await asking).answer.question == "slow"


async def test_a_full_queue_is_said_at_once(make_desk: Desk, answerer: Answerer) -> None:
    """Nobody waits for a place; those who have one are answered."""
    desk = await make_desk(LARGE, max_waiting=2)
    answerer.let.clear()
    asking = [asyncio.create_task(desk.ask(Question(f"q{n}"))) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await desk.ask(Question("one too many"))
    answerer.let.set()
    answers = await asyncio.gather(*asking)
    assert [answered.answer.question for answered in answers] == ["q0", "q1"]
    assert (await desk.ask(Question("later"))).answer.question == "later"


async def test_an_answer_that_does_not_come_in_time_is_given_up(
    make_desk: Desk, answerer: Answerer
) -> None:
    """The place stays taken until the work truly ends, then it is free again."""
    desk = await make_desk(LARGE, deadline_s=0.05, max_waiting=1)
    answerer.let.clear()
    with pytest.raises(DeadlineExceeded):
        await desk.ask(Question("slow"))
    with pytest.raises(Busy):
        await desk.ask(Question("slow"))
    answerer.let.set()
    async with asyncio.timeout(10):
        while desk.waiting:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("entries", [3, LARGE])
async def test_errors_of_the_question_come_through(
    make_desk: Desk, answerer: Answerer, entries: int
) -> None:
    """From the loop and from the thread alike."""
    desk = await make_desk(entries)
    with pytest.raises(QuestionEmpty):
        await desk.ask(Question(""))
    assert desk.waiting in (0, 1)


async def test_without_an_index_nothing_is_queued(tmp_path: Path, answerer: Answerer) -> None:
    """The person learns it at once."""
    current = CurrentIndex(tmp_path, lambda _: FakeIndex())
    desk = AnswerDesk(current, answerer)
    with pytest.raises(IndexUnavailable):
        await desk.ask(Question("slow"))
    desk.close()


async def test_a_question_ends_with_the_generation_it_began_with(
    tmp_path: Path, answerer: Answerer
) -> None:
    """A swap during the work neither mixes answers nor closes the index under it."""
    opened: list[FakeIndex] = []

    def open_next(_: Path) -> FakeIndex:
        opened.append(FakeIndex(f"g-{len(opened) + 1}", LARGE))
        return opened[-1]

    current = CurrentIndex(tmp_path, open_next)
    await current.reload()
    desk = AnswerDesk(current, answerer)
    answerer.let.clear()
    asking = asyncio.create_task(desk.ask(Question("slow")))
    await asyncio.to_thread(answerer.begun.wait, 10)
    await current.reload()
    answerer.let.set()
    assert (await asking).answer.generation == "g-1"
    assert (await desk.ask(Question("slow"))).answer.generation == "g-2"
    async with asyncio.timeout(10):
        while not opened[0].closed:
            await asyncio.sleep(0.01)
    desk.close()
