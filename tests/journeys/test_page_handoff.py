"""The way on to a person, where the operator has configured one."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.journeys.chat_page import ANSWERED, ChatPage
from tests.journeys.processes import Server, free_port

NONSENSE = "zzkq blorf vrmpf"


class Helpdesk:
    """The operator's system: refuses the first call, takes the others."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def listen(self) -> http.server.ThreadingHTTPServer:
        desk = self

        class Take(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                desk.calls.append(json.loads(body))
                self.send_response(500 if len(desk.calls) == 1 else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        return http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Take)


@pytest.fixture
def helpdesk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Helpdesk]:
    """A listening system, in the settings of whatever server starts next."""
    desk = Helpdesk()
    server = desk.listen()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("FIRSTLINE_HAND_OFF_WEBHOOK", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("FIRSTLINE_HAND_OFF_MAIL", "help@acme.example")
    monkeypatch.setenv("FIRSTLINE_HAND_OFF_PHONE", "+49 30 123-45")
    monkeypatch.setenv("FIRSTLINE_HAND_OFF_URL", "https://acme.example/help")
    monkeypatch.setenv("FIRSTLINE_PAGE_TITLE", "Acme help")
    yield desk
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_refusal_leads_on_to_a_person(
    browser_page: Any, own_server: Callable[..., Server], helpdesk: Helpdesk
) -> None:
    """Mail, phone, link, and a call that takes the conversation along: tried again, sent once."""
    chat = ChatPage(browser_page, own_server().url).greeted()
    assert "Acme help" in chat.page.title()
    chat.ask(ANSWERED)
    reply = chat.ask(NONSENSE)
    ways = reply.get_by_test_id("hand-off").locator("a")
    mail, phone, link = (ways.nth(n).get_attribute("href") for n in range(3))
    assert mail.startswith("mailto:help@acme.example?subject=")
    assert NONSENSE in urllib.parse.unquote(mail)
    assert len(mail) < 2_000
    assert phone == "tel:+493012345"
    assert link == "https://acme.example/help"
    said = reply.get_by_test_id("hand-off-said")
    reply.get_by_test_id("contact").fill("ada@example.com")
    reply.get_by_test_id("contact-send").click()
    said.get_by_text("could not be sent").wait_for()
    reply.get_by_test_id("contact-send").click()
    said.get_by_text("Sent.").wait_for()
    chat.page.reload()
    chat.in_state("online")
    assert "Sent." in chat.part("hand-off-said").inner_text()
    assert chat.part("contact").count() == 0
    assert [call["contact"] for call in helpdesk.calls] == ["ada@example.com"] * 2
    transcript = helpdesk.calls[-1]["transcript"]
    assert f"> {ANSWERED}" in transcript
    assert f"> {NONSENSE}" in transcript
    assert helpdesk.calls[-1]["session"]


def test_an_unhelpful_answer_leads_on_too(
    browser_page: Any, own_server: Callable[..., Server], helpdesk: Helpdesk
) -> None:
    """A thumb down shows the same ways; a thumb up does not."""
    chat = ChatPage(browser_page, own_server().url).greeted()
    reply = chat.ask(ANSWERED)
    reply.get_by_test_id("thumb-up").click()
    reply.get_by_test_id("comment").wait_for()
    assert reply.get_by_test_id("hand-off").count() == 0
    reply.get_by_test_id("thumb-down").click()
    reply.get_by_test_id("hand-off").wait_for()


def test_without_a_way_none_is_shown(browser_page: Any, page_url: str) -> None:
    """A server without hand-off shows a refusal without dead buttons, and the articles instead."""
    chat = ChatPage(browser_page, page_url).greeted()
    reply = chat.ask(NONSENSE)
    assert reply.get_by_test_id("hand-off").count() == 0
    reply.get_by_test_id("browse-instead").click()
    chat.part("browse-search").wait_for()
