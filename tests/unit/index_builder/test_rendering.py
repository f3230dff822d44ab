"""Markdown to what is shown and to what is searched."""

from __future__ import annotations

import html as html_entities
import re

import pytest

from index_builder import rendering_pool
from index_builder.rendering import plain_text, render, searchable, split_sections
from index_builder.rendering_pool import rendered


def shown(markdown: str) -> str:
    return "".join(part.html for part in render(markdown))


def headings(markdown: str) -> list[str]:
    return [heading for _, heading, _ in split_sections(markdown)]


HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</script>",
    "[press](javascript:alert(1))",
    "[press](JaVaScRiPt:alert(1))",
    "[press](java&#10;script:alert(1))",
    "[press](&#106;avascript:alert(1))",
    "[press](data:text/html;base64,PHNjcmlwdD4=)",
    "[press](vbscript:msgbox(1))",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](y.png)',
    '<img src=x onerror="alert(1)">',
    "<img src=x onerror=alert(1)//",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(4)</script>'>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)' onclick='alert(1)'>x</a>",
    "<style>body{background:url(//evil.example)}</style>",
    "<b style='position:fixed'>x</b>",
    "<form action='//evil.example'><input name=x></form>",
    "<object data='//evil.example'></object><embed src=x><base href='//evil.example'>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://example.org "a\\" onmouseover=\\"alert(1)")',
    "<!-- <script>alert(1)</script> -->",
    "<!--><script>alert(1)</script>-->",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "# <img src=x onerror=alert(1)>\n\ntext",
    "plain < script > and & nothing",
    "<details open ontoggle=alert(1)>",
]

ALLOWED = re.compile(
    r"""</?(?:p|br|hr|h[1-6]|ul|ol|li|strong|em|del|code|pre|blockquote|a|table|thead|tbody|tr|th
    |td|kbd|sup|sub)(?:\s+(?:href|title|start|align|rel)="[^"<>]*")*\s*/?>""",
    re.VERBOSE,
)
SCHEME = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.-]*):", re.IGNORECASE)


@pytest.mark.parametrize("markdown", HOSTILE)
def test_nothing_that_could_run_is_shown(markdown):
    """Whatever an entry's author, or an import, writes: only harmless elements reach the page."""
    html = shown(markdown)
    tags = re.findall(r"<[^>]*>?", html)
    assert [tag for tag in tags if not ALLOWED.fullmatch(tag)] == []
    assert "<script" not in html.lower()
    for address in re.findall(r'href="([^"]*)"', html):
        scheme = SCHEME.match(html_entities.unescape(address))
        assert scheme is None or scheme[1] in ("http", "https", "mailto"), address


@pytest.mark.parametrize(
    "scheme", ["https://example.org/a?b=c&d", "http://a.example", "mailto:a@b.c"]
)
def test_links_lead_out_safely(scheme):
    """A link of a harmless scheme stays; it neither vouches for its target nor lets it back in."""
    html = shown(f"[there]({scheme})")
    assert f'href="{scheme.replace("&", "&amp;")}"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**bold** and *slanted*", "<p><strong>bold</strong> and <em>slanted</em></p>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("press `Ctrl`", "<p>press <code>Ctrl</code></p>"),
        ("> said", "<blockquote><p>said</p></blockquote>"),
        ("~~old~~", "<p><del>old</del></p>"),
    ],
)
def test_what_authors_use_is_kept(markdown, html):
    """Emphasis, lists, code, quotations and strikes look as their author meant them."""
    assert shown(markdown).replace("\n", "") == html


def test_a_table_is_a_table():
    """Rows and columns survive, in HTML and as lines of plain text."""
    (part,) = render("| key | does |\n|:--|---|\n| F5 | reload |")
    assert "<table>" in part.html
    assert '<th align="left">key</th>' in part.html
    assert part.text.splitlines() == ["key  does", "F5  reload"]


def test_code_is_shown_as_it_was_typed():
    """What stands between fences is neither Markdown nor HTML, and line ends stay."""
    (part,) = render("```\nsudo rm <file> && *x*\n# not a heading\n```")
    assert "sudo rm &lt;file&gt; &amp;&amp; *x*\n# not a heading" in part.html
    assert part.text == "sudo rm <file> && *x*\n# not a heading"


def test_text_without_markup_is_paragraphs():
    """Plain text takes the short way and comes out as the long way would have it."""
    (part,) = render('Say "hello".\n\n\nThen wait.')
    assert part.html == '<p>Say "hello".</p>\n<p>Then wait.</p>'
    assert part.text.split() == ["Say", '"hello".', "Then", "wait."]


@pytest.mark.parametrize("markdown", ["", " \n\n ", "<!-- nothing -->", "<!-- \n # no \n -->"])
def test_an_empty_body_shows_nothing(markdown):
    """A body without a visible word has no visible section."""
    assert "".join(part.text for part in render(markdown)) == ""


