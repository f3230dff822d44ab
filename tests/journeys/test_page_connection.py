"""The line between page and server: cut, blocked, restarted, and never lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.journeys.chat_page import (
    ALSO_ANSWERED,
    ALSO_ANSWERED_ENTRY,
    ANSWERED,
    ANSWERED_ENTRY,
    UNANSWERED,
    ChatPage,
)
from tests.journeys.processes import Server, free_port


def test_a_reload_keeps_the_conversation(browser_page: Any, page_url: str) -> None:
    """After a reload the same supporter, messages and ratings are there, and no second greeting."""
    chat = ChatPage(browser_page, page_url).greeted()
    chat.ask(ANSWERED).get_by_test_id("thumb-up").click()
    chat.box.fill("half a thought")
    name, kinds = chat.page.inner_text("#name"), chat.kinds()
    chat.page.reload()
    chat.in_state("online")
    assert chat.kinds() == kinds
    assert chat.page.inner_text("#name") == name
    assert chat.part("thumb-up").get_attribute("aria-pressed") == "true"
    assert chat.box.input_value() == "half a thought"
    assert chat.ask(ALSO_ANSWERED).get_attribute("data-entry") == ALSO_ANSWERED_ENTRY


def test_a_restarted_server_answers_what_was_typed_meanwhile(
    browser_page: Any, own_server: Callable[..., Server]
) -> None:
    """Killed mid-conversation: two questions typed meanwhile are answered once, in order."""
    port = free_port()
    server = own_server(port=port)
    chat = ChatPage(browser_page, server.url).greeted()
    chat.ask(UNANSWERED)
    server.process.kill()
    server.stop()
    chat.in_state("reconnecting")
    chat.write(ANSWERED)
    chat.write(ALSO_ANSWERED)
    waiting = chat.page.locator('[data-kind="question"][data-status="waiting"]')
    assert waiting.count() == 2
    assert "Waiting" in waiting.first.inner_text()
    own_server(port=port)
    chat.page.locator(f'[data-entry="{ANSWERED_ENTRY}"]').wait_for(timeout=40_000)
    chat.page.locator(f'[data-entry="{ALSO_ANSWERED_ENTRY}"]').wait_for()
    chat.in_state("online")
    kinds = ["greeting", "question", "no_answer", "question", "answer", "question", "answer"]
    assert chat.kinds() == kinds
    entries = chat.replies("answer").evaluate_all("all => all.map(one => one.dataset.entry)")
    assert entries == [ANSWERED_ENTRY, ALSO_ANSWERED_ENTRY]


def test_questions_outlive_a_closed_page(
    browser_page: Any, own_server: Callable[..., Server]
) -> None:
    """A question typed without a server and left behind by a reload is still sent, once."""
    port = free_port()
    server = own_server(port=port)
    chat = ChatPage(browser_page, server.url).greeted()
    server.stop()
    chat.in_state("reconnecting")
    chat.write(ANSWERED)
    own_server(port=port)
    chat.page.reload()
    chat.replies("answer").wait_for(timeout=40_000)
    assert chat.kinds() == ["greeting", "question", "answer"]


def test_the_state_can_be_hurried(browser_page: Any, own_server: Callable[..., Server]) -> None:
    """While it waits, the page says so, counts down and offers to try now."""
    port = free_port()
    server = own_server(port=port)
    chat = ChatPage(browser_page, server.url).greeted()
    server.stop()
    chat.in_state("reconnecting")
    chat.page.get_by_text("Reconnecting in").wait_for()
    chat.part("retry-now").wait_for()
    own_server(port=port)
    if chat.part("retry-now").is_visible():
        chat.part("retry-now").click()
    chat.in_state("online")


def test_without_websockets_the_page_works_over_http(browser_page: Any, page_url: str) -> None:
    """Where WebSockets are blocked the same page greets, answers, suggests and takes feedback."""
    browser_page.route_web_socket("**/ws*", lambda socket: socket.close(code=1008))
    chat = ChatPage(browser_page, page_url).open()
    chat.in_state("post")
    chat.replies("greeting").wait_for()
    reply = chat.ask(ANSWERED)
    assert reply.get_attribute("data-entry") == ANSWERED_ENTRY
    with chat.page.expect_response("**/v1/feedback") as stored:
        reply.get_by_test_id("thumb-down").click()
    assert stored.value.status == 201
    related = reply.get_by_test_id("suggestion").first
    entry = related.get_attribute("data-entry")
    related.click()
    chat.page.locator(f'[data-kind="answer"][data-entry="{entry}"]').wait_for()
    assert chat.kinds() == ["greeting", "question", "answer", "question", "answer"]


def test_a_lost_reply_is_asked_for_again_under_the_same_id(
    browser_page: Any, page_url: str
) -> None:
    """When the line breaks before the reply, the page sends the same id and shows one answer."""
    sent: list[str] = []

    def break_once(socket: Any) -> None:
        server = socket.connect_to_server()

        def pass_on(text: str) -> None:
            frame = json.loads(text)
            server.send(text)
            if frame["type"] == "question":
                sent.append(frame["id"])
                if len(sent) == 1:
                    socket.close(code=1001)

        socket.on_message(pass_on)

    browser_page.route_web_socket("**/ws*", break_once)
    chat = ChatPage(browser_page, page_url).greeted()
    chat.write(ANSWERED)
    chat.replies("answer").wait_for()
    chat.ask(ALSO_ANSWERED)
    assert chat.kinds() == ["greeting", "question", "answer", "question", "answer"]
    assert len(set(sent)) == 2


def test_answers_that_changed_since_are_marked(browser_page: Any, page_url: str) -> None:
    """When another index is served, an answer whose entry differs now says so."""
    sockets: list[Any] = []

    def keep(socket: Any) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    browser_page.route_web_socket("**/ws*", keep)
    chat = ChatPage(browser_page, page_url).greeted()
    chat.ask(ANSWERED)
    chat.ask(ALSO_ANSWERED)

    def rewritten(route: Any) -> None:
        entry = route.fetch().json()
        route.fulfill(json={**entry, "text": "New.", "html": "<p>New.</p>"})

    chat.page.route(f"**/v1/entries/{ANSWERED_ENTRY}", rewritten)
    sockets[-1].send(json.dumps({"type": "notice", "kind": "index_changed", "index": "g-new"}))
    changed = chat.page.locator(f'[data-entry="{ANSWERED_ENTRY}"] .changed')
    changed.get_by_text("has changed since").wait_for()
    other = chat.page.locator(f'[data-entry="{ALSO_ANSWERED_ENTRY}"] .changed')
    assert not other.is_visible()


def test_two_tabs_share_one_conversation(browser_page: Any, page_url: str) -> None:
    """What is asked in one tab is answered once and seen in both."""
    first = ChatPage(browser_page, page_url).greeted()
    second = ChatPage(browser_page.context.new_page(), page_url).open()
    second.in_state("online")
    second.ask(ANSWERED)
    first.replies("answer").wait_for()
    assert first.kinds() == second.kinds() == ["greeting", "question", "answer"]
