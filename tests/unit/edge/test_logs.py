"""What is written about what happened, and what never is."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog

from service.edge.logs import Throttle, configure_logs, log_defect

SECRET = "a-persons-own-words"


Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Callable[[], Lines]:
    """Begin to log as JSON at level debug; gives what reads the lines so far."""

    def begin() -> Lines:
        configure_logs("json", "debug")
        return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return begin


def raised() -> Exception:
    """An exception that quotes somebody."""
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        return error


def test_a_librarys_exception_is_its_type_and_place(logged: Callable[[], Lines]) -> None:
    """Its own text may be a person's."""
    lines = logged()
    logging.getLogger("library").error("it failed", exc_info=raised())
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert any("test_logs.py" in place for place in line["where"])
    assert SECRET not in json.dumps(line)


async def test_a_task_that_died_does_not_quote_what_it_worked_on(
    logged: Callable[[], Lines],
) -> None:
    """asyncio writes the task's exception into its message."""
    lines = logged()

    async def fail() -> None:
        raise ValueError(SECRET)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": raised(), "future": task}
    )
    (line,) = lines()
    assert line["event"] == "Task exception was never retrieved"
    assert SECRET not in json.dumps(line)
    task.exception()


def test_libraries_do_not_tell_what_they_work_on(logged: Callable[[], Lines]) -> None:
    """At level debug we do, and they still do not: statements come with their values."""
    lines = logged()
    logging.getLogger("aiosqlite").debug("executing %s", SECRET)
    logging.getLogger("sqlalchemy.engine").info("INSERT %s", SECRET)
    structlog.get_logger("firstline").debug("ours")
    assert [line["event"] for line in lines()] == ["ours"]


def test_a_line_end_cannot_forge_a_second_line(logged: Callable[[], Lines]) -> None:
    """Whatever a value holds, one event is one line."""
    lines = logged()
    structlog.get_logger("firstline").info("request", route='/\n{"event":"forged"}')
    assert [line["event"] for line in lines()] == ["request"]


def test_a_line_that_comes_over_and_over_is_counted(logged: Callable[[], Lines]) -> None:
    """A full table of descriptors must not fill the disk as well."""
    lines = logged()
    for _ in range(200):
        logging.getLogger("asyncio").error("socket.accept() out of system resource")
        log_defect(raised())
    structlog.get_logger("firstline").info("index_opened")
    found = [line["event"] for line in lines()]
    assert len(found) < 50
    assert found[-1] == "index_opened"


def test_what_was_left_out_is_said_later() -> None:
    """The first line after the pause says how many there were."""
    now = [0.0]
    throttle = Throttle(lines=2, period_s=10, now=lambda: now[0])

    def record() -> logging.LogRecord:
        return logging.LogRecord("asyncio", logging.ERROR, "f.py", 1, "accept failed", None, None)

    assert [throttle.filter(record()) for _ in range(5)] == [True, True, False, False, False]
    now[0] = 11
    later = record()
    assert throttle.filter(later)
    assert "3 lines like the next" in later.getMessage()
