"""The page for everyone: axe in every state, keyboard, screen readers, languages, small windows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.axe import VARIANTS, axe_core, still, violations
from tests.journeys.chat_page import ANSWERED, UNANSWERED, ChatPage, unsure_question


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest, browser: Any, page_url: str) -> Iterator[ChatPage]:
    """A page in one of the looks it has."""
    context = browser.new_context(**VARIANTS[request.param])
    context.set_default_timeout(15_000)
    yield ChatPage(context.new_page(), page_url)
    context.close()


def test_axe_finds_nothing_in_any_state(variant: ChatPage, page_url: str) -> None:
    """Greeting, replies of every kind, panels, menus, errors and the offline state are clean."""
    variant.page.add_init_script(axe_core())
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        found[state] = violations(still(variant.page))

    variant.greeted()
    look("greeting")
    for question in (ANSWERED, unsure_question(page_url), UNANSWERED, "hello"):
        variant.ask(question)
    answer = variant.replies("answer")
    answer.get_by_test_id("thumb-down").click()
    answer.get_by_test_id("why").click()
    answer.locator(".numbers summary").click()
    look("every kind of reply, with feedback and explanation open")
    variant.box.press_sequentially("apple")
    variant.part("typeahead-option").first.wait_for()
    variant.box.press("ArrowDown")
    look("suggestions while typing")
    variant.box.press("Escape")
    variant.box.fill("a" * 2_010)
    look("too long")
    variant.box.fill("")
    variant.part("menu-button").click()
    look("menu")
    variant.part("start-over").click()
    look("start over?")
    variant.page.keyboard.press("Escape")
    variant.part("browse-button").click()
    variant.page.locator(".browse summary").first.click()
    look("browsing")
    variant.part("browse-close").click()
    variant.page.route("**/v1/entries?*", lambda route: route.abort())
    variant.page.route_web_socket("**/ws*", lambda socket: socket.close(code=1001))
    variant.page.route("**/healthz", lambda route: route.abort())
    variant.page.reload()
    variant.in_state("reconnecting")
    variant.write("typed while nobody listens")
    variant.part("browse-button").click()
    variant.page.locator(".browse [role=alert]").wait_for()
    look("no server")
    assert {state: list_ for state, list_ in found.items() if list_} == {}


def test_the_keyboard_is_enough(browser_page: Any, page_url: str) -> None:
    """From load to a rated answer with Tab, Enter and the arrow keys, focus always visible."""
    chat = ChatPage(browser_page, page_url).greeted()
    chat.page.keyboard.press("Tab")
    assert chat.page.evaluate("() => document.activeElement.textContent").startswith("Skip")
    chat.page.keyboard.press("Enter")
    chat.page.keyboard.type(ANSWERED)
    chat.page.keyboard.press("Enter")
    chat.replies("answer").wait_for()
    assert focused(chat) == "question-input"
    for _ in range(30):
        chat.page.keyboard.press("Shift+Tab")
        outline = "() => getComputedStyle(document.activeElement).outlineStyle"
        assert chat.page.evaluate(outline) != "none"
        if focused(chat) == "thumb-up":
            break
    chat.page.keyboard.press("Enter")
    assert chat.part("thumb-up").get_attribute("aria-pressed") == "true"
    chat.part("log").focus()
    chat.page.keyboard.press("ArrowUp")
    assert chat.page.evaluate("() => document.activeElement.dataset.kind") == "answer"
    chat.page.keyboard.press("ArrowUp")
    assert chat.page.evaluate("() => document.activeElement.dataset.kind") == "question"
    chat.page.keyboard.press("Home")
    assert chat.page.evaluate("() => document.activeElement.dataset.kind") == "greeting"


def focused(chat: ChatPage) -> str | None:
    script = "() => document.activeElement.dataset.testid ?? null"
    found: str | None = chat.page.evaluate(script)
    return found


def test_additions_are_announced_once_and_focus_stays(browser_page: Any, page_url: str) -> None:
    """The log is not live; a live region says each new reply once; nothing moves the focus."""
    chat = ChatPage(browser_page, page_url).greeted()
    chat.page.evaluate(
        "() => { window.said = []; new MutationObserver((all) => all.forEach((one) =>"
        " one.addedNodes.forEach((node) => window.said.push(node.textContent))))"
        ".observe(document.getElementById('announcer'), { childList: true }); }"
    )
    log = chat.part("log")
    assert log.get_attribute("role") == "log"
    assert log.get_attribute("aria-live") == "off"
    assert chat.part("announcer").get_attribute("aria-live") == "polite"
    chat.ask(ANSWERED)
    assert focused(chat) == "question-input"
    name = chat.page.inner_text("#name")
    said = chat.page.evaluate("() => window.said")
    assert [line for line in said if line.startswith(f"{name}: Apple Account")] == said
    assert len(said) == 1


def test_german_comes_from_the_browser_and_can_be_switched(browser: Any, page_url: str) -> None:
    """A German browser gets a German page; the menu switches it, and the choice is remembered."""
    context = browser.new_context(locale="de-AT")
    chat = ChatPage(context.new_page(), page_url).greeted()
    chat.ask(UNANSWERED)
    assert chat.page.get_attribute("html", "lang") == "de"
    assert "verlässliche Antwort" in chat.replies("no_answer").inner_text()
    chat.part("menu-button").click()
    chat.part("language").select_option("en")
    chat.page.get_by_text("reliable answer").wait_for()
    chat.page.reload()
    chat.page.get_by_text("reliable answer").wait_for()
    assert chat.page.get_attribute("html", "lang") == "en"
    context.close()


def test_every_language_says_everything(page_url: str) -> None:
    """Each catalogue has the keys, the placeholders and the plural forms of the English one."""
    import json
    import urllib.request

    def read(path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{page_url}/{path}", timeout=20) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def holes(message: str | dict[str, str]) -> set[str]:
        return set(re.findall(r"\{\w+\}", json.dumps(message)))

    english = read("locales/en.json")
    for language in read("page.json")["languages"]:
        catalogue = read(f"locales/{language}.json")
        assert catalogue.keys() == english.keys()
        assert {k: holes(v) for k, v in catalogue.items()} == {
            k: holes(v) for k, v in english.items()
        }


def test_a_third_language_is_one_file(browser_page: Any, page_url: str) -> None:
    """A right-to-left catalogue turns the page around, with Bootstrap's mirrored styles."""
    words = {"$dir": "rtl", "composer.placeholder": "صف مشكلتك"}
    browser_page.route("**/locales/ar.json", lambda route: route.fulfill(json=words))
    settings = {"title": "Acme", "languages": ["en", "ar"]}
    browser_page.route("**/page.json", lambda route: route.fulfill(json=settings))
    chat = ChatPage(browser_page, page_url).open("?lang=ar")
    chat.replies("greeting").wait_for()
    assert chat.page.get_attribute("html", "dir") == "rtl"
    assert chat.box.get_attribute("placeholder") == "صف مشكلتك"
    assert chat.page.get_attribute("#bootstrap", "href").endswith("bootstrap.rtl.min.css")
    send, box = chat.part("send").bounding_box(), chat.box.bounding_box()
    assert send["x"] < box["x"]
    assert chat.overflow_px() <= 0


