"""What each route takes, gives and refuses: the half of the route table that is only said."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from service.edge.documents import replies
from service.edge.documents.insights import InsightsReply
from service.edge.requests import (
    AskQuery,
    AskRequest,
    EntriesQuery,
    FeedbackRequest,
    HandOffRequest,
    InsightsQuery,
    SuggestQuery,
)

# What any request may be refused with, before its route looks at it.
AT_THE_DOOR = ("bad_request", "origin_refused", "host_refused", "headers_too_large")
DEFECT = ("internal_error",)
QUESTION = ("message_invalid", "question_empty", "question_not_text", "question_too_long")
DESK = ("busy", "index_unavailable", "deadline_exceeded")
BODY = ("request_timeout", "body_too_large", "expectation_failed")
INDEX = ("index_missing", "index_damaged", "index_version", "index_invalid")
JOURNAL = ("journal_unavailable",)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, in words and models."""

    summary: str
    tag: str
    reply: type[BaseModel] | None = None
    status: int = 200
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    refusals: tuple[str, ...] = ()
    admin: bool = False
    # Whether a client has a share of it, as of everything under /v1.
    shared: bool = True
    media: str = "application/json"

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code this operation may be refused with."""
        own = (*self.refusals, *(BODY if self.body else ()))
        own = (*own, "unauthorized") if self.admin else own
        own = (*own, "rate_limited") if self.shared else own
        return (*AT_THE_DOOR, *own, *DEFECT)


ASK_BY_QUERY = Operation(
    "Ask, as a browser or curl would",
    "questions",
    replies.AskReply,
    query=AskQuery,
    refusals=QUESTION + DESK,
)
ASK = Operation(
    "Ask",
    "questions",
    replies.AskReply,
    body=AskRequest,
    refusals=QUESTION + DESK,
)
SUGGEST = Operation(
    "What matches what is typed so far",
    "questions",
    replies.SuggestReply,
    query=SuggestQuery,
    refusals=("message_invalid", "question_not_text", "index_unavailable"),
)
ENTRIES = Operation(
    "The knowledge base, a page at a time",
    "knowledge base",
    replies.EntriesReply,
    query=EntriesQuery,
    refusals=("message_invalid", "entry_not_found", "index_unavailable"),
)
ENTRY = Operation(
    "One entry, whole",
    "knowledge base",
    replies.EntryReply,
    refusals=("entry_not_found", "index_unavailable"),
)
FEEDBACK = Operation(
    "Say whether a reply helped",
    "questions",
    replies.FeedbackReply,
    status=201,
    body=FeedbackRequest,
    refusals=("message_invalid", *JOURNAL),
)
HAND_OFF = Operation(
    "Hand a conversation over to a person",
    "questions",
    replies.HandOffReply,
    body=HandOffRequest,
    refusals=("message_invalid", "hand_off_off", "hand_off_failed", "busy"),
)
INSIGHTS = Operation(
    "What people asked, in figures",
    "running it",
    InsightsReply,
    query=InsightsQuery,
    refusals=("message_invalid", *JOURNAL),
    admin=True,
)
RELOAD = Operation(
    "Look for a new generation of the index now",
    "running it",
    replies.ReloadReply,
    refusals=(*INDEX, "index_unavailable"),
    admin=True,
)
HEALTHZ = Operation("Is the process alive?", "running it", replies.HealthReply, shared=False)
READYZ = Operation(
    "Is an index open?",
    "running it",
    replies.ReadyReply,
    refusals=("index_unavailable", *INDEX),
    shared=False,
)
METRICS = Operation(
    "Figures for Prometheus",
    "running it",
    media="text/plain; version=0.0.4; charset=utf-8",
    shared=False,
)
PAGE_SETTINGS = Operation(
    "What the operator decided about the page",
    "running it",
    replies.PageSettingsReply,
    shared=False,
)
OPENAPI = Operation("This document", "documents", shared=False)
ASYNCAPI = Operation("The WebSocket, described with AsyncAPI", "documents", shared=False)
DOCS = Operation(
    "A page to read and try this document",
    "documents",
    media="text/html",
    refusals=("not_found",),
    shared=False,
)
