"""
The ``firstline`` command: serve, ask, chat.

Exit codes: 0 done, 1 failed, 2 wrong usage. Messages go to stderr, results to stdout. Imports
that take time wait until the subcommand that needs them runs.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from service.config import LoadedConfig, load_config
from service.config_page import printed_config
from service.errors import ConfigError, FirstlineError

if TYPE_CHECKING:
    from service.retrieval.answers import Question

ENGINE = click.Choice(["mapped", "sklearn"])
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
@click.option("--cluster", metavar="ADDRESS", help="Ray cluster with the shards, or auto.  [none]")
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
        click.echo(printed_config(loaded, as_json=as_json))
        return
    from service.edge.logs import configure_logs

    configure_logs(loaded.config.log_format, loaded.config.log_level)
    if loaded.config.workers > 1:
        from service.edge.workers import supervise

        supervise(loaded.config, _announce)
    else:
        # What starting makes stays, and looking through it would take a tenth of the time: serving
        # turns the collector on again.
        gc.disable()
        from service.edge.serving import run

        run(loaded.config, _announce)


def _announce(address: str) -> None:
    click.echo(f"Firstline answers at {address}", err=True)


@main.command()
@click.argument("question", nargs=-1, required=True)
@click.option("--index", type=FOLDER, help="Folder that holds CURRENT.  [build/index]")
@click.option("--url", help="Ask a running server instead, such as http://localhost:2000.")
@click.option("--top-k", type=click.IntRange(1, 20), help="Show the nearest entries, so many.")
@click.option("--explain", is_flag=True, help="Say why: words, corrections, scores, thresholds.")
@click.option("--json", "as_json", is_flag=True, help="The reply as JSON, as /v1/ask gives it.")
@click.option("--engine", type=ENGINE, help="What scores.  [mapped]")
@click.option("--config", type=FILE, help="Settings file.  [firstline.toml, if it is there]")
def ask(
    question: tuple[str, ...],
    index: Path | None,
    url: str | None,
    top_k: int | None,
    explain: bool,
    as_json: bool,
    engine: str | None,
    config: Path | None,
) -> None:
    """Ask one QUESTION and print the answer."""
    loaded = _place(index, url, engine, config)
    from service.edge.client import ask_server, server_address
    from service.edge.terminal import explanation_text, reply_text
    from service.retrieval.answers import Question

    asked = Question(" ".join(question), top_k=top_k or 3, explain=explain)
    fields = asyncio.run(
        ask_server(server_address(url), asked) if url else _ask_here(loaded, asked)
    )
    if as_json:
        click.echo(orjson.dumps(fields))
        return
    click.echo(reply_text(fields, top_k=top_k))
    if explain:
        click.echo("\n" + explanation_text(fields["explanation"]))


async def _ask_here(loaded: LoadedConfig, asked: Question) -> dict[str, Any]:
    from service.edge.counter import new_request_id
    from service.edge.local import local_counter

    async with local_counter(loaded.config) as counter:
        return await counter.ask(asked, new_request_id())


@main.command()
@click.option("--index", type=FOLDER, help="Folder that holds CURRENT.  [build/index]")
@click.option("--url", help="Talk to a running server instead, such as http://localhost:2000.")
@click.option("--engine", type=ENGINE, help="What scores.  [mapped]")
@click.option("--config", type=FILE, help="Settings file.  [firstline.toml, if it is there]")
def chat(index: Path | None, url: str | None, engine: str | None, config: Path | None) -> None:
    """Talk in the terminal: type a question, or the number of a suggestion; Ctrl-D ends."""
    loaded = _place(index, url, engine, config)
    from service.edge.client import RemoteTalk, server_address
    from service.edge.local import LocalTalk
    from service.edge.terminal import converse

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # a byte that is no text must not end the talk
    talk = RemoteTalk(server_address(url)) if url else LocalTalk(loaded.config)
    asyncio.run(converse(talk, click.echo))


def _place(
    index: Path | None, url: str | None, engine: str | None, config: Path | None
) -> LoadedConfig:
    """Where to ask; the two ways exclude each other."""
    if url is not None and (index is not None or engine is not None):
        raise click.UsageError("--url asks a server: leave --index and --engine out.")
    from service.edge.logs import configure_logs

    configure_logs("auto", "critical")  # failures are told once, by the command itself
    return _loaded(config, index=index, engine=engine)


if __name__ == "__main__":
    sys.exit(main())
