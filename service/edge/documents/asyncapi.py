"""The AsyncAPI 3.0 document of the WebSocket, made from the models of its frames."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from pydantic.json_schema import models_json_schema

from service.edge.documents.frames import FROM_CLIENT, FROM_SERVER
from service.edge.documents.openapi import REFERENCE, UntitledSchema
from service.edge.documents.reply import Reply

Json = dict[str, Any]

_ABOUT = """\
Text frames, one JSON object each. The server speaks first: `init`, then a greeting. A frame that
is not a JSON object is taken as the question itself, so `wscat -c ws://HOST/ws` is a chat. Ignore
frames and fields that you do not know: more may be added."""

_CHANNEL = {
    "address": "/ws",
    "title": "A conversation",
    "bindings": {
        "ws": {
            "method": "GET",
            "bindingVersion": "0.1.0",
            "query": {
                "type": "object",
                "properties": {
                    "session": {"type": "string", "description": "resume this conversation"},
                    "after": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "the highest seq seen; what came later is sent again, once",
                    },
                },
            },
        }
    },
}


def asyncapi_document() -> Json:
    """The document; its actions are the server's, as AsyncAPI has it."""
    _, schemas = models_json_schema(
        [
            *((frame, "validation") for frame in FROM_CLIENT),
            *((frame, "serialization") for frame in FROM_SERVER),
        ],
        ref_template=REFERENCE,
        schema_generator=UntitledSchema,
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Firstline: the conversation",
            "version": version("firstline"),
            "description": _ABOUT,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "conversation": {
                **_CHANNEL,
                "messages": {
                    frame.__name__: {"$ref": f"#/components/messages/{frame.__name__}"}
                    for frame in (*FROM_CLIENT, *FROM_SERVER)
                },
            }
        },
        "operations": {
            "receive": _operation("receive", "What the client sends", FROM_CLIENT),
            "send": _operation("send", "What the server sends", FROM_SERVER),
        },
        "components": {
            "messages": {frame.__name__: _message(frame) for frame in (*FROM_CLIENT, *FROM_SERVER)},
            "schemas": dict(sorted(schemas["$defs"].items())),
        },
    }


def _operation(action: str, summary: str, frames: tuple[type[Reply], ...]) -> Json:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/conversation"},
        "messages": [
            {"$ref": f"#/channels/conversation/messages/{frame.__name__}"} for frame in frames
        ],
    }


def _message(frame: type[Reply]) -> Json:
    return {
        "name": frame.__name__.lower(),
        "summary": (frame.__doc__ or "").strip().split("\n")[0],
        "payload": {"$ref": REFERENCE.format(model=frame.__name__)},
    }
