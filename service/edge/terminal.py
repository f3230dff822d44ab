"""The conversation as lines of text: ``firstline ask`` and ``firstline chat``."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable
from typing import Any, Protocol

import orjson

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
    elif fields["suggestions"]:
        lines.append("I am not sure. Did you mean one of these?")
        lines += [f"  {item['title']}  [{item['id']}]" for item in fields["suggestions"]]
    else:
        lines.append("I do not know the answer to that.")
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


async def converse(talk: Talk, show: Callable[[str], None]) -> None:
    """Until the person ends the input."""
    offered: list[Frame] = []
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    try:
        frames = await talk.begin()
        while True:
            for frame in frames:
                if text := frame_text(frame):
                    show(text + "\n")
                if frame["type"] == "message":
                    offered = offers(frame)
            line = await asyncio.to_thread(_read_line)
            if line is None:
                return
            if line.isdigit() and 1 <= int(line) <= len(offered):
                frames = await talk.pick(offered[int(line) - 1]["id"])
            else:
                frames = await talk.say(line) if line else []
    finally:
        await talk.end()


def _read_line() -> str | None:
    """The next line, None at the end of the input."""
    try:
        if sys.stdin.isatty():
            return input("> ").strip()
        line = sys.stdin.readline()
    except EOFError:
        return None
    return line.strip() if line else None
