"""
The shapes of WebSocket frames, for the documents.

As with replies, frames are read and written without a model; tests hold both directions to these
shapes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from service.chat.messages import COMMENT_CHARS, TAGS_MAX, TOP_K_MAX
from service.edge.documents.replies import AskReply, Pointer
from service.edge.documents.reply import Reply
from service.edge.requests import Asked, Id


class Limits(Reply):
    """What a client can check before it sends."""

    question_chars: int


class Init(Reply):
    """The first frame of every connection; never shown to the person."""

    type: Literal["init"]
    seq: Literal[0]
    protocol: Literal[1]
    session: str
    """send it as session to resume; whoever knows it may, so it is a secret"""
    supporter_name: str
    resumed: bool
    index: str | None
    """the generation; null while no index is open"""
    limits: Limits
    complete: bool | None = None
    """after a resume: false where more was missed than is kept"""


class Greeting(Reply):
    """The supporter's first words."""

    type: Literal["message"]
    seq: int = Field(ge=1)
    kind: Literal["greeting"]
    text: str
    suggestions: list[Pointer]


class Answer(AskReply):
    """The reply to a question or a pick: every field of /v1/ask, and the text to show."""

    type: Literal["message"]
    seq: int = Field(ge=1)
    kind: Literal["answer", "suggestions", "no_answer", "smalltalk"]
    """the outcome"""
    text: str
    reply_to: str | None = None
    """the client's id; absent in the reply to a plain text frame"""


class Typing(Reply):
    """The answer will take a moment; optional, never sent again."""

    type: Literal["typing"]
    reply_to: str | None


class Ack(Reply):
    """Feedback is kept."""

    type: Literal["ack"]
    reply_to: str | None


class Pong(Reply):
    """To a ping."""

    type: Literal["pong"]
    reply_to: str | None


class Error(Reply):
    """Something could not be done; the socket stays open."""

    type: Literal["error"]
    reply_to: str | None
    code: str
    text: str
    retry_after_s: int | None = None


class Notice(Reply):
    """Other answers are being served from now on."""

    type: Literal["notice"]
    kind: Literal["index_changed"]
    index: str


class Question(Reply):
    """A question; a frame that is not a JSON object is one, too."""

    type: Literal["question"]
    text: Asked
    id: Id | None = None
    """a repeated id is answered with the same reply, not asked twice"""
    top_k: int = Field(3, ge=1, le=TOP_K_MAX)
    tags: list[Id] | None = Field(None, max_length=TAGS_MAX)
    platform: Id | None = None
    explain: bool = False


class Pick(Reply):
    """A suggestion that was clicked; answered in full."""

    type: Literal["pick"]
    entry: Id
    id: Id | None = None


class Feedback(Reply):
    """What a person thought of one reply."""

    type: Literal["feedback"]
    request_id: Id
    helpful: bool
    id: Id | None = None
    entry_id: Id | None = None
    comment: str | None = Field(None, max_length=COMMENT_CHARS)


class Ping(Reply):
    """For browsers, which cannot send the protocol's own pings."""

    type: Literal["ping"]
    id: Id | None = None


FROM_SERVER: tuple[type[Reply], ...] = (
    Init,
    Greeting,
    Answer,
    Typing,
    Ack,
    Pong,
    Error,
    Notice,
)
FROM_CLIENT: tuple[type[Reply], ...] = (Question, Pick, Feedback, Ping)
