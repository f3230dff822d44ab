"""
The way on to a person: a conversation handed to the operator's own system by its webhook.

The page's other ways (mail, phone, a link) need no server; they are told in ``/page.json``.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import structlog

from service.edge.requests import HandOffRequest
from service.errors import Busy, HandOffFailed, HandOffOff

log = structlog.get_logger("firstline.handoff")

_WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where conversations go. The address may hold a secret: it is never logged."""

    url: str | None
    timeout_s: float
    per_minute: int


class HandOffDesk:
    """Calls the webhook, no more often than it is meant to take."""

    def __init__(self, webhook: Webhook, clock: Callable[[], float] = time.monotonic) -> None:
        self._webhook = webhook
        self._clock = clock
        self._calls: deque[float] = deque()
        self._client: aiohttp.ClientSession | None = None

    async def send(self, asked: HandOffRequest, request_id: str) -> None:
        """
        Hand a conversation over; returns once the other side has taken it.

        Raises:
            HandOffOff: no webhook is configured.
            Busy: as many calls as are allowed were made within the last minute.
            HandOffFailed: the other side was not reached, or did not say 2xx.

        """
        if self._webhook.url is None:
            raise HandOffOff("This server hands no conversations over. Set hand_off_webhook.")
        self._count()
        payload = {
            # Chat systems show "text" and pass over the rest.
            "text": f"{asked.contact}\n\n{asked.transcript}",
            "event": "hand_off",
            "contact": asked.contact,
            "transcript": asked.transcript,
            "session": asked.session,
            "request_id": request_id,
            "sent_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        trouble = await self._post(self._webhook.url, payload)
        if trouble is not None:
            log.warning("hand_off_failed", trouble=trouble, request_id=request_id)
            raise HandOffFailed(
                "The support system did not take the conversation. Please try again later."
            )
        log.info("handed_off", request_id=request_id)

    async def _post(self, url: str, payload: dict[str, str | None]) -> str | None:
        """What went wrong, if something did."""
        if self._client is None:
            timeout = aiohttp.ClientTimeout(total=self._webhook.timeout_s)
            self._client = aiohttp.ClientSession(timeout=timeout, trust_env=True)
        try:
            async with self._client.post(url, json=payload, allow_redirects=False) as response:
                return None if 200 <= response.status < 300 else f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__

    def _count(self) -> None:
        now = self._clock()
        while self._calls and self._calls[0] <= now - _WINDOW_S:
            self._calls.popleft()
        if len(self._calls) >= self._webhook.per_minute:
            raise Busy("Many people are being handed over right now. Please try again in a minute.")
        self._calls.append(now)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            await self._client.close()
