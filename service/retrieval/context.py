"""
What an earlier turn lends to an elliptical question ("and on a mac?").

Words are borrowed only behind a gate: the question has a word that points back and at most three
content words, or at most one content word at all. Without the gate self-contained questions lose
15 points (FINDINGS 4). Nothing is borrowed from a turn that was not answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.retrieval.analysis import surfaces
from service.retrieval.platforms import says_platform

# Words that say nothing about a subject: content words are all others.
FUNCTION_WORDS = frozenset(
    """
    a about after again all also am an and another any are as at be because been before but by can
    cannot cant could did didnt do does doesnt doing dont else for from get gets getting go goes
    got had has have having he hello help her here hers hi him his how i id if ill im in instead
    into is isnt it its itself ive just know let like lot made make makes many me might mine more
    most much must my need needs no nor not now of off ok okay on one ones only or other our out
    over own please same say says she should shouldnt so some still such sure than thank thanks
    that thats the their them then there these they thing things think this those though to too
    try up us use used using very want wants was wasnt way we well went were what whats when where
    which while who why will with wont would wouldnt yes yet you your yours aber alle als am an
    auch auf aus bei bin bist da dann das dass dein dem den denn der des dich die dies diese
    dieser dir doch du ein eine einem einen einer er es etwas fuer für geht habe haben hat hatte
    ich ihr im in ist ja kann kein keine mal man mehr mein meine mich mir mit muss nach nein nicht
    nichts noch nun nur ob oder ohne sein sich sie sind so soll um und uns vom von vor war warum
    was wenn wer wie wieder will wir wird wo zu zum zur
    """.split()
)
# Function words that are a message of their own.
SPEECH_ACTS = frozenset("hello help ja nein no ok okay please same sure thank thanks yes".split())
# Words that point back at something said before.
POINTERS = frozenset(
    """
    it its itself that thats this these those them they their one ones there then same instead
    also else another other he she him her es das dies diese dieser damit davon dazu dort auch
    sonst er sie ihn
    """.split()
)
TURNS = 3
# Weights of borrowed words (FINDINGS 4): the answered entry's title, and earlier questions by age.
ENTRY_WEIGHT = 0.2
DECAY = 0.2
# What an elliptical question's own function words count: "what if it's a" is not its subject.
OWN_FUNCTION_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier turn of the conversation; ``entry_id`` is None where nothing was answered."""

    question: str
    entry_id: str | None = None


def is_elliptical(forms: Sequence[str]) -> bool:
    """Whether a question, as surface forms, leans on what was said before."""
    content = sum(form not in FUNCTION_WORDS for form in forms)
    return content <= 1 or (content <= 3 and not POINTERS.isdisjoint(forms))


def names_platform_alone(forms: Sequence[str]) -> bool:
    """Whether a platform is all that a question names, as in "and on a mac?"."""
    content = [form for form in forms if form not in FUNCTION_WORDS]
    return bool(content) and all(says_platform(form) for form in content)


def borrowed(
    turns: Sequence[tuple[str, str | None]],
) -> list[tuple[str, float]]:
    """
    Surface forms lent by earlier turns, with their weights.

    Args:
        turns: question and the title of the entry that answered it (None: not answered), oldest
            first; only the last three count, and only back to the last one that was not answered.

    """
    lent: list[tuple[str, float]] = []
    for age, (question, title) in enumerate(reversed(turns[-TURNS:]), start=1):
        if title is None:
            break
        if age == 1:
            lent += [(form, ENTRY_WEIGHT) for form in content_words(title)]
        lent += [(form, DECAY**age) for form in content_words(question)]
    return lent


def own_weights(forms: Sequence[str]) -> list[float]:
    """What each word of an elliptical question counts beside the borrowed ones."""
    return [OWN_FUNCTION_WEIGHT if form in FUNCTION_WORDS else 1.0 for form in forms]


def content_words(text: str) -> list[str]:
    """The surface forms of a text that are not function words."""
    return [form for form in surfaces(text) if form not in FUNCTION_WORDS]
