"""Requests to calls, and their results to JSON. One small handler per route."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import asdict
from typing import Any, TypeVar

import orjson
from aiohttp import hdrs, web
from multidict import CIMultiDict
from pydantic import BaseModel, ValidationError

from service.chat.messages import Feedback, entry_summary, feedback_from, listing, pointers
from service.chat.session import CONTEXT_TURNS
from service.edge.counter import Counter
from service.edge.doors import CALLER, REQUEST, SECURITY_HEADERS
from service.edge.handoff import HandOffDesk
from service.edge.refusals import STATUS, problem
from service.edge.requests import (
    Asking,
    AskQuery,
    AskRequest,
    EarlierTurn,
    EntriesQuery,
    FeedbackRequest,
    HandOffRequest,
    InsightsQuery,
    SuggestQuery,
)
from service.edge.shares import FairShares
from service.errors import (
    BodyTooSlow,
    FirstlineError,
    MessageInvalid,
    QuestionNotText,
    TokenRefused,
)
from service.live.current import Trouble
from service.live.journal import JournalTrouble
from service.retrieval.answers import Question, check_question
from service.retrieval.context import Turn
from service.retrieval.entries import Related, StoredEntry

Asked = TypeVar("Asked", bound=BaseModel)
_JSON = CIMultiDict({hdrs.CONTENT_TYPE: "application/json; charset=utf-8", **SECURITY_HEADERS})


class HttpApi:
    """The routes under ``/v1`` and the probes."""

    def __init__(
        self,
        counter: Counter,
        shares: FairShares,
        hand_off: HandOffDesk,
        page: dict[str, Any],
        *,
        admin_token: str | None,
        body_timeout_s: float,
    ) -> None:
        self._counter = counter
        self._desk = counter.desk
        self._shares = shares
        self._hand_off = hand_off
        self._page = page
        self._admin_token = None if admin_token is None else admin_token.encode()
        self._body_timeout_s = body_timeout_s

    async def ask_by_query(self, request: web.Request) -> web.Response:
        """``GET /v1/ask?q=...``: the curl form."""
        fields: dict[str, Any] = {"q": "", **request.query}
        if "tags" in fields:
            fields["tags"] = [tag for tag in request.query.getall("tags") if tag]
        asked = _checked(AskQuery, fields)
        return await self._ask(asked.q, asked, (), request)

    async def ask(self, request: web.Request) -> web.Response:
        """``POST /v1/ask``."""
        asked = _checked(AskRequest, await self._body(request), strict=True)
        context = tuple(_turn(earlier) for earlier in asked.context[-CONTEXT_TURNS:])
        return await self._ask(asked.question, asked, context, request)

    async def _ask(
        self, text: str, beside: Asking, context: tuple[Turn, ...], request: web.Request
    ) -> web.Response:
        self._shares.question(request[CALLER])
        question = Question(
            text=check_question(text),
            top_k=beside.top_k,
            context=context,
            tags=tuple(beside.tags),
            platform=beside.platform,
            explain=beside.explain,
        )
        if context:
            question = await self._counter.with_answers(question)
        return _json(await self._counter.ask(question, request[REQUEST]))

    async def suggest(self, request: web.Request) -> web.Response:
        """``GET /v1/suggest?q=...``: what matches what is typed so far."""
        query = _checked(SuggestQuery, dict(request.query))
        found: tuple[Related, ...] = ()
        if query.q.strip():
            typed = check_question(query.q)
            found = await self._desk.look(lambda index: index.suggest(typed, query.limit))
        return _json({"suggestions": pointers(found)})

    async def entries(self, request: web.Request) -> web.Response:
        """``GET /v1/entries``: the knowledge base, a page at a time."""
        query = _checked(EntriesQuery, dict(request.query))
        page, cursor = await self._desk.look(
            lambda index: index.entries(tag=query.tag, limit=query.limit, cursor=query.cursor)
        )
        return _json({"entries": listing(page), "next_cursor": cursor})

    async def entry(self, request: web.Request) -> web.Response:
        """``GET /v1/entries/{id}``."""
        entry_id = request.match_info["id"]
        return _json(entry_page(await self._desk.look(lambda index: index.entry(entry_id))))

    async def feedback(self, request: web.Request) -> web.Response:
        """``POST /v1/feedback``: 201 once it is kept."""
        self._shares.question(request[CALLER])
        body = await self._body(request)
        feedback: Feedback = feedback_from(None, body)
        for name in body.keys() - FeedbackRequest.model_fields.keys():
            raise MessageInvalid(f"{name}: there is no such field.")
        await self._counter.record.feedback(feedback, session=None)
        return _json({"request_id": feedback.request_id, "stored": True}, status=201)

    async def hand_off(self, request: web.Request) -> web.Response:
        """``POST /v1/handoff``: 200 once the operator's system has taken it."""
        self._shares.question(request[CALLER])
        asked = _checked(HandOffRequest, await self._body(request), strict=True)
        await self._hand_off.send(asked, request[REQUEST])
        return _json({"request_id": request[REQUEST], "sent": True})

    async def page_settings(self, request: web.Request) -> web.Response:
        """``GET /page.json``: what the operator decided about the page."""
        return _json(self._page)

    async def reload(self, request: web.Request) -> web.Response:
        """``POST /v1/reload``: look for a new generation now."""
        self._require_admin(request)
        reloaded = await self._counter.current.reload()
        return _json({"reloaded": reloaded, "index": self._index_fields()})

    async def insights(self, request: web.Request) -> web.Response:
        """``GET /v1/insights?days=...``: the journal in figures."""
        self._require_admin(request)
        query = _checked(InsightsQuery, dict(request.query))
        figures = asdict(await self._counter.record.insights(query.days))
        for rows, name in titled_rows(figures):
            for row in rows:
                row["title"] = await self._title(row[name])
        return _json(figures)

    async def _title(self, entry_id: str) -> str | None:
        """The entry's title; None where no index is open or it is not in this generation."""
        try:
            return (await self._desk.look(lambda index: index.entry(entry_id))).title
        except FirstlineError:
            return None

    async def healthz(self, request: web.Request) -> web.Response:
        """Alive: the event loop turns."""
        return _json({"status": "alive"})

    async def readyz(self, request: web.Request) -> web.Response:
        """
        Ready: an index is open.

        What is wrong with a newer one, or with the journal, is said but does not count.
        """
        status = self._counter.current.status
        trouble: Trouble | JournalTrouble | None = status.trouble
        if status.generation is None:
            if trouble is None:
                return problem(503, "index_unavailable", "The index is being opened.")
            return problem(STATUS[trouble.code], trouble.code, trouble.text)
        fields: dict[str, Any] = {"status": "ready", "index": self._index_fields()}
        trouble = trouble or self._counter.record.trouble
        if trouble is not None:
            fields |= {"status": "degraded", "code": trouble.code, "detail": trouble.text}
        return _json(fields)

    def _index_fields(self) -> dict[str, Any]:
        index = self._counter.current.index
        return {
            "generation": index.generation,
            "entries": index.entry_count,
            "built_at": index.built_at,
        }

    def _require_admin(self, request: web.Request) -> None:
        """Compare in constant time: the time a refusal takes tells nothing about the token."""
        if self._admin_token is None:
            raise TokenRefused(
                "The admin routes are off. Set FIRSTLINE_ADMIN_TOKEN or admin_token_file."
            )
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape")
        if scheme.lower() != "bearer" or not given:
            raise TokenRefused("Send the admin token as: Authorization: Bearer TOKEN.")
        if not hmac.compare_digest(given, self._admin_token):
            raise TokenRefused("This is not the admin token.")

    async def _body(self, request: web.Request) -> dict[str, Any]:
        """
        The JSON object in the body.

        Raises:
            BodyTooSlow: it did not arrive in time.
            MessageInvalid: not JSON in UTF-8, or not an object.

        """
        try:
            if request.content.is_eof():  # all of it came with the headers: nothing to time
                data = await request.read()
            else:
                async with asyncio.timeout(self._body_timeout_s):
                    data = await request.read()
        except TimeoutError as error:
            raise BodyTooSlow(
                f"The body did not arrive within {self._body_timeout_s:g} s."
            ) from error
        except web.RequestPayloadError as error:
            raise MessageInvalid("The body is not encoded as its headers say.") from error
        try:
            body = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise MessageInvalid(f"The body is not JSON in UTF-8: {error.msg}.") from error
        if not isinstance(body, dict):
            raise MessageInvalid("The body must be a JSON object.")
        return body


