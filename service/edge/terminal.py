"""The conversation as lines of text: ``firstline ask`` and ``firstline chat``."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol

import orjson

from service.chat.messages import unanswered_text
from service.errors import QuestionError

Frame = dict[str, Any]


class Talk(Protocol):
    """A conversation with a supporter, wherever the index is."""

    async def begin(self) -> list[Frame]:
        """The frames before the person says anything."""

    async def say(self, text: str) -> list[Frame]:
        """The frames that come back for a question."""

    async def pick(self, entry_id: str) -> list[Frame]:
        """The frames that come back for a suggestion."""

    async def end(self) -> None:
        """Let go of everything."""


def reply_text(fields: Frame, *, top_k: int | None = None) -> str:
    """A reply of ``/v1/ask`` as people read it in a terminal."""
    lines = []
    answer = fields["answer"]
    if answer is not None:
        lines += [answer["title"], "", answer["text"]]
        if answer["source"]:
            lines += ["", f"Source: {answer['source']}"]
    else:
        lines.append(unanswered_text(fields))
        lines += [f"  {item['title']}  [{item['id']}]" for item in fields["suggestions"]]
    if top_k is not None:
        lines += ["", "Nearest:"]
        lines += [f"  {hit['score']:.3f}  {hit['title']}  [{hit['id']}]" for hit in fields["hits"]]
    if fields["outcome"] == "answer":
        lines += ["", f"({fields['confidence']:.0%} sure)"]
    return "\n".join(lines)


def explanation_text(explanation: Frame) -> str:
    """Why the answer is what it is, one fact a line."""
    lines = []
    for name, value in explanation.items():
        shown = value if isinstance(value, str) else orjson.dumps(value).decode()
        lines.append(f"{name.replace('_', ' ')}: {shown}")
    return "\n".join(lines)


def frame_text(frame: Frame) -> str:
    """A frame as people read it; empty for those that are not for them."""
    if frame["type"] == "error":
        return str(frame["text"])
    if frame["type"] == "notice":
        return "(The knowledge base was just renewed.)"
    if frame["type"] != "message":
        return ""
    lines = [str(frame["text"])]
    if frame["kind"] in ("answer", "suggestions"):
        title = frame["answer"]["title"] if frame["answer"] else ""
        lines = [title, "", *lines] if title else lines
    offered = offers(frame)
    lines += [f"  {number}. {item['title']}" for number, item in enumerate(offered, 1)]
    return "\n".join(lines)


def offers(frame: Frame) -> list[Frame]:
    """What a person can choose by its number after this frame."""
    if frame["type"] != "message":
        return []
    if frame["kind"] in ("greeting", "suggestions"):
        return list(frame["suggestions"])
    return list(frame["answer"]["related"]) if frame.get("answer") else []


def read_line() -> str | None:
    """The next line a person types, None at the end of the input."""
    try:
        if sys.stdin.isatty():
            return input("> ").strip()
        line = sys.stdin.readline()
    except EOFError:
        return None
    return line.strip() if line else None


async def converse(
    talk: Talk, show: Callable[[str], None], listen: Callable[[], str | None] = read_line
) -> None:
    """Until the person ends the input."""
    offered: list[Frame] = []
    try:
        frames = await talk.begin()
        while True:
            for frame in frames:
                if text := frame_text(frame):
                    show(text + "\n")
                if frame["type"] == "message":
                    offered = offers(frame)
            line = await _in_thread(listen)
            if line is None:
                return
            frames = await _turn(talk, line, offered)
    finally:
        await talk.end()


async def _turn(talk: Talk, line: str, offered: list[Frame]) -> list[Frame]:
    """What one line sets going: a number is a choice, an empty line nothing."""
    if line.isascii() and line.isdigit() and 1 <= int(line) <= len(offered):
        return await talk.pick(offered[int(line) - 1]["id"])
    try:
        return await talk.say(line) if line else []
    except QuestionError as error:
        return [{"type": "error", "text": str(error)}]


async def _in_thread(listen: Callable[[], str | None]) -> str | None:
    """
    Listen without holding up the conversation.

    In a daemon thread of its own: the event loop's would have to return before Ctrl-C could end
    the program, and this one returns only when a line is typed.
    """
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[str | None] = loop.create_future()

    def tell(line: str | None) -> None:
        if not heard.done():
            heard.set_result(line)

    def work() -> None:
        line = listen()
        with contextlib.suppress(RuntimeError):  # the loop may be gone by then
            loop.call_soon_threadsafe(tell, line)

    threading.Thread(target=work, daemon=True).start()
    return await heard
