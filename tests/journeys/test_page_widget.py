"""The widget: the chat on a page of another origin, where its server allows it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.journeys.chat_page import ANSWERED, ANSWERED_ENTRY
from tests.journeys.processes import Server, free_port

# A shop whose styles and policy would break anything that lived in its page.
STYLES = "button { display: none !important } iframe { width: 9px !important } * { color: red }"
PAGE = """<!doctype html><html lang="en"><head><title>Shop</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/shop.css">
</head><body><main><h1>Shop</h1></main>
<script src="{chat}/embed.js" data-title="Shop help" data-color="#ffd400" async></script>
</body></html>"""


@pytest.fixture
def shop() -> Iterator[tuple[str, dict[str, str]]]:
    """A site of its own, and the address of the chat it embeds, to be filled in."""
    embeds = {"chat": ""}

    class Shop(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_style = self.path == "/shop.css"
            body = (STYLES if is_style else PAGE.format(**embeds)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if is_style else "text/html")
            self.send_header("Content-Length", str(len(body)))
            policy = "default-src 'none'; style-src 'self'; script-src {chat}; frame-src {chat}; "
            policy += "require-trusted-types-for 'script'"
            self.send_header("Content-Security-Policy", policy.format(**embeds))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Shop)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", embeds
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_widget_answers_on_another_site(
    browser_page: Any,
    own_server: Callable[..., Server],
    shop: tuple[str, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Open, ask, close and unread work from another origin, whatever that page's own rules are."""
    address, embeds = shop
    monkeypatch.setenv("FIRSTLINE_EMBEDDING_ORIGINS", address)
    embeds["chat"] = own_server().url
    troubles: list[str] = []
    browser_page.on("pageerror", lambda error: troubles.append(str(error)))
    browser_page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
    browser_page.goto(address)
    button = browser_page.locator("firstline-chat button")
    button.wait_for()
    assert button.get_attribute("aria-label") == "Shop help"
    browser_page.evaluate(
        "() => { window.heard = []; for (const type of ['open', 'close', 'reply', 'unread'])"
        " Firstline.on(type, (detail) => heard.push({ type, ...detail })); }"
    )
    button.click()
    chat = browser_page.frame_locator("firstline-chat iframe")
    chat.locator('[data-kind="greeting"]').wait_for()
    assert browser_page.locator("firstline-chat iframe").bounding_box()["width"] > 300
    browser_page.evaluate("(question) => Firstline.ask(question)", ANSWERED)
    chat.locator(f'[data-entry="{ANSWERED_ENTRY}"]').wait_for()
    chat.get_by_test_id("widget-close").click()
    browser_page.locator("firstline-chat iframe").wait_for(state="hidden")
    assert browser_page.evaluate("() => document.activeElement.localName") == "firstline-chat"
    browser_page.evaluate("() => { Firstline.ask('hello'); Firstline.close(); }")
    browser_page.locator('firstline-chat button[aria-label="Shop help (1)"]').wait_for()
    button.click()
    browser_page.locator('firstline-chat button[aria-label="Shop help"]').wait_for()
    chat.get_by_test_id("question-input").press("Escape")
    browser_page.locator("firstline-chat iframe").wait_for(state="hidden")
    heard = browser_page.evaluate("() => heard")
    answered = {"type": "reply", "outcome": "answer", "entry": ANSWERED_ENTRY}
    assert answered in heard
    assert {"type": "unread", "count": 1} in heard
    assert troubles == []


def test_embedding_is_refused_by_default(
    browser_page: Any, server: Server, shop: tuple[str, dict[str, str]]
) -> None:
    """A site that is not in embedding_origins gets a button and an empty panel."""
    address, embeds = shop
    embeds["chat"] = server.url
    browser_page.goto(address)
    with browser_page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        browser_page.locator("firstline-chat button").click()
    chat = browser_page.frame_locator("firstline-chat iframe")
    assert chat.get_by_test_id("question-input").count() == 0


def test_the_widget_is_small(page_url: str) -> None:
    """embed.js is at most 10 KB, uncompressed."""
    import urllib.request

    with urllib.request.urlopen(f"{page_url}/embed.js", timeout=20) as response:
        assert 0 < len(response.read()) <= 10 * 1024
