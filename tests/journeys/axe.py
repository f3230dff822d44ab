"""What axe-core finds on an open page, in each look that a page has."""

from __future__ import annotations

import os
from importlib.resources import files
from typing import Any

import pytest

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VARIANTS = {
    "light": {"viewport": {"width": 1280, "height": 860}},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "mobile": {"viewport": {"width": 390, "height": 780}, "is_mobile": True, "has_touch": True},
    "german": {"viewport": {"width": 1280, "height": 860}, "locale": "de-DE"},
    # 1280 px at 400 % zoom (WCAG 1.4.10).
    "zoomed": {"viewport": {"width": 320, "height": 256}, "color_scheme": "dark"},
}


def axe_core() -> str:
    """The script of axe-core; where browser tests are required, so is this."""
    if os.environ.get("FIRSTLINE_REQUIRE_BROWSER") != "1":
        pytest.importorskip("axe_playwright_python", reason="axe is missing: make test installs it")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def violations(page: Any) -> list[str]:
    """What axe-core finds, one line each."""
    found = page.evaluate(
        "async (rules) => (await axe.run(document, { runOnly: rules })).violations.map("
        "(one) => one.id + ': ' + one.nodes.map((node) => node.html).join(' | '))",
        RULES,
    )
    wider = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    return [*found, *(["the page is wider than its window"] if wider > 0 else [])]


def still(page: Any) -> Any:
    """Wait until nothing moves: a colour half way through a fade has no contrast to measure."""
    page.evaluate(
        "() => Promise.allSettled(document.getAnimations({ subtree: true })"
        ".filter((one) => one.effect.getTiming().iterations !== Infinity)"
        ".map((one) => one.finished))"
    )
    return page
