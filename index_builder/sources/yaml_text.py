"""Writing YAML that people edit: long texts as blocks, short lists on one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Multi-line strings as literal blocks; no aliases, ours are never read back."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a value out each time."""
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key, as people do."""
        del indentless
        super().increase_indent(flow, False)


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # YAML takes these three for line ends as well; only an escape keeps them what they are.
    odd = any(each in text for each in "\x85\u2028\u2029")
    style = '"' if odd else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def dumped(value: object) -> str:
    """*value* as block YAML, keys in their order."""
    return yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000, indent=2
    )


def flow(values: Sequence[str]) -> str:
    """A list on one line: ``[network, wi-fi]``."""
    return yaml.dump(
        list(values),
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=True,
        width=100_000,
    ).rstrip("\n")
