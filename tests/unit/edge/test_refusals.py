"""Every error has a place in the world of HTTP."""

import pytest

from service import errors
from service.edge.refusals import CLOSE_CODES, RETRY_AFTER_S, STATUS, refusal

ALL = [
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, errors.FirstlineError)
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_has_a_status(error: type[errors.FirstlineError]) -> None:
    """A new error cannot be forgotten here."""
    assert 400 <= STATUS[error.code] < 600


def test_no_row_is_left_over() -> None:
    """A code that no error has any more is dropped from the tables."""
    codes = {error.code for error in ALL}
    assert set(STATUS) == codes
    assert set(RETRY_AFTER_S) <= codes
    assert set(CLOSE_CODES) <= codes


def test_codes_are_not_shared() -> None:
    """A client can tell any two errors apart."""
    assert len({error.code for error in ALL}) == len(ALL)


def test_a_refusal_that_passes_says_when_to_come_back() -> None:
    """Retry-After in seconds."""
    response = refusal("busy", "Please wait.")
    assert response.status == 503
    assert response.headers["Retry-After"] == "1"
