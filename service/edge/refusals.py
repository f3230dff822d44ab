"""
An error's ``code`` becomes an HTTP status, a problem document, a chat error or a close code.

The one place where the two worlds meet; a test asks every error of ``service.errors`` for its row.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import WSCloseCode, web

PROBLEM_TYPE = "application/problem+json"
# The code of a refusal, for whoever counts them on their way out.
CODE = web.ResponseKey("code", str)

STATUS = {
    "internal_error": 500,
    "question_invalid": 400,
    "question_empty": 400,
    "question_too_long": 413,
    "question_not_text": 400,
    "message_invalid": 400,
    "entry_not_found": 404,
    "index_unavailable": 503,
    "busy": 503,
    "deadline_exceeded": 504,
    "request_refused": 403,
    "host_refused": 421,
    "origin_refused": 403,
    "unauthorized": 401,
    "request_timeout": 408,
    "too_many_connections": 503,
    "rate_limited": 429,
    "upgrade_required": 426,
    "index_invalid": 503,
    "index_missing": 503,
    "index_damaged": 503,
    "index_version": 503,
    "index_unsigned": 503,
    "index_model": 503,
    "journal_unavailable": 503,
    "journal_version": 503,
    "hand_off_off": 404,
    "hand_off_failed": 502,
    # Never sent: a question that cannot be encoded is answered by its words.
    "encoding_failed": 500,
    "encoding_slow": 500,
    # What only the builder and the command line raise; here so that no code is without a row.
    "entry_invalid": 500,
    "dataset_invalid": 500,
    "config_invalid": 500,
    "model_unusable": 500,
    "corpus_invalid": 500,
    "server_unreachable": 502,
    "cluster_unavailable": 503,
}

# Refusals that pass by themselves, and after how many seconds it is worth asking again.
RETRY_AFTER_S = {
    "busy": 1,
    "deadline_exceeded": 1,
    "hand_off_failed": 10,
    "index_unavailable": 5,
    "journal_unavailable": 10,
    "too_many_connections": 10,
}

CLOSE_CODES = {
    "origin_refused": WSCloseCode.POLICY_VIOLATION,
    "too_many_connections": WSCloseCode.POLICY_VIOLATION,
    "rate_limited": WSCloseCode.POLICY_VIOLATION,
}
CLOSE_DEFECT = WSCloseCode.INTERNAL_ERROR
CLOSE_SHUTDOWN = WSCloseCode.GOING_AWAY

# What aiohttp refuses by itself, in our words.
HTTP_CODES = {
    400: ("bad_request", "The request is not understood as HTTP or as what the address takes."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    408: ("request_timeout", "The request took too long to arrive."),
    411: ("length_required", "Send the length of the body."),
    413: ("body_too_large", "The body is larger than this server takes."),
    415: ("media_type_unsupported", "Send JSON."),
    417: ("expectation_failed", "The Expect header asks for something this server does not do."),
    426: ("upgrade_required", "This address is a WebSocket: connect with a WebSocket client."),
    431: ("headers_too_large", "The headers are larger than this server takes."),
    500: ("internal_error", "Something went wrong here. It was logged under the request id."),
}


def problem_document(status: int, code: str, detail: str) -> dict[str, Any]:
    """RFC 9457, with our stable ``code``."""
    return {
        "type": f"urn:firstline:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
    }


def problem(status: int, code: str, detail: str, retry_after_s: int | None = None) -> web.Response:
    """The response that says no, and why, and when to come back."""
    response = web.Response(
        status=status,
        body=orjson.dumps(problem_document(status, code, detail)),
        content_type=PROBLEM_TYPE,
    )
    response[CODE] = code
    wait_s = retry_after_s or RETRY_AFTER_S.get(code)
    if wait_s is not None:
        response.headers["Retry-After"] = str(wait_s)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refusal(code: str, detail: str, retry_after_s: int | None = None) -> web.Response:
    """The response for one of our own errors."""
    return problem(STATUS[code], code, detail, retry_after_s)


def http_refusal(error: web.HTTPException) -> web.Response:
    """What aiohttp raised, in the shape of every other refusal."""
    phrase = HTTPStatus(error.status).phrase
    code, detail = HTTP_CODES.get(error.status, (phrase.lower().replace(" ", "_"), f"{phrase}."))
    response = problem(error.status, code, detail)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response
