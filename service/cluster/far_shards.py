"""The way from a question to the replicas of its shards, with a deadline."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ray

from service.cluster.replicas import Replicas
from service.retrieval.sharded import AWAY, Call

# A replica that has not answered after this share of the deadline is asked no longer alone.
_PATIENCE = 0.2
# What is no question (a list, a title, the opening of an index) may take so long.
_NO_QUESTION_S = 10.0
# Of the time that a question has left, one round of calls may use so much: what a shard that is
# away takes from the first round must not be missing in the second.
_ROUND = 0.6


@dataclass(slots=True)
class _Asked:
    """One call under way: the replicas not asked yet, and the references of those that were."""

    call: Call
    left: list[tuple[int, Any]]
    under_way: dict[Any, int] = field(default_factory=dict)
    answer: Any = AWAY
    done: bool = False


class FarShards:
    """
    Asks one replica of each shard, another one if that fails or is slow, and none for ever.

    One generation is asked throughout, whatever the replicas open meanwhile.
    """

    def __init__(
        self, replicas: Replicas, generation: str, deadline_s: float, until: float | None = None
    ) -> None:
        self._replicas = replicas
        self._standing = replicas.standing
        self._generation = generation
        self._deadline_s = deadline_s
        self._until = until
        self._turn = itertools.count()

    def for_question(self) -> FarShards:
        """The same, with one deadline over all calls of a question."""
        until = time.monotonic() + self._deadline_s
        view = FarShards(self._replicas, self._generation, self._deadline_s, until)
        view._turn = self._turn
        return view

    def call(self, calls: Sequence[Call]) -> list[Any]:
        """As of ``service.retrieval.sharded.Shards``."""
        now = time.monotonic()
        until = now + max(self._deadline_s, _NO_QUESTION_S)
        if self._until is not None:
            until = now + _ROUND * max(0.0, self._until - now)
        patient_until = now + _PATIENCE * (until - now)
        asked = [_Asked(call, self._order(call.shard)) for call in calls]
        for one in asked:
            self._ask_next(one)
        while (waiting := [one for one in asked if not one.done]) and now < until:
            references = {ref: one for one in waiting for ref in one.under_way}
            if not references:
                break
            limit = min(until, patient_until) if now < patient_until else until
            done, _ = ray.wait(list(references), timeout=max(0.0, limit - now))
            for reference in done:
                self._take(references[reference], reference)
            now = time.monotonic()
            if not done and now >= patient_until:
                patient_until = until
                for one in waiting:
                    self._not_answered(one)
                    self._ask_next(one)
        for one in asked:
            self._not_answered(one)
            for reference in one.under_way:
                ray.cancel(reference)
        return [one.answer for one in asked]

    def close(self) -> None:
        """As of ``service.retrieval.sharded.Shards``."""
        self._replicas.release(self._generation)

    def _order(self, shard: int) -> list[tuple[int, Any]]:
        """The replicas of a shard in turn, those that are silent last."""
        actors = list(enumerate(self._replicas.of(shard)))
        first = next(self._turn) % len(actors)
        turned = actors[first:] + actors[:first]
        return sorted(turned, key=lambda one: self._standing.is_silent((shard, one[0])))

    def _ask_next(self, one: _Asked) -> None:
        if one.left and not one.done:
            number, actor = one.left.pop(0)
            call = one.call
            reference = actor.ask.remote(self._generation, call.method, call.arguments)
            one.under_way[reference] = number

    def _take(self, one: _Asked, reference: Any) -> None:
        replica = (one.call.shard, one.under_way.pop(reference))
        if one.done:
            return
        try:
            one.answer = ray.get(reference)
            one.done = True
            self._standing.answered(replica)
        except ray.exceptions.RayTaskError as error:
            # The shard itself failed: a damaged file, or a defect. Another replica may do better.
            self._standing.fell_silent(replica)
            if not one.left and not one.under_way and not isinstance(error.cause, OSError):
                raise
            self._ask_next(one)
        except ray.exceptions.RayError:
            self._standing.fell_silent(replica)
            self._ask_next(one)

    def _not_answered(self, one: _Asked) -> None:
        if not one.done:
            for number in one.under_way.values():
                self._standing.fell_silent((one.call.shard, number))
