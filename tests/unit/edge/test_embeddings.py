"""A server that compares meaning, seen from outside."""

from __future__ import annotations

import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from click.testing import CliRunner

from service.config import ServiceConfig
from service.edge.app import create_app
from service.main import main
from service.retrieval.embedding import OnnxEncoder
from tests.tiny_model import write_model

Client = TestClient[Any, Any]


@pytest.fixture
def meaning(
    aiohttp_client: Callable[..., Any], meaning_root: Path, model_dir: Path
) -> Callable[..., Awaitable[Client]]:
    """Start a server over the index with vectors; gives its client."""

    async def start(**settings: Any) -> Client:
        values = {"index": meaning_root, "embedding_model_dir": model_dir, "journal": False}
        return await aiohttp_client(create_app(ServiceConfig(**values | settings)))

    return start


async def ask(client: Client, text: str) -> dict[str, Any]:
    asked = {"question": text, "explain": True}
    return await (await client.post("/v1/ask", json=asked)).json()


async def failures(client: Client) -> list[str]:
    page = await (await client.get("/metrics")).text()
    return [line for line in page.splitlines() if line.startswith("firstline_embedding_failures_t")]


async def test_meaning_is_compared_over_http(meaning):
    """A question without a word of its entry finds it, and no failure is counted."""
    client = await meaning()
    reply = await ask(client, "inkjet unreachable")
    assert reply["hits"][0]["id"] == "printer-offline"
    assert reply["explanation"]["meaning"]["trouble"] is None
    assert await failures(client) == []


async def test_a_slow_model_is_not_waited_for(meaning, monkeypatch):
    """Past its budget words answer; the reply says so and the metrics count it."""
    client = await meaning(embedding_budget_ms=1.0)
    real = OnnxEncoder.encode

    def slow(self, texts):
        time.sleep(0.1)
        return real(self, texts)

    monkeypatch.setattr(OnnxEncoder, "encode", slow)
    reply = await ask(client, "the printer is not reachable")
    assert reply["hits"][0]["id"] == "printer-offline"
    assert reply["explanation"]["meaning"]["trouble"] == "encoding_slow"
    assert await failures(client) == [
        'firstline_embedding_failures_total{reason="encoding_slow"} 1.0'
    ]


async def test_an_index_of_another_model_is_not_served(meaning, tmp_path):
    """/readyz names both models and the way out; nothing is answered by mixing them."""
    client = await meaning(embedding_model_dir=write_model(tmp_path, seed=2))
    ready = await client.get("/readyz")
    assert ready.status == 503
    said = await ready.json()
    assert said["code"] == "index_model"
    assert "was built with model" in said["detail"]


async def test_a_new_generation_of_another_model_leaves_the_old_one_answering(
    meaning, meaning_root, index_root, tmp_path
):
    """A build without the model is refused by a server that has it; the old index answers on."""
    root = Path(shutil.copytree(meaning_root, tmp_path / "index"))
    client = await meaning(index=root, admin_token="letmein")
    (generation,) = index_root.glob("g-*")
    shutil.copytree(generation, root / generation.name)
    (root / "CURRENT").write_text(f"{generation.name}\n")
    reload = await client.post("/v1/reload", headers={"Authorization": "Bearer letmein"})
    assert (await reload.json())["code"] == "index_model"
    assert (await ask(client, "inkjet unreachable"))["hits"][0]["id"] == "printer-offline"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_folder_that_is_no_model_stops_the_start(tmp_path, index_root, workers):
    """The command exits with 2 and one sentence, with one worker and with several."""
    ran = CliRunner().invoke(
        main,
        ["serve", "--index", str(index_root), "--port", "0", "--workers", workers],
        env={
            "FIRSTLINE_EMBEDDING_MODEL_DIR": str(tmp_path / "nowhere"),
            "FIRSTLINE_JOURNAL": "false",
        },
    )
    assert ran.exit_code == 2
    assert "There is no folder" in ran.output
    assert "Traceback" not in ran.output


def test_the_terminal_compares_meaning_too(meaning_root, model_dir):
    """``firstline ask`` reads the same setting as the server."""
    ran = CliRunner().invoke(
        main,
        ["ask", "inkjet", "unreachable", "--index", str(meaning_root), "--top-k", "1"],
        env={"FIRSTLINE_EMBEDDING_MODEL_DIR": str(model_dir), "FIRSTLINE_JOURNAL": "false"},
    )
    assert ran.exit_code == 0, ran.output
    assert "printer" in ran.output.lower()
