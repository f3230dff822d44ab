"""The chat page as a person uses it, driven through Playwright."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any

# Phrasings of the shipped knowledge base, and something it knows nothing about.
ANSWERED = "apple id locked"
ANSWERED_ENTRY = "account-apple-locked-out"
ALSO_ANSWERED = "kids account"
ALSO_ANSWERED_ENTRY = "account-child-setup"
UNANSWERED = "recipe for sourdough bread with walnuts"
UNSURE = ("my screen is black", "wifi password", "printer prints blank pages", "my screen")

REPLY = ".from-supporter:not(.typing)"


class ChatPage:
    """
    One open page. ``page`` is Playwright's.

    Everything that goes wrong inside the page is kept in ``troubles``: script errors, refusals by
    the content security policy, and requests that went to another host.
    """

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.url = url
        self.troubles: list[str] = []
        host = urllib.parse.urlsplit(url).netloc
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("request", lambda request: self._watch(request.url, host))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "ERR_" not in text and "WebSocket" not in text:
            self.troubles.append(text)

    def _watch(self, url: str, host: str) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host:
            self.troubles.append(f"asked another host: {url}")

    def open(self, address: str = "") -> ChatPage:
        self.page.goto(self.url + "/" + address)
        return self

    def greeted(self) -> ChatPage:
        self.open()
        self.replies("greeting").wait_for()
        return self

    def part(self, name: str) -> Any:
        """The parts that carry this ``data-testid``."""
        return self.page.locator(f'[data-testid="{name}"]')

    def replies(self, kind: str) -> Any:
        return self.page.locator(f'{REPLY}[data-kind="{kind}"]')

    @property
    def box(self) -> Any:
        return self.part("question-input")

    def write(self, question: str) -> None:
        """Write and press Enter, and do not wait."""
        self.box.fill(question)
        self.box.press("Enter")

    def ask(self, question: str) -> Any:
        """Ask and wait: the message that answers."""
        before = self.page.locator(REPLY).count()
        self.write(question)
        reply = self.page.locator(REPLY).nth(before)
        reply.wait_for()
        return reply

    def kinds(self) -> list[str]:
        """What stands in the conversation, in order."""
        return list(self.part("message").evaluate_all("all => all.map(one => one.dataset.kind)"))

    def in_state(self, state: str) -> ChatPage:
        self.page.locator(f'[data-testid="connection-state"][data-state="{state}"]').wait_for()
        return self

    def choose(self, entry: str) -> None:
        """Something from the menu."""
        self.part("menu-button").click()
        self.part(entry).click()

    def start_over(self) -> None:
        self.choose("start-over")
        self.part("confirm-yes").click()

    def announced(self) -> list[str]:
        """What is being said to those who listen."""
        return list(self.part("announcer").locator("p").all_inner_texts())

    def overflow_px(self) -> int:
        """How far the page is wider than its window."""
        script = "() => document.documentElement.scrollWidth - window.innerWidth"
        return int(self.page.evaluate(script))


def ask_server(url: str, question: str) -> dict[str, Any]:
    """The server's own reply to a question, over plain HTTP."""
    query = urllib.parse.urlencode({"q": question})
    with urllib.request.urlopen(f"{url}/v1/ask?{query}", timeout=20) as response:
        reply: dict[str, Any] = json.load(response)
    return reply


def unsure_question(url: str) -> str:
    """A question that the server answers with suggestions."""
    for question in UNSURE:
        if ask_server(url, question)["outcome"] == "suggestions":
            return question
    raise AssertionError(f"none of {UNSURE} gets suggestions any more: choose another question")
