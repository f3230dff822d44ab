"""The OpenAPI 3.1 document, made from the route table and the models of requests and replies."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from service.edge.documents.operations import Operation
from service.edge.documents.replies import Problem
from service.edge.refusals import HTTP_CODES, PROBLEM_TYPE, RETRY_AFTER_S, STATUS

Json = dict[str, Any]
# Method, path and what is said of it.
Described = tuple[str, str, Operation]
REFERENCE = "#/components/schemas/{model}"

_ABOUT = """\
Every refusal is `application/problem+json` with a stable `code`. Fields of replies may be added in
later versions; none is renamed or dropped. The conversation over a WebSocket at `/ws` is described
in [asyncapi.json](asyncapi.json). Every `GET` also takes `HEAD`."""


def openapi_document(routes: Iterable[Described]) -> Json:
    """The document for these routes."""
    described = list(routes)
    paths: dict[str, Json] = {}
    for method, path, operation in described:
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Firstline",
            "version": version("firstline"),
            "summary": "Answers tech-support questions from a knowledge base.",
            "description": _ABOUT,
            "license": {"name": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": _schemas(operation for _, _, operation in described),
            "securitySchemes": {
                "admin": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "the secret set as admin_token or admin_token_file",
                }
            },
            "headers": {
                "RequestId": {
                    "description": "names this exchange in the log and in the journal",
                    "schema": {"type": "string"},
                },
                "RetryAfter": {
                    "description": "seconds until it is worth asking again",
                    "schema": {"type": "integer"},
                },
            },
        },
    }


class UntitledSchema(GenerateJsonSchema):
    """JSON Schema without a title on every field: its name says as much."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def _schemas(operations: Iterable[Operation]) -> Json:
    """Every model once; replies as they are written, requests as they are read."""
    wanted: dict[type[BaseModel], Literal["validation", "serialization"]] = {
        Problem: "serialization"
    }
    for operation in operations:
        if operation.reply is not None:
            wanted[operation.reply] = "serialization"
        if operation.body is not None:
            wanted[operation.body] = "validation"
    _, schemas = models_json_schema(
        list(wanted.items()), ref_template=REFERENCE, schema_generator=UntitledSchema
    )
    found: Json = schemas["$defs"]
    return dict(sorted(found.items()))


def _operation(method: str, path: str, operation: Operation) -> Json:
    said: Json = {
        "operationId": _name(method, path),
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": _responses(operation),
    }
    parameters = [*_path_parameters(path), *_query_parameters(operation)]
    if parameters:
        said["parameters"] = parameters
    if operation.body is not None:
        said["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(operation.body)}},
        }
    if operation.admin:
        said["security"] = [{"admin": []}]
    return said


def _name(method: str, path: str) -> str:
    """``get_v1_entries_id`` for ``GET /v1/entries/{id}``."""
    words = path.replace(".", "_").replace("{", "").replace("}", "").strip("/").split("/")
    return "_".join([method.lower(), *words])


def _path_parameters(path: str) -> list[Json]:
    return [
        {
            "name": part[1:-1],
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
        }
        for part in path.split("/")
        if part.startswith("{")
    ]


def _query_parameters(operation: Operation) -> list[Json]:
    if operation.query is None:
        return []
    parameters = []
    schema = operation.query.model_json_schema(schema_generator=UntitledSchema)
    for name, field in schema["properties"].items():
        # What is not given is absent in a query, never null.
        shape = next((part for part in field.get("anyOf", ()) if part != {"type": "null"}), field)
        parameters.append(
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "description": field.get("description", ""),
                "schema": {k: v for k, v in shape.items() if k != "description"},
            }
        )
    return sorted(parameters, key=lambda parameter: not parameter["required"])


def _responses(operation: Operation) -> Json:
    schema: Json = {"type": "string"}
    if operation.reply is not None:
        schema = _reference(operation.reply)
    elif operation.media == "application/json":
        schema = {"type": "object"}
    responses: Json = {
        str(operation.status): {
            "description": (operation.reply.__doc__ or "").split("\n")[0]
            if operation.reply
            else operation.summary,
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
            "content": {operation.media: {"schema": schema}},
        }
    }
    by_status: dict[int, list[str]] = {}
    for code in operation.codes:
        by_status.setdefault(status_of(code), []).append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = _refusal(status, codes)
    return responses


def status_of(code: str) -> int:
    """The status that goes with a code, ours or one of aiohttp's own refusals."""
    if code in STATUS:
        return STATUS[code]
    return next(status for status, (name, _) in HTTP_CODES.items() if name == code)


def _refusal(status: int, codes: list[str]) -> Json:
    headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if any(code in RETRY_AFTER_S for code in codes):
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = {"schema": {"type": "string", "const": "Bearer"}}  # type: ignore[dict-item]
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}",
        "headers": headers,
        "content": {
            PROBLEM_TYPE: {
                "schema": {
                    "allOf": [
                        _reference(Problem),
                        {"properties": {"status": {"const": status}, "code": {"enum": codes}}},
                    ]
                }
            }
        },
    }


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": REFERENCE.format(model=model.__name__)}
