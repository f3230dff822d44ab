"""Documentation sites: Markdown without our front matter."""

from __future__ import annotations

import pytest

ARTICLE = """---
title: Outlook keeps asking for a password
description: Fixes repeated prompts for a password in Outlook.
ms.date: 10/30/2024
author: someone
appliesto:
  - Outlook 2019
keywords: outlook password, outlook asks again and again
locale: en-US
---

# Outlook keeps *asking* for your `password`

_Note:_ &nbsp; 123

> [!IMPORTANT]
> Back up first.

## Symptoms <a name="symptoms"></a>

You see [this page](https://example.org/a_(b)) and [that one](../other.md#x "t").
:::image type="content" source="x.png" alt-text="A screenshot":::
![Prompt](media/prompt.png)

[!INCLUDE [Disclaimer](../includes/gone.md)]

::: zone pivot="windows-11"
1. Open **Settings**.<br/>Then wait.
   ```cmd
   cd C:\\<TenantName> <!-- kept -->
   ```
::: zone-end

<!-- an editor's
remark -->
Use `https://<tenant>.example.org` or <YourTenant>.

| Key | Value |
|---|---|
| a<br>b | <ul><li>one</li><li>two</li></ul> |

<table><tr><th>Code</th><th>Meaning</th></tr><tr><td>80</td><td>Bad <b>request</b></td></tr></table>
"""


@pytest.fixture
def article(put, imported):
    put("mail/outlook/password.md", ARTICLE)
    put("mail/other.md", "# Another page\n\nText.\n")
    return imported()


def test_the_head_is_read_by_convention(article):
    """Title, description, date, language and subjects find their places; folders are tags."""
    found = article.entries["password"]
    assert found.title == "Outlook keeps asking for your password"
    assert found.questions == (
        "Outlook keeps asking for a password",
        "outlook asks again and again",
    )
    assert found.tags == ("mail", "outlook", "Outlook 2019", "outlook password")
    assert (found.updated, found.language) == ("2024-10-30", "en")
    assert found.text.startswith("Fixes repeated prompts for a password in Outlook.\n\n_Note:_")


def test_links_between_pages_become_related_entries(article):
    """A relative link stays as its words, and the page it led to is offered beside the answer."""
    found = article.entries["password"]
    assert found.related == ("other",)
    assert "[this page](https://example.org/a_%28b%29) and that one." in found.text


def test_what_a_page_builder_fills_in_is_dropped_and_counted(article):
    """Images and includes leave no trace in the answer and a number in the ledger."""
    text = article.entries["password"].text
    for gone in (":::", "![", "INCLUDE", "remark", "screenshot", "<br", "<a ", "&nbsp;"):
        assert gone not in text
    lost = article.ledger.lost_fields
    assert (lost["images"], lost["includes"], lost["relative links"]) == (2, 1, 1)
    assert lost["author"] == 1


def test_directives_become_plain_markdown(article):
    """Notes, pivots and line breaks read as such anywhere."""
    text = article.entries["password"].text
    assert "> **Important:**" in text
    assert "**windows 11**" in text
    assert "1. Open **Settings**.  \nThen wait." in text


def test_code_and_placeholders_stay_as_written(article):
    """Nothing in code changes; a placeholder outside code is shown and not taken for a tag."""
    text = article.entries["password"].text
    assert "cd C:\\<TenantName> <!-- kept -->" in text
    assert "`https://<tenant>.example.org` or \\<YourTenant>." in text


def test_tables_survive(article):
    """A Markdown table keeps its rows on one line, an HTML table becomes Markdown."""
    text = article.entries["password"].text
    assert "| a b | one; two;" in text
    assert "| Code | Meaning |\n|---|---|\n| 80 | Bad **request** |" in text


