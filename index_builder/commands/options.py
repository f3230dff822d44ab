"""Arguments and options that several subcommands have, alike in each."""

from __future__ import annotations

from pathlib import Path

import click

DEFAULT_SOURCE = Path("corpus")
DEFAULT_OUT = Path("build/index")

SOURCES = click.argument("sources", nargs=-1, type=click.Path(path_type=Path, exists=True))
FORM = click.option("--from", "form", help="Format of the sources; recognised where left out.")
KEEP_GOING = click.option(
    "--keep-going", is_flag=True, help="Skip and count what is wrong instead of stopping."
)
SETTINGS = click.option(
    "--settings", type=click.Path(path_type=Path, dir_okay=False), help="Build settings (TOML)."
)
