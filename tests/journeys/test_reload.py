"""The knowledge base changes while people talk: noticed, told, refused where bad, gone back."""

from __future__ import annotations

import asyncio
import json
import shutil
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.journeys.processes import Server, run_command

TOKEN = {"Authorization": "Bearer letmein"}
PRINTER = (
    "---\ntitle: The printer is shown as offline\nquestions:\n  - printer offline\n"
    "  - my printer is offline\n---\nSwitch it off and on.\n"
)
SAUNA_QUESTION = "the sauna stays cold"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A knowledge base of one entry."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "printer.md").write_text(PRINTER)
    return folder


@pytest.fixture
def running(corpus: Path, tmp_path: Path, own_server: Callable[..., Server]) -> Server:
    """A server over it."""
    index = tmp_path / "small"
    built(corpus, index)
    return own_server(index=index, environ={"FIRSTLINE_ADMIN_TOKEN": "letmein"})


def built(corpus: Path, index: Path) -> str:
    """Build, and give the generation's name."""
    run = run_command("firstline-index", "build", corpus, "--out", index, "--force")
    assert run.returncode == 0, run.stderr
    return (index / "CURRENT").read_text().strip()


async def frame(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next frame of a type."""
    async with asyncio.timeout(20):
        while True:
            said: dict[str, Any] = await socket.receive_json()
            if said["type"] == kind:
                return said


async def test_conversations_go_on_through_every_change(running: Server, corpus: Path) -> None:
    """A build is noticed by itself, a bad one refused and visible, a rollback taken up."""
    first = (running.index / "CURRENT").read_text().strip()
    async with aiohttp.ClientSession(running.url, headers=TOKEN) as client:
        socket = await client.ws_connect("/ws")
        await frame(socket, "message")

        async def generation() -> str:
            await socket.send_json({"type": "question", "text": "my printer is offline"})
            reply = await frame(socket, "message")
            assert reply["kind"] == "answer"
            return str(reply["index"]["generation"])

        async def json_of(method: str, path: str) -> tuple[int, dict[str, Any]]:
            async with client.request(method, path) as response:
                return response.status, await response.json(content_type=None)

        assert await generation() == first
        (corpus / "sauna.md").write_text(f"---\ntitle: {SAUNA_QUESTION}\n---\nHeat it.\n")
        second = await asyncio.to_thread(built, corpus, running.index)
        assert (await frame(socket, "notice"))["index"] == second
        assert await generation() == second
        # The next one is damaged on its way.
        shutil.copytree(running.index / second, running.index / "g-damaged")
        (running.index / "g-damaged" / "entries.jsonl").write_bytes(b"{}")
        (running.index / "CURRENT").write_text("g-damaged\n")
        both = await asyncio.gather(*(json_of("POST", "/v1/reload") for _ in range(2)))
        for status, refused in both:
            assert (status, refused["code"]) == (503, "index_damaged")
        status, ready = await json_of("GET", "/readyz")
        assert (status, ready["status"], ready["code"]) == (200, "degraded", "index_damaged")
        async with client.get("/metrics") as response:
            text = await response.text()
        failures = next(x for x in text.splitlines() if x.startswith("firstline_reload_failures"))
        assert float(failures.split()[-1]) >= 1
        assert await generation() == second
        # Back to the one before.
        shutil.rmtree(running.index / "g-damaged")
        (running.index / "CURRENT").write_text(f"{second}\n")
        rolled = run_command("firstline-index", "rollback", "--out", running.index)
        assert rolled.returncode == 0, rolled.stderr
        assert (await frame(socket, "notice"))["index"] == first
        assert await generation() == first
        assert (await json_of("GET", "/readyz"))[1]["status"] == "ready"
        await socket.close()


def test_what_was_not_answered_is_written_and_then_answered(running: Server, corpus: Path) -> None:
    """Asked in vain, found by gaps, written, built, taken up, answered: the loop is closed."""
    journal = running.index.with_name(f"{running.index.name}-journal.sqlite3")
    asked = f"{running.url}/v1/ask?q={SAUNA_QUESTION.replace(' ', '+')}"
    assert outcome(asked) != "answer"
    for _ in range(100):
        found = run_command(
            "firstline-index",
            "gaps",
            corpus,
            "--journal",
            journal,
            "--index",
            running.index,
            "--json",
        )
        assert found.returncode == 0, found.stderr
        if gaps := json.loads(found.stdout)["gaps"]:
            break
    stub = Path(gaps[0]["stub"])
    assert stub == corpus / "_inbox" / "the-sauna-stays-cold.md"
    (corpus / stub.name).write_text(stub.read_text() + "Switch the oven on at the wall.\n")
    stub.unlink()
    generation = built(corpus, running.index)
    for _ in range(200):
        with urllib.request.urlopen(f"{running.url}/readyz", timeout=5) as reply:
            if json.load(reply)["index"]["generation"] == generation:
                break
    assert outcome(asked) == "answer"
    again = run_command(
        "firstline-index", "gaps", corpus, "--journal", journal, "--index", running.index, "--json"
    )
    report = json.loads(again.stdout)
    assert (report["gaps"], report["answered_since"]) == ([], 1)


def outcome(address: str) -> str:
    """What became of the question."""
    with urllib.request.urlopen(address, timeout=5) as reply:
        return str(json.load(reply)["outcome"])
