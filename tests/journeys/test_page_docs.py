"""The page at /docs, in a real browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page


def test_the_api_can_be_tried_in_the_browser(browser_page: Page, page_url: str) -> None:
    """A question is asked from /docs; nothing is asked of another host, nothing is forbidden."""
    hosts: set[str] = set()
    said: list[str] = []
    browser_page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    browser_page.on("console", lambda message: said.append(message.text))
    browser_page.on("pageerror", lambda error: said.append(str(error)))
    browser_page.goto(f"{page_url}/docs")
    ask = browser_page.locator("#operations-questions-get_v1_ask")
    ask.locator(".opblock-summary-control").click()
    ask.get_by_placeholder("q", exact=True).fill("my wifi is connected but there is no internet")
    ask.get_by_role("button", name="Execute").click()
    shown = ask.locator(".live-responses-table .response").first
    shown.get_by_text("wifi-connected-no-internet").first.wait_for()
    assert hosts == {urlsplit(page_url).netloc}
    assert said == []
