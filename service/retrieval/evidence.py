"""
What a search leaves behind that tells a right answer from a wrong one.

Chosen among some thirty candidates by how well a model fitted on some data sets judges another
(docs/decisions/0005). The strongest evidence is what the best entry holds of the question and
what it lacks, each word by its information.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from service.retrieval.fields import first_from
from service.retrieval.kernel import compiled
from service.retrieval.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from service.retrieval.index import Index, Nearest
    from service.retrieval.reading import ReadQuestion

Floats = npt.NDArray[np.float32]

# The features, and the sign the weight of each must have (0: either). Signs that are known keep a
# model fitted on one kind of question sane on another.
SIGNS = {
    "lead": 1,  # of the best entry over the mean of the best five, as a share of its score
    "gap_held": 1,  # its lead over the second best, times "held"
    "voters_share": 1,  # its share of the nearest rows' scores
    "best_row": 1,  # score of its nearest phrasing or title
    "likeness": 1,  # of the question and its nearest phrasings or title, in [0, 1]
    "held": 1,  # ln(1 + what the question's words say that it holds), in nats
    "information": 0,  # ln(1 + what the question's words say), in nats
    "words": 0,  # ln(1 + how many words the question has)
}
FEATURES = tuple(SIGNS)
# Where meaning was compared too, a model of its own also looks at these.
DENSE_SIGNS = SIGNS | {
    "meaning": 1,  # the best entry's share of meaning: about a cosine
    "meaning_ahead": 1,  # by how much that is more than any other entry's
}
DENSE_FEATURES = tuple(DENSE_SIGNS)
# What an entry is credited with for a word that was corrected, or of which it has a synonym.
HALF = 0.5
# Of the best entry's nearest rows, so many are compared with the question.
_COMPARED_ROWS = 3


def features(index: Index, question: ReadQuestion, nearest: Nearest) -> tuple[float, ...]:
    """
    What the model looks at, in the order of :data:`FEATURES`, or of :data:`DENSE_FEATURES` where
    meaning was compared.

    Args:
        index: the index that was asked.
        question: as it was read.
        nearest: its nearest entries; at least one.

    """
    scores = [hit.score for hit in nearest.hits[:5]]
    top, winner = scores[0], nearest.hits[0].entry
    second = scores[1] if len(scores) > 1 else 0.0
    if question.borrowed:
        question = _with_borrowed(index, question)
    information = index.information.of(question.surfaces, question.words)
    # Lists from here on: a question has some ten words, and numpy asks more for each array.
    says = information.tolist()
    credit = _credit(index, question, winner)
    held = math.log1p(sum(share * said for share, said in zip(credit, says, strict=True)))
    ballots = nearest.ballots.tolist()
    own = [place for place, entry in enumerate(nearest.voters.tolist()) if entry == winner]
    summed = sum(ballots)
    return (
        1 - sum(scores) / (5 * top),
        held * (top - second) / top,
        sum(ballots[place] for place in own) / summed if summed > 0 else 0.0,
        ballots[own[0]] if own else 0.0,
        _likeness(index, question, information, nearest.rows[own[:_COMPARED_ROWS]]) if own else 0.0,
        held,
        math.log1p(sum(says)),
        math.log1p(len(says)),
        *_meaning(nearest),
    )


def _with_borrowed(index: Index, question: ReadQuestion) -> ReadQuestion:
    """A question that leans on earlier turns, as if it had said what they lent it."""
    said = set(question.surfaces)
    forms = tuple(dict.fromkeys(form for form in question.borrowed if form not in said))
    words = np.concatenate([question.words, index.vocabulary.words(forms)])
    return replace(question, surfaces=question.surfaces + forms, words=words)


def _meaning(nearest: Nearest) -> tuple[float, ...]:
    """The best entry's share of meaning and its lead; nothing where words alone decided."""
    best = nearest.hits[0].meaning
    if best is None:
        return ()
    others = (hit.meaning for hit in nearest.hits[1:])
    return best, best - max((other for other in others if other is not None), default=0.0)


def _credit(index: Index, question: ReadQuestion, entry: int) -> list[float]:
    """How far an entry holds each word of a question, in [0, 1]."""
    credit = [float(held) for held in index.whole.holds(question.words, entry).tolist()]
    if question.corrections:
        corrected = {taken for _, taken in question.corrections}
        for i, form in enumerate(question.surfaces):
            if form in corrected:
                credit[i] *= HALF
    for i, word in enumerate(question.words.tolist()):
        if not credit[i]:
            synonyms = list(index.synonyms.of(word))
            if synonyms and index.whole.holds(np.array(synonyms, np.uint32), entry).any():
                credit[i] = HALF
    return credit


def _likeness(
    index: Index, question: ReadQuestion, information: Floats, rows: npt.NDArray[np.uint32]
) -> float:
    """
    The largest likeness of a question and some short rows.

    That is the weighted Jaccard similarity of their words, a word weighing the square of its
    information.
    """
    return index.likeness(question.words, information * information, rows)


@compiled
def likest(indptr: Any, posted: Any, words: Any, weights: Any, rows: Any, row_weights: Any) -> Any:
    """See _likeness; a word said twice counts once."""
    unknown = np.uint32(UNKNOWN)
    best = 0.0
    for r in range(rows.size):
        asked = shared = 0.0
        for i in range(words.size):
            word = words[i]
            repeated = False
            for j in range(i):
                repeated = repeated or (words[j] == word and word != unknown)
            if repeated:
                continue
            asked += weights[i]
            if word != unknown:
                stop = indptr[word + np.uint32(1)]
                at = first_from(posted, indptr[word], stop, rows[r])
                if at < stop and posted[at] == rows[r]:
                    shared += weights[i]
        together = asked + row_weights[rows[r]] - shared
        if together > 0:
            best = max(best, shared / together)
    return best
