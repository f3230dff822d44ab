"""Every file of examples/, run as its first lines say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache

import pytest

from tests.journeys.processes import ROOT, Server

EXAMPLES = ROOT / "examples"
CONVERSATION = ("my printer says offline on windows", "and on my mac?")


@cache
def runner(suffix: str) -> list[str]:
    """What runs such a file here; a test without it is skipped and says so."""
    if suffix == ".py":
        return [sys.executable]
    program = {".sh": "bash", ".mjs": "node"}[suffix]
    for needed in {".sh": ("bash", "curl", "jq"), ".mjs": ("node",)}[suffix]:
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not installed: apt-get install {needed}")
    if suffix == ".sh":
        return [program]
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    major = int(version.stdout.removeprefix("v").split(".")[0])
    if major < 20:
        pytest.skip(f"Node {major} has no WebSocket: install Node 20 or later")
    # Node has a WebSocket of its own since 22; before, it asks for a flag.
    return [program, "--no-warnings", *(["--experimental-websocket"] if major < 22 else [])]


def run(server: Server, name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One example, against this server."""
    path = EXAMPLES / name
    return subprocess.run(
        [*runner(path.suffix), str(path), *words],
        env={**os.environ, "FIRSTLINE_URL": server.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", ["ask.sh", "ask.py", "ask.mjs"])
def test_a_client_asks(server: Server, name: str) -> None:
    """The answer is printed under its title."""
    ran = run(server, name, "my wifi is connected but there is no internet")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Wi-Fi is connected but there is no internet\n\n")


@pytest.mark.parametrize("name", ["ask.sh", "ask.py", "ask.mjs"])
def test_a_client_tells_of_a_refusal(server: Server, name: str) -> None:
    """By its code and its sentence, and with another exit code."""
    ran = run(server, name, " ")
    assert ran.returncode == 1
    assert "question_empty: The question is empty." in ran.stderr


@pytest.mark.parametrize("name", ["chat.py", "chat.mjs"])
def test_a_client_converses(server: Server, name: str) -> None:
    """By the supporter's name; the second question leans on the first."""
    ran = run(server, name, *CONVERSATION)
    assert ran.returncode == 0, ran.stderr
    opening, first, second = ran.stdout.split("\n> ")
    assert opening.startswith("You are talking to ")
    assert "printer" in first.lower()
    assert second.startswith(f"{CONVERSATION[1]}\n")
    assert "mac" in second.removeprefix(CONVERSATION[1]).lower()


def test_every_example_is_run_and_listed() -> None:
    """No file of the folder is without a test, or without its line in the README."""
    files = {path.name for path in EXAMPLES.iterdir()} - {"README.md"}
    assert files == {"ask.sh", "ask.py", "ask.mjs", "chat.py", "chat.mjs"}
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    assert {name for name in files if f"`{name} " not in readme} == set()
