"""
https: what is spoken, and certificates that are renewed while the server runs.

A certificate lives for weeks, a server for months. The files are looked at every few seconds and
on SIGHUP; a pair that can be used serves the next connection, one that cannot leaves the old one
in place and is said once. Connections that are open keep what they began with.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from service.errors import ConfigError

log = structlog.get_logger("firstline.tls")

POLL_S = 5.0
# Of TLS 1.2 what keeps its secrets when the key is lost (ECDHE) and its words whole (AEAD);
# TLS 1.3 has nothing else. As Mozilla's "intermediate" without the finite-field groups.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"

Stamp = tuple[tuple[int, int, int], ...]


class Certificates:
    """The context connections are accepted with, and the certificate it shows at the moment."""

    def __init__(self, cert: Path, key: Path) -> None:
        """
        Read both files.

        Raises:
            ConfigError: they cannot be used.

        """
        self._cert, self._key = cert, key
        self._seen = self._stamp()
        self._latest = self._load()
        # Listening began with this context and cannot be given another, but each handshake can.
        self.context = self._load()
        self.context.sni_callback = self._show_latest

    def refresh(self) -> bool:
        """Read the files again if they changed; True where another certificate is shown now."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            self._latest = self._load()
        except ConfigError as error:
            # Half of a renewal, most likely: the other half changes the stamp again.
            log.error("certificate_refused", reason=str(error))
            return False
        log.info("certificate_reloaded", cert=str(self._cert))
        return True

    @asynccontextmanager
    async def followed(self, poll_s: float = POLL_S) -> AsyncIterator[None]:
        """Look at the files while the block runs."""

        async def follow() -> None:
            while True:
                await asyncio.sleep(poll_s)
                self.refresh()

        following = asyncio.create_task(follow())
        try:
            yield
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following

    def _show_latest(
        self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _: ssl.SSLContext
    ) -> None:
        connection.context = self._latest

    def _stamp(self) -> Stamp:
        stamps = []
        for path in (self._cert, self._key):
            with suppress(OSError):
                status = path.stat()
                stamps.append((status.st_mtime_ns, status.st_size, status.st_ino))
        return tuple(stamps)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        context.options |= ssl.OP_NO_RENEGOTIATION
        context.set_alpn_protocols(["http/1.1"])
        try:
            # A key under a password would ask for it on the terminal, and wait.
            context.load_cert_chain(self._cert, self._key, password=lambda: b"")
        except (OSError, ssl.SSLError, ValueError) as error:
            raise ConfigError(
                f"tls_cert {self._cert} and tls_key {self._key} cannot be used: {error}"
            ) from error
        return context
