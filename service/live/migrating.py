"""
Brings the journal's database to the schema that this program reads.

The version is one row in Alembic's own table. Where it is already ours, which is nearly always,
nothing but that row is read and Alembic is not even imported. Where it is older the steps are run
in one transaction, by one process at a time. Where it is unknown a newer Firstline wrote it, and
nothing is touched.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from service.errors import JournalVersion

HEAD = "0002"
# Before migrations the version was a table of our own; its only value, 1, is Alembic's 0001.
_FIRST = "0001"
_FOLDER = Path(__file__).parent / "migrations"
# Any number, but always this one: who else migrates the same PostgreSQL waits for it.
_LOCK = 7_305_031


def is_current(connection: Connection) -> bool:
    """Whether there is nothing to do."""
    return _version(connection) == HEAD


def migrate(connection: Connection, place: str) -> bool:
    """
    Run what is missing, within the caller's transaction; True if anything was.

    Raises:
        JournalVersion: a newer Firstline has written it.

    """
    _wait_for_others(connection)
    version = _version(connection)
    if version == HEAD:
        return False
    _refuse_newer(connection, version, place)
    from alembic import command
    from alembic.config import Config

    # It would tell of each step; the server tells of the journey, once.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    if version is None and inspect(connection).has_table("firstline_schema"):
        command.stamp(config, _FIRST)
    command.upgrade(config, HEAD)
    return True


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("select version_num from alembic_version")).scalar()
    return None if found is None else str(found)


def _wait_for_others(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
    else:
        # sqlite3 itself begins only with the first row written, and so after the tables.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _refuse_newer(connection: Connection, version: str | None, place: str) -> None:
    found = version
    if version is None and inspect(connection).has_table("firstline_schema"):
        first = connection.execute(text("select version from firstline_schema")).scalar()
        found = None if first in (None, 1) else f"{first:04}"
    if found is not None and found > HEAD:
        raise JournalVersion(
            f"The journal {place} has schema {found}; this Firstline reads up to {HEAD}. "
            "Upgrade Firstline, or name another journal_path."
        )
