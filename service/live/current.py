"""
The generation in use: opened aside, warmed, then put in place by rebinding one name.

``CURRENT`` on disk names the generation to serve. It is looked at when the folder changes, every
``poll_s`` in any case (network file systems send no events), on SIGHUP and on ``/v1/reload``.
A generation that cannot be opened is refused: the old one answers on and ``status`` says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
import watchfiles

from service.errors import ArtefactError, FirstlineError, IndexUnavailable
from service.retrieval.entries import Listed, Related, StoredEntry

T = TypeVar("T")
# How long a replaced index stays mapped. Its pages are given back in 30 ms at a million entries;
# while the first questions have those of its successor mapped, that would hold them up as long.
KEPT_S = 3.0

log = structlog.get_logger("firstline.index")


class ServedIndex(Protocol):
    """What the server asks of an open index."""

    @property
    def generation(self) -> str: ...
    @property
    def built_at(self) -> str: ...
    @property
    def entry_count(self) -> int: ...
    def entry(self, entry_id: str, /) -> StoredEntry: ...
    def entries(
        self, *, tag: str | None, limit: int, cursor: str | None
    ) -> tuple[tuple[Listed, ...], str | None]: ...
    def suggest(self, text: str, limit: int, /) -> tuple[Related, ...]: ...
    def starters(self, limit: int, /) -> tuple[Related, ...]: ...
    def warm(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the generation on disk is not the one that answers."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Status:
    """What is being served, and what is wrong with what should be."""

    generation: str | None
    trouble: Trouble | None


class HeldIndex:
    """
    An open index and how many pieces of work in threads still read it.

    Counted in the event loop's thread only, so no lock is needed.
    """

    __slots__ = ("_box", "_readers", "_retired")

    def __init__(self, index: ServedIndex) -> None:
        self._box = [index]
        self._readers = 0
        self._retired = False

    @property
    def index(self) -> ServedIndex:
        """The index, which is open as long as somebody reads it."""
        return self._box[0]

    def take(self) -> None:
        """One more reader."""
        self._readers += 1

    def give_back(self) -> None:
        """One reader less."""
        self._readers -= 1
        self._close_if_idle()

    def retire(self) -> None:
        """Nobody new comes; close when the last reader has gone."""
        self._retired = True
        self._close_if_idle()

    def _close_if_idle(self) -> None:
        # Closing unmaps the arrays: never under a thread that reads them, and not in this one,
        # for which it would be 30 ms at a million entries.
        if self._retired and self._readers == 0 and self._box:
            threading.Thread(target=_let_go, args=(self._box,), name="letting-go").start()


async def _in_own_thread(work: Callable[[], T]) -> T:
    """
    What *work* gives, from a thread that ends with it.

    A thread that has asked an index keeps accumulators for it, 8 MB at a million entries.
    """
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="opening")
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, work)
    finally:
        thread.shutdown(wait=False)


def _let_go(box: list[ServedIndex]) -> None:
    """Close an index, of which *box* has the last reference."""
    box.pop().close()


class CurrentIndex:
    """One reference to the index that answers, and the care of it."""

    def __init__(
        self,
        directory: Path,
        open_index: Callable[[Path], ServedIndex],
        *,
        poll_s: float = 1.0,
        retry_s: float = 30.0,
        kept_s: float = KEPT_S,
    ) -> None:
        self._directory = directory
        self._open_index = open_index
        self._poll_s = poll_s
        self._retry_s = retry_s
        self._kept_s = kept_s
        self._held: HeldIndex | None = None
        self._replaced: deque[HeldIndex] = deque()
        self._trouble: Trouble | None = None
        self._refused: tuple[str, float] | None = None
        self._reloading = asyncio.Lock()
        self._stopping = asyncio.Event()
        self.refusals = 0
        self.on_change: list[Callable[[str], None]] = []

    @property
    def is_open(self) -> bool:
        """Whether there is an index to read from."""
        return self._held is not None

    @property
    def index(self) -> ServedIndex:
        """
        The index to read from now, without an ``await`` in between.

        Raises:
            IndexUnavailable: none is open yet; the message says why.

        """
        return self._open.index

    def take(self) -> HeldIndex:
        """
        The index for work in a thread: it stays open until ``give_back``.

        Raises:
            IndexUnavailable: none is open yet.

        """
        held = self._open
        held.take()
        return held

    @property
    def _open(self) -> HeldIndex:
        if self._held is None:
            reason = self._trouble.text if self._trouble else "It is being opened."
            raise IndexUnavailable(f"No index is open yet, so nothing can be answered. {reason}")
        return self._held

    @property
    def status(self) -> Status:
        """What is served and what is in the way."""
        return Status(self._held.index.generation if self._held else None, self._trouble)

    async def reload(self) -> bool:
        """
        Look at ``CURRENT`` now; True if another generation answers from now on.

        A call during a reload waits for it and then looks again, so that the answer is about
        the folder as it was when the call came.

        Raises:
            ArtefactError: the generation there is refused; the old one answers on.

        """
        async with self._reloading:
            return await self._reload()

    async def check(self) -> None:
        """As ``reload``, but quiet, and a refused generation is left alone for ``retry_s``."""
        named = await asyncio.to_thread(self._named)
        if self._refused is not None:
            name, at = self._refused
            if named == name and time.monotonic() - at < self._retry_s:
                return
        with contextlib.suppress(FirstlineError):
            await self.reload()

    async def watch(self) -> None:
        """Follow the folder until ``close``."""
        while not self._stopping.is_set():
            try:
                async for _ in watchfiles.awatch(
                    self._directory,
                    recursive=False,
                    # Each step takes the interpreter from the answers for a moment.
                    step=200,
                    debounce=200,
                    rust_timeout=max(1, int(self._poll_s * 1000)),
                    yield_on_timeout=True,
                    stop_event=self._stopping,
                ):
                    await self.check()
                    if not self._directory.is_dir():
                        break
            except (OSError, RuntimeError):
                # No folder yet, or no watches left on this machine: plain polling.
                pass
            await self.check()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._poll_s)

    def close(self) -> None:
        """Stop watching and let go of the index."""
        self._stopping.set()
        while self._replaced:
            self._retire_oldest()
        if self._held is not None:
            self._held.retire()
            self._held = None

    def _named(self) -> str:
        """The generation that CURRENT names; empty when there is none to name."""
        try:
            return (self._directory / "CURRENT").read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    async def _reload(self) -> bool:
        named = await asyncio.to_thread(self._named)
        if named and self._held is not None and named == self._held.index.generation:
            self._trouble = self._refused = None
            return False
        started = time.perf_counter()
        try:
            index = await _in_own_thread(self._open_and_warm)
        except Exception as error:
            raise self._refuse(named, error) from error
        self._trouble = self._refused = None
        if self._held is not None and self._held.index.generation == index.generation:
            index.close()
            return False
        self._put_in_place(index)
        log.info(
            "index_opened",
            generation=index.generation,
            entries=index.entry_count,
            seconds=round(time.perf_counter() - started, 3),
        )
        return True

    def _open_and_warm(self) -> ServedIndex:
        index = self._open_index(self._directory)
        try:
            index.warm()
        except BaseException:
            index.close()
            raise
        return index

    def _put_in_place(self, index: ServedIndex) -> None:
        old, self._held = self._held, HeldIndex(index)
        if old is not None:
            self._replaced.append(old)
            asyncio.get_running_loop().call_later(self._kept_s, self._retire_oldest)
            for tell in self.on_change:
                tell(index.generation)

    def _retire_oldest(self) -> None:
        if self._replaced:  # close() may have come first
            self._replaced.popleft().retire()

    def _refuse(self, named: str, error: Exception) -> ArtefactError:
        """Remember why; the log hears of each refusal once."""
        if isinstance(error, ArtefactError):
            refusal = error
        else:
            # Memory, file descriptors, a defect: never a reason to stop answering.
            refusal = ArtefactError(f"The index could not be opened: {error!r}. Run make index.")
        self.refusals += 1
        trouble = Trouble(refusal.code, str(refusal))
        if trouble != self._trouble:
            log.error("index_refused", named=named, code=trouble.code, reason=trouble.text)
        self._trouble = trouble
        self._refused = (named, time.monotonic())
        return refusal
