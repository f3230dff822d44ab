"""Scripts of a conversation: what is received, what is sent, what is never asked twice."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.chat.messages import Asked, Feedback, Frame, Picked, Ping, decode
from service.chat.session import Ask, ChatSession, Event, Look, Memory, Send, Store
from service.retrieval.context import Turn
from service.retrieval.entries import Related

# A busy machine is no reason to fail.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
STARTERS = (Related("router-restart", "Restart the router"),)


def fields(outcome: str = "answer", question: str = "q", entry: str | None = "e") -> Frame:
    """A reply of /v1/ask, as far as a session looks at it."""
    answer = None if entry is None else {"id": entry, "title": "T", "text": "Do this."}
    return {
        "outcome": outcome,
        "answer": answer,
        "suggestions": [],
        "question": {"text": question},
        "request_id": "r1",
    }


def read(event: Event) -> dict[str, Any]:
    """The frame in an event."""
    assert isinstance(event, Send)
    return dict(orjson.loads(event.data))


@pytest.fixture
def session() -> ChatSession:
    """A conversation whose greeting has been sent."""
    session = ChatSession("s1", "Mia")
    session.opened("g-1", "Hi, I'm {name}.", STARTERS)
    return session


def ask(session: ChatSession, text: str, client_id: str | None = None) -> Ask:
    """Ask, and get the work it sets going."""
    (event,) = session.receive(Asked(client_id, text))
    assert isinstance(event, Ask)
    return event


def test_a_conversation_opens_with_init_and_a_greeting() -> None:
    """init is for the client; the greeting names the supporter and offers starters."""
    init, greeting = map(read, ChatSession("s1", "Mia").opened("g-1", "Hi, I'm {name}.", STARTERS))
    assert init == {
        "type": "init",
        "seq": 0,
        "protocol": 1,
        "session": "s1",
        "supporter_name": "Mia",
        "resumed": False,
        "index": "g-1",
        "limits": {"question_chars": 2000},
    }
    assert greeting == {
        "type": "message",
        "seq": 1,
        "kind": "greeting",
        "text": "Hi, I'm Mia.",
        "suggestions": [{"id": "router-restart", "title": "Restart the router"}],
    }


def test_braces_in_a_greeting_are_only_text() -> None:
    """A configured greeting is no template language."""
    _, greeting = ChatSession("s1", "Mia").opened(None, "{name} {0} {x!r} %s", ())
    assert read(greeting)["text"] == "Mia {0} {x!r} %s"


def test_a_question_is_asked_and_its_reply_numbered(session: ChatSession) -> None:
    """The reply says what it replies to, has the next seq, and every field of /v1/ask."""
    event = ask(session, "slow", "c1")
    assert event.question.text == "slow"
    reply = read(session.answered(event.ticket, fields()))
    assert (reply["type"], reply["seq"], reply["reply_to"]) == ("message", 2, "c1")
    assert (reply["kind"], reply["text"], reply["request_id"]) == ("answer", "Do this.", "r1")


def test_a_reply_without_an_answer_still_has_a_text(session: ChatSession) -> None:
    """Plain clients show ``text`` and nothing else."""
    event = ask(session, "slow")
    reply = read(session.answered(event.ticket, fields("no_answer", entry=None)))
    assert reply["text"]
    assert "reply_to" not in reply


def test_a_repeated_id_gets_the_same_reply_and_is_not_asked_again(session: ChatSession) -> None:
    """Also when its text differs: the id is what is repeated."""
    event = ask(session, "slow", "c1")
    reply = session.answered(event.ticket, fields())
    assert session.receive(Asked("c1", "slow")) == [reply]
    assert session.receive(Asked("c1", "other")) == [reply]


def test_a_repeated_id_is_silent_while_its_question_is_at_work(session: ChatSession) -> None:
    """The reply that is coming answers both."""
    event = ask(session, "slow", "c1")
    assert session.receive(Asked("c1", "slow")) == []
    assert read(session.answered(event.ticket, fields()))["reply_to"] == "c1"


def test_questions_without_an_id_are_always_new(session: ChatSession) -> None:
    """Two plain text frames are two questions."""
    first, second = ask(session, "slow"), ask(session, "slow")
    assert first.ticket != second.ticket


def test_a_failed_question_may_be_asked_again(session: ChatSession) -> None:
    """An error is no reply: the same id is new again."""
    event = ask(session, "slow", "c1")
    error = read(session.failed(event.ticket, "busy", "Please wait.", 1))
    assert error == {
        "type": "error",
        "reply_to": "c1",
        "code": "busy",
        "text": "Please wait.",
        "retry_after_s": 1,
    }
    assert ask(session, "slow", "c1").question.text == "slow"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("  ", "question_empty"),
        ("x" * 2001, "question_too_long"),
        (7, "question_not_text"),
        (None, "question_not_text"),
        ("a\x00b", "question_not_text"),
        ("\ud800", "question_not_text"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_the_door(
    session: ChatSession, text: object, code: str
) -> None:
    """An error frame under the client's id; no work is begun."""
    (event,) = session.receive(Asked("c4", text))
    error = read(event)
    assert (error["type"], error["code"], error["reply_to"]) == ("error", code, "c4")
    assert error["text"]


