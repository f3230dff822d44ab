"""
Screenshots of the page in each of its looks.

``FIRSTLINE_SCREENSHOTS=docs/images`` keeps them there; without it they go to the test's own
folder. They are looked at by whoever changes the page; what can be measured is measured here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.chat_page import ANSWERED, UNANSWERED, ChatPage

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


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_fits_its_window(look: str, browser: Any, page_url: str, tmp_path: Path) -> None:
    """Mid-conversation, at a refusal and while browsing, nothing is wider than the window."""
    folder = Path(os.environ.get("FIRSTLINE_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(reduced_motion="reduce", **LOOKS[look])
    chat = ChatPage(context.new_page(), page_url).greeted()

    def shoot(name: str) -> None:
        chat.page.screenshot(path=folder / f"{look}-{name}.png")
        assert chat.overflow_px() <= 0

    shoot("greeting")
    chat.ask(ANSWERED)
    shoot("answer")
    chat.ask(UNANSWERED)
    shoot("no-answer")
    chat.part("browse-button").click()
    chat.page.locator(".browse summary").first.click()
    shoot("browse")
    if look != "phone":
        # On a narrow window the panel covers the chat; beside it, both are in reach.
        assert chat.box.is_visible()
    context.close()
