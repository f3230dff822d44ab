"""
The composition root: builds every part from the configuration and joins them.

``create_app`` is the last to see the configuration whole; the parts receive plain values. Tests
come in by the same door and may hand in another ``open_index`` and ``answer``.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from service.chat.session import Memory
from service.config import ServiceConfig
from service.edge.callers import Callers
from service.edge.counter import Counter
from service.edge.doors import HostPolicy, OriginPolicy, doorkeeper, expectation
from service.edge.frontend import Frontend
from service.edge.handoff import HandOffDesk, Webhook
from service.edge.http import HttpApi
from service.edge.metrics import Metrics
from service.edge.observed import ObservedRecord, Observer, QuestionLog, counting
from service.edge.page_settings import page_settings
from service.edge.record import Record, RecordInJournal, RecordOff
from service.edge.routes import route_table
from service.edge.shares import FairShares, Shares
from service.edge.traces import Traces, exporting_provider
from service.edge.websocket import ChatRoom, ChatSettings
from service.live.clusters import ClusteredAside, can_cluster
from service.live.current import CurrentIndex, ServedIndex
from service.live.desk import AnswerDesk
from service.live.journal import Journal
from service.live.journal_store import JournalStore, journal_url
from service.live.redaction import redactor
from service.retrieval.answers import Answer, Question

if TYPE_CHECKING:
    from service.retrieval.embedding import Encoder

CURRENT = web.AppKey("current", CurrentIndex)
DESK = web.AppKey("desk", AnswerDesk)
ROOM = web.AppKey("room", ChatRoom)
HAND_OFF = web.AppKey("hand_off", HandOffDesk)
METRICS = web.AppKey("metrics", Metrics)
TRACES: web.AppKey[Traces | None] = web.AppKey("traces")
JOURNAL: web.AppKey[Journal | None] = web.AppKey("journal")


def create_app(
    config: ServiceConfig,
    *,
    open_index: Callable[[Path], ServedIndex] | None = None,
    answer: Callable[[Any, Question], Answer] | None = None,
    record: Record | None = None,
    traces: Traces | None = None,
) -> web.Application:
    """The application, ready to be run or tested."""
    current = CurrentIndex(
        config.index,
        open_index or _opener(config),
        poll_s=config.index_poll_s,
        retry_s=config.index_retry_s,
    )
    desk = AnswerDesk(
        current,
        answer or (shards_answer() if config.cluster else real_answer()),
        max_waiting=config.max_waiting_questions,
        deadline_s=config.answer_deadline_s,
        loop_budget_ms=config.loop_budget_ms,
        remote_threads=config.cluster_threads if config.cluster else 0,
    )
    metrics = Metrics(current, desk)
    journal = None if record or not config.journal else _journal(config)
    if record is None:
        record = (
            RecordOff()
            if journal is None
            else RecordInJournal(journal, keep_conversations=config.keep_conversations)
        )
    if traces is None and config.otlp_endpoint is not None:
        traces = Traces(exporting_provider(config.otlp_endpoint, config.otlp_sample_ratio))
    observers: list[Observer] = [metrics]
    if config.log_requests:
        observers.append(QuestionLog())
    if traces is not None:
        observers.append(traces)
    counter = Counter(current, desk, ObservedRecord(record, observers))
    origins = OriginPolicy(config.allowed_origins)
    callers = Callers(config.trusted_proxies, config.unlimited_clients)
    shares = FairShares(_shares(config))
    hand_off = HandOffDesk(_webhook(config))
    api = HttpApi(
        counter,
        shares,
        hand_off,
        page_settings(config),
        admin_token=config.secret_admin_token(),
        body_timeout_s=config.body_timeout_s,
    )
    room = ChatRoom(counter, origins, shares, _chat_settings(config))
    frontend = Frontend(config.web_dir, config.embedding_origins)
    hosts = HostPolicy(config.allowed_hosts, config.host)

    app = web.Application(
        middlewares=[
            *([] if traces is None else [traces.middleware()]),
            counting(metrics),
            doorkeeper(hosts, origins, callers, shares, log_requests=config.log_requests),
        ],
        client_max_size=config.max_body_bytes,
    )
    app[CURRENT], app[DESK], app[ROOM], app[JOURNAL] = current, desk, room, journal
    app[HAND_OFF] = hand_off
    app[METRICS], app[TRACES] = metrics, traces
    metrics.watch(room, journal)
    for method, path, handler, _ in route_table(api, room, frontend, metrics):
        app.router.add_route(method, path, handler, expect_handler=expectation)
        if method == "GET" and path != "/ws":
            app.router.add_route("HEAD", path, handler, expect_handler=expectation)
    app.cleanup_ctx.append(_index_followed)
    app.cleanup_ctx.append(_journal_kept)
    app.cleanup_ctx.append(_webhook_let_go)
    app.cleanup_ctx.append(_metrics_sampled)
    app.cleanup_ctx.append(_peers_watched)
    app.cleanup_ctx.append(_traces_sent)
    app.on_shutdown.append(_conversations_closed)
    return app


async def _index_followed(app: web.Application) -> AsyncIterator[None]:
    """The first index opens before the first request, if it can; then CURRENT is followed."""
    current = app[CURRENT]
    await current.check()
    async with _beside(current.watch()):
        yield
        app[DESK].close()
        current.close()


async def _journal_kept(app: web.Application) -> AsyncIterator[None]:
    """Written beside the answers; what is waiting at the end is written before the end."""
    journal = app[JOURNAL]
    if journal is not None:
        journal.start()
    yield
    if journal is not None:
        await journal.close()


async def _webhook_let_go(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[HAND_OFF].close()


async def _metrics_sampled(app: web.Application) -> AsyncIterator[None]:
    """Gauges and the loop's lag, while the application runs."""
    async with _beside(app[METRICS].keep_sampling()):
        yield


