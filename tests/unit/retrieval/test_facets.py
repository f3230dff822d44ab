"""Which entries a filter leaves, and which are offered before anything was asked."""

from __future__ import annotations

import pytest

from service.retrieval.entries import Entry


@pytest.fixture(scope="module")
def ids_allowed(index):
    """Ids that a filter leaves; None where it leaves all without asking."""

    def allowed(*tags: str, platform: str | None = None):
        mask = index.facets.allowed(tags, platform)
        if mask is None:
            return None
        return {index.store.card(n).id for n in range(index.entry_count) if mask[n]}

    return allowed


def test_no_filter_is_no_mask(ids_allowed):
    """Where nothing is asked, no entry is looked at."""
    assert ids_allowed() is None


def test_a_tag_leaves_its_entries(ids_allowed):
    """One tag leaves the entries that carry it."""
    assert ids_allowed("printers") == {"printer-offline", "paper-jam"}


def test_several_tags_leave_what_carries_all(ids_allowed):
    """Tags narrow, in whatever order and however often they are named."""
    assert ids_allowed("hardware", "printers", "hardware") == {"paper-jam"}
    assert ids_allowed("printers", "sound") == set()


def test_an_unheard_tag_leaves_nothing(ids_allowed):
    """A tag or platform that no entry has answers nothing, and is not an error."""
    assert ids_allowed("unheard") == set()
    assert ids_allowed("") == set()


def test_a_platform_leaves_its_own_entries_and_those_for_all(ids_allowed):
    """Entries without platforms are for every one."""
    found = ids_allowed(platform="macos")
    assert {"mac-sound", "wifi-slow"} <= found
    assert not {"windows-sound", "error-0x80070057"} & found


def test_an_unheard_platform_leaves_the_entries_for_all(ids_allowed):
    """Advice for every platform holds on a platform nobody wrote for."""
    found = ids_allowed(platform="beos")
    assert "wifi-slow" in found
    assert "mac-sound" not in found


def test_tag_and_platform_narrow_together(ids_allowed):
    """Both filters must leave an entry."""
    assert ids_allowed("sound", platform="windows") == {"windows-sound"}


def test_a_mask_cannot_be_changed(index):
    """Masks are shared between questions, so nobody may write to one."""
    with pytest.raises(ValueError, match="read-only"):
        index.facets.allowed(("printers",), None)[0] = True


def test_lists_leave_small_talk_out(index):
    """The knowledge base that a person browses holds answers only."""
    page, _ = index.entries()
    assert "hello" not in {card.id for card in page}
    assert index.entries(tag="talk") == ((), None)


def test_lists_carry_tags(index):
    """What an entry is about travels with it, so that a reader can sort a list by category."""
    page, _ = index.entries(tag="printers")
    assert page
    assert all("printers" in one.tags for one in page)


def test_pages_follow_each_other_without_gap_or_repeat(index):
    """Following cursors shows every entry once, in corpus order, and then stops."""
    seen, cursor = [], None
    while True:
        page, cursor = index.entries(limit=2, cursor=cursor)
        assert len(page) <= 2
        seen += [card.id for card in page]
        if cursor is None:
            break
    assert seen == [card.id for card in index.entries()[0]]


def test_a_full_last_page_has_no_cursor(index):
    """A page that shows the last entry does not promise another."""
    assert index.entries(tag="printers", limit=2)[1] is None
    assert index.entries(tag="printers", limit=1)[1] == "printer-offline"


def test_starters_are_of_different_tags(index):
    """Before a question, one entry of each of the largest tags is offered, never small talk."""
    offered = [card.id for card in index.starters(4)]
    assert len(set(offered)) == len(offered) == 4
    assert "hello" not in offered
    assert len(index.starters(2)) == 2


def test_without_tags_nothing_is_offered(make_index):
    """A knowledge base without tags has no starters and says so by none."""
    assert make_index([Entry(id="a", title="printer")]).starters() == ()