def test_dark_mode_follows_the_system_and_the_menu(browser: Any, page_url: str) -> None:
    """Dark where the system is dark, and as chosen from then on."""
    context = browser.new_context(color_scheme="dark")
    chat = ChatPage(context.new_page(), page_url).greeted()
    theme = "() => document.documentElement.dataset.bsTheme"
    assert chat.page.evaluate(theme) == "dark"
    chat.part("menu-button").click()
    chat.page.get_by_text("Light", exact=True).click()
    assert chat.page.evaluate(theme) == "light"
    chat.page.reload()
    chat.in_state("online")
    assert chat.page.evaluate(theme) == "light"
    context.close()


def test_nothing_moves_for_those_who_asked_for_it(browser: Any, page_url: str) -> None:
    """With reduced motion there are no animations, and replies are not held back."""
    context = browser.new_context(reduced_motion="reduce")
    chat = ChatPage(context.new_page(), page_url).greeted()
    chat.ask(ANSWERED)
    assert chat.page.evaluate("() => document.getAnimations({ subtree: true }).length") == 0
    context.close()


def test_the_page_is_light(browser_page: Any, page_url: str) -> None:
    """At most 150 KB over the wire beyond Bootstrap's style sheet, headers included."""
    network = browser_page.context.new_cdp_session(browser_page)
    network.send("Network.enable")
    address: dict[str, str] = {}
    weight: dict[str, float] = {}
    network.on(
        "Network.responseReceived",
        lambda event: address.update({event["requestId"]: event["response"]["url"]}),
    )
    network.on(
        "Network.loadingFinished",
        lambda event: weight.update({event["requestId"]: event["encodedDataLength"]}),
    )
    chat = ChatPage(browser_page, page_url).greeted()
    chat.page.wait_for_load_state("networkidle")
    own = sum(size for key, size in weight.items() if "bootstrap.min.css" not in address[key])
    assert 20_000 < own <= 150 * 1024
    assert chat.troubles == []
