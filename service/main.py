"""
The ``firstline`` command: serve, ask, chat.

Exit codes: 0 done, 1 failed, 2 wrong usage. Messages go to stderr, results to stdout. Imports
that take time wait until the subcommand that needs them runs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click
import orjson

from service.config import LoadedConfig, load_config
from service.config_page import values_and_origins
from service.errors import ConfigError, FirstlineError

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


class Group(click.Group):
    """Turns our errors into a sentence on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo(f"firstline: {error}", err=True)
            ctx.exit(2)
        except FirstlineError as error:
            click.echo(f"firstline: {error}", err=True)
            ctx.exit(1)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="firstline", prog_name="firstline")
def main() -> None:
    """Answer tech-support questions from a knowledge base."""


def _loaded(config: Path | None, **flags: Any) -> LoadedConfig:
    loaded = load_config(flags, os.environ, config)
    for warning in loaded.warnings:
        click.echo(f"firstline: {warning}", err=True)
    return loaded


@main.command()
@click.option("--index", type=FOLDER, help="Folder that holds CURRENT.  [build/index]")
@click.option("--host", help="Address to listen on; 0.0.0.0 is every network.  [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.  [2000]")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that share the port.  [1]")
@click.option("--tls-cert", type=FILE, help="Certificate chain (PEM): serve https.")
@click.option("--tls-key", type=FILE, help="Its private key (PEM).")
@click.option("--engine", type=click.Choice(["mapped", "sklearn"]), help="What scores.  [mapped]")
@click.option("--config", type=FILE, help="Settings file.  [firstline.toml, if it is there]")
@click.option("--print-config", is_flag=True, help="Show each setting and its origin, and stop.")
@click.option("--json", "as_json", is_flag=True, help="With --print-config: as JSON.")
def serve(config: Path | None, print_config: bool, as_json: bool, **flags: Any) -> None:
    """Serve the chat page, the HTTP API and the WebSocket."""
    loaded = _loaded(config, **flags)
    if print_config:
        _print_config(loaded, as_json)
        return
    from service.edge.logs import configure_logs
    from service.edge.serving import run

    configure_logs(loaded.config.log_format, loaded.config.log_level)
    run(loaded.config, lambda address: click.echo(f"Firstline answers at {address}", err=True))


def _print_config(loaded: LoadedConfig, as_json: bool) -> None:
    settings = values_and_origins(loaded)
    if as_json:
        click.echo(orjson.dumps(settings, option=orjson.OPT_INDENT_2))
        return
    for name, setting in settings.items():
        click.echo(f"{name} = {orjson.dumps(setting['value']).decode()}  # {setting['origin']}")


if __name__ == "__main__":
    sys.exit(main())
