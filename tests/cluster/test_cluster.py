"""Past one machine: three nodes build what one builds, and answer as one does while one dies."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index_builder.build import build, silent
from index_builder.shards.build import build_shards
from index_builder.shards.depot import Depot
from index_builder.shards.hands import OwnHands
from service.errors import ArtefactError, ClusterUnavailable, ConfigError
from service.live.current import CurrentIndex
from service.live.desk import AnswerDesk
from service.retrieval.answers import Answer, Question, answer
from service.retrieval.artefact import open_generation
from service.retrieval.index import Index, open_index
from service.retrieval.sharded import ShardedIndex
from tests.cluster.conftest import SETTINGS, WORDS, build_there, corpus, files_of

pytest.importorskip("ray", reason="Ray (extra: cluster) is not installed")

import ray

from service.cluster.connection import join, survey
from service.cluster.far_shards import FarShards
from service.cluster.opening import answer_from_shards, cluster_opener
from service.cluster.replicas import Replicas, ReplicaSettings

# Ray's own warnings are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

REPLICAS = ReplicaSettings(replicas=2, cpus=0, lease_s=10)
QUESTIONS = [Question(f"{a} {b}", top_k=5) for a, b in zip(WORDS, WORDS[3:], strict=False)]
DEADLINE_S = 8.0
ALL = [(shard, number) for shard in range(3) for number in range(2)]


def build_here(root: Path, shift: int = 0) -> Index:
    """Three shards of the corpus, built and opened in this process."""
    hands = OwnHands(silent)
    build_shards(corpus(60, shift), Depot(str(root)), SETTINGS, shards=3, hands=hands)
    return open_index(root)


def seen(reply: Answer) -> object:
    """What a person sees of an answer."""
    return (reply.outcome, reply.confidence, reply.hits, reply.entry, reply.generation)


def wait_for(come: Callable[[], bool]) -> None:
    """Look again and again whether something has come, for two minutes at most."""
    until = time.monotonic() + 120
    while not come():
        assert time.monotonic() < until
        time.sleep(0.2)


def test_three_nodes_build_what_one_process_builds(cluster: Any, tmp_path: Path) -> None:
    """A node dies while it builds: the files are still the same to the byte, nothing is left."""
    killed: list[str] = []

    def kill_at(stage: str, total: int) -> Callable[[], object]:
        if stage == "count" and not killed:
            killed.append(stage)
            victim = cluster.list_all_nodes()[-1]
            threading.Timer(0.05, cluster.remove_node, (victim, False)).start()
        return lambda: None

    there = tmp_path / "there"
    build_there(tmp_path / "source", there, cluster.address, kill_at)
    cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20)
    build_here(tmp_path / "here")
    assert killed == ["count"]
    assert files_of(there) == files_of(tmp_path / "here")
    assert sorted(path.name[:2] for path in there.iterdir()) == ["CU", "g-"]


def test_a_node_dies_under_load(joined: Any, tmp_path: Path) -> None:
    """No wrong answer, none that hangs, and whole answers again; bench.cluster has the times."""
    expected = build_here(tmp_path)
    want = {question: seen(answer(expected, question)) for question in QUESTIONS}
    opener = cluster_opener(joined.address, tmp_path, None, REPLICAS, DEADLINE_S)
    index = opener(tmp_path)
    index.warm()
    told: list[tuple[float, float, bool, bool]] = []
    stop = threading.Event()

    def ask_on() -> None:
        while not stop.is_set():
            for question in QUESTIONS:
                began = time.monotonic()
                reply = answer_from_shards(index, question)
                right = seen(reply) == want[question]
                told.append((began, time.monotonic() - began, right, reply.partial))

    threads = [threading.Thread(target=ask_on) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    killed = time.monotonic()
    joined.remove_node(joined.list_all_nodes()[-1], allow_graceful=False)
    whole_again = False
    while not whole_again and time.monotonic() < killed + 40:
        time.sleep(0.2)
        last = [one for one in told if one[0] > killed][-2 * len(QUESTIONS) :]
        whole_again = len(last) == 2 * len(QUESTIONS) and not any(one[3] for one in last)
    stop.set()
    for thread in threads:
        thread.join(3 * DEADLINE_S)
    joined.add_node(num_cpus=1, object_store_memory=80 * 2**20)
    assert not any(thread.is_alive() for thread in threads)
    assert len(told) > len(QUESTIONS)
    assert not [one for one in told if not (one[2] or one[3])], "wrong, and not told as partial"
    assert whole_again, [round(one[0] - killed, 1) for one in told if one[3]]
    index.close()


def test_a_replica_that_hangs_is_left_alone_until_it_is_back(joined: Any, tmp_path: Path) -> None:
    """It takes calls and answers none, as a machine without power: answers stay whole and right."""
    expected = build_here(tmp_path)
    want = {question: seen(answer(expected, question)) for question in QUESTIONS}
    replicas = Replicas(tmp_path, None, REPLICAS)
    reader = open_generation(tmp_path)
    replicas.prepare(reader.generation, 3)
    index = ShardedIndex(reader, FarShards(replicas, reader.generation, DEADLINE_S))
    process = ray.get(replicas.of(1)[0].touch.remote()).process
    os.kill(process, signal.SIGSTOP)
    try:
        while not replicas.standing.is_silent((1, 0)):
            for question in QUESTIONS:
                reply = answer_from_shards(index, question)
                assert seen(reply) == want[question]
                assert not reply.partial
    finally:
        os.kill(process, signal.SIGCONT)
    wait_for(lambda: not replicas.standing.is_silent((1, 0)))
    assert seen(answer_from_shards(index, QUESTIONS[0])) == want[QUESTIONS[0]]
    index.close()


def test_the_replicas_of_a_shard_are_on_nodes_of_their_own(joined: Any, tmp_path: Path) -> None:
    """From the start, although they take no CPU; and again when one has come beside another."""
    generation = build_here(tmp_path).generation
    replicas = Replicas(tmp_path, None, REPLICAS)
    replicas.prepare(generation, 3)

    def apart() -> bool:
        try:
            nodes = [[ray.get(one.touch.remote()).node for one in replicas.of(s)] for s in range(3)]
        except ray.exceptions.RayError:  # it is being moved
            return False
        return all(len(set(of_shard)) == 2 for of_shard in nodes)

    assert apart()
    joined.remove_node(joined.list_all_nodes()[-1], allow_graceful=False)
    joined.remove_node(joined.list_all_nodes()[-1], allow_graceful=False)
    wait_for(lambda: not apart() and not any(map(replicas.standing.is_silent, ALL)))
    joined.add_node(num_cpus=1, object_store_memory=80 * 2**20)
    joined.add_node(num_cpus=1, object_store_memory=80 * 2**20)
    wait_for(apart)
    replicas.release(generation)


async def test_reloading_gives_each_answer_one_generation(joined: Any, tmp_path: Path) -> None:
    """Answers given while a new generation is taken up are each wholly the old's or the new's."""
    first = build_here(tmp_path)
    want = {(first.generation, q): seen(answer(first, q)) for q in QUESTIONS}
    opener = cluster_opener(joined.address, tmp_path, None, REPLICAS, DEADLINE_S)
    current = CurrentIndex(tmp_path, opener)
    desk = AnswerDesk(current, answer_from_shards, deadline_s=30, remote_threads=4)
    await current.reload()
    second = await asyncio.to_thread(build_here, tmp_path, 1)
    want |= {(second.generation, q): seen(answer(second, q)) for q in QUESTIONS}
    reloading = asyncio.create_task(current.reload())
    given: list[tuple[Question, Answer]] = []
    while not reloading.done() or len(given) < 3 * len(QUESTIONS):
        replies = await asyncio.gather(*(desk.ask(question) for question in QUESTIONS))
        given += zip(QUESTIONS, [reply.answer for reply in replies], strict=True)
    assert await reloading
    last = (await desk.ask(QUESTIONS[0])).answer
    assert last.generation == second.generation
    for question, reply in [*given, (QUESTIONS[0], last)]:
        assert seen(reply) == want[reply.generation, question]
    title = await desk.look(lambda index: index.entry("entry-7").title)
    assert title == second.entry("entry-7").title
    desk.close()
    current.close()


def test_what_is_wrong_with_a_cluster_is_said_before_any_work(
    joined: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that a node does not see, and versions that differ, name the node and the cure."""
    assert len(survey([str(Path.cwd())])) == 3
    with pytest.raises(ConfigError, match="cannot see /not/there"):
        survey(["/not/there"])
    monkeypatch.setattr("service.cluster.connection.version", lambda _: "9.9")
    with pytest.raises(ConfigError, match=r"this machine has Python .* Firstline 9\.9"):
        survey([])


