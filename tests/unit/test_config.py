"""Settings: which source wins, what is refused, and what is never shown."""

from pathlib import Path

import pytest

from service.config import ServiceConfig, load_config
from service.config_page import HIDDEN, reference_page, values_and_origins
from service.errors import ConfigError

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """A settings file with two keys and a table of the builder's."""
    file = tmp_path / "settings.toml"
    file.write_text('# ours\nport = 3000\nhost = "::1"\n\n[builder]\njobs = 2\n')
    return file


def test_flags_beat_environment_beats_file_beats_defaults(settings_file: Path) -> None:
    """Each value comes from the strongest source that names it, and its origin says so."""
    environ = {"FIRSTLINE_PORT": "4000", "FIRSTLINE_WORKERS": "2"}
    loaded = load_config({"workers": 3, "engine": None}, environ, settings_file)
    assert (loaded.config.workers, loaded.config.port, loaded.config.host) == (3, 4000, "::1")
    assert loaded.config.engine == "mapped"
    assert loaded.origins["workers"] == "flag --workers"
    assert loaded.origins["port"] == "environment FIRSTLINE_PORT"
    assert loaded.origins["host"] == f"{settings_file}:3"
    assert loaded.origins["engine"] == "default"


def test_building_a_config_by_hand_looks_at_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment reaches the server through ``load_config`` and no other way."""
    monkeypatch.setenv("FIRSTLINE_PORT", "4000")
    assert ServiceConfig().port == 2000


def test_lists_are_written_with_commas_in_the_environment() -> None:
    """``a, b`` is a list of two."""
    config = load_config({}, {"FIRSTLINE_SUPPORTER_NAMES": "Ada, Bo,"}).config
    assert config.supporter_names == ("Ada", "Bo")


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_name(tmp_path: Path) -> None:
    """A misspelt key, or one with another unit, never passes for a setting."""
    file = tmp_path / "firstline.toml"
    file.write_text("port = 1\n\nsend_timeout_ms = 3\n")
    with pytest.raises(ConfigError) as refused:
        load_config({}, {}, file)
    assert str(refused.value) == (
        f"{file}:3: send_timeout_ms is not a setting; did you mean send_timeout_s?"
    )


def test_an_unknown_table_is_refused_with_its_line(tmp_path: Path) -> None:
    """Tables are keys, too."""
    file = tmp_path / "firstline.toml"
    file.write_text("port = 1\n[server]\nhost = 'a'\n")
    with pytest.raises(ConfigError, match=r"firstline\.toml:2: server is not a setting"):
        load_config({}, {}, file)


def test_a_value_of_the_wrong_kind_is_refused_with_its_line(tmp_path: Path) -> None:
    """A unit written out is not a number."""
    file = tmp_path / "firstline.toml"
    file.write_text('answer_deadline_s = "5 minutes"\n')
    with pytest.raises(
        ConfigError, match=r"firstline\.toml:1: answer_deadline_s: .*\(in seconds, without the unit"
    ):
        load_config({}, {}, file)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"port = \n", 1),
        (b"port = 1\nport = 2\n", 2),
        (b"port = 1\n\n[builder\n", 3),
        (b"\xff\xfe", 1),
        (b"port = 1\n# caf\xe9\n", 2),
    ],
)
def test_a_file_that_is_not_toml_is_refused_with_its_line(
    tmp_path: Path, content: bytes, line: int
) -> None:
    """The message names the file and the line; nothing of it is used."""
    file = tmp_path / "firstline.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"firstline\.toml:{line}: this is not (TOML|UTF-8)"):
        load_config({}, {}, file)


def test_a_settings_file_that_was_named_must_exist(tmp_path: Path) -> None:
    """``--config`` never silently means the defaults."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_config({}, {}, tmp_path / "nowhere.toml")


def test_an_unknown_variable_is_ignored_with_a_warning() -> None:
    """Kubernetes sets variables of that prefix by itself, so they cannot be refused."""
    loaded = load_config({}, {"FIRSTLINE_PROT": "1", "FIRSTLINE_BUILDER_JOBS": "2"})
    assert loaded.warnings == (
        "FIRSTLINE_PROT is not a setting and was ignored; did you mean port?",
    )


def test_the_port_that_kubernetes_sets_is_explained() -> None:
    """FIRSTLINE_PORT=tcp://... says what to switch off."""
    with pytest.raises(ConfigError, match="enableServiceLinks: false"):
        load_config({}, {"FIRSTLINE_PORT": "tcp://10.0.0.1:2000"})


@pytest.mark.parametrize(
    "values",
    [
        {"tls_cert": "a.pem"},
        {"tls_key": "a.pem"},
        {"admin_token": "a", "admin_token_file": "b"},
        {"supporter_names": ()},
        {"port": 70_000},
        {"workers": 0},
        {"engine": "magic"},
        {"send_timeout_s": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    """Half a certificate, two tokens, nobody to talk to, impossible numbers."""
    with pytest.raises(ConfigError):
        load_config(values, {})


def test_secrets_are_never_shown() -> None:
    """Neither the printed settings nor the value's own text hold the token."""
    loaded = load_config({}, {"FIRSTLINE_ADMIN_TOKEN": "hunter2"})
    assert values_and_origins(loaded)["admin_token"]["value"] == HIDDEN
    assert "hunter2" not in repr(loaded)
    assert loaded.config.secret_admin_token() == "hunter2"


def test_a_wrong_value_is_not_repeated_in_the_refusal() -> None:
    """It may be a secret that was put in the wrong place."""
    with pytest.raises(ConfigError) as refused:
        load_config({}, {"FIRSTLINE_PORT": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_the_token_may_live_in_a_file(tmp_path: Path) -> None:
    """White space around it does not count; an empty or absent file is refused."""
    file = tmp_path / "token"
    file.write_text(" s3cret\n")
    assert ServiceConfig(admin_token_file=file).secret_admin_token() == "s3cret"
    file.write_text("\n")
    with pytest.raises(ConfigError, match="is empty"):
        ServiceConfig(admin_token_file=file).secret_admin_token()
    with pytest.raises(ConfigError, match="cannot be read"):
        ServiceConfig(admin_token_file=tmp_path / "none").secret_admin_token()


def test_the_reference_page_is_the_one_the_class_gives() -> None:
    """docs/reference/configuration.md is written by ``python -m service.config_page``."""
    assert PAGE.read_text("utf-8") == reference_page()