def test_a_page_without_any_head_is_an_article(put, imported):
    """The first heading is the title; without one, the file's name is."""
    put("reset-router.md", "Press the button for ten seconds.\n")
    put(
        "b.md",
        "Setext title\n===\n\nPart\n---\n\nText [one][ref] and [ref].\n\n[ref]: https://e.org/x\n",
    )
    entries = imported().entries
    assert entries["reset-router"].title == "reset router"
    assert entries["b"].title == "Setext title"
    assert entries["b"].text == (
        "## Part\n\nText [one](https://e.org/x) and [ref](https://e.org/x)."
    )


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("---\ntitle: A: colon\nms.date: 01/02/2024\n---\n", 2),
        ("---\ntitle: A: colon\ntags: *all\n---\n", 2),
        ("---\ntitle: 'A: colon'\nms.date: 01/02/2024\n\n", 1),
    ],
)
def test_broken_front_matter_is_mended_and_said(put, imported, head, line):
    """No article is lost to its head: it is read line by line and the ledger names the place."""
    put("a.md", f"{head}# Heading\n\nText.\n")
    outcome = imported(form="docs")
    assert outcome.entries["a"].questions == ("A: colon",)
    assert outcome.entries["a"].text.endswith("Text.")
    ((_, noted, _),) = outcome.ledger.noted
    assert noted == line


def test_pages_of_one_name_get_ids_of_their_paths(put, imported):
    """Two pages called reset.md are two entries; index.md is called like its folder."""
    for name in ("wifi/reset.md", "printer/reset.md", "vpn/index.md"):
        put(name, f"# About {name}\n\nText.\n")
    assert sorted(imported().entries) == ["printer-reset", "vpn", "wifi-reset"]


def test_includes_in_the_source_are_filled_in(put, imported):
    """A fragment that is there becomes part of the article and is no article itself."""
    put("a.md", "# A\n\n[!INCLUDE [x](includes/part.md)]\n")
    put("includes/part.md", "---\nms.date: x\n---\nFrom the part.\n")
    outcome = imported()
    assert outcome.entries["a"].text == "From the part."
    assert list(outcome.entries) == ["a"]
    assert outcome.ledger.skipped_count == 1


def test_nothing_is_lost_silently(put, imported):
    """Drafts, tables of contents, READMEs and empty pages each get a line that says why."""
    put("a.md", "# A\n\nText.\n")
    put("draft.md", "---\ndraft: true\nlayout: x\n---\nText\n")
    put("empty.md", "# Only a title\n")
    put("toc.md", "- [A](a.md)\n")
    put("README.md", "About this folder\n")
    outcome = imported()
    assert list(outcome.entries) == ["a"]
    assert (outcome.ledger.read, outcome.ledger.skipped_count) == (5, 4)


def test_toml_heads_and_shortcodes_of_hugo(put, imported):
    """A +++ head is read as TOML; shortcodes are dropped."""
    put("a.md", '+++\ntitle = "T"\ntags = ["x"]\nlastmod = 2024-01-02\n+++\n{{< toc >}}\nText.\n')
    found = imported().entries["a"]
    assert (found.title, found.tags, found.updated, found.text) == (
        "T",
        ("x",),
        "2024-01-02",
        "Text.",
    )


def test_admonitions_and_tabs_of_mkdocs(put, imported):
    """Indented content is not mistaken for code."""
    put("a.md", '# A\n\n!!! note "Mind"\n    Read on.\n\n=== "Mac"\n\n    - Press it.\n\nEnd.\n')
    assert imported().entries["a"].text == (
        "> **Mind**\n>\n> Read on.\n\n**Mac**\n\n- Press it.\n\nEnd."
    )


def test_a_folder_with_phrasings_is_ours_and_strict(put, imported):
    """One file with questions makes a missing title an error, not an odd article."""
    put("a.md", "---\ntitle: A\nquestions: [b]\n---\nText.\n")
    put("b.md", "# No front matter\n\nText.\n")
    (problem,) = imported().problems
    assert problem.startswith("b.md:1: no title")


@pytest.mark.parametrize("piece", ["[", "[!INCLUDE [a](", "<a ", "`", "![a", "> ", "<table>"])
def test_endless_openings_are_read_in_one_go(put, imported, piece):
    """A page of nothing but openings is a page of text, not a computation."""
    put("a.md", f"# T\n\nx {piece * 20_000}\n")
    assert imported(form="docs").ledger.kept == 1
