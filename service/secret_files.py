"""Secrets that are kept in files, as service managers and containers hand them over."""

from __future__ import annotations

from pathlib import Path

from service.errors import ConfigError


def read_secret(name: str, file: Path) -> str:
    """
    The secret in *file*, without the white space around it.

    Raises:
        ConfigError: it cannot be read or is empty; says which setting *name* is at fault.

    """
    try:
        secret = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} {file} cannot be read: {error}") from error
    if not secret:
        raise ConfigError(f"{name} {file} is empty: put a secret in")
    return secret
