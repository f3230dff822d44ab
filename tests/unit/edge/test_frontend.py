"""The page's files: what is served, how it is cached, what never leaves the folder."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

Client = TestClient[Any, Any]
Served = Callable[..., Awaitable[Client]]


@pytest.fixture
async def client(served: Served) -> Client:
    """A server with the default settings."""
    return await served()


async def test_the_page_is_at_the_root(client: Client) -> None:
    """With its type, a strict policy and no framing."""
    response = await client.get("/")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "page" in await response.text()
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/.env",
        "/notes.md",
        "/outside.txt",
        "/../CURRENT",
        "/%2e%2e/CURRENT",
        "/..%2fCURRENT",
        "/vendor/..%5c..%5cCURRENT",
        "/vendor",
        "/app.js%00.html",
        "/app.js/",
        "/" + "x" * 5000,
        "/none.js",
    ],
)
async def test_what_is_no_part_of_the_page_is_not_there(client: Client, path: str) -> None:
    """Hidden files, other kinds, links and paths that lead out: all the same 404."""
    from yarl import URL

    response = await client.get(URL(path, encoded=True))
    assert response.status == 404
    assert "SECRET" not in await response.text()


async def test_a_file_that_has_not_changed_is_not_sent_again(client: Client, web_dir: Path) -> None:
    """304 for the ETag of the answer before; a changed file is sent."""
    first = await client.get("/app.js")
    assert first.headers["Cache-Control"] == "no-cache"
    headers = {"If-None-Match": first.headers["ETag"]}
    again = await client.get("/app.js", headers=headers)
    assert again.status == 304
    assert await again.read() == b""
    (web_dir / "app.js").write_text("export const changed = 1;\n")
    changed = await client.get("/app.js", headers=headers)
    assert changed.status == 200
    assert "changed" in await changed.text()


async def test_large_texts_travel_packed(client: Client) -> None:
    """gzip for those who take it, with an ETag of its own; plain for those who do not."""
    packed = await client.get("/", headers={"Accept-Encoding": "gzip"})
    plain = await client.get("/", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert await packed.text() == await plain.text()
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == "Accept-Encoding"


async def test_vendored_files_are_kept_for_a_day(client: Client) -> None:
    """They change only with a release."""
    response = await client.get("/vendor/thing.css")
    assert response.headers["Cache-Control"] == "public, max-age=86400"


async def test_the_page_may_be_framed_where_the_configuration_says(served: Served) -> None:
    """The widget's host pages, and nobody else."""
    client = await served(embedding_origins=("https://shop.example",))
    response = await client.get("/")
    assert "frame-ancestors https://shop.example" in response.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in response.headers


async def test_a_missing_folder_is_a_404_and_not_a_crash(served: Served, tmp_path: Path) -> None:
    """The API works without a page."""
    client = await served(web_dir=tmp_path / "nowhere")
    assert (await client.get("/")).status == 404
    assert (await client.get("/healthz")).status == 200
