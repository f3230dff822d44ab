"""The shapes of requests. Unknown fields are refused: a misspelt one must not be ignored."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.chat.messages import COMMENT_CHARS, ID_CHARS, TAGS_MAX, TOP_K_MAX
from service.retrieval.answers import MAX_QUESTION_CHARS

CONTEXT_MAX = 100
Word = Annotated[str, Field(min_length=1, max_length=200)]

# Said in the documents only: a question is refused by ``check_question``, with a code of its own.
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_QUESTION: dict[str, Any] = {
    "minLength": 1,
    "maxLength": MAX_QUESTION_CHARS,
    "pattern": rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$",
}
_PRINTABLE: dict[str, Any] = {"pattern": r"^[^\x00-\x1f\x7f-\x9f]*$"}
_TEXT: dict[str, Any] = {"pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"}
Asked = Annotated[str, Field(json_schema_extra=_QUESTION)]
Earlier = Annotated[str, Field(max_length=MAX_QUESTION_CHARS, json_schema_extra=_QUESTION)]
Id = Annotated[str, Field(min_length=1, max_length=ID_CHARS, json_schema_extra=_PRINTABLE)]


class EarlierTurn(BaseModel):
    """An earlier question and, where the client knows it, the entry that answered it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Earlier
    entry_id: Word | None = None


class Asking(BaseModel):
    """What may stand beside a question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    top_k: int = Field(3, ge=1, le=TOP_K_MAX, description="how many hits to list")
    tags: list[Word] = Field(
        default_factory=list, max_length=TAGS_MAX, description="only entries that have all of these"
    )
    platform: Word | None = Field(None, description="only entries for this platform, or for all")
    explain: bool = Field(False, description="say why: words, corrections, scores, thresholds")


class AskQuery(Asking):
    """``GET /v1/ask``."""

    q: Asked = Field(description="the question")


class AskRequest(Asking):
    """``POST /v1/ask``. JSON is read strictly: "3" is not 3."""

    question: Asked
    context: list[Earlier | EarlierTurn] = Field(
        default_factory=list,
        max_length=CONTEXT_MAX,
        description="earlier questions, oldest first; the last three count",
    )


class HandOffRequest(BaseModel):
    """``POST /v1/handoff``: how to reach a person, and the conversation as the page has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    contact: Annotated[str, Field(min_length=1, max_length=300)]
    transcript: Annotated[str, Field(max_length=60_000)]
    session: Word | None = None


class SuggestQuery(BaseModel):
    """``GET /v1/suggest``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str = Field("", max_length=200, json_schema_extra={"pattern": rf"^[^{_CONTROLS}]*$"})
    limit: int = Field(5, ge=1, le=20)


class EntriesQuery(BaseModel):
    """``GET /v1/entries``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: Word | None = None
    limit: int = Field(50, ge=1, le=500)
    cursor: Annotated[str, Field(max_length=500)] | None = None


class FeedbackRequest(BaseModel):
    """
    ``POST /v1/feedback``.

    Its rules are those of the chat's ``feedback`` message, which checks it: ids are printable.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    request_id: Id = Field(description="of the reply that is meant")
    helpful: bool
    entry_id: Id | None = Field(None, description="of the entry that is meant")
    comment: Annotated[str, Field(max_length=COMMENT_CHARS, json_schema_extra=_TEXT)] | None = None


class InsightsQuery(BaseModel):
    """``GET /v1/insights``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(30, ge=1, le=3_650)
