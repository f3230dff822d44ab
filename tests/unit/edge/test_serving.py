"""The process: signals, addresses, https, and peers that do not speak HTTP."""

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import subprocess
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from service.config import ServiceConfig
from service.edge.serving import certificates, serve
from service.edge.tls import Certificates
from service.errors import ConfigError

Start = Callable[..., Awaitable[str]]


@pytest.fixture
async def start(
    index_dir: Path, web_dir: Path, make_app: Callable[[ServiceConfig], web.Application]
) -> AsyncIterator[Start]:
    """Serve on a free port; gives the address."""
    running: list[asyncio.Task[None]] = []

    async def begin(**settings: Any) -> str:
        values = {"index": index_dir, "web_dir": web_dir, "port": 0} | settings
        announced: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(
            serve(ServiceConfig(**values), announced.set_result, make_app=make_app)
        )
        running.append(task)
        await asyncio.wait([announced, task], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            running.remove(task)
            task.result()
        return announced.result()

    yield begin
    for task in running:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_the_announced_address_answers(start: Start) -> None:
    """With the port that was taken where 0 was asked for."""
    address = await start()
    assert address.startswith("http://localhost:")
    async with aiohttp.ClientSession() as session, session.get(f"{address}healthz") as response:
        assert response.status == 200


async def test_sigterm_ends_conversations_with_1001_and_then_the_server(start: Start) -> None:
    """Everything is let go; the task ends by itself."""
    address = await start()
    async with aiohttp.ClientSession() as session:
        talk = await session.ws_connect(f"{address}ws")
        await talk.receive()
        os.kill(os.getpid(), signal.SIGTERM)
        while (await talk.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert talk.close_code == 1001


async def test_sighup_looks_for_a_new_generation(start: Start, index_dir: Path) -> None:
    """As init systems reload services."""
    address = await start(index_poll_s=3600)
    (index_dir / "CURRENT").write_text("g-two\n")
    os.kill(os.getpid(), signal.SIGHUP)
    async with aiohttp.ClientSession() as session, asyncio.timeout(10):
        generation = ""
        while generation != "g-two":
            async with session.get(f"{address}readyz") as response:
                generation = (await response.json())["index"]["generation"]


async def test_a_port_that_is_taken_is_said(start: Start) -> None:
    """With the port and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port}.*--port"):
            await start(port=port)


async def exchange(address: str, sent: bytes) -> bytes:
    """What comes back for these bytes until the server closes."""
    port = int(address.rstrip("/").rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(10):
        received = await reader.read()
    writer.close()
    await writer.wait_closed()
    return received


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GARBAGE\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01" * 20, b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\x01b\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 9000 + b"\r\n\r\n", b"431"),
        (
            b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nExpect: magic\r\n"
            b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",
            b"417",
        ),
    ],
)
async def test_what_is_not_http_is_refused_in_our_shape(
    start: Start, sent: bytes, status: bytes
) -> None:
    """problem+json with a request id, and no library's name."""
    received = await exchange(await start(keepalive_timeout_s=1), sent)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.split()[1] == status
    assert b"application/problem+json" in head
    assert b"X-Request-Id" in head
    assert b"aiohttp" not in received
    assert b'"code"' in body


async def test_a_client_may_wait_to_be_asked_for_its_body(start: Start) -> None:
    """Expect: 100-continue, as curl sends it with larger bodies."""
    sent = (
        b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        b'Connection: close\r\nContent-Length: 20\r\n\r\n{"question":"wi-fi"}'
    )
    received = await exchange(await start(), sent)
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


async def test_a_peer_that_says_nothing_is_let_go(start: Start) -> None:
    """Half a request, or none, holds a connection only so long."""
    address = await start(keepalive_timeout_s=0.2)
    silent = await asyncio.gather(
        exchange(address, b""), exchange(address, b"GET / HTTP/1.1\r\nHo")
    )
    assert silent == [b"", b""]


def issued(folder: Path, name: str) -> dict[str, Path]:
    """A new key and certificate of *name*, in the same files as before."""
    files = {"tls_key": folder / "key.pem", "tls_cert": folder / "cert.pem"}
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", files["tls_key"], "-out", files["tls_cert"]),
        ],
        check=True,
        capture_output=True,
    )
    return files


