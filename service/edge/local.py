"""Answering in this process, without a server: the same parts, minus the network."""

from __future__ import annotations

import random
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import orjson

from service.chat.messages import Asked, Frame, Picked
from service.chat.session import ChatSession, Send
from service.config import ServiceConfig
from service.edge.app import real_answer, real_open_index
from service.edge.counter import Counter
from service.edge.record import RecordInMemory
from service.live.current import CurrentIndex
from service.live.desk import AnswerDesk


@asynccontextmanager
async def local_counter(config: ServiceConfig) -> AsyncIterator[Counter]:
    """
    The counter over the index that the configuration names.

    Raises:
        ArtefactError: it cannot be opened.

    """
    current = CurrentIndex(config.index, real_open_index(config))
    desk = AnswerDesk(current, real_answer(), deadline_s=config.answer_deadline_s)
    try:
        await current.reload()
        yield Counter(current, desk, RecordInMemory())
    finally:
        desk.close()
        current.close()


class LocalTalk:
    """A conversation with an index in this process."""

    def __init__(self, config: ServiceConfig) -> None:
        self._config = config
        self._open = AsyncExitStack()
        name = random.choice(config.supporter_names)  # noqa: S311  (not a secret)
        self._session = ChatSession(secrets.token_urlsafe(16), name)

    async def begin(self) -> list[Frame]:
        """Open the index; the greeting."""
        self._counter = await self._open.enter_async_context(local_counter(self._config))
        index = self._counter.current.index
        sent = self._session.opened(
            index.generation, self._config.greeting, index.starters(self._config.starters)
        )
        return [orjson.loads(frame.data) for frame in sent]

    async def say(self, text: str) -> list[Frame]:
        """Ask."""
        return await self._exchange(Asked(None, text))

    async def pick(self, entry_id: str) -> list[Frame]:
        """Choose a suggestion."""
        return await self._exchange(Picked(None, entry_id))

    async def end(self) -> None:
        """Close the index."""
        await self._open.aclose()

    async def _exchange(self, message: Asked | Picked) -> list[Frame]:
        frames = []
        for event in self._session.receive(message):
            sent = event
            if not isinstance(event, Send):
                sent = await self._counter.perform(self._session, event)
            assert isinstance(sent, Send)
            frames.append(orjson.loads(sent.data))
        return frames
