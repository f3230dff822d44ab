"""
Settings from flags, the environment and a TOML file: merged, checked, each with its origin.

Both programs read theirs here. Whatever is wrong is refused with the place where it was said: a
flag, a variable, or a file and its line.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from service.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_UNITS = {"_s": "seconds", "_ms": "milliseconds", "_bytes": "bytes", "_days": "days"}


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A TOML file; the settings are its top level, or one table of it."""

    path: Path
    table: str | None = None
    # Tables of the file that belong to somebody else.
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Model]):
    """Settings, where each value came from, and what was odd on the way."""

    config: Model
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Gathered:
    """What the sources said so far; a stronger one overwrites."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def put(self, name: str, value: Any, origin: str) -> None:
        self.values[name], self.origins[name] = value, origin


def load(
    model: type[Model],
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    prefix: str,
    file: SettingsFile | None = None,
    ignored: str = "",
) -> Loaded[Model]:
    """
    Merge the sources, strongest first: flags, environment, file, defaults.

    Args:
        model: the settings' class.
        flags: what the command line said; None means it said nothing.
        environ: the process environment.
        prefix: of the variables that are settings.
        file: the settings file, if there is one.
        ignored: variables that go on like this after the prefix are another program's.

    Raises:
        ConfigError: an unknown key, a value of the wrong kind, a file that cannot be read.

    """
    known = model.model_fields
    gathered = _Gathered(origins=dict.fromkeys(known, "default"))
    text = "" if file is None else _from_file(file, known, gathered)
    for variable, value in sorted(environ.items()):
        name = variable.removeprefix(prefix).lower()
        if not variable.startswith(prefix) or (ignored and name.startswith(ignored)):
            continue
        if name in known:
            gathered.put(name, _from_text(value), f"environment {variable}")
        else:
            # Not refused: Kubernetes adds FIRSTLINE_SERVICE_HOST and the like by itself.
            gathered.warnings.append(
                f"{variable} is not a setting and was ignored{_nearest(name, known)}"
            )
    for name, value in flags.items():
        if value is not None:
            gathered.put(name, value, f"flag --{name.replace('_', '-')}")
    try:
        config = model(**gathered.values)
    except ValidationError as error:
        raise ConfigError(_explain(error, gathered.origins, file, text)) from error
    return Loaded(config, gathered.origins, tuple(gathered.warnings))


def _from_text(value: str) -> Any:
    """A variable's value; a table is written as JSON."""
    if not value.lstrip().startswith("{"):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _from_file(file: SettingsFile, known: Mapping[str, Any], gathered: _Gathered) -> str:
    """Gather the file's keys; its text is given back, to find lines in."""
    text, content = _read(file.path)
    within = () if file.table is None else (file.table,)
    if file.table is not None:
        content = content.get(file.table, {})
        if not isinstance(content, dict):
            place = f"{file.path}:{_line_of(text, within)}"
            raise ConfigError(f"{place}: {file.table} must be a table: [{file.table}]")
    for name, value in content.items():
        if name in file.others and isinstance(value, dict):
            continue
        place = f"{file.path}:{_line_of(text, (*within, name))}"
        if name not in known:
            raise ConfigError(f"{place}: {name} is not a setting{_nearest(name, known)}")
        gathered.put(name, value, place)
    return text


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: this is not UTF-8. Save the file as UTF-8.") from error
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _AT_LINE.search(said)
        line = int(at[1]) if at else text.count("\n") + 1
        raise ConfigError(f"{path}:{line}: this is not TOML: {_AT_LINE.sub('', said)}.") from error


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """The line where a key is set, looked for below its tables; 1 if written unusually."""
    found = 0
    for name in path:
        key = rf"[\"']?{re.escape(name)}[\"']?"
        pattern = re.compile(
            rf"^[ \t]*(?:(?:[\w.]+\.)?{key}[ \t]*[=.]|\[+[^\]\n]*{key}[ \t]*[.\]])", re.M
        )
        match = pattern.search(text, found)
        if match is None:
            break
        found = match.start()
    return text.count("\n", 0, found) + 1


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def _explain(
    error: ValidationError, origins: Mapping[str, str], file: SettingsFile | None, text: str
) -> str:
    """One line per wrong value: where it was set, what it is called, what it should be."""
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        path = tuple(str(part) for part in problem["loc"])
        said = problem["msg"].removeprefix("Value error, ")
        if not path:
            lines.append(said)
            continue
        origin = origins.get(path[0], "argument")
        if file is not None and origin.startswith(f"{file.path}:") and len(path) > 1:
            within = () if file.table is None else (file.table,)
            origin = f"{file.path}:{_line_of(text, (*within, *path))}"
        lines.append(f"{origin}: {'.'.join(path)}: {said}{_hint(path[0], origin, problem['type'])}")
    return "\n".join(lines)


def _hint(name: str, origin: str, problem: str) -> str:
    if name == "port" and origin.startswith("environment"):
        return " (a Kubernetes service called firstline sets it: enableServiceLinks: false)"
    unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), None)
    return f" (in {unit}, without the unit)" if unit and problem.endswith("_parsing") else ""
