"""Conversations in the terminal: what is shown, what a line means."""

from collections.abc import Callable
from typing import Any

import pytest

from service.edge.terminal import converse, explanation_text, frame_text, reply_text
from service.errors import QuestionEmpty

GREETING = {
    "type": "message",
    "kind": "greeting",
    "text": "Hi.",
    "suggestions": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}],
}


def reply(outcome: str = "answer", suggestions: tuple[str, ...] = ()) -> dict[str, Any]:
    """A reply of /v1/ask."""
    answer = {"title": "T", "text": "Do this.", "source": "https://s.example", "related": []}
    return {
        "outcome": outcome,
        "answer": answer if outcome in ("answer", "smalltalk") else None,
        "confidence": 0.93,
        "hits": [{"id": "e", "title": "T", "score": 0.5, "snippet": "Do"}],
        "suggestions": [{"id": name, "title": name.upper()} for name in suggestions],
    }


def test_an_answer_is_printed_with_its_source_and_certainty() -> None:
    """Title, text, source, and how sure."""
    assert reply_text(reply()) == "T\n\nDo this.\n\nSource: https://s.example\n\n(93% sure)"


def test_the_nearest_entries_are_printed_when_asked_for() -> None:
    """With --top-k: score, title and id."""
    assert "0.500  T  [e]" in reply_text(reply("no_answer"), top_k=3)


def test_suggestions_and_not_knowing_are_said() -> None:
    """One line each a person understands."""
    assert "Did you mean" in reply_text(reply("suggestions", ("x",)))
    assert "X  [x]" in reply_text(reply("suggestions", ("x",)))
    assert "do not know" in reply_text(reply("no_answer"))
    refused = reply_text(reply("no_answer", ("x",)))
    assert "do not know" in refused and "nearest topics" in refused


def test_an_explanation_is_one_fact_a_line() -> None:
    """Texts as they are, the rest as JSON."""
    assert (
        explanation_text({"words_matched": ["a"], "note": "b"}) == 'words matched: ["a"]\nnote: b'
    )


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        ({"type": "init"}, ""),
        ({"type": "typing"}, ""),
        ({"type": "ack"}, ""),
        ({"type": "error", "text": "Too long."}, "Too long."),
        (GREETING, "Hi.\n  1. A\n  2. B"),
    ],
)
def test_only_what_is_meant_for_people_is_shown(frame: dict[str, Any], text: str) -> None:
    """init above all never is."""
    assert frame_text(frame) == text


class FakeTalk:
    """Notes what is said to it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.ended = False

    async def begin(self) -> list[dict[str, Any]]:
        return [GREETING]

    async def say(self, text: str) -> list[dict[str, Any]]:
        self.said.append(f"say {text}")
        if text == "\x00":
            raise QuestionEmpty("Nothing.")
        return [{"type": "message", "kind": "no_answer", "text": "?", "answer": None}]

    async def pick(self, entry_id: str) -> list[dict[str, Any]]:
        self.said.append(f"pick {entry_id}")
        return [GREETING]

    async def end(self) -> None:
        self.ended = True


def lines(*typed: str) -> Callable[[], str | None]:
    """A person who types these lines and leaves."""
    rest = [*typed, None]
    return lambda: rest.pop(0)


async def test_a_number_picks_what_was_offered_last_and_text_asks() -> None:
    """A number that was not offered is a question like any other; an empty line is nothing."""
    talk = FakeTalk()
    shown: list[str] = []
    await converse(talk, shown.append, lines("2", "", "7", "slow", "1", "\u00b2"))
    assert talk.said == ["pick b", "say 7", "say slow", "say 1", "say \u00b2"]
    assert talk.ended
    assert shown[0] == "Hi.\n  1. A\n  2. B\n"


async def test_a_question_that_cannot_be_asked_does_not_end_the_talk() -> None:
    """The reason is shown and the next line is read."""
    talk = FakeTalk()
    shown: list[str] = []
    await converse(talk, shown.append, lines("\x00", "slow"))
    assert "Nothing.\n" in shown
    assert talk.said[-1] == "say slow"
