"""Fixed hostile requests and what each must be refused with."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bench.reliability.server import ADMIN_TOKEN
from bench.reliability.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    HANDSHAKE,
    PING,
    TEXT,
    frame,
)

WHOLE_QUESTION = b'{"question":"printer offline"}'


@dataclass(frozen=True, slots=True)
class Case:
    """Bytes, and the status (HTTP) or the close code or error code (WebSocket) they must get."""

    name: str
    sent: bytes
    expected: int | str


def request(
    path: str, method: str = "GET", body: bytes | None = None, **headers: str | bytes
) -> bytes:
    """A request in good form, but for what *headers* (``_`` for ``-``) make of it."""
    lines: list[bytes] = [f"{method} ".encode() + path.encode("latin-1") + b" HTTP/1.1"]
    sent: dict[str, str | bytes] = {"Host": "localhost", "Connection": "close"}
    if body is not None:
        sent["Content-Length"] = str(len(body))
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in sent.items():
        value = value if isinstance(value, bytes) else value.encode("latin-1")
        lines.append(name.encode() + b": " + value)
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def post(body: bytes, path: str = "/v1/ask", **headers: str | bytes) -> bytes:
    """A POST."""
    return request(path, "POST", body, **headers)


def cases() -> list[Case]:
    """All of them."""
    return [*_http(), *_hosts(), *_paths(), *_methods(), *_queries(), *_bodies(), *_feedback(),
            *_encodings(), *_tokens(), *_handshakes(), *_frames(), *_messages()]  # fmt: skip


def _http() -> Iterator[Case]:
    line = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    post_line = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    for name, sent, status in (
        ("no request at all", b"GARBAGE\r\n\r\n", 400),
        ("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40, 400),
        ("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        ("HTTP/9.9", b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 400),
        ("no version", b"GET / \r\nHost: localhost\r\n\r\n", 400),
        ("a NUL in the line", b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("a tab in the line", b"GET\t/\tHTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("a control in the method", b"G\x01T / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("an endless line", b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", 431),
        ("an endless header", line + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        ("an endless name", line + b"X" * 20_000 + b": a\r\n\r\n", 431),
        ("a thousand headers", line + b"X: a\r\n" * 1_000 + b"\r\n", 400),
        ("a space before the colon", line + b"X : a\r\n\r\n", 400),
        ("a header without a name", line + b": a\r\n\r\n", 400),
        ("a header without a colon", line + b"nonsense\r\n\r\n", 400),
        ("a folded header", line + b"X: a\r\n b\r\n\r\n", 400),
        ("a NUL in a header", line + b"X: a\x00b\r\n\r\n", 400),
        ("a bare CR in a header", line + b"X: a\rb\r\n\r\n", 400),
        ("a negative length", post_line + b"Content-Length: -1\r\n\r\n", 400),
        ("a length that is no number", post_line + b"Content-Length: ten\r\n\r\n", 400),
        ("a length with a sign", post_line + b"Content-Length: +2\r\n\r\n{}", 400),
        ("two lengths", post_line + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
        ("an endless length", post_line + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n{}", 400),
        (
            "a length and chunks",
            post_line + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        ("chunked twice", post_line + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
        ("unknown coding", post_line + b"Transfer-Encoding: cow\r\n\r\n0\r\n\r\n", 400),
        ("a chunk of no size", post_line + b"Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n", 400),
        (
            "a chunk of every size",
            post_line + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n",
            400,
        ),
        (
            "a chunk longer than it says",
            post_line + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}\r\n0\r\n\r\n",
            400,
        ),
        ("an Expect of magic", post(b"{}", Expect="magic"), 417),
        ("a tunnel", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        ("TRACE", request("/", "TRACE"), 405),
        ("an invented method", request("/v1/ask", "BREW"), 400),
        (
            "chunks without an end",
            post_line + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
            408,
        ),
    ):
        yield Case(f"http: {name}", sent, status)


def _hosts() -> Iterator[Case]:
    for host in (
        "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost:80:80",
        "[::1", "[::1].evil.example", "evil.example:80", "local host", "localhost,evil.example",
        "user@localhost", "%6cocalhost",
    ):  # fmt: skip
        yield Case(f"host: {host!r}", request("/healthz", Host=host), 421)
    yield Case("host: none", b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400)
    yield Case("host: two", b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400)
    yield Case(
        "host: in the line", request("http://evil.example/healthz", Host="evil.example"), 421
    )
    for origin in (
        "null", "https://evil.example", "http://localhost:1", "http://localhost.evil.example",
        "file://", "http://", "http://localhost@evil.example", "http://[", "\xff\xfe", "x" * 4_000,
    ):  # fmt: skip
        yield Case(f"origin: {origin[:40]!r}", request("/v1/ask?q=hello", Origin=origin), 403)
        yield Case(f"origin of a POST: {origin[:40]!r}", post(WHOLE_QUESTION, Origin=origin), 403)


def _paths() -> Iterator[Case]:
    for path in (
        "/../etc/passwd", "/../../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc",
        "/.%2e/%2e./etc/passwd", "/....//....//etc/passwd", "/..%5c..%5cwindows/win.ini",
        "/%252e%252e/etc/passwd", "/.env", "/.git/config", "/app/.hidden.js", "/vendor/refresh.sh",
        "/vendor/VERSIONS.md", "/index.html%00.png", "/%00", "/app%2fmain.js.map", "/index.html/",
        "/app/", "/con", "//etc/passwd", "/%c0%ae%c0%ae/etc/passwd", "/%ff%fe",
        "/%ed%a0%80", "/~root", "/app/../../service/config.py", "/" + "a/" * 2_000,
        "/" + "%41" * 2_000, "/v1/entries/..%2f..%2fetc%2fpasswd", "/v1/entries/%00",
        "/v1/entries/" + "x" * 4_000, "/v1/nowhere", "/v2/ask?q=a", "/metrics/x", "/ws/x",
    ):  # fmt: skip
        yield Case(f"path: {path[:50]}", request(path), 404)


def _methods() -> Iterator[Case]:
    for path in ("/v1/suggest", "/v1/entries", "/v1/insights", "/healthz", "/metrics", "/", "/ws"):
        for method in ("DELETE", "PUT", "POST"):
            yield Case(f"method: {method} {path}", request(path, method, b""), 405)
    yield Case("method: GET /v1/reload", request("/v1/reload"), 404)
    yield Case("method: GET /v1/feedback", request("/v1/feedback"), 404)


def _queries() -> Iterator[Case]:
    for query, status in (
        ("/v1/ask", 400), ("/v1/ask?q=", 400), ("/v1/ask?q=+++", 400), ("/v1/ask?q=%00", 400),
        ("/v1/ask?q=%1b%5b31m", 400), ("/v1/ask?q=a&q2=b", 400), ("/v1/ask?q=a&top_k=0", 400),
        ("/v1/ask?q=a&top_k=99999999999999999999", 400), ("/v1/ask?q=a&top_k=NaN", 400),
        ("/v1/ask?q=a&top_k=1e3", 400), ("/v1/ask?q=a&explain=perhaps", 400),
        ("/v1/ask?q=" + "a" * 2_001, 413), ("/v1/ask?q=" + "%F0%9F%94%A5" * 600, 200),
        ("/v1/ask?q=a&platform=" + "p" * 300, 400), ("/v1/ask?q=a" + "&tags=t" * 30, 400),
        ("/v1/ask?q=a&context=b", 400), ("/v1/suggest?q=" + "s" * 300, 400),
        ("/v1/suggest?q=a&limit=-1", 400), ("/v1/suggest?q=a&limit=1000", 400),
        ("/v1/suggest?q=%00", 400), ("/v1/suggest?x=1", 400), ("/v1/entries?limit=0", 400),
        ("/v1/entries?limit=x", 400), ("/v1/entries?cursor=" + "c" * 600, 400),
        ("/v1/entries?tag=", 400),
    ):  # fmt: skip
        yield Case(f"query: {query[:50]}", request(query), status)


def _bodies() -> Iterator[Case]:
    question = '{"question":"a",%s}'
    for name, body, status in (
        ("empty", b"", 400), ("white space", b"   ", 400), ("a number", b"1", 400),
        ("a list", b"[]", 400), ("a text", b'"question"', 400), ("null", b"null", 400),
        ("true", b"true", 400), ("cut off", b'{"question":"pri', 400),
        ("two documents", b"{}{}", 400), ("a comma too many", b'{"question":"a",}', 400),
        ("single quotes", b"{'question':'a'}", 400), ("a comment", b'{"question":"a"}//', 400),
        ("XML", b"<question>a</question>", 400), ("a form", b"question=a", 400),
        ("a byte order mark", b"\xef\xbb\xbf" + WHOLE_QUESTION, 400),
        ("UTF-16", WHOLE_QUESTION.decode().encode("utf-16"), 400),
        ("Latin-1", '{"question":"Gerät"}'.encode("latin-1"), 400),
        ("overlong UTF-8", b'{"question":"\xc0\xaf"}', 400),
        ("half of a character", b'{"question":"\xf0\x9f"}', 400),
        ("a surrogate in UTF-8", b'{"question":"\xed\xa0\x80"}', 400),
        ("a lone surrogate", b'{"question":"\\ud800"}', 400),
        ("surrogates the wrong way round", b'{"question":"\\udc00\\ud800"}', 400),
        ("a NUL", b'{"question":"a\\u0000b"}', 400),
        ("an escape", b'{"question":"\\u001b[2J"}', 400),
        ("a raw line end", b'{"question":"a\nb"}', 400), ("NaN", b'{"question":NaN}', 400),
        ("Infinity", b'{"top_k":Infinity,"question":"a"}', 400),
        ("5,000 digits", b'{"question":"a","top_k":' + b"1" * 5_000 + b"}", 400),
        ("1e999", b'{"question":"a","top_k":1e999}', 400),
        ("100,000 deep", b"[" * 60_000, 400), ("deep objects", b'{"a":' * 10_000, 400),
        ("a deep context", b'{"question":"a","context":' + b"[" * 500 + b"]" * 500 + b"}", 400),
        ("no question", b"{}", 400), ("a number for a question", b'{"question":5}', 400),
        ("a list for a question", b'{"question":["a"]}', 400),
        ("null for a question", b'{"question":null}', 400),
        ("an empty question", b'{"question":""}', 400),
        ("white space for a question", b'{"question":" \\u00a0\\u2003"}', 400),
        ("2,001 characters", json.dumps({"question": "a" * 2_001}).encode(), 413),
        ("64 KiB and more", b'{"question":"' + b"a" * 70_000 + b'"}', 413),
        ("a megabyte", b"x" * 1_000_000, 413),
        ("an unknown field", (question % '"admin":true').encode(), 400),
        ("__proto__", (question % '"__proto__":{}').encode(), 400),
        ("top_k as a text", (question % '"top_k":"3"').encode(), 400),
        ("top_k as a truth", (question % '"top_k":true').encode(), 400),
        ("top_k 21", (question % '"top_k":21').encode(), 400),
        ("top_k 1.5", (question % '"top_k":1.5').encode(), 400),
        ("context as a text", (question % '"context":"a"').encode(), 400),
        ("101 earlier turns", (question % f'"context":{json.dumps(["b"] * 101)}').encode(), 400),
        ("numbers as context", (question % '"context":[1]').encode(), 400),
        ("tags as a text", (question % '"tags":"a"').encode(), 400),
        ("21 tags", json.dumps({"question": "a", "tags": ["t"] * 21}).encode(), 400),
        ("an empty tag", (question % '"tags":[""]').encode(), 400),
        ("explain as a text", (question % '"explain":"yes"').encode(), 400),
        ("a platform as a list", (question % '"platform":["windows"]').encode(), 400),
    ):  # fmt: skip
        yield Case(f"json: {name}", post(body), status)


def _feedback() -> Iterator[Case]:
    good = {"request_id": "abcdefgh", "helpful": True}
    for name, change in (
        ("no id", {"request_id": None}), ("an empty id", {"request_id": ""}),
        ("an id of a list", {"request_id": []}), ("a long id", {"request_id": "i" * 201}),
        ("an id with a line end", {"request_id": "a\nb"}),
        ("helpful as a text", {"helpful": "yes"}),
        ("helpful as a number", {"helpful": 1}), ("no helpful", {"helpful": None}),
        ("a comment of a number", {"comment": 5}), ("a long comment", {"comment": "c" * 2_001}),
        ("a comment with NUL", {"comment": "a\0b"}), ("a broken comment", {"comment": "\ud800"}),
        ("an entry of a list", {"entry_id": ["a"]}), ("an unknown field", {"rating": 5}),
    ):  # fmt: skip
        body = json.dumps(good | change).encode()
        yield Case(f"feedback: {name}", post(body, "/v1/feedback"), 400)


def _encodings() -> Iterator[Case]:
    bomb = gzip.compress(b"0" * 50_000_000)
    for name, body, coding, status in (
        ("a gzip bomb", bomb, "gzip", 413),
        ("a deflate bomb", zlib.compress(b"0" * 50_000_000), "deflate", 413),
        ("a gzip bomb in gzip", gzip.compress(bomb), "gzip", 400),
        ("no gzip", WHOLE_QUESTION, "gzip", 400),
        ("half of a gzip", gzip.compress(WHOLE_QUESTION * 100)[:40], "gzip", 400),
        ("a gzip with a wrong sum", gzip.compress(WHOLE_QUESTION)[:-8] + b"\0" * 8, "gzip", 400),
        ("no deflate", b"\xff" * 50, "deflate", 400),
        ("gzip that is JSON no more", gzip.compress(b"\xff\xfe"), "gzip", 400),
    ):
        yield Case(f"encoding: {name}", post(body, Content_Encoding=coding), status)


def _tokens() -> Iterator[Case]:
    for given in (
        "", "Bearer", "Bearer ", "Bearer wrong", f"Basic {ADMIN_TOKEN}", ADMIN_TOKEN,
        f"Bearer {ADMIN_TOKEN}x", f"Bearer {ADMIN_TOKEN[:-1]}", f"Bearer {ADMIN_TOKEN.upper()}",
        "Bearer \xff\xfe", "Bearer " + "a" * 4_000, f"Bearer {ADMIN_TOKEN},{ADMIN_TOKEN}",
    ):  # fmt: skip
        yield Case(f"token: {given[:45]!r}", post(b"", "/v1/reload", Authorization=given), 401)
        yield Case(
            f"token to read: {given[:45]!r}", request("/v1/insights", Authorization=given), 401
        )
    yield Case("token: in the query", request(f"/v1/insights?token={ADMIN_TOKEN}"), 401)


def _handshakes() -> Iterator[Case]:
    good = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec_WebSocket_Version": "13",
    }
    for name, change, status in (
        ("version 99", {"Sec_WebSocket_Version": "99"}, 400),
        ("a version of words", {"Sec_WebSocket_Version": "new"}, 400),
        ("a short key", {"Sec_WebSocket_Key": "c2hvcnQ="}, 400),
        ("a key that is none", {"Sec_WebSocket_Key": "!"}, 400),
        ("an empty key", {"Sec_WebSocket_Key": ""}, 400),
        ("an upgrade to something else", {"Upgrade": "h2c"}, 426),
        ("no upgrade asked for", {"Connection": "close"}, 400),
    ):
        yield Case(f"handshake: {name}", request("/ws", **(good | change)), status)
    yield Case("handshake: a plain request", request("/ws"), 426)
    for origin in ("null", "https://evil.example"):
        sent = request("/ws", **good, Origin=origin)
        yield Case(f"handshake: origin {origin}", sent, 1008)


def _frames() -> Iterator[Case]:
    hello = b'{"type":"ping","id":"a"}'
    for name, sent, code in (
        ("a reserved bit", frame(TEXT, hello, first_bits=FIN | 0x40), 1002),
        ("another reserved bit", frame(TEXT, hello, first_bits=FIN | 0x20), 1002),
        ("the third reserved bit", frame(TEXT, hello, first_bits=FIN | 0x10), 1002),
        ("opcode 3", frame(0x3, hello), 1002), ("opcode 7", frame(0x7), 1002),
        ("opcode 11", frame(0xB), 1002), ("opcode 15", frame(0xF), 1002),
        ("a ping in parts", frame(PING, b"a", first_bits=0), 1002),
        ("a close in parts", frame(CLOSE, first_bits=0), 1002),
        ("a ping of 126 bytes", frame(PING, b"a" * 126), 1002),
        ("a continuation of nothing", frame(CONTINUATION, hello), 1002),
        ("a text within a text", frame(TEXT, b"a", first_bits=0) + frame(TEXT, b"b"), 1002),
        ("a binary within a text", frame(TEXT, b"a", first_bits=0) + frame(BINARY, b"b"), 1002),
        ("text that is not UTF-8", frame(TEXT, b"\xff\xfe"), 1007),
        ("half of a character", frame(TEXT, b"\xf0\x9f"), 1007),
        ("a surrogate in UTF-8", frame(TEXT, b"\xed\xa0\x80"), 1007),
        ("bad UTF-8 over two frames",
         frame(TEXT, b"a\xf0", first_bits=0) + frame(CONTINUATION, b"\x28"), 1007),
        ("a close code of one byte", frame(CLOSE, b"\x03"), 1002),
        ("close 999", frame(CLOSE, struct.pack("!H", 999)), 1002),
        ("close 1005", frame(CLOSE, struct.pack("!H", 1005)), 1002),
        ("a reason that is not UTF-8", frame(CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007),
        ("20,000 bytes", frame(TEXT, b"a" * 20_000), 1009),
        ("a megabyte", frame(TEXT, b"a" * 1_000_000), 1009),
        ("20,000 bytes in parts", frame(TEXT, b"a" * 9_000, first_bits=0)
         + frame(CONTINUATION, b"a" * 9_000, first_bits=0) + frame(CONTINUATION, b"a"), 1009),
        ("a length of 2^40", b"\x81\xff" + struct.pack("!Q", 2**40) + b"\0\0\0\0", 1009),
        ("a length of 2^63", b"\x81\xff" + struct.pack("!Q", 2**63) + b"\0\0\0\0", 1009),
    ):  # fmt: skip
        yield Case(f"frame: {name}", HANDSHAKE + sent, code)


def _messages() -> Iterator[Case]:
    for name, text, code in (
        ("no type", '{"id":"a"}', "message_invalid"),
        ("an unknown type", '{"type":"dance"}', "message_invalid"),
        ("a type of a list", '{"type":["question"]}', "message_invalid"),
        ("an id of a number", '{"type":"ping","id":5}', "message_invalid"),
        ("a long id", '{"type":"ping","id":"%s"}' % ("i" * 201), "message_invalid"),
        ("an id with NUL", '{"type":"ping","id":"\\u0000"}', "message_invalid"),
        ("no text", '{"type":"question"}', "question_not_text"),
        ("a text of a number", '{"type":"question","text":5}', "question_not_text"),
        ("a lone surrogate", '{"type":"question","text":"\\ud800"}', "question_not_text"),
        ("a control", '{"type":"question","text":"\\u0007"}', "question_not_text"),
        ("an empty text", '{"type":"question","text":""}', "question_empty"),
        ("a long text", '{"type":"question","text":"%s"}' % ("a" * 2_001), "question_too_long"),
        ("a long plain text", "a" * 2_001, "question_too_long"),
        ("nothing", "", "question_empty"),
        ("top_k of a text", '{"type":"question","text":"a","top_k":"3"}', "message_invalid"),
        ("tags of a text", '{"type":"question","text":"a","tags":"b"}', "message_invalid"),
        ("a pick of nothing", '{"type":"pick"}', "message_invalid"),
        ("a pick of nobody", '{"type":"pick","entry":"nobody"}', "entry_not_found"),
        ("feedback on nothing", '{"type":"feedback","helpful":true}', "message_invalid"),
        ("feedback of a text", '{"type":"feedback","request_id":"a","helpful":"y"}',
         "message_invalid"),
        ("NaN", '{"type":"question","text":NaN}', "question_not_text"),
    ):  # fmt: skip
        sent = HANDSHAKE + frame(TEXT, text.encode()) + frame(CLOSE, struct.pack("!H", 1000))
        yield Case(f"message: {name}", sent, code)
    binary = HANDSHAKE + frame(BINARY, b"\0") + frame(CLOSE, struct.pack("!H", 1000))
    yield Case("message: binary", binary, "message_invalid")
