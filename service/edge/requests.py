"""The shapes of requests. Unknown fields are refused: a misspelt one must not be ignored."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.chat.messages import TAGS_MAX, TOP_K_MAX
from service.retrieval.answers import MAX_QUESTION_CHARS

CONTEXT_MAX = 100
Word = Annotated[str, Field(min_length=1, max_length=200)]
Earlier = Annotated[str, Field(max_length=MAX_QUESTION_CHARS)]


class EarlierTurn(BaseModel):
    """An earlier question and, where the client knows it, the entry that answered it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Earlier
    entry_id: Word | None = None


class AskRequest(BaseModel):
    """
    ``POST /v1/ask``, and ``GET`` with ``q`` for ``question``.

    JSON is read strictly: "3" is not 3.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    top_k: int = Field(3, ge=1, le=TOP_K_MAX)
    context: list[Earlier | EarlierTurn] = Field(default_factory=list, max_length=CONTEXT_MAX)
    tags: list[Word] = Field(default_factory=list, max_length=TAGS_MAX)
    platform: Word | None = None
    explain: bool = False


class SuggestQuery(BaseModel):
    """``GET /v1/suggest``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str = Field("", max_length=200)
    limit: int = Field(5, ge=1, le=20)


class EntriesQuery(BaseModel):
    """``GET /v1/entries``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: Word | None = None
    limit: int = Field(50, ge=1, le=500)
    cursor: Annotated[str, Field(max_length=500)] | None = None


class InsightsQuery(BaseModel):
    """``GET /v1/insights``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(30, ge=1, le=3_650)
