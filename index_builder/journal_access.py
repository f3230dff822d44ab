"""The journal that the server writes, found where the server finds it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TypeVar

import click
import structlog
from sqlalchemy.exc import SQLAlchemyError

from service.config import load_config
from service.errors import ConfigError, JournalUnavailable
from service.live.journal_store import JournalStore, journal_url, timestamp

Result = TypeVar("Result")

CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The server's settings file.  [firstline.toml, if it is there]",
)
JOURNAL = click.option(
    "--journal",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The journal's SQLite file.  [as the server's settings say]",
)


class Day(click.ParamType[str]):
    """A day, or a moment, as the tables keep it."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Read ISO 8601; a day is its first moment in UTC."""
        try:
            try:
                moment = datetime.combine(date.fromisoformat(str(value)), time(), UTC)
            except ValueError:
                moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day: write it as 2026-11-22.", param, ctx)
        return timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def with_journal(
    config: Path | None, file: Path | None, work: Callable[[JournalStore], Awaitable[Result]]
) -> Result:
    """
    What *work* makes of the journal.

    Raises:
        ConfigError: there is no journal where the settings say.
        JournalUnavailable: its database cannot be used.

    """
    settings = load_config({"journal_path": file}, os.environ, config).config
    dsn = settings.journal_dsn
    secret = None if dsn is None or file is not None else dsn.get_secret_value()
    if secret is None and not settings.journal_path.is_file():
        raise ConfigError(
            f"There is no journal at {settings.journal_path}. The server makes it when somebody "
            "asks; name another with --journal, or give journal_path or journal_dsn."
        )
    # What goes wrong is told once, by the command itself.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    store = JournalStore(journal_url(settings.journal_path, secret))

    async def opened() -> Result:
        try:
            await store.prepare()
            return await work(store)
        except (SQLAlchemyError, OSError) as error:
            reason = getattr(error, "orig", None) or error
            raise JournalUnavailable(
                f"The journal {store.place} cannot be used: {reason}."
            ) from error
        finally:
            await store.close()

    return asyncio.run(opened())
