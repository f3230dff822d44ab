"""A conversation as another process left it, and suggestions as the questions they answer."""

import orjson

from service.chat.messages import Asked, Frame, Picked
from service.chat.session import Ask, ChatSession, Look, Memory, Said, Send
from service.retrieval.answers import Turn


def fields(
    outcome: str, question: str, entry: str | None, suggested: tuple[str, ...] = ()
) -> Frame:
    """A reply of /v1/ask, as far as a session looks at it."""
    return {
        "outcome": outcome,
        "answer": None if entry is None else {"id": entry, "title": "T", "text": "Do this."},
        "suggestions": [{"id": one, "title": one} for one in suggested],
        "question": {"text": question},
        "request_id": f"r-{question}",
    }


def talk(session: ChatSession, said: list[Said], client_id: str, reply: Frame) -> None:
    """Ask, have it answered, and keep the reply as the journal does."""
    (event,) = session.receive(Asked(client_id, reply["question"]["text"]))
    assert isinstance(event, Ask)
    sent = session.answered(event.ticket, reply)
    assert sent.seq is not None
    said.append(Said(sent.seq, sent.reply_to, session.supporter_name, sent.data))


def left_by_another() -> tuple[ChatSession, list[Said]]:
    """Two questions and a greeting between, on the process that began."""
    session, said = ChatSession("s1", "Mia"), list[Said]()
    session.opened("g-1", "Hi", ())
    talk(session, said, "c1", fields("answer", "wifi is slow", "wifi-slow"))
    talk(session, said, "c2", fields("smalltalk", "thanks", "thanks"))
    talk(session, said, "c3", fields("no_answer", "coffee", None))
    return session, said


def test_a_restored_conversation_goes_on_where_it_was() -> None:
    """Same supporter, next number, the same turns as context, without small talk."""
    _, said = left_by_another()
    session = ChatSession.restored("s1", said, 4)
    assert (session.supporter_name, session.seq) == ("Mia", 4)
    (event,) = session.receive(Asked("c4", "and now?"))
    assert isinstance(event, Ask)
    assert event.question.context == (Turn("wifi is slow", "wifi-slow"), Turn("coffee", None))
    sent = session.answered(event.ticket, fields("answer", "and now?", "e"))
    assert orjson.loads(sent.data)["seq"] == 5


def test_what_was_missed_is_sent_again_and_answered_ids_are_known() -> None:
    """The bytes are the other process's own; a repeated id costs no second asking."""
    session, said = left_by_another()
    restored = ChatSession.restored("s1", said, 2)
    init, *missed = restored.resumed("g-1", 2)
    assert orjson.loads(init.data)["resumed"] is True
    assert orjson.loads(init.data)["complete"] is True
    assert [send.data for send in missed] == [one.data for one in said[1:]]
    assert restored.receive(Asked("c3", "coffee")) == [Send(said[2].data)]
    assert session.receive(Asked("c3", "coffee")) == [Send(said[2].data)]


def test_numbers_go_on_after_what_the_client_has_seen() -> None:
    """A reply the other process sent and could not keep is not overtaken by its number."""
    _, said = left_by_another()
    session = ChatSession.restored("s1", said, 9)
    (event,) = session.receive(Asked("c9", "next"))
    assert isinstance(event, Ask)
    assert session.answered(event.ticket, fields("answer", "next", "e")).seq == 10


def test_no_more_is_restored_than_is_remembered() -> None:
    """A long conversation costs what a new one may."""
    _, said = left_by_another()
    session = ChatSession.restored("s1", said, 4, Memory(messages=1))
    init, *missed = session.resumed("g-1", 1)
    assert orjson.loads(init.data)["complete"] is False
    assert [send.data for send in missed] == [said[2].data]


def test_a_pick_says_which_question_it_answers() -> None:
    """Only an entry of the last did-you-mean reply was offered by it; also after a restart."""
    session, said = ChatSession("s1", "Mia"), list[Said]()
    talk(session, said, "c1", fields("suggestions", "slow", None, ("wifi-slow", "pc-slow")))
    talk(session, said, "c2", fields("smalltalk", "hm", "hm"))
    for one in (session, ChatSession.restored("s1", said, 0)):
        (picked,) = one.receive(Picked("c3", "pc-slow"))
        (other,) = one.receive(Picked("c4", "router-restart"))
        assert isinstance(picked, Look)
        assert isinstance(other, Look)
        assert (picked.offered_by, other.offered_by) == ("r-slow", None)
