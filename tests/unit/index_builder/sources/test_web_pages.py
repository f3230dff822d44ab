"""HTML pages and schema.org FAQ data."""

from __future__ import annotations

import json

import pytest

from index_builder.sources.html_markdown import to_markdown

FAQ = {
    "@context": "https://schema.org",
    "@type": "FAQPage",
    "mainEntity": [
        {
            "@type": "Question",
            "name": "How do I reset it? &amp; why",
            "alternateName": ["reset how"],
            "acceptedAnswer": {"@type": "Answer", "text": "<p>Press <b>both</b> buttons.</p>"},
        },
        {
            "@type": "Question",
            "name": "Plain?",
            "acceptedAnswer": [{"@type": "Answer", "text": "1 * 2 = 2"}],
        },
    ],
}


def test_faq_data_comes_first(put, imported):
    """A page with a FAQPage gives its questions and not its layout."""
    put(
        "faq.html",
        "<!doctype html><html><head><link rel=canonical href='https://e.org/faq'>"
        f"<script type='application/ld+json'>{json.dumps(FAQ)}</script></head>"
        "<body><h1>FAQ</h1><p>Noise</p></body></html>",
    )
    entries = imported().entries
    found = entries["how-do-i-reset-it-why"]
    assert (found.title, found.questions) == ("How do I reset it? & why", ("reset how",))
    assert (found.text, found.source) == ("Press **both** buttons.", "https://e.org/faq")
    assert entries["plain"].text == "1 \\* 2 = 2"


@pytest.mark.parametrize("wrapped", [FAQ, {"@context": "x", "@graph": [{"@type": "Thing"}, FAQ]}])
def test_faq_data_in_a_file_of_its_own(put, imported, wrapped):
    """With or without a graph around it."""
    put("faq.jsonld", json.dumps(wrapped))
    assert imported().entries["plain"].title == "Plain?"


def test_a_question_without_answer_is_named(put, imported):
    """The line is the question's own."""
    put(
        "faq.json",
        '{"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": [\n'
        '{"@type": "Question", "name": "A?"}\n]}',
    )
    assert imported().problems == ["faq.json:2: the question 'A?' has no acceptedAnswer"]


def test_the_main_text_of_a_page(put, imported):
    """Menus, asides, scripts and forms are no answer; headings stay."""
    put(
        "guides/router.html",
        """<!DOCTYPE html><html lang="en-GB"><head><title>Router | Shop</title>
        <script>steal()</script><style>p{}</style></head><body>
        <header><a href="/">Home</a></header><nav>Menu</nav>
        <main><div class="breadcrumb">Home / Router</div><h1>The <i>router</i></h1>
        <p>Intro.</p><h2>Reset</h2><ol><li>Unplug it.</li><li>Wait.</li></ol>
        <form><input value="x"><button>Send</button></form></main>
        <aside>Ads</aside><footer>Imprint</footer></body></html>""",
    )
    found = imported().entries["router"]
    assert found.title == "The router"
    assert found.text == "Intro.\n\n## Reset\n\n1. Unplug it.\n2. Wait."
    assert found.language == "en"


def test_a_page_without_a_heading_is_called_by_its_title(put, imported):
    """And a page without a word gets a line in the ledger."""
    put("a.html", "<html><head><title> My\n page </title></head><body><p>Text</p></body></html>")
    put("b.html", "<html><body><nav>Menu</nav></body></html>")
    outcome = imported()
    assert outcome.entries["a"].title == "My page"
    assert outcome.ledger.skipped[0][2] == "a page without a word in it"


def test_broken_faq_data_leaves_the_page(put, imported):
    """The text is read, and the ledger says what was not."""
    put("a.html", '<html><script type="application/ld+json">{"a</script><body><p>Text</p></body>')
    outcome = imported()
    assert outcome.entries["a"].text == "Text"
    assert outcome.ledger.noted[0][2] == "the JSON-LD script 1 is broken; left out"


def test_a_declared_encoding_is_honoured_and_an_undeclared_one_refused(put, imported):
    """Windows-1252 is read where the page says so."""
    page = "<html><head>{}</head><body><p>Café</p></body></html>"
    path = put("a.html", page.format('<meta charset="iso-8859-1">').encode("cp1252"))
    assert imported(path).entries["a"].text == "Café"
    path = put("b.html", page.format("").encode("cp1252"))
    assert imported(path).problems == ["b.html:1: byte 0xE9 is not UTF-8: save the file as UTF-8"]
    path = put("c.html", page.format('<meta charset="klingon">'))
    assert imported(path).problems[0].startswith("c.html:1: declares the unknown encoding klingon")


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a <b> b </b>c</p>", "a **b** c"),
        ("<b><b>x</b></b>", "**x**"),
        ("<p>1. no list</p><p># no heading</p><p>- no item</p>",
         "1\\. no list\n\n\\# no heading\n\n\\- no item"),
        ("<p>*a* _b_ `c` snake_case &lt;tag&gt; &amp;amp;</p>",
         "\\*a\\* \\_b\\_ \\`c\\` snake_case \\<tag> \\&amp;"),
        ("<p>https://e.org/_a_*</p>", "https://e.org/_a_*"),
        ('<a href="javascript:x()">go</a> <a href="https://e.org/a b(1)">to</a>',
         "go [to](https://e.org/a%20b%281%29)"),
        ("<ul><li>a<ul><li>b</ul><li><p>c</p><p>d</p></ul>", "- a\n  - b\n\n- c\n\n  d"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
        ('<pre><code class="language-sh">a\n  b ```</code></pre>', "````sh\na\n  b ```\n````"),
        ("<p>run <code>a `b`</code> now</p>", "run `` a `b` `` now"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<table><tr><th>a<th>b</tr><tr><td>1|2<td><br>x</table>",
         "| a | b |\n|---|---|\n| 1\\|2 | x |"),
        ("<table><tr><td><h2>Layout</h2><td><p>text</p></table>", "## Layout\n\ntext"),
        ("<dl><dt>a<dd>b</dl>", "**a**\n\nb"),
        ("<details><summary>How?</summary>So.</details>", "### How?\n\nSo."),
        ("a<br>b<br><br>c", "a  \nb\n\nc"),
        ("<p>x<script>alert(1)</script><style>p{}</style><iframe src=x></iframe></p>", "x"),
        ("<a href='https://e.org'><div>block</div></a>", "block"),
        ("<p>a<?svg b?>c<!-- d --></p>", "ac"),
        ("", ""),
    ],
)  # fmt: skip
def test_html_as_markdown(html, markdown):
    """What a browser would show, in Markdown that shows the same."""
    assert to_markdown(html).text == markdown


@pytest.mark.parametrize("tag", ["<div>", "<b>", "<ul><li>", "<span>", "<table><tr><td>"])
def test_deep_nesting_costs_the_shape_and_not_the_words(tag):
    """Nine thousand levels are read; the words arrive."""
    assert "word" in to_markdown(tag * 3_000 + "word").text


def test_nesting_as_only_an_attack_has_it_is_refused(put, imported):
    """Before the parser, which would take minutes."""
    put("a.html", "<html><body>" + "<div>" * 200_000)
    assert imported().problems == ["a.html:1: HTML nested deeper than 10,000 elements"]
