"""
The server's settings: one frozen, typed value.

Flags beat the environment (``FIRSTLINE_PORT``), which beats ``firstline.toml``, which beats the
defaults written here. ``load_config`` is the only reader of the outside; building a
``ServiceConfig`` by hand looks at nothing but its arguments.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from service.secret_files import read_secret
from service.settings import Loaded, SettingsFile, load

PREFIX = "FIRSTLINE_"
DEFAULT_FILE = Path("firstline.toml")
# ``firstline-index`` reads this table of the same file; the server leaves it alone.
BUILDER_TABLE = "builder"
WEB_DIR = Path(__file__).resolve().parent.parent / "web"


def _parts(value: object) -> object:
    """``a, b`` from the environment or a flag as a list; other values untouched."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parts)]


class ServiceConfig(BaseSettings):
    """Everything ``firstline serve`` can be told."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX)

    index: Path = Field(Path("build/index"), description="folder that holds CURRENT")
    index_key: SecretStr | None = Field(
        None, description="only an index signed with this key is opened"
    )
    index_key_file: Path | None = Field(None, description="file holding that key")
    engine: Literal["mapped", "sklearn"] = Field(
        "mapped", description="what scores: the mapped arrays, or scikit-learn's NearestNeighbors"
    )
    cluster: str | None = Field(
        None,
        description="Ray cluster that holds the index's shards: HOST:PORT of its head, or auto",
    )
    cluster_replicas: int = Field(2, ge=1, le=16, description="replicas of each shard")
    cluster_shard_cpus: float = Field(
        1.0, ge=0, description="CPUs a replica is given, which a cluster grows by; 0: any node's"
    )
    cluster_deadline_s: float = Field(
        1.0, gt=0, description="longest a question waits for shards; then it is answered without"
    )
    cluster_threads: int = Field(
        32, ge=1, le=1024, description="questions that wait for shards at a time"
    )
    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 is every network")
    port: int = Field(2000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    workers: int = Field(1, ge=1, le=256, description="processes that share the port")
    tls_cert: Path | None = Field(None, description="certificate chain (PEM); needs tls_key")
    tls_key: Path | None = Field(None, description="private key (PEM); needs tls_cert")
    web_dir: Path = Field(WEB_DIR, description="folder of the chat page")

    supporter_names: Words = Field(
        ("Mia", "Noah", "Lea", "Amir", "Sofia", "Ken", "Ines", "Tom"),
        min_length=1,
        description="names a conversation's supporter is drawn from",
    )
    greeting: str = Field(
        "Hi, I'm {name}. Tell me what is not working, in your own words.",
        description="first message of a conversation; {name} is the supporter's",
    )
    starters: int = Field(4, ge=0, le=12, description="questions offered with the greeting")

    page_title: str = Field("Firstline", description="name of the page, in its tab")
    page_languages: Words = Field(
        ("en", "de"), min_length=1, description="languages of the page: files in web/locales"
    )
    hand_off_mail: str | None = Field(None, description="address people may write to instead")
    hand_off_phone: str | None = Field(None, description="number people may call instead")
    hand_off_url: str | None = Field(None, description="page where people find a person instead")
    hand_off_label: str | None = Field(
        None, description="sentence above these ways, instead of ours"
    )
    hand_off_webhook: SecretStr | None = Field(
        None, description="address that is sent contact and transcript as JSON; may hold a secret"
    )
    hand_off_timeout_s: float = Field(10.0, gt=0, description="longest the webhook may take")
    hand_off_per_minute: int = Field(30, ge=1, description="calls of the webhook, per worker")

    admin_token: SecretStr | None = Field(None, description="secret for the admin routes")
    admin_token_file: Path | None = Field(None, description="file holding that secret")
    allowed_hosts: Words = Field(
        (),
        description="names this server is reached by, besides localhost, its own name and any "
        "IP address; * allows every name",
    )
    allowed_origins: Words = Field(
        (), description="other sites whose pages may call this server (https://help.example)"
    )
    embedding_origins: Words = Field((), description="other sites that may show the page framed")

    trusted_proxies: Words = Field(
        ("127.0.0.1", "::1"),
        description="addresses or networks whose X-Forwarded-For says who is asking",
    )
    unlimited_clients: Words = Field(
        ("127.0.0.0/8", "::1"),
        description="addresses or networks that the next five limits do not hold for",
    )
    client_questions_per_minute: int = Field(
        600, ge=0, description="of one address, and worker: questions, picks, feedback; 0: any"
    )
    client_requests_per_minute: int = Field(
        3_000, ge=0, description="requests to the API of one address; 0: any"
    )
    client_connections_per_minute: int = Field(
        300, ge=0, description="WebSockets opened by one address; 0: any"
    )
    client_bytes_per_minute: int = Field(
        100_000_000, ge=0, description="bytes to and from one address; 0: any"
    )
    max_client_connections: int = Field(
        500, ge=0, description="open connections of one address at the same time; 0: any"
    )
    max_tracked_clients: int = Field(
        50_000, ge=1, description="addresses counted; the longest silent is forgotten"
    )
    max_open_sockets: int = Field(
        0, ge=0, description="open connections of all; 0: what the process's file limit leaves"
    )
    embedding_model_dir: Path | None = Field(
        None, description="folder of the embedding model the index was built with; off where unset"
    )
    embedding_budget_ms: float = Field(
        250.0, gt=0, description="longest it may take over a question; words alone answer then"
    )
    embedding_threads: int = Field(1, ge=1, le=64, description="threads of the embedding model")

    max_body_bytes: int = Field(65_536, ge=1_024, description="largest request body")
    max_frame_bytes: int = Field(16_384, ge=1_024, description="largest WebSocket frame")
    max_connections: int = Field(5_000, ge=1, description="open WebSockets, per worker")
    max_sessions: int = Field(10_000, ge=1, description="conversations kept for resuming")
    max_replay_messages: int = Field(32, ge=1, description="messages kept per conversation")
    max_replay_bytes: int = Field(65_536, ge=0, description="bytes of them, per conversation")
    max_waiting_questions: int = Field(64, ge=1, description="questions waiting for the worker")

    answer_deadline_s: float = Field(5.0, gt=0, description="longest a question may take")
    loop_budget_ms: float = Field(
        1.0, ge=0, description="longer work than this leaves the event loop for a thread"
    )
    body_timeout_s: float = Field(10.0, gt=0, description="longest a body may take to arrive")
    send_timeout_s: float = Field(3.0, gt=0, description="a reader stuck longer is dropped")
    heartbeat_s: float = Field(25.0, gt=0, description="pause between pings on a WebSocket")
    keepalive_timeout_s: float = Field(15.0, gt=0, description="idle HTTP connections close after")
    shutdown_timeout_s: float = Field(2.0, gt=0, description="time given to peers at shutdown")
    session_ttl_s: float = Field(900.0, gt=0, description="a conversation left alone is forgotten")
    index_poll_s: float = Field(1.0, gt=0, description="longest until a new index is noticed")
    index_retry_s: float = Field(30.0, gt=0, description="pause before a refused index is retried")

    journal: bool = Field(True, description="keep questions and feedback in the journal")
    journal_path: Path = Field(
        Path("var/journal.sqlite3"), description="the journal's SQLite file, made if missing"
    )
    journal_dsn: SecretStr | None = Field(
        None, description="PostgreSQL instead: postgresql://user:password@host/database"
    )
    journal_redaction: Literal["off", "on", "hash"] = Field(
        "on",
        description="mail addresses, phone and card numbers and tokens are kept, left out, or "
        "kept as a keyed hash",
    )
    journal_hash_key: SecretStr | None = Field(
        None, description="key of those hashes; without one they differ after each start"
    )
    journal_retention_days: int = Field(
        90, ge=0, description="older rows are deleted; 0 keeps them for ever"
    )
    keep_conversations: bool = Field(
        True,
        description="keep replies in the journal for session_ttl_s, so that another worker, "
        "another replica or the next start can resume a conversation",
    )
    max_journal_bytes: int = Field(
        8_388_608, ge=65_536, description="bytes of replies among them; more are dropped, too"
    )
    max_journal_rows: int = Field(
        10_000, ge=1, description="questions waiting to be written; more are dropped and counted"
    )

    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: console on a terminal, JSON elsewhere"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severe event that is logged"
    )
    log_requests: bool = Field(
        False, description="one log line per request and per question, without its words"
    )

    otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://",
        description="send traces to this OpenTelemetry collector (http://localhost:4318); needs "
        "pip install 'firstline[telemetry]'",
    )
    otlp_sample_ratio: float = Field(
        1.0, ge=0, le=1, description="share of traces that are sent; a caller's choice goes first"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only arguments: ``load_config`` merges the sources, so that each origin is known."""
        return (init_settings,)

    @field_validator("hand_off_url", "hand_off_webhook")
    @classmethod
    def _is_web_address(cls, value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if text is not None and not re.fullmatch(r"https?://[^\s/]+\S*", text):
            raise ValueError("give a web address that begins with http:// or https://")
        return value

    @field_validator("hand_off_mail")
    @classmethod
    def _is_mail_address(cls, value: str | None) -> str | None:
        # What would end the address inside a mailto: link is no part of one.
        if value is not None and not re.fullmatch(r"[^\s@?&#]+@[^\s@?&#]+", value):
            raise ValueError("give one mail address, like help@example.com")
        return value

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together; give both, or neither")
        if self.cluster is not None and self.embedding_model_dir is not None:
            raise ValueError("an index on a cluster has no vectors; leave embedding_model_dir out")
        if self.admin_token is not None and self.admin_token_file is not None:
            raise ValueError("admin_token and admin_token_file say the same; keep one of them")
        if self.index_key is not None and self.index_key_file is not None:
            raise ValueError("index_key and index_key_file say the same; keep one of them")
        return self

    @field_validator("trusted_proxies", "unlimited_clients")
    @classmethod
    def _networks(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            ipaddress.ip_network(text)  # its message names the text and what is wrong with it
        return texts

    def secret_admin_token(self) -> str | None:
        """
        The admin token, from wherever it is kept; None switches the admin routes off.

        Raises:
            ConfigError: its file cannot be read or is empty.

        """
        return _secret("admin_token_file", self.admin_token, self.admin_token_file)

    def secret_index_key(self) -> bytes | None:
        """
        The key that an index must be signed with; None opens unsigned ones, too.

        Raises:
            ConfigError: its file cannot be read or is empty.

        """
        key = _secret("index_key_file", self.index_key, self.index_key_file)
        return None if key is None else key.encode()


def _secret(name: str, given: SecretStr | None, file: Path | None) -> str | None:
    if given is not None:
        return given.get_secret_value() or None
    return None if file is None else read_secret(name, file)


LoadedConfig = Loaded[ServiceConfig]


def load_config(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None
) -> LoadedConfig:
    """
    Merge the sources, strongest first.

    Args:
        flags: what the command line said; None means it said nothing.
        environ: the process environment.
        file: a settings file that must exist; ``firstline.toml`` is read if it is there.

    Raises:
        ConfigError: an unknown key, a value of the wrong kind, a file that cannot be read.

    """
    path = file or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    return load(
        ServiceConfig,
        flags,
        environ,
        prefix=PREFIX,
        file=None if path is None else SettingsFile(path, others=(BUILDER_TABLE,)),
        ignored=BUILDER_TABLE,
    )
