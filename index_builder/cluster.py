"""The workers of a Ray cluster as the hands of a build. The only importer of Ray here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import ray

from index_builder.shards.hands import Progress
from service.errors import ClusterUnavailable, FirstlineError

T = TypeVar("T")
_LOOK_S = 5.0


class RayHands:
    """
    Each piece of work is a task; one whose worker or node is lost is done again, elsewhere.

    Pieces read and write the depot, so nothing large goes through Ray's object store.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def each(
        self, stage: str, work: Callable[..., T], calls: Sequence[tuple[Any, ...]]
    ) -> Iterator[T]:
        """As of :class:`Hands`; all pieces are under way at once, as far as there are CPUs."""
        step = self._progress(stage, len(calls))
        task = _task(work)
        references = [task.remote(*call) for call in calls]
        left = list(references)
        while left:
            done, left = ray.wait(left, timeout=_LOOK_S)
            for reference in done:
                try:
                    _result(reference)
                except BaseException:
                    for other in left:
                        ray.cancel(other)
                    raise
                step()
        for reference in references:
            yield _result(reference)

    def begin(self, work: Callable[..., T], *arguments: Any) -> Callable[[], T]:
        """As of :class:`Hands`."""
        reference = _task(work).remote(*arguments)
        return lambda: _result(reference)


def _task(work: Callable[..., Any]) -> Any:
    # Retried for ever when a worker is lost; an exception of the work itself is not retried.
    return ray.remote(num_cpus=1, max_retries=-1, scheduling_strategy="SPREAD")(work)


def _result(reference: Any) -> Any:
    try:
        return ray.get(reference)
    except ray.exceptions.OutOfMemoryError as error:
        raise ClusterUnavailable(
            "A worker needed more memory than its node has. Use more --shards: a worker holds one "
            "shard at a time."
        ) from error
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, FirstlineError | OSError):
            raise error.cause from None
        raise
