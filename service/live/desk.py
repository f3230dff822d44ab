"""
Where questions wait and where they are answered.

Short work stays in the event loop: for 0.2 ms a thread costs more than it frees. Longer work
would hold up every other request, so it goes to one thread, with a bounded queue before it. Which
is which is learnt from the answers themselves, anew for each generation.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from service.errors import Busy, DeadlineExceeded
from service.live.current import CurrentIndex, HeldIndex, ServedIndex
from service.retrieval.answers import Answer, Question

T = TypeVar("T")

# Before anything is measured: about 0.05 ms, and 10 ms per million entries.
_FIRST_GUESS_MS = 0.05
_FIRST_GUESS_MS_PER_ENTRY = 1e-5
# The cost of a question grows with its words; one this long is never short work.
LONG_QUESTION_CHARS = 400
_NEWEST_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer and the milliseconds between the question's arrival and it."""

    answer: Answer
    took_ms: float


class AnswerDesk:
    """``ask``: admission, a deadline, and the place where the work runs."""

    def __init__(
        self,
        current: CurrentIndex,
        answer: Callable[[Any, Question], Answer],
        *,
        max_waiting: int = 64,
        deadline_s: float = 5.0,
        loop_budget_ms: float = 1.0,
        remote_threads: int = 0,
    ) -> None:
        """
        *remote_threads*: where the index is on other machines, how many questions wait for those
        at a time; 0 where it is here.
        """
        self._current = current
        self._answer = answer
        self._max_waiting = max_waiting
        self._deadline_s = deadline_s
        self._loop_budget_ms = loop_budget_ms
        self._worker = ThreadPoolExecutor(
            max_workers=remote_threads or 1, thread_name_prefix="answers"
        )
        self._remote = remote_threads > 0
        self._expected_generation = ""
        self._expected_ms = 0.0
        self.waiting = 0

    def is_short(self, question: Question) -> bool:
        """Whether this question is answered, or refused, at once in the event loop."""
        if not self._current.is_open:
            return True
        if self._remote:
            return False
        index = self._current.index
        if index.generation != self._expected_generation:
            self._expected_generation = index.generation
            self._expected_ms = _FIRST_GUESS_MS + _FIRST_GUESS_MS_PER_ENTRY * index.entry_count
        return (
            self._expected_ms <= self._loop_budget_ms and len(question.text) <= LONG_QUESTION_CHARS
        )

    async def ask(self, question: Question) -> Answered:
        """
        The answer of the generation that is current when the work begins.

        Raises:
            QuestionError: it cannot be asked as it is.
            IndexUnavailable: no index is open.
            Busy: the queue is full.
            DeadlineExceeded: the answer did not come in time.

        """
        arrived = time.perf_counter()
        if self.is_short(question):
            # This thread's own time: on a busy machine, waiting for it is not the question's doing.
            started = time.thread_time()
            answer = self._answer(self._current.index, question)
            self._learn(answer.generation, (time.thread_time() - started) * 1e3)
            return Answered(answer, (time.perf_counter() - arrived) * 1e3)
        answer = await self._in_thread(lambda index: self._work(index, question))
        return Answered(answer, (time.perf_counter() - arrived) * 1e3)

    async def look(self, read: Callable[[ServedIndex], T]) -> T:
        """
        What *read* finds in the current index, without holding up the event loop.

        Raises:
            IndexUnavailable, Busy, DeadlineExceeded: as :meth:`ask`; and what *read* raises.

        """
        if self._remote:
            return await self._in_thread(read)
        return read(self._current.index)

    async def _in_thread(self, work_on: Callable[[ServedIndex], T]) -> T:
        if self.waiting >= self._max_waiting:
            raise Busy(
                f"{self.waiting} questions are waiting already. Please ask again in a moment."
            )
        held = self._current.take()
        self.waiting += 1
        work = self._worker.submit(work_on, held.index)
        loop = asyncio.get_running_loop()
        # Counted until the work truly ends, not until somebody stops waiting for it.
        work.add_done_callback(lambda _: self._leave(loop, held))
        try:
            async with asyncio.timeout(self._deadline_s):
                return await asyncio.wrap_future(work)
        except TimeoutError as error:
            raise DeadlineExceeded(
                f"The answer was not ready within {self._deadline_s:g} s. Please ask again."
            ) from error

    def _work(self, index: ServedIndex, question: Question) -> Answer:
        # This thread's own time: waiting for the interpreter is not the question's doing.
        started = time.thread_time()
        answer = self._answer(index, question)
        if len(question.text) <= LONG_QUESTION_CHARS:
            self._learn(answer.generation, (time.thread_time() - started) * 1e3)
        return answer

    def _leave(self, loop: asyncio.AbstractEventLoop, held: HeldIndex) -> None:
        # A loop that is closed has nobody left to count for.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._left, held)

    def _left(self, held: HeldIndex) -> None:
        self.waiting -= 1
        held.give_back()

    def _learn(self, generation: str, ms: float) -> None:
        if generation == self._expected_generation:
            self._expected_ms += _NEWEST_WEIGHT * (ms - self._expected_ms)

    def close(self) -> None:
        """Let go of the thread; questions that have not begun are dropped."""
        self._worker.shutdown(wait=False, cancel_futures=True)
