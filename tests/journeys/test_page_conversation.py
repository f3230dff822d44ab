"""The conversation on the page: asking, reading, choosing, rating, finding again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.journeys.chat_page import (
    ALSO_ANSWERED,
    ALSO_ANSWERED_ENTRY,
    ANSWERED,
    ANSWERED_ENTRY,
    UNANSWERED,
    ChatPage,
    unsure_question,
)


@pytest.fixture
def chat(browser_page: Any, page_url: str) -> ChatPage:
    """A page that has been greeted."""
    return ChatPage(browser_page, page_url).greeted()


def test_the_greeting_comes_by_name_and_init_is_not_shown(chat: ChatPage) -> None:
    """The page opens with the supporter's name, a greeting and starter questions."""
    name = chat.page.inner_text("#name")
    assert name in chat.replies("greeting").inner_text()
    assert chat.kinds() == ["greeting"]
    assert chat.page.inner_text("#avatar") == name[0]
    assert chat.part("suggestion").count() > 0
    assert chat.part("connection-state").inner_text().strip() == "Online"
    assert chat.troubles == []


def test_a_question_is_answered_with_title_text_and_facts(chat: ChatPage) -> None:
    """An answer shows its title, its steps as a list, its tags, its date and related entries."""
    reply = chat.ask(ANSWERED)
    assert reply.get_attribute("data-kind") == "answer"
    assert reply.get_attribute("data-entry") == ANSWERED_ENTRY
    assert "Apple" in reply.get_by_test_id("answer-title").inner_text()
    assert reply.locator("ol li").count() > 2
    assert reply.locator(".tag").count() > 0
    assert "Updated" in reply.get_by_test_id("updated").inner_text()
    assert reply.get_by_test_id("related").get_by_test_id("suggestion").count() > 0
    assert "answers your question" in reply.get_by_test_id("confidence").inner_text()
    assert chat.troubles == []


def test_suggestions_can_be_clicked_and_do_not_trap(chat: ChatPage, page_url: str) -> None:
    """After a did-you-mean a free question is answered, and a click shows the entry offered."""
    offered = chat.ask(unsure_question(page_url))
    assert offered.get_attribute("data-kind") == "suggestions"
    assert chat.ask(ANSWERED).get_attribute("data-entry") == ANSWERED_ENTRY
    button = offered.get_by_test_id("suggestion").first
    entry, title = button.get_attribute("data-entry"), button.inner_text()
    button.click()
    shown = chat.page.locator(f'[data-kind="answer"][data-entry="{entry}"]')
    shown.wait_for()
    assert title in chat.page.locator('[data-kind="question"]').last.inner_text()
    assert chat.kinds()[-2:] == ["question", "answer"]


def test_what_is_not_known_is_said(chat: ChatPage) -> None:
    """No answer names the nearest topics and takes what the person was hoping for."""
    reply = chat.ask(UNANSWERED)
    assert reply.get_attribute("data-kind") == "no_answer"
    assert reply.get_by_test_id("suggestion").count() > 0
    reply.get_by_test_id("hoped").fill("A bread that rises")
    reply.get_by_test_id("hoped-send").click()
    reply.get_by_text("Thank you!").first.wait_for()
    assert reply.get_by_test_id("thumb-down").get_attribute("aria-pressed") == "true"


def test_thumbs_reach_the_server(chat: ChatPage) -> None:
    """A thumb and a comment travel as feedback on that reply and are acknowledged."""
    sent: list[dict[str, Any]] = []
    acknowledged: list[str] = []

    def watch(socket: Any) -> None:
        socket.on("framesent", lambda text: sent.append(json.loads(text)))
        socket.on("framereceived", lambda text: acknowledged.append(json.loads(text)["type"]))

    chat.page.on("websocket", watch)
    chat.page.reload()
    chat.in_state("online")
    reply = chat.ask(ANSWERED)
    reply.get_by_test_id("thumb-up").click()
    reply.get_by_test_id("comment").fill("Clear and short.")
    reply.get_by_test_id("comment-send").click()
    reply.get_by_test_id("comment").wait_for(state="detached")
    assert "Thank you" in reply.get_by_test_id("feedback-thanks").inner_text()
    chat.ask(ALSO_ANSWERED)
    rated = [frame for frame in sent if frame["type"] == "feedback"]
    assert [frame["helpful"] for frame in rated] == [True, True]
    assert rated[-1]["comment"] == "Clear and short."
    assert rated[0]["request_id"] == rated[1]["request_id"] != ""
    assert acknowledged.count("ack") == 2


def test_why_explains_the_answer(chat: ChatPage) -> None:
    """The question "Why this answer?" opens the probability, what matched and the near misses."""
    reply = chat.ask(ANSWERED)
    reply.get_by_test_id("why").click()
    panel = reply.get_by_test_id("why-panel")
    assert "Probability" in panel.inner_text()
    assert "apple" in panel.inner_text().lower()
    assert panel.locator(".compared li").count() == 3
    reply.get_by_test_id("why").click()
    assert not panel.is_visible()


