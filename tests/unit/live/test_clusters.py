"""Which questions are put together, and what happens where they cannot be."""

import asyncio
import sys

import pytest

from service.live import clusters
from service.live.clusters import ClusteredAside, cluster

QUESTIONS = [
    "how do i reset my vpn token",
    "vpn token reset",
    "reset of the vpn tokens",
    "the coffee machine leaks",
    "coffee machine is leaking water",
    "order a new badge",
]


def grouped(labels: list[int]) -> list[list[int]]:
    """Positions by label, in the order of first appearance."""
    found: dict[int, list[int]] = {}
    for place, label in enumerate(labels):
        found.setdefault(label, []).append(place)
    return list(found.values())


def test_questions_that_mean_the_same_are_one_group() -> None:
    """Other endings, other order, other filler; and what is alone stays alone."""
    assert grouped(cluster(QUESTIONS)) == [[0, 1, 2], [3, 4], [5]]


def test_what_is_not_compared_joins_the_nearest_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many questions there are, each gets a label."""
    monkeypatch.setattr(clusters, "MAX_COMPARED", 4)
    more = [*QUESTIONS, "badge order"]
    assert grouped(cluster(more))[:2] == [[0, 1, 2], [3, 4]]
    assert len(cluster(more)) == 7


@pytest.mark.parametrize("few", [[], ["one"], ["?", "!"], ["?", "?!", "wifi"]])
def test_few_and_odd_questions_are_no_trouble(few: list[str]) -> None:
    """Nothing, one, and signs instead of words."""
    assert len(cluster(few)) == len(few)


async def test_the_server_has_it_done_by_another_process() -> None:
    """The same groups; a question that came since stands alone, and later is grouped, too."""
    group = ClusteredAside(patience_s=60)
    assert grouped(await group(QUESTIONS)) == [[0, 1, 2], [3, 4], [5]]
    assert grouped(await group([*QUESTIONS, "badge order", "ordering a badge"]))[:2] == [
        [0, 1, 2],
        [3, 4],
    ]
    async with asyncio.timeout(60):
        while len(grouped(await group([*QUESTIONS, "vpn tokens reset"]))) > 3:
            await asyncio.sleep(0.05)
    await group.close()


async def test_nobody_waits_long_for_groups() -> None:
    """Before the first are known there are none: a TimeoutError, and closing ends the work."""
    group = ClusteredAside(patience_s=0)
    with pytest.raises(TimeoutError):
        await group(QUESTIONS)
    assert await ClusteredAside()([]) == []
    await group.close()


async def test_a_process_that_fails_is_an_error_that_insights_survive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An OSError, which stands for figures without groups; the next call tries again."""
    group = ClusteredAside(patience_s=60)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    for _ in range(2):
        with pytest.raises(OSError, match="exit code 1"):
            await group(QUESTIONS)
