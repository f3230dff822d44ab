"""What a build can be told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from index_builder.config import BuildSettings, read_settings
from service.errors import ConfigError
from service.retrieval.weighting import Blend


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
        ("language", "is not TOML"),
        ("langauge = 'de'", "langauge in"),
        ("weighting = 'tfidf'", "weighting in"),
        ("target_precision = 1.5", "target_precision in"),
        ("target_precision = 0", "target_precision in"),
        ("[blend]\nballots = 1", "blend"),
    ],
)
def test_a_wrong_file_is_refused_by_key_and_file(tmp_path, content, says):
    """The message names the key and the file it stands in."""
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
    with pytest.raises(ConfigError, match=r"latin\.toml cannot be read"):
        read_settings(tmp_path / "latin.toml")


def test_a_wrong_flag_is_told_from_a_wrong_file():
    """What came from the command line is told as that."""
    with pytest.raises(ConfigError, match="target_precision in the command line"):
        read_settings(None, target_precision=2)


def test_settings_cannot_be_changed():
    """One build has one set of settings from beginning to end."""
    with pytest.raises(ValidationError, match="frozen"):
        BuildSettings().language = "de"
