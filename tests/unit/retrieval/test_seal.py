"""Signed generations: whoever has no key can change nothing."""

import json
import shutil
from pathlib import Path

import pytest

from index_builder.build import build
from index_builder.config import BuildSettings, index_key
from service.errors import ArtefactDamaged, ArtefactError, ArtefactUnsigned, ConfigError
from service.retrieval.artefact import current
from service.retrieval.entries import Entry
from service.retrieval.index import open_index

KEY = b"a key of ours"


@pytest.fixture
def signed(tmp_path: Path, entries: tuple[Entry, ...]) -> Path:
    """A folder with a generation signed by our key."""
    build(entries, tmp_path, BuildSettings(lemmas="none", pickles=False), key=KEY)
    return tmp_path


def live(root: Path) -> Path:
    """The live generation's folder."""
    return root / current(root)


def test_what_the_key_signed_is_opened(signed: Path) -> None:
    """By a server with the key, and by one that was told of none."""
    assert open_index(signed, key=KEY).entry_count == open_index(signed).entry_count


def test_an_index_without_a_signature_is_refused(signed: Path) -> None:
    """And the message says how to sign."""
    path = live(signed) / "manifest.seal"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(ArtefactUnsigned, match="FIRSTLINE_INDEX_KEY"):
        open_index(signed, key=KEY)


def test_an_index_of_another_key_is_refused(signed: Path) -> None:
    """The right shape is not enough."""
    with pytest.raises(ArtefactUnsigned, match="another key did"):
        open_index(signed, key=b"another key")


@pytest.mark.parametrize("key", [KEY, None])
def test_a_manifest_that_is_damaged_is_refused(signed: Path, key: bytes | None) -> None:
    """Even by one letter that would still be JSON, and with a key or without."""
    path = live(signed) / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"language": "en"', b'"language": "em"'))
    with pytest.raises(ArtefactError):
        open_index(signed, key=key)


def test_an_index_without_a_seal_is_refused(signed: Path) -> None:
    """Nothing vouches for its manifest."""
    (live(signed) / "manifest.seal").unlink()
    with pytest.raises(ArtefactDamaged, match="make index"):
        open_index(signed)


def test_a_manifest_that_was_changed_is_refused_before_it_is_read(signed: Path) -> None:
    """Even where its checksums fit the files again."""
    path = live(signed) / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["blend"]["pairs"] = 9.0
    path.write_text(json.dumps(manifest))
    with pytest.raises(ArtefactUnsigned):
        open_index(signed, key=KEY)


def test_a_signed_generation_cannot_take_anothers_name(signed: Path) -> None:
    """Its name is under the signature, too."""
    renamed = "g-29990101T000000Z-ffffff"
    shutil.copytree(live(signed), signed / renamed)
    text = (signed / renamed / "manifest.json").read_text().replace(current(signed), renamed)
    (signed / renamed / "manifest.json").write_text(text)
    (signed / "CURRENT").write_text(renamed)
    with pytest.raises(ArtefactUnsigned):
        open_index(signed, key=KEY)


def test_builder_and_server_read_the_key_alike(tmp_path: Path) -> None:
    """From the environment, or from the file it names, without the line end."""
    file = tmp_path / "key"
    file.write_bytes(KEY + b"\n")
    assert index_key({"FIRSTLINE_INDEX_KEY_FILE": str(file)}) == KEY
    assert index_key({"FIRSTLINE_INDEX_KEY": KEY.decode()}) == KEY
    assert index_key({}) is None
    with pytest.raises(ConfigError, match="keep one"):
        index_key({"FIRSTLINE_INDEX_KEY": "a", "FIRSTLINE_INDEX_KEY_FILE": str(file)})


def test_a_seal_with_something_behind_it_is_refused(signed: Path) -> None:
    """What was sealed is the whole of it."""
    path = live(signed) / "manifest.seal"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ArtefactDamaged):
        open_index(signed)
