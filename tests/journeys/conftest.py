"""Journeys: a real index of the shipped corpus, a real server process, real clients."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.processes import ROOT, Server, run_command, start_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped knowledge base, built once by the real command."""
    out = tmp_path_factory.mktemp("journey") / "index"
    built = run_command("firstline-index", "build", ROOT / "corpus", "--out", out)
    assert built.returncode == 0, built.stderr
    return out


@pytest.fixture(scope="session")
def server(built_index: Path) -> Iterator[Server]:
    """A server over the shipped knowledge base, for tests that only ask."""
    running = start_server(built_index)
    yield running
    running.stop()


@pytest.fixture
def own_server(built_index: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Servers over a copy of the index, for tests that change or stop them."""
    started: list[Server] = []

    def start(*flags: str, index: Path | None = None, **how: object) -> Server:
        if index is None:
            index = tmp_path / "index"
            if not index.exists():
                shutil.copytree(built_index, index)
        started.append(start_server(index, *flags, **how))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
def page_url(server: Server) -> str:
    """Where the chat page is."""
    return server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Debian's Chromium, headless; skipped with a reason where it is not installed."""
    reason = ""
    if CHROMIUM is None:
        reason = "Chromium is not installed: apt-get install chromium"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        reason = "playwright is not installed: make test installs it"
    if reason:
        if os.environ.get("FIRSTLINE_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@pytest.fixture
def browser_page(browser: object) -> Iterator[object]:
    """A fresh page in a profile of its own."""
    context = browser.new_context(locale="en-GB")  # type: ignore[attr-defined]
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps a loop running, which no asyncio test can share."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))