@pytest.mark.parametrize(
    ("address", "error", "says"),
    [
        ("127.0.0.1:9", ClusterUnavailable, "nothing answers"),
        ("ray://127.0.0.1:10001", ConfigError, "ray:// address is not enough"),
        ("somewhere", ConfigError, "HOST:PORT"),
    ],
)
def test_where_no_cluster_is_nothing_waits(address: str, error: type[Exception], says: str) -> None:
    """The address is named, and what to do; Ray itself would wait for minutes."""
    with pytest.raises(error, match=says):
        join(address)


def test_a_port_that_is_no_clusters_is_told_apart() -> None:
    """What takes connections and says nothing does not hold the command up."""
    with socket.create_server(("127.0.0.1", 0)) as silent_port:
        script = f"""
import os
import service.cluster.connection as connection
connection._JOIN_S = 2.0
try:
    connection.join("127.0.0.1:{silent_port.getsockname()[1]}")
except Exception as error:
    print(error.code, error, flush=True)
os._exit(0)
"""
        ran = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False
        )
    assert ran.stdout.startswith("cluster_unavailable"), ran.stdout + ran.stderr
    assert "did not answer as a Ray cluster" in ran.stdout


def test_fewer_nodes_than_replicas_is_said_and_served(
    joined: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log names both numbers and what it means; answers are whole."""
    hands = OwnHands(silent)
    build_shards(corpus(20), Depot(str(tmp_path)), SETTINGS, shards=1, hands=hands)
    here = open_index(tmp_path)
    many = ReplicaSettings(replicas=4, cpus=0, lease_s=10)
    index = cluster_opener(joined.address, tmp_path, None, many, DEADLINE_S)(tmp_path)
    index.warm()
    assert seen(answer_from_shards(index, QUESTIONS[0])) == seen(answer(here, QUESTIONS[0]))
    assert "fewer_nodes_than_replicas" in capsys.readouterr().out
    index.close()


def test_an_index_in_one_piece_is_not_taken_for_shards(joined: Any, tmp_path: Path) -> None:
    """The message says how to build one in shards."""
    build(corpus(8), tmp_path, SETTINGS)
    opener = cluster_opener(joined.address, tmp_path, None, REPLICAS, DEADLINE_S)
    with pytest.raises(ArtefactError, match="--shards N"):
        opener(tmp_path)
