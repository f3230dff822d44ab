"""
Writes the reference page of both commands from their own help, so that it cannot fall behind.

python docs/.hooks/commands.py > docs/reference/commands.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from index_builder.main import main as firstline_index
from service.main import main as firstline

WIDTH = 88

_HEAD = """# Commands

Both are installed in `.venv/bin`. Messages go to stderr and results to stdout; progress is drawn
only where stderr is a terminal. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check or a gate
did not pass.

This page is generated from the commands' own `--help`.
"""


def reference_page() -> str:
    """``docs/reference/commands.md``."""
    groups = (("firstline", firstline), ("firstline-index", firstline_index))
    return _HEAD + "".join(section for name, group in groups for section in _sections(name, group))


def _sections(name: str, group: click.Group) -> Iterator[str]:
    root = click.Context(group, info_name=name, terminal_width=WIDTH)
    for sub in group.list_commands(root):
        command = group.get_command(root, sub)
        assert command is not None
        context = click.Context(
            command,
            info_name=sub,
            parent=root,
            terminal_width=WIDTH,
            help_option_names=["-h", "--help"],
        )
        yield f"\n## {name} {sub}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(reference_page())
