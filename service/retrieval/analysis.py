"""
Text to tokens, the same way when an index is built and when a question is asked.

The state is data: an :class:`AnalyserSettings` and a table from surface form to lemma. Both
travel in the artefact, so the server needs neither spaCy nor NLTK.

A text is cut at white space into chunks, and each chunk is read alone. That keeps the cost linear
in the length (FINDINGS: a general tokenizer is quadratic on ``((((``), and lets the builder keep
a memo of chunks, of which even a large corpus has few.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

# A letter run with inner apostrophes: "don't", "o'clock".
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# Parts of an identifier: NetSwitchTeam, HTTPServer, Office365.
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# Ideographs and kana are written without spaces: each is a token, pairs give the words.
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,7}")
_LANGUAGE_NAME = re.compile(r"[a-z](?:\+\+|#)")
# Between two parts of one thing: 0x80070057:5, C:\Windows, ctrl+alt+del, a_b, 24.04, x@y.
_CODE_JOINT = frozenset("_\\+@:.=")
_OUTER = "\"'`“”‘«»‹›()[]{}<>,;:!?…*|~^=-–—/&%$€£§°•·"
_MAX_CHUNK = 64

TYPOGRAPHIC_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "`": "'", "´": "'"})


@dataclass(frozen=True, slots=True)
class AnalyserSettings:
    """
    What shaped the tokens.

    ``language`` is an ISO 639-1 code; ``lemmas`` says where the lemma table came from
    (``lookup``, ``snowball``, ``none`` or a pipeline's name) and is kept for the reader of a
    manifest: the table itself is what decides.
    """

    language: str = "en"
    lemmas: str = "lookup"
    gram: int = 4

    def as_dict(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return asdict(self)


def normalise(text: str) -> str:
    """Every apostrophe made the plain one, and compatibility characters folded (NFKC)."""
    if text.isascii():
        return text.replace("`", "'")
    # Apostrophes first: NFKC would take the acute accent apart into a space and a mark.
    return unicodedata.normalize("NFKC", text.translate(TYPOGRAPHIC_APOSTROPHES))


def surfaces(text: str, memo: dict[str, tuple[str, ...]] | None = None) -> list[str]:
    """
    The surface forms of *text*, lower-cased, in order.

    Identifiers, error codes, paths, versions and key names are kept whole and followed by their
    parts: ``ERR_NAME_NOT_RESOLVED`` gives itself, ``err``, ``name``, ``not``, ``resolved``.

    Args:
        text: any string; white space separates chunks.
        memo: chunks already read, kept by a caller that reads a whole corpus.

    """
    found: list[str] = []
    for chunk in normalise(text).split():
        # The common case first: most of what people type is a plain lower-case word.
        if chunk.isalpha() and chunk.islower() and chunk.isascii() and len(chunk) <= _MAX_CHUNK:
            found.append(chunk)
        elif memo is None:
            found.extend(read_chunk(chunk))
        else:
            parts = memo.get(chunk)
            if parts is None:
                parts = memo[chunk] = tuple(read_chunk(chunk))
            found.extend(parts)
    return found


def read_chunk(chunk: str) -> list[str]:
    """The surface forms of one chunk, a run without white space."""
    core = chunk.lstrip(_OUTER).rstrip(_OUTER + ".")
    low = core.lower()
    if core.isalnum() and len(core) <= _MAX_CHUNK:
        return _read_word(core)
    if _LANGUAGE_NAME.fullmatch(low):
        return [low]
    if _EXTENSION.fullmatch(low):
        return [low, low[1:]]
    words = _WORD.findall(core)
    parts = [part for word in words for part in _read_word(word)]
    if len(core) > _MAX_CHUNK or "://" in core or len(words) < 2:
        return parts
    if not _CODE_JOINT.isdisjoint(core):
        return [low.lstrip("."), *parts]
    if "-" in core and len(words) == 2 and len(low) <= 14:
        # "wi-fi" and "e-mail" are typed as one word as often as two.
        return [*parts, low.replace("-", "").replace("'", "")]
    return parts


def _read_word(word: str) -> list[str]:
    """One word, without its apostrophes, followed by its humps when it is camel-cased."""
    word = word[:_MAX_CHUNK]
    low = word.lower()
    if "'" in low:
        return [low.removesuffix("'s").replace("'", "")]
    if not word.isascii() and _IDEOGRAPH.search(word):
        return _read_ideographs(low)
    if len(word) > 3 and not (word.isupper() or word[1:] == low[1:]):
        humps = [hump.lower() for hump in _HUMP.findall(word) if len(hump) > 1]
        if len(humps) > 1:
            return [low, *humps]
    return [low]


def _read_ideographs(low: str) -> list[str]:
    """Each ideograph alone, and the runs between them."""
    found: list[str] = []
    run = ""
    for character in low:
        if _IDEOGRAPH.match(character):
            if run:
                found.append(run)
                run = ""
            found.append(character)
        else:
            run += character
    if run:
        found.append(run)
    return found


class Analyser:
    """
    Surface forms to lemmas by a table.

    A form that the table does not know is its own lemma, so an analyser with an empty table only
    tokenises.
    """

    def __init__(self, settings: AnalyserSettings, lemmas: Mapping[str, str]) -> None:
        self.settings = settings
        self.lemmas = lemmas

    def lemma(self, surface: str) -> str:
        """The lemma of a lower-cased surface form."""
        return self.lemmas.get(surface, surface)

    def tokens(self, text: str) -> list[str]:
        """The lemmas of *text*, in order: what rows are made of."""
        lemmas = self.lemmas
        return [lemmas.get(surface, surface) for surface in surfaces(text)]


def grams(word: str, n: int) -> list[str]:
    """
    The character *n*-grams of a word between spaces, as ``char_wb`` cuts them.

    A word shorter than *n* - 2 gives itself between its spaces.
    """
    padded = f" {word} "
    if len(padded) <= n:
        return [padded]
    return [padded[i : i + n] for i in range(len(padded) - n + 1)]
