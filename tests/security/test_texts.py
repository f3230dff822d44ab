"""Any text at all, through the whole answer path and the conversation."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.reliability.texts import PIECES, asked, said
from service.chat.session import ChatSession
from service.errors import QuestionError
from service.retrieval.answers import MAX_QUESTION_CHARS, check_question
from service.retrieval.index import Index

EXAMPLES = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=MAX_QUESTION_CHARS + 5)
TYPED = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
REPEATED = st.tuples(st.sampled_from(PIECES), st.integers(1, MAX_QUESTION_CHARS)).map(
    lambda pair: (pair[0] * pair[1])[:MAX_QUESTION_CHARS]
)
TEXTS = st.one_of(ANY_TEXT, TYPED, REPEATED)
JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TYPED),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TYPED, inner, max_size=4)),
    max_leaves=8,
)
FIELDS = ("type", "id", "text", "entry", "request_id", "helpful", "comment", "top_k", "tags")
MESSAGES = st.dictionaries(
    st.sampled_from(FIELDS),
    st.one_of(JSON_VALUES, st.sampled_from(("question", "pick", "feedback", "ping"))),
)


@EXAMPLES
@given(text=TEXTS)
def test_every_text_is_answered_or_refused(index: Index, text: str) -> None:
    """With an outcome or a code of its own, and a reply that is JSON."""
    assert asked(index, text) in {
        "answer", "suggestions", "no_answer", "smalltalk",
        "question_empty", "question_too_long", "question_not_text",
    }  # fmt: skip


@EXAMPLES
@given(text=TEXTS)
def test_a_question_that_is_let_in_can_be_written_everywhere(text: str) -> None:
    """In UTF-8, in a log, in a database: no surrogate and no control is left in it."""
    try:
        checked = check_question(text)
    except QuestionError:
        return
    checked.encode()
    assert not any(ord(c) < 32 and c not in "\t\n\r" for c in checked)
    assert check_question(checked) == checked


@EXAMPLES
@given(frame=st.one_of(TEXTS, MESSAGES.map(json.dumps)))
def test_every_frame_gets_one_reply(index: Index, frame: str) -> None:
    """Whatever it is; the conversation goes on after it."""
    session = ChatSession("fuzzed", "Mia")
    replies = said(index, session, frame)
    assert len(replies) == 1
    json.loads(replies[0])
    assert json.loads(said(index, session, '{"type":"ping","id":"after"}')[0])["type"] == "pong"
