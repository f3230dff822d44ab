"""The settings as people read them: ``--print-config`` and the reference page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args

import orjson
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from service.config import PREFIX, WEB_DIR, ServiceConfig
from service.settings import Loaded

HIDDEN = "(set, not shown)"
FLAGS = ("index", "cluster", "engine", "host", "port", "workers", "tls_cert", "tls_key")

_HEAD = """# Configuration of `firstline serve`

Flags beat the environment, which beats `firstline.toml` in the working folder (or the file given
with `--config`), which beats the defaults. `firstline serve --print-config` shows every value and
where it came from (`--json` for scripts). An unknown key in the file, or a value that makes no
sense, is refused with its line; an unknown `FIRSTLINE_` variable is ignored with a warning. Lists
are written `["a", "b"]` in the file and `a,b` in the environment. The unit of a number is the end
of its name. The table `[builder]` of the file belongs to [`firstline-index`](building.md).

The secrets (`admin_token`, `hand_off_webhook`, `index_key`, `journal_dsn`, `journal_hash_key`) have
no flag, because flags can be read by everyone on the machine, and are never printed.

This page is generated from `service/config.py`.

"""
TABLE_HEAD = """| setting | environment | flag | default | meaning |
|---|---|---|---|---|
"""


def shown(value: object) -> Any:
    """A value fit for JSON and for eyes: secrets hidden, paths and tuples plain."""
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [shown(item) for item in value]
    return value


def values_and_origins(loaded: Loaded[Any]) -> dict[str, dict[str, Any]]:
    """Each setting with its value and where it came from, ready for JSON."""
    return {
        name: {"value": shown(getattr(loaded.config, name)), "origin": origin}
        for name, origin in loaded.origins.items()
    }


def printed_config(loaded: Loaded[Any], *, as_json: bool) -> str:
    """What ``--print-config`` prints: a line a setting, or JSON."""
    settings = values_and_origins(loaded)
    if as_json:
        return orjson.dumps(settings, option=orjson.OPT_INDENT_2).decode()
    return "\n".join(
        f"{name} = {orjson.dumps(setting['value']).decode()}  # {setting['origin']}"
        for name, setting in settings.items()
    )


def reference_page() -> str:
    """``docs/reference/configuration.md``, generated so that it cannot fall behind."""
    return _HEAD + settings_table(ServiceConfig, PREFIX, FLAGS)


def settings_table(model: type[BaseModel], prefix: str, flags: tuple[str, ...]) -> str:
    """A row for each setting of a class; one that is a table is followed by its parts."""
    rows = []
    for name, field in model.model_fields.items():
        flag = f"`--{name.replace('_', '-')}`" if name in flags else ""
        default = "" if is_dataclass(field.default) else _default(field.default)
        rows.append(
            f"| `{name}` | `{prefix}{name.upper()}` | {flag} | {default} | {_meaning(field)} |\n"
        )
        rows += [f"| `{part}` | | | `{value}` | |\n" for part, value in _parts(name, field.default)]
    return TABLE_HEAD + "".join(rows)


def _meaning(field: FieldInfo) -> str:
    choices = get_args(field.annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return f"{field.description} ({', '.join(choices)})"
    return field.description or ""


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The settings inside a table, by their dotted names."""
    if not is_dataclass(value):
        return
    for field in fields(value):
        part, inner = f"{name}.{field.name}", getattr(value, field.name)
        if is_dataclass(inner):
            yield from _parts(part, inner)
        else:
            yield part, inner


def _default(value: object) -> str:
    if value is None or value in ((), ""):
        return ""
    if value == WEB_DIR:
        return "`web` beside the package"
    if isinstance(value, tuple):
        return f"`{', '.join(map(str, value))}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    sys.stdout.write(reference_page())
