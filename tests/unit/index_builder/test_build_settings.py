"""What a build can be told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from index_builder.commands.build import command
from index_builder.config import BuildSettings, load_settings, read_settings
from index_builder.config_page import FLAGS, reference_page
from service.errors import ConfigError
from service.retrieval.weighting import Blend

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "building.md"


def test_without_a_file_the_defaults_hold():
    """No file and no flags is the build everybody gets."""
    assert read_settings(None) == read_settings(None, language=None) == BuildSettings()


def test_a_file_sets_and_a_flag_beats_it(tmp_path):
    """Flags beat the file, the file beats the defaults; a flag not given changes nothing."""
    path = tmp_path / "build.toml"
    path.write_text('language = "de"\nweighting = "lnc.ltc"\n')
    found = read_settings(path, language="fr", target_precision=None)
    assert (found.language, found.weighting) == ("fr", "lnc.ltc")
    assert found.target_precision == BuildSettings().target_precision


def test_a_blend_can_be_written_in_a_file(tmp_path):
    """Parts of the score that a file names change, and the others keep their defaults."""
    path = tmp_path / "build.toml"
    path.write_text("[blend]\nballot = 0.0\n[blend.whole]\nshare = 0.5\npairs = 0.1\ngrams = 0.1\n")
    blend = read_settings(path).blend
    assert (blend.ballot, blend.whole.share, blend.short) == (0.0, 0.5, Blend().short)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("language", ":1: this is not TOML"),
        (
            "pickles = true\nlangauge = 'de'",
            ":2: langauge is not a setting; did you mean language?",
        ),
        ("\nweighting = 'tfidf'", ":2: weighting: "),
        ("target_precision = 1.5", ":1: target_precision: "),
        ("target_precision = 0", ":1: target_precision: "),
        ("[blend]\nballots = 1", ":2: blend.ballots: "),
        ("[blend]\nballot = 1\n[blend.short]\nshare = 'all'", ":4: blend.short.share: "),
    ],
)
def test_a_wrong_file_is_refused_by_key_and_file(tmp_path, content, says):
    """The message names the file, the line and the key."""
    path = tmp_path / "build.toml"
    path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        read_settings(path)
    assert says in str(caught.value)
    assert "build.toml" in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    """A missing file, and one that is not UTF-8, are named."""
    with pytest.raises(ConfigError, match=r"gone\.toml cannot be read"):
        read_settings(tmp_path / "gone.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(ConfigError, match=r"latin\.toml:1: this is not UTF-8"):
        read_settings(tmp_path / "latin.toml")


def test_a_wrong_flag_is_told_from_a_wrong_file():
    """What came from the command line is told as that."""
    with pytest.raises(ConfigError, match="flag --target-precision: "):
        read_settings(None, target_precision=2)


def test_settings_cannot_be_changed():
    """One build has one set of settings from beginning to end."""
    with pytest.raises(ValidationError, match="frozen"):
        BuildSettings().language = "de"


def test_the_environment_stands_between_flags_and_file(tmp_path, monkeypatch):
    """FIRSTLINE_BUILDER_ variables beat the table [builder]; each value knows its origin."""
    monkeypatch.chdir(tmp_path)
    Path("firstline.toml").write_text(
        'port = 1\n\n[builder]\nlanguage = "de"\nlemmas = "none"\n[builder.blend]\nballot = 0.1\n'
    )
    environ = {"FIRSTLINE_BUILDER_LEMMAS": "lookup", "FIRSTLINE_PORT": "9"}
    loaded = load_settings({"target_precision": 0.8}, environ)
    found = loaded.config
    assert (found.language, found.lemmas, found.target_precision) == ("de", "lookup", 0.8)
    assert found.blend.ballot == 0.1
    assert loaded.origins["language"] == "firstline.toml:4"
    assert loaded.origins["blend"] == "firstline.toml:6"
    assert loaded.origins["lemmas"] == "environment FIRSTLINE_BUILDER_LEMMAS"
    assert loaded.origins["target_precision"] == "flag --target-precision"
    assert loaded.origins["pickles"] == "default"


def test_a_variable_that_is_no_setting_is_warned_of():
    """With the nearest name."""
    loaded = load_settings({}, {"FIRSTLINE_BUILDER_LANGUGE": "de"})
    assert loaded.warnings == (
        "FIRSTLINE_BUILDER_LANGUGE is not a setting and was ignored; did you mean language?",
    )


def test_a_table_can_stand_in_a_variable():
    """As JSON; what is none is refused."""
    environ = {"FIRSTLINE_BUILDER_BLEND": '{"ballot": 0.2}'}
    assert load_settings({}, environ).config.blend.ballot == 0.2
    with pytest.raises(ConfigError, match="environment FIRSTLINE_BUILDER_BLEND: blend: "):
        load_settings({}, {"FIRSTLINE_BUILDER_BLEND": "{ballot"})


def test_build_shows_its_settings_and_stops(tmp_path, monkeypatch):
    """``--print-config`` builds nothing."""
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(command, ["--print-config", "--language", "fr"])
    assert ran.exit_code == 0
    assert 'language = "fr"  # flag --language\n' in ran.stdout
    assert "pickles = true  # default" in ran.stdout
    as_json = CliRunner().invoke(command, ["--print-config", "--json"])
    assert json.loads(as_json.stdout)["blend"]["value"]["ballot"] == 0.4
    assert list(tmp_path.iterdir()) == []


def test_the_reference_page_is_the_one_the_class_gives():
    """docs/reference/building.md is written by ``python -m index_builder.config_page``."""
    assert PAGE.read_text("utf-8") == reference_page()
    assert set(FLAGS) == set(BuildSettings.model_fields) & {
        option.name for option in command.params
    }
