"""Asking, from the command line: a server at an address, or an index in this process."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from service.errors import ConfigError, FirstlineError, ServerUnreachable
from service.retrieval.answers import Question, check_question

Frame = dict[str, Any]
REPLY_TIMEOUT_S = 30.0


def server_address(url: str) -> str:
    """
    *url* without its last slash.

    Raises:
        ConfigError: not an http(s) address.

    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConfigError(f"--url {url}: give an address such as http://localhost:2000")
    return url.rstrip("/")


async def ask_server(url: str, question: Question) -> Frame:
    """
    The reply of the server at *url*.

    Raises:
        ServerUnreachable: nobody answers there, or not with our kind of reply.
        FirstlineError: the server refused; its own sentence.

    """
    body = {
        "question": check_question(question.text),
        "top_k": question.top_k,
        "explain": question.explain,
    }
    timeout = aiohttp.ClientTimeout(total=REPLY_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(f"{url}/v1/ask", data=orjson.dumps(body)) as response,
        ):
            fields = orjson.loads(await response.read())
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ServerUnreachable(_not_there(url, error)) from error
    except orjson.JSONDecodeError:
        fields = None
    match fields:
        case {"outcome": str()}:
            return dict(fields)
        case {"code": str(), "detail": str(detail)}:
            raise FirstlineError(f"The server refused: {detail}")
    raise ServerUnreachable(f"What answers at {url} is not Firstline.")


def _not_there(url: str, error: Exception) -> str:
    return f"Cannot reach {url}: {error or type(error).__name__}. Is firstline serve running there?"


class RemoteTalk:
    """A conversation over a server's WebSocket."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._ids = itertools.count(1)

    async def begin(self) -> list[Frame]:
        """Connect; the greeting."""
        self._http = aiohttp.ClientSession()
        try:
            self._socket = await self._http.ws_connect(f"{self._url}/ws")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ServerUnreachable(_not_there(self._url, error)) from error
        return await self._until(lambda frame: frame["type"] == "message")

    async def say(self, text: str) -> list[Frame]:
        """Ask."""
        return await self._exchange({"type": "question", "text": check_question(text)})

    async def pick(self, entry_id: str) -> list[Frame]:
        """Choose a suggestion."""
        return await self._exchange({"type": "pick", "entry": entry_id})

    async def end(self) -> None:
        """Hang up."""
        if self._socket is not None:
            await self._socket.close()
        if self._http is not None:
            await self._http.close()

    async def _exchange(self, frame: Frame) -> list[Frame]:
        assert self._socket is not None
        client_id = f"t{next(self._ids)}"
        try:
            await self._socket.send_str(orjson.dumps({**frame, "id": client_id}).decode())
        except (aiohttp.ClientError, ConnectionError) as error:
            raise ServerUnreachable("The server closed the conversation.") from error
        return await self._until(
            lambda frame: frame["type"] != "typing" and frame.get("reply_to") == client_id
        )

    async def _until(self, last: Any) -> list[Frame]:
        assert self._socket is not None
        frames: list[Frame] = []
        while not frames or not last(frames[-1]):
            try:
                message = await self._socket.receive(timeout=REPLY_TIMEOUT_S)
            except TimeoutError as error:
                raise ServerUnreachable("The server has stopped answering.") from error
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise ServerUnreachable("The server closed the conversation.")
            frames.append(orjson.loads(message.data))
        return frames