def test_suggestions_while_typing_never_take_enter(chat: ChatPage) -> None:
    """Enter sends what was typed; only an option marked with the arrow keys is taken instead."""
    chat.box.press_sequentially("apple id")
    chat.part("typeahead-option").first.wait_for()
    chat.box.press("Enter")
    first = chat.page.locator('[data-kind="question"]').first
    assert first.locator(".bubble").inner_text() == "apple id"
    chat.page.locator(".from-supporter:not(.typing)").nth(1).wait_for()
    chat.box.press_sequentially("printer")
    chat.part("typeahead-option").first.wait_for()
    offered = chat.part("typeahead-option").first.inner_text()
    chat.box.press("ArrowDown")
    chat.box.press("Enter")
    taken = chat.page.locator('[data-kind="question"]').nth(1)
    assert taken.locator(".bubble").inner_text() == offered.strip()
    chat.page.locator('[data-kind="answer"]').last.wait_for()


def test_the_last_question_can_be_recalled_and_changed(chat: ChatPage) -> None:
    """Up brings the last question back; an edited one takes the old one's place."""
    chat.ask(UNANSWERED)
    chat.box.press("ArrowUp")
    assert chat.box.input_value() == UNANSWERED
    chat.box.fill("")
    chat.page.locator('[data-kind="question"]').hover()
    chat.part("edit-question").click()
    assert chat.box.input_value() == UNANSWERED
    chat.write(ANSWERED)
    chat.replies("answer").wait_for()
    assert chat.kinds() == ["greeting", "question", "answer"]
    assert "Edited" in chat.page.locator('[data-kind="question"]').inner_text()


def test_links_ask_a_question_and_open_an_entry(browser_page: Any, page_url: str) -> None:
    """#q= asks once, #entry= opens an entry, and a reload repeats neither."""
    chat = ChatPage(browser_page, page_url).open("#q=apple+id+locked")
    chat.page.locator(f'[data-entry="{ANSWERED_ENTRY}"]').wait_for()
    chat.open(f"#entry={ALSO_ANSWERED_ENTRY}")
    chat.page.locator(f'[data-entry="{ALSO_ANSWERED_ENTRY}"]').wait_for()
    before = chat.kinds()
    chat.page.reload()
    chat.in_state("online")
    assert chat.kinds() == before
    assert chat.kinds().count("answer") == 2


def test_a_link_to_an_answer_is_copied(chat: ChatPage) -> None:
    """The link under an answer leads a stranger to that entry."""
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.ask(ANSWERED).get_by_test_id("share-answer").click()
    chat.page.get_by_text("Link copied").first.wait_for(state="attached")
    copied = chat.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"{chat.url}/#entry={ANSWERED_ENTRY}"


def test_the_knowledge_base_can_be_browsed_and_searched(chat: ChatPage) -> None:
    """Entries stand by category beside the chat; the search box narrows them; a click reads one."""
    chat.part("browse-button").click()
    chat.page.locator(".browse summary").first.click()
    assert chat.page.locator(".browse details[open] [data-testid=browse-entry]").count() > 0
    chat.part("browse-search").fill("apple account locked")
    entry = chat.part("browse-entry").filter(has_text="Apple Account").first
    entry.click()
    chat.page.locator(f'[data-kind="answer"][data-entry="{ANSWERED_ENTRY}"]').wait_for()
    chat.part("browse-close").click()
    assert not chat.part("browse-list").is_visible()


def test_the_conversation_can_be_saved(chat: ChatPage) -> None:
    """The transcript comes as Markdown for people and as JSON for programs."""
    chat.ask(ANSWERED)
    with chat.page.expect_download() as saved:
        chat.choose("download-markdown")
    text = saved.value.path().read_text("utf-8")
    assert saved.value.suggested_filename.endswith(".md")
    assert f"> {ANSWERED}" in text
    assert "iforgot.apple.com" in text
    with chat.page.expect_download() as saved:
        chat.choose("download-json")
    items = json.loads(saved.value.path().read_text("utf-8"))["items"]
    assert [item["type"] for item in items] == ["reply", "question", "reply"]


def test_starting_over_forgets_everything(chat: ChatPage) -> None:
    """Start over asks first, then leaves a new greeting and nothing of the old conversation."""
    chat.ask(ANSWERED)
    chat.choose("start-over")
    chat.page.get_by_role("button", name="Cancel").click()
    assert "answer" in chat.kinds()
    chat.start_over()
    chat.page.locator('[data-kind="answer"]').wait_for(state="detached")
    chat.replies("greeting").wait_for()
    chat.page.reload()
    chat.replies("greeting").wait_for()
    assert chat.kinds() == ["greeting"]


def test_a_question_that_is_too_long_is_not_sent(chat: ChatPage) -> None:
    """The box counts, says how much is too much, and keeps the words."""
    chat.box.fill("a" * 2_010)
    assert chat.page.inner_text("#counter") == "10 characters too many"
    chat.box.press("Enter")
    assert chat.box.input_value() == "a" * 2_010
    assert chat.kinds() == ["greeting"]
