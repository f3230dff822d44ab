"""Who does the work of a build: this process, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Progress = Callable[[str, int], Callable[[], object]]


class Hands(Protocol):
    """Does pieces of work that know nothing of each other and may be done twice."""

    def each(
        self, stage: str, work: Callable[..., T], calls: Sequence[tuple[Any, ...]]
    ) -> Iterator[T]:
        """The result of ``work(*call)`` for each call, in order."""

    def begin(self, work: Callable[..., T], *arguments: Any) -> Callable[[], T]:
        """Begin one piece of work; what is returned waits for its result."""


class OwnHands:
    """This process, one piece after the other."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def each(
        self, stage: str, work: Callable[..., T], calls: Sequence[tuple[Any, ...]]
    ) -> Iterator[T]:
        """As of :class:`Hands`."""
        step = self._progress(stage, len(calls))
        for call in calls:
            yield work(*call)
            step()

    def begin(self, work: Callable[..., T], *arguments: Any) -> Callable[[], T]:
        """As of :class:`Hands`; done when it is asked for."""
        return lambda: work(*arguments)
