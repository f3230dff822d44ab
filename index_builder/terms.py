"""Entries to rows, rows to postings: everything of an index that a question is compared with."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from index_builder.background import add_information, row_information
from index_builder.config import BuildSettings
from index_builder.counting import Rows, SurfaceReader, UInts, make_rows
from index_builder.draft import Draft
from index_builder.lexicon import add_lexicon, make_lexicon
from index_builder.postings import distinct_pairs
from index_builder.recall import NOTHING, Recall
from index_builder.rendering import searchable, split_sections
from index_builder.vectors import Field, weigh_field
from service.retrieval.analysis import AnalyserSettings
from service.retrieval.entries import Entry
from service.retrieval.fields import FIELDS

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class ReadCorpus:
    """
    The surface forms of a corpus, once in reading order.

    ``lengths`` and ``owners`` describe runs of ``stream``: for each entry its title and phrasings
    (``is_short``), then its body section by section, so that an entry as a whole is one run too.
    """

    stream: Numbers
    lengths: Numbers
    owners: Numbers
    is_short: Numbers
    forms: Sequence[str]
    n_entries: int


def read_corpus(
    entries: Sequence[Entry], recall: Recall = NOTHING, keys: Sequence[bytes] = ()
) -> ReadCorpus:
    """
    Read every text of every entry, in corpus order.

    Args:
        entries: the entries.
        recall: what an earlier build has read.
        keys: of the entries, to find them there; none are looked for without.

    """
    reader = SurfaceReader(recall.forms)
    stream, lengths, owners, is_short = array("I"), array("I"), array("I"), array("b")
    whole = [(0, len(entries), -1)]
    for first, stop, place in recall.stretches(keys) if keys else whole:
        if place >= 0:
            last = place + stop - first
            runs = slice(int(recall.runs[place]), int(recall.runs[last]))
            tokens = slice(int(recall.starts[place]), int(recall.starts[last]))
            each = np.diff(recall.runs[place : last + 1])
            stream.frombytes(recall.stream[tokens].tobytes())
            lengths.frombytes(recall.lengths[runs].tobytes())
            is_short.frombytes(recall.is_short[runs].tobytes())
            owners.frombytes(np.repeat(np.arange(first, stop, dtype=np.uint32), each).tobytes())
            continue
        for number in range(first, stop):
            entry = entries[number]
            for text in short_texts(entry):
                lengths.append(reader.read(text, stream))
                owners.append(number)
                is_short.append(True)
            for _, heading, body in split_sections(entry.text):
                lengths.append(reader.read(searchable(f"{heading}\n{body}"), stream))
                owners.append(number)
                is_short.append(False)
    numbers, forms = _those_used(np.frombuffer(stream, np.uint32), reader.forms())
    return ReadCorpus(
        numbers,
        np.frombuffer(lengths, np.uint32),
        np.frombuffer(owners, np.uint32),
        np.frombuffer(is_short, bool),
        forms,
        len(entries),
    )


def _those_used(stream: Numbers, forms: Sequence[str]) -> tuple[Numbers, Sequence[str]]:
    """Without the forms that only entries of an earlier build had."""
    used = np.zeros(len(forms), bool)
    used[stream] = True
    if used.all():
        return stream, forms
    renumbered = (np.cumsum(used) - 1).astype(np.uint32)
    return renumbered[stream], [form for form, kept in zip(forms, used, strict=True) if kept]


def short_texts(entry: Entry) -> list[str]:
    """What becomes a short row each: the title, the phrasings, the pinned phrasings."""
    return [text for text in (entry.title, *entry.questions, *entry.pinned) if text.strip()]


def add_terms(
    draft: Draft,
    corpus: ReadCorpus,
    settings: BuildSettings,
    synonyms: Sequence[Sequence[str]] = (),
) -> None:
    """
    Put vocabulary and postings into the draft.

    Raises:
        ConfigError: the lemma method cannot be had.

    """
    lexicon = make_lexicon(corpus.forms, settings)
    n_words = len(lexicon.words)
    rows = rows_of(corpus, lexicon.word_of(corpus.forms))
    pairs = distinct_pairs(rows["whole"])
    fields = {
        name: weigh_field(
            rows[name],
            n_words,
            pairs,
            lexicon.word_grams,
            getattr(settings.blend, name),
            settings.weighting,
        )
        for name in FIELDS
    }
    frequency = np.diff(fields["whole"].indptr[: n_words + 1]).astype(np.int64)
    add_lexicon(draft, lexicon, corpus.forms, frequency, synonyms)
    draft.arrays["pairs.key"] = pairs
    for name, field in fields.items():
        _add_field(draft, name, field)
    add_owners(draft, rows, corpus.n_entries)
    draft.info |= settings_info(lexicon.analyser, settings)
    draft.info["counts"] = row_counts(rows, corpus.n_entries) | {
        "words": n_words,
        "pairs": int(pairs.size),
        "grams": int(lexicon.gram_keys.size),
        "postings": sum(int(field.row.size) for field in fields.values()),
    }
    add_information(draft, frequency, lexicon.analyser.language)
    draft.arrays["short.information"] = row_information(
        fields["short"].indptr,
        fields["short"].row,
        draft.arrays["information.word"],
        len(rows["short"]),
    )


def settings_info(analyser: AnalyserSettings, settings: BuildSettings) -> dict[str, Any]:
    """What a reader must know of how rows were read and weighted."""
    return {
        "analyser": analyser.as_dict(),
        "weighting": settings.weighting,
        "blend": settings.blend.as_dict(),
    }


def row_counts(rows: Mapping[str, Rows], n_entries: int) -> dict[str, int]:
    """How much there is of what can be counted row by row."""
    return {
        "entries": n_entries,
        "short_rows": len(rows["short"]),
        "section_rows": len(rows["section"]),
        "tokens": int(rows["whole"].tokens.size),
    }


def add_owners(draft: Draft, rows: Mapping[str, Rows], n_entries: int) -> None:
    """Which entry each short row and each run of sections belongs to."""
    draft.arrays["short.entry"] = rows["short"].entry
    draft.arrays["section.bounds"] = np.searchsorted(
        rows["section"].entry, np.arange(n_entries + 1)
    ).astype(np.uint64)


def rows_of(corpus: ReadCorpus, word_of: UInts) -> dict[str, Rows]:
    """The short rows, each entry as one row, and the sections of entries that have several."""
    lengths = np.asarray(corpus.lengths, np.int64)
    owners = np.asarray(corpus.owners, np.uint32)
    is_short = np.asarray(corpus.is_short, bool)
    totals = np.bincount(owners, lengths, minlength=corpus.n_entries).astype(np.int64)
    whole = make_rows(corpus.stream, totals, np.arange(corpus.n_entries), word_of)
    sections = np.bincount(owners[~is_short], minlength=corpus.n_entries)
    is_section = ~is_short & (sections[owners] > 1)
    return {
        "short": _picked(whole, lengths, owners, is_short),
        "whole": whole,
        "section": _picked(whole, lengths, owners, is_section),
    }


def _picked(
    whole: Rows, lengths: npt.NDArray[np.int64], owners: UInts, chosen: npt.NDArray[np.bool_]
) -> Rows:
    """Some of the runs of a corpus as rows of their own."""
    bounds = np.zeros(int(chosen.sum()) + 1, np.int64)
    np.cumsum(lengths[chosen], out=bounds[1:])
    return Rows(whole.tokens[np.repeat(chosen, lengths)], bounds, owners[chosen])


def _add_field(draft: Draft, name: str, field: Field) -> None:
    draft.arrays[f"{name}.indptr"] = field.indptr
    draft.arrays[f"{name}.row"] = field.row
    draft.arrays[f"{name}.weight"] = field.weight
    draft.arrays[f"{name}.idf"] = field.idf
