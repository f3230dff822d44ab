"""
Serves ``web/``: the kinds of file a page is made of, and nothing else that may lie in there.

Files are read once and kept with their gzip form until they change on disk; every answer carries
an ETag, so that a browser that has the file asks and is told so in one small reply.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_PACKED = {".html", ".css", ".js", ".mjs", ".json", ".webmanifest", ".svg", ".txt"}
_PACK_FROM_BYTES = 512


@dataclass(frozen=True, slots=True)
class _File:
    """One file as it was at ``stamp``."""

    stamp: tuple[int, int]
    content_type: str
    etag: str
    plain: bytes
    packed: bytes | None


class Frontend:
    """The chat page and everything it needs."""

    def __init__(self, web_dir: Path, embedding_origins: tuple[str, ...] = ()) -> None:
        self._root = web_dir.resolve()
        self._files: dict[Path, _File] = {}
        framed_by = " ".join(embedding_origins) or "'none'"
        self._headers = {
            # data: is for the icons inside Bootstrap's own style sheet.
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                "font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; "
                f"base-uri 'none'; form-action 'none'; frame-ancestors {framed_by}"
            ),
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }
        if not embedding_origins:
            self._headers["X-Frame-Options"] = "DENY"

    async def docs(self, request: web.Request) -> web.Response:
        """``/docs``: the page that shows the OpenAPI document, under its short address."""
        return self._send(request, "docs.html")

    async def page(self, request: web.Request) -> web.Response:
        """The file at this address; what ends in ``/`` is its ``index.html``."""
        return self._send(request, request.match_info["path"])

    def _send(self, request: web.Request, path: str) -> web.Response:
        file = self._find(path)
        if file is None:
            raise web.HTTPNotFound
        headers = dict(self._headers)
        packed = file.packed is not None and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        etag = f'"{file.etag}-gz"' if packed else f'"{file.etag}"'
        headers[hdrs.ETAG] = etag
        headers[hdrs.CACHE_CONTROL] = (
            "public, max-age=86400" if "/vendor/" in request.path else "no-cache"
        )
        if file.packed is not None:
            headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
        if request.path == "/embed.js":
            # The one file that other sites load, as a script of theirs.
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if _matches(request.headers.get(hdrs.IF_NONE_MATCH, ""), etag):
            return web.Response(status=304, headers=headers)
        headers[hdrs.CONTENT_TYPE] = file.content_type
        body = file.plain
        if packed and file.packed is not None:
            body = file.packed
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=body, headers=headers)

    def _find(self, path: str) -> _File | None:
        parts = [part for part in path.split("/") if part]
        if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
            return None
        place = self._root.joinpath(*parts)
        try:
            if not parts or path.endswith("/"):
                place = place / "index.html"
            if place.suffix not in TYPES:
                return None
            # A symbolic link may point anywhere; what counts is where it ends.
            if not place.resolve().is_relative_to(self._root):
                return None
            stat = place.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            kept = self._files.get(place)
            if kept is None or kept.stamp != stamp:
                kept = self._files[place] = _read(place, stamp)
        except (OSError, ValueError):
            return None
        return kept


def _read(place: Path, stamp: tuple[int, int]) -> _File:
    plain = place.read_bytes()
    packed = None
    if place.suffix in _PACKED and len(plain) >= _PACK_FROM_BYTES:
        packed = gzip.compress(plain, 9, mtime=0)
    digest = hashlib.sha256(plain).hexdigest()[:20]
    return _File(stamp, TYPES[place.suffix], digest, plain, packed)


def _matches(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]
