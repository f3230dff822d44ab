"""The journal and the metrics as they are seen from outside."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp.test_utils import TestClient

Client = TestClient[Any, Any]
Served = Callable[..., Awaitable[Client]]
TOKEN = {"Authorization": "Bearer letmein"}


def value(text: str, series: str) -> float:
    """What a page of metrics says of one series."""
    return next(
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.rpartition(" ")[0] == series
    )


async def test_insights_need_the_token_and_tell_what_was_asked(
    served: Served, tmp_path: Path
) -> None:
    """Staff see figures; everybody else sees 401."""
    client = await served(journal_path=tmp_path / "j.sqlite3")
    await client.get("/v1/ask", params={"q": "router"})
    assert (await client.get("/v1/insights")).status == 401
    figures: dict[str, Any] = {"questions": 0}
    async with asyncio.timeout(10):
        while not figures["questions"]:
            figures = await (await client.get("/v1/insights", headers=TOKEN)).json()
            await asyncio.sleep(0.02)
    assert figures["outcomes"] == {"answer": 1}
    given = figures["entries"][0]
    assert (given["entry_id"], given["title"]) == ("router-restart", "Restart the router")
    assert (await client.get("/v1/insights?days=0", headers=TOKEN)).status == 400


async def test_feedback_is_created_once_it_is_on_disk(served: Served, tmp_path: Path) -> None:
    """201 and the row, over HTTP; ack and the row, in a conversation."""
    path = tmp_path / "j.sqlite3"
    client = await served(journal_path=path)
    response = await client.post("/v1/feedback", json={"request_id": "r1", "helpful": True})
    assert response.status == 201
    socket = await client.ws_connect("/ws")
    await socket.receive()
    await socket.receive()
    await socket.send_json({"type": "feedback", "id": "c1", "request_id": "r2", "helpful": False})
    assert (await socket.receive_json())["type"] == "ack"
    await socket.close()
    connection = sqlite3.connect(path)
    kept = connection.execute("select request_id, helpful from feedback order by id").fetchall()
    connection.close()
    assert kept == [("r1", 1), ("r2", 0)]


@pytest.mark.parametrize("dsn", [None, "postgresql://firstline:s3cret@127.0.0.1:1/nowhere"])
async def test_a_journal_that_fails_degrades_and_answers_go_on(
    dsn: str | None, served: Served, tmp_path: Path
) -> None:
    """Feedback is refused with 503, /readyz says why, and questions are answered."""
    (tmp_path / "file").write_text("")
    client = await served(journal_path=tmp_path / "file" / "j.sqlite3", journal_dsn=dsn)
    assert (await client.get("/v1/ask", params={"q": "router"})).status == 200
    refused = await client.post("/v1/feedback", json={"request_id": "r1", "helpful": True})
    assert refused.status == 503
    assert refused.headers["Retry-After"] == "10"
    assert (await refused.json(content_type=None))["code"] == "journal_unavailable"
    ready = await client.get("/readyz")
    assert ready.status == 200
    body = await ready.json()
    assert (body["status"], body["code"]) == ("degraded", "journal_unavailable")
    assert "s3cret" not in body["detail"]
    assert "firstline_journal_up 0.0" in await (await client.get("/metrics")).text()


async def test_without_a_journal_feedback_is_refused(served: Served, tmp_path: Path) -> None:
    """Nothing is said to be stored that is not."""
    client = await served(journal=False, journal_path=tmp_path / "j.sqlite3")
    response = await client.post("/v1/feedback", json={"request_id": "r1", "helpful": True})
    assert response.status == 503
    assert (await (await client.get("/readyz")).json())["status"] == "ready"
    assert not (tmp_path / "j.sqlite3").exists()


async def test_metrics_count_requests_by_pattern_and_questions_by_outcome(
    served: Served,
) -> None:
    """No path a stranger asks for makes a series of its own."""
    client = await served()
    await client.get("/v1/ask", params={"q": "router"})
    await client.get("/v1/entries/nobody")
    await client.get("/v1/entries/none")
    text = await (await client.get("/metrics")).text()
    assert 'firstline_questions_total{outcome="answer"} 1.0' in text
    row = 'firstline_requests_total{method="GET",route="/v1/entries/{id}",status="404"} 2.0'
    assert row in text
    assert 'firstline_index_info{generation="g-one"} 1.0' in text
    assert "firstline_answer_seconds_count 1.0" in text


async def test_open_websockets_and_refused_generations_are_shown(
    served: Served, index_dir: Path
) -> None:
    """Gauges tell of now."""
    client = await served()
    socket = await client.ws_connect("/ws")
    await socket.receive()
    (index_dir / "CURRENT").write_text("damaged\n")
    await client.post("/v1/reload", headers=TOKEN)
    text = await (await client.get("/metrics")).text()
    assert "firstline_open_websockets 1.0" in text
    assert value(text, "firstline_reload_failures_total") >= 1
    await socket.close()


async def test_refusals_are_counted_by_their_code(served: Served) -> None:
    """Over HTTP and in a conversation: a wrong token, an empty question, a frame of no type."""
    client = await served()
    await client.get("/v1/insights", headers={"Authorization": "Bearer guess"})
    await client.get("/v1/ask?q=")
    socket = await client.ws_connect("/ws")
    await socket.receive()
    await socket.receive()
    for frame in ({"type": "nonsense"}, {"type": "question", "text": " "}):
        await socket.send_json(frame)
        await socket.receive()
    await socket.close()
    text = await (await client.get("/metrics")).text()
    assert value(text, 'firstline_refusals_total{code="unauthorized"}') == 1
    assert value(text, 'firstline_refusals_total{code="question_empty"}') == 2
    assert value(text, 'firstline_refusals_total{code="message_invalid"}') == 1


async def test_a_question_can_be_followed_by_its_request_id(served: Served, tmp_path: Path) -> None:
    """The same id in the reply, in the log and in the journal, over HTTP and in a conversation."""
    path = tmp_path / "j.sqlite3"
    with structlog.testing.capture_logs() as logged:
        client = await served(journal_path=path, log_requests=True)
        given = {"X-Request-Id": "request-one"}
        asked = await client.get("/v1/ask?q=router", headers=given)
        ids = [(await asked.json())["request_id"]]
        socket = await client.ws_connect("/ws")
        await socket.send_str("wi-fi")
        for _ in range(3):
            said = await socket.receive_json()
        ids.append(said["request_id"])
        await socket.close()
        await client.close()
    assert ids[0] == asked.headers["X-Request-Id"] == "request-one"
    lines = [line for line in logged if line["event"] == "question"]
    assert [(line["request_id"], line["door"]) for line in lines] == [
        (ids[0], "http"),
        (ids[1], "websocket"),
    ]
    assert "router" not in str(lines)
    connection = sqlite3.connect(path)
    kept = connection.execute("select request_id from questions order by id").fetchall()
    connection.close()
    assert [row[0] for row in kept] == ids


async def test_a_reload_moves_the_generation_that_is_shown(served: Served, index_dir: Path) -> None:
    """The one before stands at 0."""
    client = await served()
    await client.get("/metrics")
    (index_dir / "CURRENT").write_text("g-two\n")
    await client.post("/v1/reload", headers=TOKEN)
    text = await (await client.get("/metrics")).text()
    assert value(text, 'firstline_index_info{generation="g-one"}') == 0
    assert value(text, 'firstline_index_info{generation="g-two"}') == 1


async def test_the_time_of_requests_and_the_lag_of_the_loop_are_measured(served: Served) -> None:
    """By route; a conversation, which lasts, is none."""
    client = await served()
    await client.get("/v1/ask?q=router")
    socket = await client.ws_connect("/ws")
    await socket.close()
    text = ""
    async with asyncio.timeout(10):
        while "firstline_loop_lag_seconds_count 0.0" in text or not text:
            await asyncio.sleep(0.05)
            text = await (await client.get("/metrics")).text()
    assert value(text, 'firstline_request_seconds_count{route="/v1/ask"}') == 1
    assert 'firstline_request_seconds_count{route="/ws"}' not in text


async def test_every_metric_is_documented(served: Served, tmp_path: Path) -> None:
    """The reference page names each."""
    client = await served(journal_path=tmp_path / "j.sqlite3")
    text = await (await client.get("/metrics")).text()
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    page = (Path(__file__).parents[3] / "docs" / "reference" / "metrics.md").read_text("utf-8")
    assert len(names) > 10
    names = {name for name in names if not name.endswith("_created")}
    assert {name for name in names if f"`{name}`" not in page} == set()
