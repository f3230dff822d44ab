"""
Corpus words to a lemma table: the only importer of spaCy and NLTK.

Lemmas are looked up once for each distinct form, not for each word of the corpus; on lower-cased
text that is what spaCy's lookup pipeline gives for the running text (FINDINGS 2), and the table
can travel in the artefact, so the server needs neither library.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from service.errors import ConfigError

# Entries of the lookup table that hurt technical text, and what they would have done.
OVERRIDES: dict[str, dict[str, str]] = {
    "en": {
        "aws": "aws",  # aw
        "bios": "bios",  # bio
        "data": "data",  # datum
        "dns": "dns",  # dn
        "does": "do",  # doe
        "first": "first",  # 1
        "second": "second",  # 2
        "ios": "ios",  # io
        "less": "less",  # little
        "left": "left",  # leave: "on the left", and "left" as a key's name
        "media": "media",  # medium
        "os": "os",  # o
        "sms": "sms",  # sm
        "teams": "teams",  # team
        "us": "us",  # we
        "vms": "vm",
        "windows": "windows",  # window
    },
}
# Languages whose lookup table misses so much that a stemmer does better (FINDINGS 2: German).
STEMMED = {
    "da": "danish",
    "de": "german",
    "fi": "finnish",
    "hu": "hungarian",
    "no": "norwegian",
}
_SNOWBALL = {
    **STEMMED,
    "ar": "arabic",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
}


def lemma_table(
    forms: Iterable[str], language: str, method: str = "auto"
) -> tuple[str, dict[str, str]]:
    """
    The lemma of each form that has one of its own, and of the forms a person may type instead.

    Args:
        forms: distinct lower-cased surface forms of the corpus.
        language: ISO 639-1 code.
        method: ``auto``, ``lookup`` (spaCy's table), ``snowball`` (NLTK's stemmer), ``none``, or
            the name of an installed spaCy pipeline.

    Returns:
        The method used, and the table; forms that are their own lemma are not in it.

    Raises:
        ConfigError: the method cannot be had here; the message says what to install.

    """
    known = set(forms)
    if method == "auto":
        method = "snowball" if language in STEMMED else "lookup"
        if method == "lookup" and not lookup_forms(language):
            method = "snowball" if language in _SNOWBALL else "none"
    if method == "none":
        return method, {}
    if method == "snowball":
        table = _stems(known | lookup_forms(language), language)
    elif method == "lookup":
        table = _looked_up(known | lookup_forms(language), language)
    else:
        table = _by_pipeline(known, method)
    table |= OVERRIDES.get(language, {})
    return method, {form: lemma for form, lemma in table.items() if form != lemma}


def lookup_forms(language: str) -> set[str]:
    """The lower-case forms spaCy's lookup data has for a language; empty where it has none."""
    try:
        tables = getattr(import_module("spacy_lookups_data"), language)
    except (ImportError, AttributeError):
        return set()
    if "lemma_lookup" not in tables:
        return set()
    path = Path(tables["lemma_lookup"])
    packed = path.with_name(f"{path.name}.gz")
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    return {form.lower() for form in json.loads(content) if form[:1].isalpha()}


def _looked_up(forms: set[str], language: str) -> dict[str, str]:
    """SpaCy's lookup lemmatizer over a list of words."""
    import spacy

    try:
        nlp = spacy.blank(language)
        nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
        nlp.initialize()
    except (ImportError, ValueError) as error:
        raise ConfigError(
            f"spaCy has no lookup lemmas for language {language!r}. Install spacy[lookups], or set "
            "lemmas to snowball or none."
        ) from error
    lemmatizer: Any = nlp.get_pipe("lemmatizer")
    table = lemmatizer.lookups.get_table("lemma_lookup")
    return {form: str(table.get(form, form)).lower() for form in forms}


def _stems(forms: set[str], language: str) -> dict[str, str]:
    """NLTK's Snowball stems; they need no downloaded data."""
    from nltk.stem.snowball import SnowballStemmer

    try:
        stemmer = SnowballStemmer(_SNOWBALL[language])
    except KeyError:
        raise ConfigError(
            f"There is no Snowball stemmer for language {language!r}. Set lemmas to none."
        ) from None
    return {form: stemmer.stem(form) for form in forms}


def _by_pipeline(forms: set[str], name: str) -> dict[str, str]:
    """A trained pipeline's lemma of each form, read alone."""
    import spacy

    try:
        nlp = spacy.load(name, disable=["ner", "parser"])
    except OSError as error:
        raise ConfigError(
            f"The spaCy pipeline {name!r} is not installed. Install it "
            f"(python -m spacy download {name}), or set lemmas to lookup, snowball or none."
        ) from error
    words = sorted(forms)
    documents = nlp.pipe(spacy.tokens.Doc(nlp.vocab, words=[word]) for word in words)
    return {
        word: "".join(token.lemma_ for token in document).lower()
        for word, document in zip(words, documents, strict=True)
    }
