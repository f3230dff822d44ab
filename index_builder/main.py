"""
The ``firstline-index`` command: build, check, import, export, evaluate, gaps, journal, rollback.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check or gate did not pass. Messages go to
stderr, results to stdout.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from service.errors import ConfigError, FirstlineError

# Each subcommand's module is imported when it runs: --help needs no scikit-learn.
COMMANDS = {
    "build": "Build the knowledge base and make it the one that is served.",
    "check": "Say what is wrong with the knowledge base, before building it.",
    "import": "Turn an export of another system into Markdown entries.",
    "export": "Write the knowledge base in a format that other systems read.",
    "evaluate": "Measure retrieval and refusal on a labelled data set.",
    "gaps": "Turn what people asked and did not get into stubs to write.",
    "journal": "Export or delete what the server has kept of questions and feedback.",
    "rollback": "Serve the previous generation again.",
}
# Where the module cannot have the command's name.
_MODULES = {"import": "import_"}


class Group(click.Group):
    """Finds subcommands by name; turns our errors into a sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All subcommands, in the order of the documentation."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The subcommand of this name."""
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(
            f"index_builder.commands.{_MODULES.get(name, name)}"
        ).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo(f"firstline-index: {error}", err=True)
            ctx.exit(2)
        except FirstlineError as error:
            click.echo(f"firstline-index: {error}", err=True)
            ctx.exit(1)
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            click.echo(f"firstline-index: {place}{error.strerror or error}", err=True)
            ctx.exit(1)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="firstline", prog_name="firstline-index")
def main() -> None:
    """Turn a knowledge base into an index that `firstline` serves."""


if __name__ == "__main__":
    sys.exit(main())
