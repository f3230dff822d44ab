"""When a replica is asked last, and when somebody looks whether it is back."""

from __future__ import annotations

from service.cluster.standing import MAX_PAUSE_S, PAUSE_S, Standing

REPLICA = (3, 1)


class Clock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_silent_replica_is_asked_last_until_it_gives_a_sign() -> None:
    """Time alone does not bring it back: people's questions are not what tries it."""
    clock = Clock()
    standing = Standing(clock)
    assert not standing.is_silent(REPLICA)
    standing.fell_silent(REPLICA)
    clock.now = 10 * MAX_PAUSE_S
    assert standing.is_silent(REPLICA)
    assert not standing.is_silent((3, 0))
    standing.gave_sign(REPLICA)
    assert not standing.is_silent(REPLICA)


def test_it_is_looked_at_after_a_pause_and_again_while_it_stays_silent() -> None:
    """Questions that notice together are one failure; a look that fails is followed by a pause."""
    clock = Clock()
    standing = Standing(clock)
    standing.fell_silent(REPLICA)
    clock.now = PAUSE_S / 2
    standing.fell_silent(REPLICA)
    assert standing.to_look_at() == []
    clock.now = PAUSE_S
    assert standing.to_look_at() == [REPLICA]
    standing.fell_silent(REPLICA)
    assert standing.to_look_at() == []
    clock.now = 2 * PAUSE_S
    assert standing.to_look_at() == [REPLICA]


def test_one_that_gives_signs_and_no_answers_is_looked_at_ever_more_rarely() -> None:
    """The pause doubles up to half a minute; one answer to a question and all is forgotten."""
    clock = Clock()
    standing = Standing(clock)
    pauses = []
    for _ in range(8):
        fell = clock.now
        standing.fell_silent(REPLICA)
        while not standing.to_look_at():
            clock.now += PAUSE_S
        pauses.append(clock.now - fell)
        standing.gave_sign(REPLICA)
    assert pauses[:4] == [PAUSE_S, 2 * PAUSE_S, 4 * PAUSE_S, 8 * PAUSE_S]
    assert pauses[-1] == MAX_PAUSE_S
    standing.answered(REPLICA)
    standing.fell_silent(REPLICA)
    clock.now += PAUSE_S
    assert standing.to_look_at() == [REPLICA]


def test_a_silent_one_that_answers_after_all_is_asked_as_before() -> None:
    """When the others were slower still, its answer counts as its sign."""
    standing = Standing(Clock())
    standing.fell_silent(REPLICA)
    standing.answered(REPLICA)
    assert not standing.is_silent(REPLICA)
