"""
Screenshots of the page in each of its looks.

``FIRSTLINE_SCREENSHOTS=docs/images`` keeps the best of them there; without it all go to the test's
own folder. They are looked at by whoever changes the page; what can be measured is measured here.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.chat_page import UNANSWERED, ChatPage, ask_server, unsure_question
from tests.journeys.processes import ROOT, Server, start_server

ANSWERED = "my wifi is connected but there is no internet"
DESKTOP = {"width": 1280, "height": 860}
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "german": {"viewport": DESKTOP, "locale": "de-DE"},
    "phone": {
        "viewport": {"width": 390, "height": 780},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}
# What the documents show; the others are for the eyes of whoever runs this.
KEPT = {
    "desktop-answer": "chat",
    "desktop-browse": "browse",
    "dark-why": "dark",
    "german-no-answer": "german",
    "phone-answer": "phone",
    "desktop-staff-insights": "staff-insights",
    "desktop-staff-article": "staff-article",
    "dark-staff-insights": "staff-dark",
}
TOKEN = "only-for-staff"
DAYS = 30
MOST_ASKED = 150


@pytest.fixture(scope="module")
def lived_in(built_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose journal tells of a month."""
    index = tmp_path_factory.mktemp("lived-in") / "index"
    shutil.copytree(built_index, index)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRSTLINE_ADMIN_TOKEN", TOKEN)
        patch.setenv("FIRSTLINE_HAND_OFF_MAIL", "help@example.com")
        patch.setenv("FIRSTLINE_HAND_OFF_PHONE", "+49 30 555 0100")
        running = start_server(index)
    journal = index.with_name(f"{index.name}-journal.sqlite3")
    live_through_a_month(running.url, journal)
    yield running
    running.stop()


def live_through_a_month(url: str, journal: Path) -> None:
    """Ask what people ask, vote on some of it, and move it back in time."""
    lines = (ROOT / "corpus" / "regression.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines[:MOST_ASKED]]
    for at, question in enumerate([*asked, *[UNANSWERED, "thanks", "wifi password"] * 4]):
        reply = ask_server(url, question)
        if at % 3 == 0:
            vote = {"request_id": reply["request_id"], "helpful": reply["outcome"] == "answer"}
            if reply["answer"]:
                vote["entry_id"] = reply["answer"]["id"]
            if at % 21 == 0:
                vote |= {"helpful": False, "comment": "Step 3 is not there on my phone."}
            post(f"{url}/v1/feedback", vote)
    wait_until_written(journal, at + 1)
    with sqlite3.connect(journal) as database:
        for table, moment in (("questions", "asked_at"), ("feedback", "given_at")):
            # More lately than before, as where word gets around.
            database.execute(
                f"UPDATE {table} SET {moment} = strftime('%Y-%m-%dT%H:%M:%S', {moment}, "
                f"'-' || CAST({DAYS} * (id * 37 % 101) * (id * 37 % 101) / 10201 AS INT) "
                f"|| ' days') "
                f"|| substr({moment}, 20)"
            )


def post(url: str, body: dict[str, Any]) -> None:
    """JSON to the server."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=20).close()


def wait_until_written(journal: Path, rows: int) -> None:
    """The journal is written beside the answers."""
    with sqlite3.connect(journal) as database:
        for _ in range(100):
            (written,) = database.execute("SELECT count(*) FROM questions").fetchone()
            if written >= rows:
                return
            time.sleep(0.1)
    raise AssertionError(f"{written} of {rows} questions were written")


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_fits_its_window(
    look: str, browser: Any, lived_in: Server, tmp_path: Path
) -> None:
    """Mid-conversation, at a refusal, browsing and for staff, nothing is wider than the window."""
    kept = os.environ.get("FIRSTLINE_SCREENSHOTS")
    context = browser.new_context(reduced_motion="reduce", **LOOKS[look])
    chat = ChatPage(context.new_page(), lived_in.url).greeted()

    def shoot(name: str, **how: Any) -> None:
        taken = tmp_path / f"{look}-{name}.png"
        chat.page.screenshot(path=taken, **how)
        if kept and taken.stem in KEPT:
            shutil.copy(taken, Path(kept) / f"{KEPT[taken.stem]}.png")
        assert chat.overflow_px() <= 0

    shoot("greeting")
    reply = chat.ask(ANSWERED)
    shoot("answer")
    reply.get_by_test_id("why").click()
    shoot("why")
    chat.ask(unsure_question(lived_in.url))
    shoot("suggestions")
    chat.ask(UNANSWERED)
    shoot("no-answer")
    chat.part("browse-button").click()
    chat.page.locator(".browse summary").nth(3).click()
    shoot("browse")
    if look != "phone":
        # On a narrow window the panel covers the chat; beside it, both are in reach.
        assert chat.box.is_visible()
    chat.page.goto(f"{lived_in.url}/staff.html")
    chat.part("token").fill(TOKEN)
    chat.part("enter").click()
    chat.part("tiles").wait_for()
    shoot("staff-insights")
    shoot("staff-whole", full_page=True)
    chat.page.goto(f"{lived_in.url}/staff.html#entry=wifi-connected-no-internet")
    chat.part("phrasings").wait_for()
    chat.page.locator(".finder summary").first.wait_for(state="attached")
    shoot("staff-article")
    context.close()
