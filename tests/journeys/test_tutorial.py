"""The tutorial, as somebody types it."""

from __future__ import annotations

import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.processes import BIN, ROOT, free_port

PAGE = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A file's block follows the sentence that ends with its name.
FILE = re.compile(r"`([\w./-]+\.(?:md|csv|jsonl))`:\s*$")
NOTICED_WITHIN_S = 20


@dataclass(frozen=True)
class Step:
    """One block of the page, and the words before it."""

    kind: str
    text: str
    before: str


def steps() -> Iterator[Step]:
    """The blocks, in order."""
    page = PAGE.read_text("utf-8")
    end = 0
    for block in BLOCK.finditer(page):
        yield Step(block[1], block[2], page[end : block.start()])
        end = block.end()


def expected(shown: str) -> re.Pattern[str]:
    """Output as the page shows it: … is anything; a line of nothing else any lines."""
    lines = []
    for line in shown.splitlines():
        parts = (re.escape(part) for part in line.split("…"))
        lines.append("(?:.*\n)*" if line.strip() == "…" else ".*".join(parts) + "\n")
    return re.compile("".join(lines))


class Reader:
    """Somebody who follows the page, with two terminals."""

    def __init__(self, home: Path) -> None:
        self.folder = home
        self.port = free_port()
        self.server: subprocess.Popen[bytes] | None = None
        self.environ = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "FIRSTLINE_JOURNAL_PATH": str(home / "journal.sqlite3"),
        }

    def follow(self, step: Step) -> None:
        """Do what a block says."""
        if step.kind == "sh" and "firstline serve" in step.text:
            self._serve(step.text)
        elif step.kind == "sh":
            self._shell(step.text)
        elif step.kind == "console":
            for part in re.split(r"^\$ ", step.text, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                self._compare(command, shown)
        else:
            name = FILE.search(step.before)
            assert name, f"a block without a file: {step.text}"
            (self.folder / name[1]).write_text(step.text, "utf-8")

    def _shell(self, command: str) -> None:
        said = self._run(f"{command}\npwd")
        self.folder = Path(said.splitlines()[-1])

    def _run(self, command: str) -> str:
        ran = subprocess.run(
            ["bash", "-ec", command.replace("localhost:2000", f"localhost:{self.port}")],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    def _compare(self, command: str, shown: str) -> None:
        deadline = time.monotonic() + NOTICED_WITHIN_S
        while True:
            said = self._run(command)
            said += "" if said.endswith("\n") else "\n"
            if expected(shown).fullmatch(said):
                return
            # The running server takes a moment to notice what was built.
            if "curl" not in command or time.monotonic() > deadline:
                pytest.fail(f"$ {command}\nis said to print\n{shown}\nand printed\n{said}")
            time.sleep(0.2)

    def _serve(self, command: str) -> None:
        words = command.replace("--port 2000", f"--port {self.port}").split()
        self.server = subprocess.Popen(
            [str(BIN / words[0]), *words[1:]],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://localhost:{self.port}/readyz", timeout=5).close()
                return
            except OSError:
                time.sleep(0.05)
        pytest.fail("the tutorial's server did not come up")


def test_the_tutorial_works_as_it_is_written(tmp_path: Path) -> None:
    """Every file is written, every command run, and what it prints is what the page shows."""
    reader = Reader(tmp_path)
    kinds = []
    try:
        for step in steps():
            if "export PATH" in step.text:
                continue  # says where the reader's shell finds what tests find anyway
            reader.follow(step)
            kinds.append(step.kind)
    finally:
        if reader.server is not None:
            reader.server.terminate()
            reader.server.wait(timeout=20)
    assert {"sh", "console", "markdown", "csv", "json"} <= set(kinds)
