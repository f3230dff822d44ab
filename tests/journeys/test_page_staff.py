"""The staff page: the door, what people asked, and the knowledge base to read."""

from __future__ import annotations

import shutil
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.axe import VARIANTS, axe_core, still, violations
from tests.journeys.chat_page import ANSWERED, ANSWERED_ENTRY, ChatPage
from tests.journeys.processes import Server, start_server

TOKEN = "only-for-staff"
NONSENSE = "zzkq blorf vrmpf"


@pytest.fixture
def staffed(own_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server that staff can sign in to."""
    monkeypatch.setenv("FIRSTLINE_ADMIN_TOKEN", TOKEN)
    return own_server()


class StaffPage:
    """One open staff page, and what went wrong in it."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.url = url
        self.troubles: list[str] = []
        host = urllib.parse.urlsplit(url).netloc
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", lambda asked: self._watch(urllib.parse.urlsplit(asked.url), host))

    def _watch(self, asked: Any, host: str) -> None:
        if asked.scheme in {"http", "https"} and asked.netloc != host:
            self.troubles.append(f"asked another host: {asked.netloc}")

    def part(self, name: str) -> Any:
        return self.page.locator(f'[data-testid="{name}"]')

    def open(self, place: str = "") -> StaffPage:
        self.page.goto(f"{self.url}/staff.html{place}")
        return self

    def sign_in(self, token: str = TOKEN) -> None:
        self.part("token").fill(token)
        self.part("enter").click()


@pytest.fixture
def staff(browser_page: Any, staffed: Server) -> StaffPage:
    """The door of the staff page."""
    return StaffPage(browser_page, staffed.url)


def talk(page: Any, url: str) -> None:
    """Somebody asks two questions and is helped by one answer less than hoped."""
    chat = ChatPage(page, url).greeted()
    reply = chat.ask(ANSWERED)
    reply.get_by_test_id("thumb-down").click()
    reply.get_by_test_id("comment").fill("Step two is missing.")
    reply.get_by_test_id("comment-send").click()
    reply.get_by_test_id("comment").wait_for(state="detached")
    chat.ask(NONSENSE)


def figures(staff: StaffPage) -> None:
    """Wait until the journal has what was asked; it is written beside the answers."""
    tiles = staff.part("tiles").filter(has_text="in 1 conversation")
    for _ in range(50):
        if tiles.is_visible() and "Step two" in staff.part("list-worst").inner_text():
            return
        staff.part("again").click()
        staff.page.wait_for_timeout(100)
    raise AssertionError(staff.page.inner_text("main"))


def test_only_the_token_opens_the_door(staff: StaffPage) -> None:
    """A wrong token is refused in words; the right one lasts as long as the tab."""
    staff.open()
    staff.sign_in("guess")
    staff.page.get_by_text("did not accept this token").wait_for()
    assert staff.part("note").count() == 0
    staff.sign_in()
    staff.page.get_by_text("Nothing was asked").wait_for()
    staff.page.reload()
    staff.page.get_by_text("Nothing was asked").wait_for()
    staff.part("menu-button").click()
    staff.part("leave").click()
    staff.part("token").wait_for()
    staff.page.reload()
    staff.part("token").wait_for()
    assert staff.troubles == []


def test_without_an_admin_token_the_door_says_so(browser_page: Any, page_url: str) -> None:
    """A server that has no token tells how to set one."""
    staff = StaffPage(browser_page, page_url).open()
    staff.sign_in("anything")
    staff.page.get_by_text("FIRSTLINE_ADMIN_TOKEN").wait_for()


def test_what_people_asked_is_shown_in_figures(staff: StaffPage) -> None:
    """Volumes, outcomes, plots with their tables, what was missed, rated worst and slow."""
    talk(staff.page, staff.url)
    staff.open()
    staff.sign_in()
    figures(staff)
    assert "50%" in staff.part("tiles").inner_text()
    assert NONSENSE in staff.part("list-unanswered").inner_text()
    worst = staff.part("list-worst")
    assert worst.locator("a").get_attribute("href") == f"#entry={ANSWERED_ENTRY}"
    assert NONSENSE in staff.part("list-slowest").inner_text()
    assert "Step two is missing." in staff.part("list-comments").inner_text()
    assert staff.page.locator(".plot rect.part-answer").count() >= 30
    staff.page.locator("figure summary").first.click()
    last = staff.page.locator("figure").first.locator("tbody tr").last
    assert last.locator("td").all_inner_texts() == ["1", "0", "1", "0"]
    staff.part("span").select_option("365")
    staff.page.get_by_text("Questions per week").first.wait_for()
    assert staff.troubles == []


def test_the_knowledge_base_can_be_searched_and_read(staff: StaffPage) -> None:
    """Found by words or id, read whole with its phrasings, linked by address and into the chat."""
    staff.open("#entries")
    staff.sign_in()
    staff.page.locator(".finder summary").first.wait_for()
    staff.part("browse-search").fill(ANSWERED_ENTRY)
    staff.part("browse-entry").first.click()
    phrasings = staff.part("phrasings")
    phrasings.get_by_text(ANSWERED, exact=True).wait_for()
    assert staff.page.url.endswith(f"#entry={ANSWERED_ENTRY}")
    staff.page.reload()
    phrasings.get_by_text(ANSWERED, exact=True).wait_for()
    staff.page.get_by_text("Open in the chat").click()
    staff.page.locator(f'[data-kind="answer"][data-entry="{ANSWERED_ENTRY}"]').wait_for()
    staff.open("#entry=nothing-like-this")
    staff.page.get_by_text("There is no entry").wait_for()
    assert staff.troubles == []


def test_what_is_found_stays_when_the_list_arrives_late(staff: StaffPage) -> None:
    """Who types before the list of entries is there keeps their search, now over all titles."""
    held: list[Any] = []
    staff.page.route("**/v1/entries?*", lambda route: held.append(route))
    staff.open("#entries")
    staff.sign_in()
    staff.part("browse-search").fill("apple id")
    staff.part("browse-entry").first.wait_for()
    for route in held:
        route.continue_()
    staff.page.unroute("**/v1/entries?*")
    staff.page.wait_for_timeout(500)
    assert staff.part("browse-entry").first.is_visible()
    assert staff.page.locator(".finder summary").count() == 0
    staff.part("browse-search").fill("")
    staff.page.locator(".finder summary").first.wait_for()
    assert staff.troubles == []


def test_the_keyboard_is_enough_for_staff(staff: StaffPage) -> None:
    """From the door to an article with Tab, Enter and typing; focus is never lost."""
    keys = staff.open().page.keyboard
    staff.part("token").focus()
    keys.type(TOKEN)
    keys.press("Enter")
    staff.page.get_by_text("Nothing was asked").wait_for()
    focused = "() => document.activeElement.id || document.activeElement.textContent"
    assert staff.page.evaluate(focused) == "content"
    for _ in range(10):
        keys.press("Shift+Tab")
        if "Knowledge base" in staff.page.evaluate(focused):
            break
    keys.press("Enter")
    staff.part("browse-search").focus()
    keys.type("apple id")
    staff.part("browse-entry").first.wait_for()
    keys.press("Tab")
    keys.press("Enter")
    staff.part("phrasings").wait_for()
    assert staff.page.evaluate("() => document.activeElement.localName") == "article"


@pytest.fixture(scope="module")
def busy(built_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that staff can sign in to, for looks that do not mind what was asked before."""
    index = tmp_path_factory.mktemp("staff") / "index"
    shutil.copytree(built_index, index)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRSTLINE_ADMIN_TOKEN", TOKEN)
        running = start_server(index)
    yield running
    running.stop()


@pytest.fixture(params=VARIANTS)
def look(request: pytest.FixtureRequest, browser: Any, busy: Server) -> Iterator[StaffPage]:
    """A staff page in one of its looks."""
    context = browser.new_context(**VARIANTS[request.param])
    context.set_default_timeout(15_000)
    yield StaffPage(context.new_page(), busy.url)
    context.close()


def test_axe_finds_nothing_on_the_staff_page(look: StaffPage) -> None:
    """The door, a refusal, figures with every table open, and the knowledge base are clean."""
    found: dict[str, list[str]] = {}

    def see(state: str) -> None:
        found[state] = violations(still(look.page))

    talk(look.page, look.url)
    look.page.add_init_script(axe_core())
    look.open()
    look.sign_in("guess")
    look.page.wait_for_function("() => document.getElementById('token-trouble').textContent")
    see("refused")
    look.sign_in()
    look.part("tiles").wait_for()
    look.page.evaluate(
        "() => document.querySelectorAll('details').forEach((one) => one.open = true)"
    )
    see("figures")
    look.page.evaluate("() => { location.hash = 'entries'; }")
    look.page.locator(".finder summary").first.click()
    see("knowledge base")
    look.part("browse-entry").first.click()
    look.part("phrasings").wait_for()
    see("article")
    look.page.route("**/v1/insights?*", lambda route: route.abort())
    look.page.evaluate("() => { location.hash = 'insights'; }")
    look.page.locator("[data-testid=note][role=alert]").wait_for()
    see("no server")
    assert {state: list_ for state, list_ in found.items() if list_} == {}