async def _peers_watched(app: web.Application) -> AsyncIterator[None]:
    """Whether they are still there, while the application runs."""
    async with _beside(app[ROOM].heartbeat.keep_beating()):
        yield


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """*work*, which has no end, runs until the block is left."""
    task = asyncio.create_task(work)
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _traces_sent(app: web.Application) -> AsyncIterator[None]:
    """The last spans leave before the end."""
    yield
    traces = app[TRACES]
    if traces is not None:
        await asyncio.to_thread(traces.close)


async def _conversations_closed(app: web.Application) -> None:
    """Whoever is sent away now may be with another replica in a moment: it must know them."""
    journal = app[JOURNAL]
    if journal is not None:
        await journal.flush()
    await app[ROOM].close()


def _journal(config: ServiceConfig) -> Journal:
    dsn, key = config.journal_dsn, config.journal_hash_key
    url = journal_url(config.journal_path, None if dsn is None else dsn.get_secret_value())
    return Journal(
        JournalStore(url),
        redactor(
            config.journal_redaction,
            secrets.token_bytes(32) if key is None else key.get_secret_value().encode(),
        ),
        max_waiting=config.max_journal_rows,
        max_waiting_bytes=config.max_journal_bytes,
        retention_days=config.journal_retention_days,
        resumable_s=config.session_ttl_s,
        group=ClusteredAside() if can_cluster() else None,
    )


def _webhook(config: ServiceConfig) -> Webhook:
    url = config.hand_off_webhook
    return Webhook(
        None if url is None else url.get_secret_value(),
        config.hand_off_timeout_s,
        config.hand_off_per_minute,
    )


def _chat_settings(config: ServiceConfig) -> ChatSettings:
    return ChatSettings(
        supporter_names=config.supporter_names,
        greeting=config.greeting,
        starters=config.starters,
        memory=Memory(config.max_replay_messages, config.max_replay_bytes),
        max_sessions=config.max_sessions,
        session_ttl_s=config.session_ttl_s,
        max_connections=config.max_connections,
        max_frame_bytes=config.max_frame_bytes,
        heartbeat_s=config.heartbeat_s,
        send_timeout_s=config.send_timeout_s,
        shutdown_timeout_s=config.shutdown_timeout_s,
    )


def _shares(config: ServiceConfig) -> Shares:
    return Shares(
        questions_per_minute=config.client_questions_per_minute,
        connections_per_minute=config.client_connections_per_minute,
        requests_per_minute=config.client_requests_per_minute,
        bytes_per_minute=config.client_bytes_per_minute,
        connections=config.max_client_connections,
        max_tracked_clients=config.max_tracked_clients,
    )


def _opener(config: ServiceConfig) -> Callable[[Path], ServedIndex]:
    if config.cluster is None:
        return real_open_index(config)
    from service.cluster.opening import cluster_opener
    from service.cluster.replicas import ReplicaSettings

    return cluster_opener(
        config.cluster,
        config.index,
        config.secret_index_key(),
        ReplicaSettings(config.cluster_replicas, config.cluster_shard_cpus),
        config.cluster_deadline_s,
    )


def shards_answer() -> Callable[[Any, Question], Answer]:
    """``answer_from_shards``: as ``answers.answer``, and says when a shard was away."""
    from service.cluster.opening import answer_from_shards

    return answer_from_shards


def real_open_index(config: ServiceConfig) -> Callable[[Path], ServedIndex]:
    """``open_index`` as configured; imported late, because the kernel takes its time."""
    from service.retrieval.index import open_index

    return functools.partial(
        open_index,
        engine=config.engine,
        key=config.secret_index_key(),
        encoder=configured_encoder(config),
    )


def configured_encoder(config: ServiceConfig) -> Encoder | None:
    """
    The embedding model, where one is named: without one its libraries are not even imported.

    Raises:
        ModelUnusable: its folder is not a model's, or a library is missing.

    """
    if config.embedding_model_dir is None:
        return None
    from service.live.budget import BudgetedEncoder
    from service.retrieval.embedding import open_encoder

    encoder = open_encoder(config.embedding_model_dir, config.embedding_threads)
    return BudgetedEncoder(encoder, config.embedding_budget_ms)


def real_answer() -> Callable[[Any, Question], Answer]:
    """``answers.answer``."""
    from service.retrieval.answers import answer

    return answer