@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, Path]:
    """A key and a certificate it signed itself."""
    return issued(tmp_path, "localhost")


async def test_a_certificate_and_a_key_make_it_https(
    start: Start, certificate: dict[str, Path]
) -> None:
    """Page, API and WebSocket alike, from TLS 1.2 on."""
    address = await start(**certificate)
    assert address.startswith("https://localhost:")
    trust = ssl.create_default_context(cafile=certificate["tls_cert"])
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
        async with session.get(f"{address}v1/ask?q=wi-fi") as response:
            assert (await response.json())["answer"]["id"] == "wifi-slow"
        async with session.ws_connect(f"{address}ws", origin=address.rstrip("/")) as talk:
            assert (await talk.receive_json())["type"] == "init"


def test_a_certificate_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    """Before anything is served; the message names both files."""
    nonsense = tmp_path / "cert.pem"
    nonsense.write_text("nonsense")
    with pytest.raises(ConfigError, match=r"tls_cert .*cert\.pem"):
        certificates(ServiceConfig(tls_cert=nonsense, tls_key=nonsense))


def shown_by(address: str, server_name: str | None, **settings: Any) -> bytes:
    """The certificate that a new connection is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for name, value in settings.items():
        setattr(context, name, value)
    port = int(address.rstrip("/").rsplit(":", 1)[1])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=server_name) as secure,
    ):
        found = secure.getpeercert(binary_form=True)
    assert found is not None
    return found


@pytest.mark.parametrize("server_name", ["localhost", None])
async def test_a_renewed_certificate_is_shown_without_a_restart(
    start: Start, certificate: dict[str, Path], server_name: str | None
) -> None:
    """After SIGHUP, to clients that say a name and to those that do not."""
    address = await start(**certificate)
    before = await asyncio.to_thread(shown_by, address, server_name)
    issued(certificate["tls_cert"].parent, "renewed")
    os.kill(os.getpid(), signal.SIGHUP)
    async with asyncio.timeout(10):
        while await asyncio.to_thread(shown_by, address, server_name) == before:
            await asyncio.sleep(0.05)


async def test_a_renewal_is_noticed_without_a_signal(certificate: dict[str, Path]) -> None:
    """As certificate tools leave it: two new files, and nobody told."""
    shown = Certificates(certificate["tls_cert"], certificate["tls_key"])
    latest = shown._latest
    async with asyncio.timeout(10), shown.followed(poll_s=0.02):
        issued(certificate["tls_cert"].parent, "renewed")
        while shown._latest is latest:
            await asyncio.sleep(0.02)


async def test_half_a_renewal_leaves_the_old_certificate_in_place(
    start: Start, certificate: dict[str, Path]
) -> None:
    """A certificate without its key, or cut off while it is copied, is not shown to anybody."""
    address = await start(**certificate)
    before = await asyncio.to_thread(shown_by, address, "localhost")
    certificate["tls_cert"].write_text("-----BEGIN CERTIFICATE-----\n")
    os.kill(os.getpid(), signal.SIGHUP)
    for _ in range(3):
        assert await asyncio.to_thread(shown_by, address, "localhost") == before


async def test_old_tls_is_refused(start: Start, certificate: dict[str, Path]) -> None:
    """1.1 is not spoken, nor 1.2 without forward secrecy."""
    address = await start(**certificate)
    with pytest.raises(ssl.SSLError), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        await asyncio.to_thread(
            shown_by, address, "localhost", maximum_version=ssl.TLSVersion.TLSv1_1
        )
    for cipher in ("AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers(cipher)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection(
                "127.0.0.1", int(address.rstrip("/").rsplit(":", 1)[1]), ssl=context
            )


async def test_a_server_that_is_full_says_so(start: Start) -> None:
    """503 with Retry-After in our shape; a place that is given up is given away again."""
    address = await start(max_open_sockets=1)
    port = int(address.rstrip("/").rsplit(":", 1)[1])
    _, inside = await asyncio.open_connection("127.0.0.1", port)
    refused = await exchange(address, b"")
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 10" in refused
    assert b'"code":"too_many_connections"' in refused
    inside.close()
    await inside.wait_closed()
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    async with asyncio.timeout(10):
        while not (await exchange(address, request)).startswith(b"HTTP/1.1 200 "):
            await asyncio.sleep(0.02)
