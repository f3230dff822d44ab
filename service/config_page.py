"""The settings as people read them: ``--print-config`` and the reference page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr

from service.config import PREFIX, WEB_DIR, LoadedConfig, ServiceConfig

HIDDEN = "(set, not shown)"
FLAGS = ("index", "engine", "host", "port", "workers", "tls_cert", "tls_key")

_HEAD = """# Configuration of `firstline serve`

Flags beat the environment, which beats `firstline.toml` in the working folder (or the file given
with `--config`), which beats the defaults. `firstline serve --print-config` shows every value and
where it came from. An unknown key in the file is refused with its line; an unknown `FIRSTLINE_`
variable is ignored with a warning. Lists are written `["a", "b"]` in the file and `a,b` in the
environment. The unit of a number is the end of its name. The table `[builder]` of the file belongs
to `firstline-index`.

The secrets (`admin_token`, `hand_off_webhook`, `index_key`, `journal_dsn`, `journal_hash_key`) have
no flag, because flags can be read by everyone on the machine, and are never printed.

This page is generated from `service/config.py`.

| setting | environment | flag | default | meaning |
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


def values_and_origins(loaded: LoadedConfig) -> dict[str, dict[str, Any]]:
    """Each setting with its value and where it came from, ready for JSON."""
    return {
        name: {"value": shown(getattr(loaded.config, name)), "origin": origin}
        for name, origin in loaded.origins.items()
    }


def reference_page() -> str:
    """``docs/reference/configuration.md``, generated so that it cannot fall behind."""
    rows = []
    for name, field in ServiceConfig.model_fields.items():
        flag = f"`--{name.replace('_', '-')}`" if name in FLAGS else ""
        choices = get_args(field.annotation)
        allowed = ""
        if choices and all(isinstance(choice, str) for choice in choices):
            allowed = f" ({', '.join(choices)})"
        rows.append(
            f"| `{name}` | `{PREFIX}{name.upper()}` | {flag} | {_default(field.default)} "
            f"| {field.description}{allowed} |\n"
        )
    return _HEAD + "".join(rows)


def _default(value: object) -> str:
    if value is None or value == ():
        return ""
    if value == WEB_DIR:
        return "`web` beside the package"
    if isinstance(value, tuple):
        return f"`{', '.join(map(str, value))}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    sys.stdout.write(reference_page())
