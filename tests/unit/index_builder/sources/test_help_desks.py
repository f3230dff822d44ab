"""Zendesk, Freshdesk and Intercom."""

from __future__ import annotations

import json

HTML = (
    '<h2>Do this</h2><p>Press <b>OK</b> on <a href="/page">the page</a>.</p>'
    "<script>alert(1)</script><img src='x'>"
)


def test_zendesk_articles(put, imported):
    """Bodies become Markdown with absolute links; drafts stay out; further pages are mentioned."""
    put(
        "page-1.json",
        json.dumps(
            {
                "count": 3,
                "next_page": "https://help.example.org/api/page=2",
                "articles": [
                    {
                        "id": 36000123,
                        "title": "Reset the router",
                        "body": HTML,
                        "html_url": "https://help.example.org/hc/en-us/articles/36000123",
                        "section_id": 9,
                        "locale": "en-us",
                        "label_names": ["network"],
                        "draft": False,
                        "updated_at": "2024-02-03T04:05:06Z",
                    },
                    {"id": 2, "title": "Later", "body": "<p>x</p>", "draft": True},
                    {"id": 3, "title": "Nothing", "body": None},
                ],
            },
            indent=1,
        ),
    )
    outcome = imported(keep_going=True)
    found = outcome.entries["36000123"]
    assert found.title == "Reset the router"
    assert found.text == (
        "## Do this\n\nPress **OK** on [the page](https://help.example.org/page)."
    )
    assert found.source == "https://help.example.org/hc/en-us/articles/36000123"
    assert (found.tags, found.updated, found.language) == (("network",), "2024-02-03", "en")
    assert outcome.ledger.lost_fields == {"section_id": 1, "images": 1}
    whys = [why for _, _, why in outcome.ledger.skipped]
    assert whys == ["'Later' is a draft", "article 3 (Nothing) has no text"]
    assert "next_page is set" in outcome.ledger.noted[0][2]


def test_zendesk_names_the_line_of_a_bad_article(put, imported):
    """An article without a text fails the import, at its own line."""
    put("a.json", '{"articles": [\n{"id": 1, "title": "A", "body": "<p>a</p>"},\n{"id": 2}\n]}')
    assert imported().problems == ["a.json:3: article 2 () has no title"]


def test_freshdesk_articles(put, imported):
    """Only what is published; the plain text serves where there is no HTML."""
    shared = {"folder_id": 5, "tags": ["mail", {"name": "imap"}], "updated_at": "2024-01-02T00:00Z"}
    put(
        "solutions.json",
        json.dumps(
            [
                {"id": 1, "title": "A", "description": HTML, "status": 2, **shared},
                {
                    "id": 2,
                    "title": "B",
                    "description": "",
                    "description_text": "1. x*",
                    "status": 2,
                },
                {"id": 3, "title": "C", "description": HTML, "status": 1, **shared},
            ]
        ),
    )
    outcome = imported()
    assert outcome.entries["1"].text == "## Do this\n\nPress **OK** on the page."
    assert outcome.entries["1"].tags == ("mail", "imap")
    assert outcome.entries["2"].text == "1\\. x\\*"
    assert outcome.ledger.skipped_count == 1
    assert outcome.ledger.lost_fields["folder_id"] == 1


def test_intercom_articles_and_their_translations(put, imported):
    """Each published translation is an entry of its own language."""
    put(
        "articles.json",
        json.dumps(
            {
                "type": "list",
                "pages": {"next": "https://api.intercom.io/2"},
                "data": [
                    {
                        "id": "88",
                        "type": "article",
                        "title": "Sound",
                        "description": "No sound at all.",
                        "body": "<p>Turn it up.</p>",
                        "state": "published",
                        "url": "https://e.org/88",
                        "updated_at": 1700000000,
                        "default_locale": "en",
                        "translated_content": {
                            "type": "article_translated_content",
                            "de": {"title": "Ton", "body": "<p>Lauter.</p>", "state": "published"},
                            "fr": {"title": "Son", "body": "<p>x</p>", "state": "draft"},
                        },
                    }
                ],
            }
        ),
    )
    outcome = imported()
    found = outcome.entries["88"]
    assert found.text == "No sound at all.\n\nTurn it up."
    assert (found.updated, found.language) == ("2023-11-14", "en")
    assert (outcome.entries["88-de"].title, outcome.entries["88-de"].language) == ("Ton", "de")
    assert (outcome.ledger.skipped_count, outcome.ledger.noted_count) == (1, 1)


def test_one_hostile_body_is_one_bad_record(put, imported):
    """Its neighbours are read, and the line is its own."""
    deep = "<div>" * 20_000
    articles = [{"id": 1, "title": "A", "body": deep}, {"id": 2, "title": "B", "body": "<p>b</p>"}]
    put("a.json", json.dumps({"articles": articles}, indent=1))
    assert imported().problems == ["a.json:3: HTML nested deeper than 10,000 elements"]
    assert list(imported(keep_going=True).entries) == ["2"]
