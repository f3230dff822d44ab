"""Why this answer: what matched, what was changed, and how the score and decision came about."""

from __future__ import annotations

from typing import Any

from service.retrieval.evidence import DENSE_FEATURES
from service.retrieval.index import Hit, Index, Nearest
from service.retrieval.lookup import Found
from service.retrieval.reading import ReadQuestion
from service.retrieval.vocabulary import UNKNOWN

_SHOWN_TERMS = 20


def explain(index: Index, found: Found) -> dict[str, Any]:
    """
    The explanation of an answer, as JSON values.

    ``matched`` are the terms of the best entry by what they add to its score; ``score_parts``
    says how much came from its nearest phrasing, from the nearest rows' ballots, and from the
    entry as a whole.
    """
    read, nearest, features, lent = found.read, found.nearest, found.features, found.lent
    model = index.confidence_in(nearest)
    unknown = [
        form
        for form, word in zip(read.surfaces, read.words.tolist(), strict=True)
        if word == UNKNOWN
    ]
    return {
        "words": list(read.surfaces),
        "unknown_words": unknown,
        "corrections": [{"typed": typed, "taken_for": taken} for typed, taken in read.corrections],
        "synonyms": _synonyms(index, read, {form for form, _ in lent}),
        "context": [{"word": form, "weight": round(weight, 3)} for form, weight in lent],
        "matched": _matched(index, read, nearest.hits[0]) if nearest.hits else [],
        "score_parts": _parts(index, read, nearest) if nearest.hits else {},
        "confidence": round(found.confidence, 4),
        "confidence_features": {
            name: round(value, 4) for name, value in zip(DENSE_FEATURES, features, strict=False)
        }
        if features is not None
        else None,
        "word_for_word": features is None and found.confidence == 1.0,
        "thresholds": {"answer": model.answer, "suggest": model.suggest},
        "runner_up": _runner_up(index, nearest),
        "weighting": index.scheme,
        "meaning": _meaning(index, found),
    }


def _meaning(index: Index, found: Found) -> dict[str, Any] | None:
    """Whether meaning was compared, by which model, and what it gave each of the nearest."""
    if index.dense is None or found.meaning is None:
        return None
    return {
        "model": index.dense.model[:12],
        "trouble": found.meaning.trouble,
        "nearest": [
            {"id": index.store.card(hit.entry).id, "meaning": round(hit.meaning, 4)}
            for hit in found.nearest.hits[:3]
            if hit.meaning is not None
        ],
    }


def _synonyms(index: Index, read: ReadQuestion, borrowed: set[str]) -> list[dict[str, Any]]:
    """Words counted for the question's own ones, as the index's synonyms say."""
    named = ((index.vocabulary.word(word), weight) for word, weight in read.lent)
    return [
        {"word": word, "weight": round(weight, 3)} for word, weight in named if word not in borrowed
    ]


def _matched(index: Index, read: ReadQuestion, hit: Hit) -> list[dict[str, Any]]:
    field = index.whole
    added = field.parts(read.counts, field.weights(read.counts), hit.entry)
    order = (-added).argsort(kind="stable")[:_SHOWN_TERMS].tolist()
    return [
        {
            "term": index.vocabulary.describe(int(read.counts.terms[i])),
            "weight": round(float(added[i]), 4),
        }
        for i in order
        if added[i] > 0
    ]


def _parts(index: Index, read: ReadQuestion, nearest: Nearest) -> dict[str, float]:
    winner = nearest.hits[0]
    whole = index.whole.parts(
        read.counts, index.whole.weights(read.counts, index.blend.whole.share), winner.entry
    )
    own = nearest.ballots[nearest.voters == winner.entry]
    share = index.blend.short.share
    best = float(own[0]) if own.size else 0.0
    parts = {
        "whole_entry": float(whole.sum()) / index.ceiling,
        "nearest_phrasing": share * best / index.ceiling,
        "ballots": share * index.blend.ballot * float(own.sum()) / index.ceiling,
    }
    if index.dense is not None and winner.meaning is not None:
        fusion = index.dense.fusion
        parts["meaning"] = fusion.weight * winner.meaning
        parts = {name: value / fusion.most for name, value in parts.items()}
    return {name: round(value, 4) for name, value in (parts | {"total": winner.score}).items()}


def _runner_up(index: Index, nearest: Nearest) -> dict[str, Any] | None:
    if len(nearest.hits) < 2:
        return None
    hit = nearest.hits[1]
    card = index.store.card(hit.entry)
    return {"id": card.id, "title": card.title, "score": round(hit.score, 4)}
