"""A real nginx with the site file of deploy/nginx, before replicas of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.processes import ROOT, Server, free_port

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
READY_WITHIN_S = 20

MAIN = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    include {folder}/site/*.conf;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
}}
"""


@contextmanager
def running_nginx(replicas: Sequence[Server]) -> Iterator[str]:
    """The address of nginx with these two replicas behind it; only places in its files change."""
    if NGINX is None:
        reason = "nginx is not installed: apt-get install nginx"
        if os.environ.get("FIRSTLINE_REQUIRE_NGINX") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    port = free_port()
    # Its workers run as another user, for whom pytest's own folder is closed.
    folder = Path(tempfile.mkdtemp(prefix="firstline-nginx-"))
    folder.chmod(0o755)
    changes = {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/var/log/nginx/": f"{folder}/",
        "127.0.0.1:2000": replicas[0].url.removeprefix("http://").replace("localhost", "127.0.0.1"),
        "127.0.0.1:2001": replicas[1].url.removeprefix("http://").replace("localhost", "127.0.0.1"),
    }
    (folder / "site").mkdir()
    texts = {path.name: path.read_text() for path in (ROOT / "deploy" / "nginx").glob("*.conf")}
    for old, new in changes.items():
        assert any(old in text for text in texts.values()), f"deploy/nginx no longer says {old}"
        texts = {name: text.replace(old, new) for name, text in texts.items()}
    for name, text in texts.items():
        (folder / "site" / name).write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    process = subprocess.Popen(
        [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE
    )
    try:
        _wait(f"http://localhost:{port}", process)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=20)
        shutil.rmtree(folder)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stderr.read().decode() if process.stderr else ""
            raise RuntimeError(f"nginx ended before it listened: {said}")
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
            return
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.05)
    raise RuntimeError("nginx was not ready in time")