def test_the_last_three_turns_are_the_context(session: ChatSession) -> None:
    """Oldest first, with the entry that answered, None where nothing did."""
    for number in range(4):
        event = ask(session, f"q{number}")
        entry = f"e{number}" if number != 2 else None
        outcome = "answer" if entry else "no_answer"
        session.answered(event.ticket, fields(outcome, f"q{number}", entry))
    assert ask(session, "and now").question.context == (
        Turn("q1", "e1"),
        Turn("q2", None),
        Turn("q3", "e3"),
    )


def test_small_talk_leaves_no_context(session: ChatSession) -> None:
    """A "thanks" between two questions does not break them apart."""
    session.answered(ask(session, "slow").ticket, fields("answer", "slow", "wifi"))
    session.answered(ask(session, "thanks").ticket, fields("smalltalk", "thanks", "thanks"))
    assert ask(session, "and on a mac?").question.context == (Turn("slow", "wifi"),)


def test_a_pick_is_a_turn_that_was_answered(session: ChatSession) -> None:
    """What the person chose is what the next question is about."""
    (event,) = session.receive(Picked("c2", "router-restart"))
    assert isinstance(event, Look)
    assert event.entry_id == "router-restart"
    reply = read(session.answered(event.ticket, fields("answer", "Restart", "router-restart")))
    assert reply["reply_to"] == "c2"
    assert ask(session, "it").question.context == (Turn("Restart", "router-restart"),)


def test_feedback_is_acknowledged_once_stored_and_stored_once(session: ChatSession) -> None:
    """ack comes after the store; a repeat gets ack again and stores nothing."""
    feedback = Feedback("c3", "r1", True)
    (event,) = session.receive(feedback)
    assert isinstance(event, Store)
    assert event.feedback == feedback
    ack = session.stored(event.ticket)
    assert read(ack) == {"type": "ack", "reply_to": "c3"}
    assert session.receive(feedback) == [ack]


def test_a_ping_is_answered_at_once(session: ChatSession) -> None:
    """Browsers cannot send the protocol's own pings."""
    (event,) = session.receive(Ping("p"))
    assert read(event) == {"type": "pong", "reply_to": "p"}


def test_a_refused_frame_costs_an_error_and_nothing_else(session: ChatSession) -> None:
    """The conversation goes on after it."""
    (event,) = session.receive(decode('{"type":"shout","id":"c9"}'))
    error = read(event)
    assert (error["code"], error["reply_to"]) == ("message_invalid", "c9")
    assert ask(session, "slow").question.text == "slow"


