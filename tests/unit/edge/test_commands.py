"""The command line: exit codes, what goes to stdout and what to stderr."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from click.testing import CliRunner, Result

from service.main import main

Client = TestClient[Any, Any]
Served = Callable[..., Awaitable[Client]]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No firstline.toml of the checkout takes part."""
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, typed: str = "") -> Result:
    """The command, as the shell runs it."""
    return CliRunner().invoke(main, arguments, input=typed)


async def run_beside(*arguments: str, typed: str = "") -> Result:
    """The command in a thread, while the server of the test runs in this one."""
    return await asyncio.to_thread(run, *arguments, typed=typed)


@pytest.fixture
async def url(served: Served) -> str:
    """The address of a running server."""
    client = await served()
    return str(client.make_url("/"))


@pytest.mark.parametrize("command", [[], ["serve"], ["ask"], ["chat"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    """--help, on stdout, exit 0."""
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_the_version_is_printed() -> None:
    """On stdout."""
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("firstline")


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"],
        ["ask"],
        ["ask", "a", "--top-k", "0"],
        ["ask", "a", "--url", "http://localhost", "--index", "."],
        ["ask", "a", "--url", "localhost:2000"],
        ["serve", "--port", "70000"],
        ["serve", "--engine", "magic"],
        ["serve", "--config", "nowhere.toml"],
        ["serve", "--tls-cert", "a.pem"],
        ["serve", "--tls-cert", "a.pem", "--tls-key", "b.pem"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    """With the reason on stderr and nothing on stdout."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


def test_a_missing_index_is_1_and_says_how_to_make_one() -> None:
    """No traceback."""
    result = run("ask", "slow", "--index", "nowhere")
    assert result.exit_code == 1
    assert "make index" in result.stderr
    assert "Traceback" not in result.stderr


def test_nobody_at_the_address_is_1() -> None:
    """The message names the address."""
    result = run("ask", "slow", "--url", "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert "http://127.0.0.1:9" in result.stderr


async def test_ask_prints_the_answer(url: str) -> None:
    """For people."""
    result = await run_beside("ask", "my", "wi-fi", "is", "slow", "--url", url)
    assert result.exit_code == 0
    assert result.stdout.startswith("Wi-Fi is slow\n\nMove closer to the router.")


async def test_ask_prints_json(url: str) -> None:
    """For programs: the shape of /v1/ask and nothing else."""
    result = await run_beside("ask", "wi-fi", "--url", url, "--json", "--explain")
    body = json.loads(result.stdout)
    assert body["answer"]["id"] == "wifi-slow"
    assert body["explanation"]


async def test_a_question_the_server_refuses_is_1(url: str) -> None:
    """With the server's own sentence, or ours where it need not be asked."""
    assert (await run_beside("ask", " ", "--url", url)).exit_code == 1
    defect = await run_beside("ask", "defect", "--url", url)
    assert defect.exit_code == 1
    assert "The server refused" in defect.stderr


@pytest.mark.parametrize("body", ["<html>", "[]", '"text"'])
async def test_an_address_that_is_no_firstline_is_1(
    aiohttp_server: Callable[..., Any], body: str
) -> None:
    """Whatever it answers."""

    async def other(request: web.Request) -> web.Response:
        return web.Response(text=body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", other)
    server = await aiohttp_server(app)
    result = await run_beside("ask", "slow", "--url", str(server.make_url("/")))
    assert result.exit_code == 1
    assert "is not Firstline" in result.stderr
    talk = await run_beside("chat", "--url", str(server.make_url("/")))
    assert talk.exit_code == 1


async def test_chat_is_a_conversation(url: str) -> None:
    """Greeting, a question, a choice by number, until the input ends."""
    result = await run_beside("chat", "--url", url, typed="wi-fi\nrouter\n1\n\n\x00\n")
    assert result.exit_code == 0
    assert "Move closer to the router." in result.stdout
    assert "Pull the plug" in result.stdout
    assert "control characters" in result.stdout


def test_print_config_shows_values_and_origins() -> None:
    """The token is set and not shown."""
    result = CliRunner().invoke(
        main,
        ["serve", "--port", "3000", "--print-config"],
        env={"FIRSTLINE_ADMIN_TOKEN": "hunter2", "FIRSTLINE_HOST": "::1"},
    )
    assert result.exit_code == 0
    assert "port = 3000  # flag --port\n" in result.stdout
    assert 'host = "::1"  # environment FIRSTLINE_HOST\n' in result.stdout
    assert "hunter2" not in result.output
    as_json = run("serve", "--print-config", "--json")
    assert json.loads(as_json.stdout)["port"] == {"value": 2000, "origin": "default"}