def entry_page(entry: StoredEntry) -> dict[str, Any]:
    """Everything that is kept of an entry."""
    return {
        **entry_summary(entry),
        "questions": entry.questions,
        "platforms": entry.platforms,
        "kind": entry.kind,
        "sections": [
            {"heading": part.heading, "text": part.text, "html": part.html}
            for part in entry.sections
        ],
    }


def titled_rows(figures: dict[str, Any]) -> list[tuple[list[dict[str, Any]], str]]:
    """The lists of insights that name entries, and the field that holds the id."""
    return [
        *((figures[name], "entry_id") for name in ("accepted", "entries", "worst_rated")),
        *((gap["nearest"], "id") for gap in figures["unanswered"]),
    ]


def _turn(earlier: str | EarlierTurn) -> Turn:
    if isinstance(earlier, str):
        return Turn(check_question(earlier))
    return Turn(check_question(earlier.question), earlier.entry_id)


def _json(fields: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(fields), status=status, headers=_JSON)


def _checked(model: type[Asked], fields: dict[str, Any], *, strict: bool = False) -> Asked:
    """
    *fields* as their model.

    Raises:
        MessageInvalid: a field is missing, unknown, or not what it should be.

    """
    try:
        return model.model_validate(fields, strict=strict)
    except ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: ValidationError) -> MessageInvalid | QuestionNotText:
    """The first thing wrong, by its field's name."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "body"
    if place == "question" and first["type"] != "missing":
        return QuestionNotText("A question is a text. Send it as a JSON string.")
    return MessageInvalid(f"{place}: {first['msg']}.")