def test_resuming_sends_what_was_missed_and_nothing_twice(session: ChatSession) -> None:
    """init says resumed; then the messages after the client's last seq, as they were."""
    sent = [session.answered(ask(session, f"q{n}").ticket, fields()) for n in range(3)]
    init, *missed = session.resumed("g-2", after=2)
    assert read(init)["resumed"] is True
    assert read(init)["complete"] is True
    assert (read(init)["session"], read(init)["index"]) == ("s1", "g-2")
    assert missed == sent[1:]
    assert session.resumed("g-2", after=4)[1:] == []


def test_a_reply_that_came_while_nobody_was_connected_is_kept(session: ChatSession) -> None:
    """The question was asked before the connection broke."""
    event = ask(session, "slow", "c1")
    session.answered(event.ticket, fields())
    _, missed = session.resumed("g-1", after=1)
    assert read(missed)["reply_to"] == "c1"


def test_only_so_many_messages_are_kept() -> None:
    """A client that missed more is told that its copy has a gap."""
    session = ChatSession("s1", "Mia", Memory(messages=2))
    session.opened("g-1", "Hi", ())
    for number in range(3):
        session.answered(ask(session, f"q{number}").ticket, fields())
    init, *missed = map(read, session.resumed("g-1", after=1))
    assert [frame["seq"] for frame in missed] == [3, 4]
    assert init["complete"] is False


def test_only_so_many_bytes_are_kept_but_always_the_newest() -> None:
    """Long answers push older ones out sooner."""
    session = ChatSession("s1", "Mia", Memory(bytes=10))
    session.opened("g-1", "Hi", ())
    newest = session.answered(ask(session, "q").ticket, fields())
    assert session.resumed("g-1", after=0)[1:] == [newest]


def test_only_so_many_ids_are_remembered() -> None:
    """Memory of repeats is bounded, the newest are kept."""
    session = ChatSession("s1", "Mia", Memory(messages=2))
    for number in range(3):
        session.answered(ask(session, "q", f"c{number}").ticket, fields())
    assert isinstance(session.receive(Asked("c2", "q"))[0], Send)
    assert isinstance(session.receive(Asked("c0", "q"))[0], Ask)


def test_typing_and_notices_carry_no_seq(session: ChatSession) -> None:
    """They are never sent again, so they must not be counted."""
    event = ask(session, "slow", "c1")
    assert read(session.typing(event.ticket)) == {"type": "typing", "reply_to": "c1"}
    assert read(ChatSession.index_changed("g-2")) == {
        "type": "notice",
        "kind": "index_changed",
        "index": "g-2",
    }
    assert read(session.answered(event.ticket, fields()))["seq"] == 2


@unhurried
@given(st.lists(st.text(max_size=300) | st.sampled_from(['{"type":"question","text":"a"}'])))
def test_no_frame_whatever_ends_a_conversation(frames: list[str]) -> None:
    """Every text gives work to do or a frame that can be sent, and nothing ever raises."""
    session = ChatSession("s1", "Mia")
    for frame in frames:
        for event in session.receive(decode(frame)):
            if isinstance(event, Ask):
                assert read(session.answered(event.ticket, fields()))["type"] == "message"
            elif isinstance(event, Send):
                assert read(event)["type"] in ("error", "pong", "message")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
FIELDS = ("id", "text", "entry", "request_id", "helpful", "comment", "top_k", "tags", "explain")


@unhurried
@given(
    st.sampled_from(["question", "pick", "feedback", "ping", "other"]),
    st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES),
)
def test_no_object_whatever_ends_a_conversation(kind: str, body: dict[str, Any]) -> None:
    """Known types with any JSON in their fields, NaN and lone surrogates included."""
    session = ChatSession("s1", "Mia")
    for event in session.receive(decode(json.dumps({"type": kind, **body}))):
        if isinstance(event, Send):
            assert read(event)["type"] in ("error", "pong")