def test_sections_begin_at_headings():
    """Each heading begins a section; what stands before the first has none."""
    markdown = "intro\n\n## First\n\none\n\n### Second ##\ntwo"
    assert list(split_sections(markdown)) == [
        ("", "", "intro\n"),
        ("##", "First", "\none\n"),
        ("###", "Second", "two"),
    ]


@pytest.mark.parametrize(
    "fenced",
    [
        "```\n# no\n```",
        "~~~\n# no\n~~~",
        "````\n```\n# no\n```\n````",
        "~~~\n```\n# no\n~~~",
        "```sh\n# no\n```",
        "   ```\n# no\n   ```",
    ],
)
def test_a_heading_inside_a_fence_is_code(fenced):
    """A comment in a script does not cut the script in two, and the section after it is one."""
    assert headings(f"{fenced}\n\n# Yes\n\ntext") == ["", "Yes"]


def test_a_fence_that_is_never_closed_holds_the_rest():
    """As in Markdown itself, everything after an open fence is code."""
    assert headings("text\n```\n# no") == [""]


@pytest.mark.parametrize(
    "line", ["#hashtag", "    # code", "####### seven", "a # b", "\\# escaped"]
)
def test_a_number_sign_alone_makes_no_heading(line):
    """Only a heading is a heading."""
    assert headings(f"text\n{line}\n") == [""]


def test_a_heading_without_a_body_is_kept():
    """A heading may say everything there is to say."""
    assert headings("# One\n# Two\n") == ["One", "Two"]


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("## Words ##", "Words"),
        ("## Words #  ", "Words"),
        ("## C#", "C#"),
        ("# F# or C# #", "F# or C#"),
    ],
)
def test_closing_marks_of_a_heading_are_not_its_words(line, heading):
    """A closing mark stands apart; one that belongs to a word stays with it."""
    assert headings(line) == [heading]


def test_a_heading_that_is_commented_out_cuts_nothing():
    """What an author has commented out is neither shown nor a section."""
    (part,) = render("one\n<!--\n# draft\n-->\ntwo")
    assert part.text.split() == ["one", "two"]


@pytest.mark.parametrize(
    "code", ["```xml\n<!-- set this -->\n```", "type `<!-- set this -->` here"]
)
def test_a_comment_inside_code_is_shown(code):
    """A sample of a configuration file keeps its comments."""
    assert "<!-- set this -->" in render(code)[0].text


def test_a_comment_that_never_ends_is_text():
    """Two characters too few do not swallow the rest of an answer."""
    assert "after" in render("before\n\nuse <!-- for a comment\n\nafter")[0].text


@pytest.mark.parametrize(
    "markdown",
    [
        "# " + "# " * 20_000 + "x",
        "# " + " " * 50_000 + "x",
        "a -->" + "<!--" * 20_000,
        "<!-- -->`" + "`a" * 20_000,
        "<" * 50_000,
        "](" * 20_000,
        "[" * 20_000,
        "> " * 5_000,
        "*_" * 20_000,
        "```\n~~~\n" * 5_000,
    ],
    ids=lambda markdown: repr(markdown[:6]),
)
def test_hostile_markdown_is_rendered(markdown):
    """Endless openings are read once and not again and again: a hang here is a bug."""
    assert isinstance(render(markdown), list)
    assert isinstance(searchable(markdown), str)


def test_a_section_is_rendered_under_its_heading():
    """HTML and text of a section both begin with its heading."""
    first, second = render("before *it*\n\n## Then\n\nafter")
    assert "Then" not in first.html
    assert second.html.startswith("<h2>Then</h2>")
    assert second.text == "Then\nafter"


def test_plain_text_has_no_entities_or_tags():
    """What a terminal shows is what the page shows, without its marks."""
    assert plain_text("<p>a &amp; b</p><ul><li>c &lt;d&gt;</li></ul>") == "a & b\nc <d>"


def test_addresses_are_not_searched():
    """A link's words are what an entry is about; its address and the comments are not."""
    text = searchable(
        'See [the guide](https://secret.example/x "hint") <!-- draft --> <kbd>F5</kbd>'
    )
    assert "the guide" in text
    assert "F5" in text
    assert "secret" not in text
    assert "draft" not in text
    assert "kbd" not in text


def test_several_processes_render_as_one_does() -> None:
    """--jobs changes the time a build takes, never a byte of it, nor the order."""
    texts = [f"# Part {number}\n\n*{number}* <script>x</script>" for number in range(100)]
    assert list(rendered(texts, 2)) == list(rendered(texts, 1))


def test_very_many_bodies_are_rendered_by_processes_that_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And come in the order they were given, from however many lives of them."""
    monkeypatch.setattr(rendering_pool, "MANY", 3)
    monkeypatch.setattr(rendering_pool, "A_LIFE", 2)
    texts = [f"# Step {number}\n\nPress *{number}*." for number in range(5)]
    assert list(rendered(texts)) == [render(text) for text in texts]
