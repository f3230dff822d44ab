"""What a build can be told."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.config import BUILDER_TABLE, DEFAULT_FILE
from service.errors import ConfigError
from service.retrieval.entries import Entry
from service.retrieval.weighting import Blend
from service.secret_files import read_secret
from service.settings import Loaded, SettingsFile, load

PREFIX = "FIRSTLINE_BUILDER_"
DEFAULT_LANGUAGE = "en"


class BuildSettings(BaseModel):
    """
    The settings of one build, frozen; the defaults were chosen by measurement.

    A settings file (``--settings``) is TOML with these keys at its top level; without one, they
    are the table ``[builder]`` of ``firstline.toml``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str = Field(
        "", description="ISO 639-1 code of the corpus; empty: that of most entries, or en."
    )
    lemmas: str = Field(
        "auto",
        description="auto, lookup (spaCy's table), snowball (NLTK), none, or a spaCy pipeline.",
    )
    weighting: Literal["bm25", "lnc.ltc", "ltc.ltc"] = Field(
        "bm25", description="How terms are weighted; see docs/decisions/0003."
    )
    blend: Blend = Field(Blend(), description="What an entry's score is made of.")
    target_precision: float = Field(
        0.85,
        gt=0,
        lt=1,
        description="Share of the answers given that shall be right, of questions made from the "
        "corpus, which are harder than people's.",
    )
    embedding_model_dir: Path | None = Field(
        None, description="Folder of an embedding model: compare meaning, too; off where unset."
    )
    embedding_cache_dir: Path = Field(
        Path("build/embeddings"), description="Where texts that were encoded are remembered."
    )
    pickles: bool = Field(True, description="Also write vectoriser.joblib and neighbours.joblib.")


def index_key(environ: Mapping[str, str]) -> bytes | None:
    """
    The key that the index is signed with; from the same variables as the server's.

    Raises:
        ConfigError: the file cannot be read or is empty.

    """
    given, file = environ.get("FIRSTLINE_INDEX_KEY"), environ.get("FIRSTLINE_INDEX_KEY_FILE")
    if given and file:
        raise ConfigError(
            "FIRSTLINE_INDEX_KEY and FIRSTLINE_INDEX_KEY_FILE say the same; keep one of them"
        )
    if file:
        given = read_secret("FIRSTLINE_INDEX_KEY_FILE", Path(file))
    return given.encode() if given else None


def settled(settings: BuildSettings, entries: Iterable[Entry]) -> BuildSettings:
    """The settings with the language that most entries say, where none was set."""
    if settings.language:
        return settings
    said = Counter(entry.language or DEFAULT_LANGUAGE for entry in entries)
    language = said.most_common(1)[0][0] if said else DEFAULT_LANGUAGE
    return settings.model_copy(update={"language": language})


def load_settings(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None
) -> Loaded[BuildSettings]:
    """
    Settings from flags, environment and file, strongest first, each with its origin.

    Args:
        flags: what the command line said; None means it said nothing.
        environ: the process environment.
        file: a settings file that must exist; otherwise the table ``[builder]`` of
            ``firstline.toml`` is read, if it is there.

    Raises:
        ConfigError: an unknown key, a value of the wrong kind, a file that cannot be read.

    """
    source = None
    if file is not None:
        source = SettingsFile(file)
    elif DEFAULT_FILE.is_file():
        source = SettingsFile(DEFAULT_FILE, table=BUILDER_TABLE)
    return load(BuildSettings, flags, environ, prefix=PREFIX, file=source)


def read_settings(file: Path | None, **flags: Any) -> BuildSettings:
    """The settings alone, with this process's environment; see ``load_settings``."""
    return load_settings(flags, os.environ, file).config
