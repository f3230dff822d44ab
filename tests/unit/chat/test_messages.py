"""The wire: every frame a client may send, and what it is taken for."""

import json

import orjson
import pytest

from service.chat.messages import (
    Asked,
    ClientMessage,
    Feedback,
    Picked,
    Ping,
    Refused,
    answer_fields,
    decode,
)
from service.retrieval.answers import Answer, AnswerHit
from service.retrieval.entries import Related, Section, StoredEntry

UNDERSTOOD: list[tuple[str, ClientMessage]] = [
    ('{"type":"question","id":"c1","text":"slow"}', Asked("c1", "slow")),
    (' {"type":"question","text":"slow"}', Asked(None, "slow")),
    (
        '{"type":"question","id":"c1","text":"slow","top_k":5,"tags":["a"],"platform":"macos",'
        '"explain":true}',
        Asked("c1", "slow", 5, ("a",), "macos", True),
    ),
    ('{"type":"pick","id":"c2","entry":"router-restart"}', Picked("c2", "router-restart")),
    (
        '{"type":"feedback","id":"c3","request_id":"r1","helpful":true,"comment":"thanks"}',
        Feedback("c3", "r1", True, None, "thanks"),
    ),
    (
        '{"type":"feedback","id":"c3","request_id":"r1","helpful":false,"entry_id":"e"}',
        Feedback("c3", "r1", False, "e", None),
    ),
    ('{"type":"ping","id":"p"}', Ping("p")),
    # Everything that is not a JSON object is the question itself.
    ("my wifi is slow", Asked(None, "my wifi is slow")),
    ("42", Asked(None, "42")),
    ('"quoted"', Asked(None, '"quoted"')),
    ("[1, 2]", Asked(None, "[1, 2]")),
    ("", Asked(None, "")),
    ("{what now}", Asked(None, "{what now}")),
    ('{"type":"question"', Asked(None, '{"type":"question"')),
    ("{" * 16_000, Asked(None, "{" * 16_000)),
]

REFUSED = [
    ('{"id":"c"}', "c", "message_invalid"),
    ('{"type":"shout","id":"c"}', "c", "message_invalid"),
    ('{"type":["question"],"id":"c"}', "c", "message_invalid"),
    ('{"type":"question","id":7,"text":"a"}', None, "message_invalid"),
    ('{"type":"question","id":"","text":"a"}', None, "message_invalid"),
    (f'{{"type":"question","id":"{"x" * 201}","text":"a"}}', None, "message_invalid"),
    ('{"type":"question","id":"a\\u0000","text":"a"}', None, "message_invalid"),
    ('{"type":"question","id":"\\ud800","text":"a"}', None, "message_invalid"),
    ('{"type":"question","id":"c","text":"a","top_k":0}', "c", "message_invalid"),
    ('{"type":"question","id":"c","text":"a","top_k":true}', "c", "message_invalid"),
    ('{"type":"question","id":"c","text":"a","top_k":NaN}', "c", "message_invalid"),
    ('{"type":"question","id":"c","text":"a","tags":"a"}', "c", "message_invalid"),
    ('{"type":"question","id":"c","text":"a","tags":[1]}', "c", "message_invalid"),
    ('{"type":"question","id":"c","text":"a","platform":1}', "c", "message_invalid"),
    ('{"type":"question","id":"c","text":"a","explain":1}', "c", "message_invalid"),
    ('{"type":"pick","id":"c"}', "c", "message_invalid"),
    ('{"type":"pick","id":"c","entry":3}', "c", "message_invalid"),
    ('{"type":"feedback","id":"c","request_id":"r"}', "c", "message_invalid"),
    ('{"type":"feedback","id":"c","request_id":"r","helpful":"yes"}', "c", "message_invalid"),
    ('{"type":"feedback","id":"c","helpful":true}', "c", "message_invalid"),
    (
        '{"type":"feedback","id":"c","request_id":"r","helpful":true,"comment":"\\ud800"}',
        "c",
        "message_invalid",
    ),
    (
        json.dumps(
            {
                "type": "feedback",
                "id": "c",
                "request_id": "r",
                "helpful": True,
                "comment": "x" * 2001,
            }
        ),
        "c",
        "message_invalid",
    ),
]


@pytest.mark.parametrize(("frame", "message"), UNDERSTOOD)
def test_a_frame_is_taken_for_what_it_says(frame: str, message: ClientMessage) -> None:
    """Known objects are themselves; any other text frame is a question."""
    assert decode(frame) == message


@pytest.mark.parametrize(("frame", "client_id", "code"), REFUSED)
def test_a_bad_frame_is_refused_under_its_own_id(
    frame: str, client_id: str | None, code: str
) -> None:
    """The client learns which of its messages was wrong, unless its id was."""
    message = decode(frame)
    assert isinstance(message, Refused)
    assert (message.id, message.error.code) == (client_id, code)


def test_a_surrogate_in_a_question_reaches_the_session_as_it_is() -> None:
    """The session refuses it under its id; it must not become a question about JSON."""
    message = decode('{"type":"question","id":"c","text":"\\ud800"}')
    assert message == Asked("c", "\ud800")


def test_an_answer_has_every_field_of_the_contract() -> None:
    """The shape of /v1/ask, word for word."""
    entry = StoredEntry(
        id="e",
        title="T",
        sections=(Section("", "<p>a</p>", "a"),),
        tags=("x",),
        language="en",
        related=(Related("r", "R"),),
        updated="2026-11-22",
    )
    answer = Answer(
        outcome="answer",
        confidence=0.93456,
        entry=entry,
        hits=(AnswerHit("e", "T", 0.71239, "a"),),
        suggestions=(),
        question="q",
        corrected="c",
        used_context=True,
        generation="g-1",
        entries=412,
        built_at="2026",
    )
    assert orjson.loads(orjson.dumps(answer_fields(answer, "id", 0.2123))) == {
        "request_id": "id",
        "outcome": "answer",
        "answer": {
            "id": "e",
            "title": "T",
            "text": "a",
            "html": "<p>a</p>",
            "section": None,
            "tags": ["x"],
            "language": "en",
            "source": None,
            "updated": "2026-11-22",
            "related": [{"id": "r", "title": "R"}],
        },
        "confidence": 0.9346,
        "hits": [{"id": "e", "title": "T", "score": 0.7124, "snippet": "a"}],
        "suggestions": [],
        "question": {"text": "q", "corrected": "c", "used_context": True},
        "index": {"generation": "g-1", "entries": 412, "built_at": "2026"},
        "took_ms": 0.212,
    }
