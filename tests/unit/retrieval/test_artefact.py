"""The folder on disk: what is published whole, what is kept, and what is never opened."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pytest

from service.errors import ArtefactDamaged, ArtefactError, ArtefactMissing, ArtefactVersion
from service.retrieval.artefact import (
    CURRENT,
    FORMAT_VERSION,
    GenerationWriter,
    current,
    generations,
    measure,
    open_generation,
    prune,
    publish,
    read_manifest,
)
from service.retrieval.index import open_index
from service.retrieval.seal import SEAL, seal

NUMBERS = np.arange(10, dtype=np.uint32)


def write(root: Path, generation: str = "g-1", *, live: bool = True) -> Path:
    """A generation of three files, made live unless told otherwise."""
    with GenerationWriter(root, generation) as writer:
        writer.array("numbers", NUMBERS)
        writer.array("nothing", np.empty(0, np.float32))
        writer.data("words.txt", b"one\ntwo\n")
        folder = writer.finish({"created": "2026-11-23"})
    if live:
        publish(root, generation)
    return folder


def edit_manifest(folder: Path, change: Callable[[dict], object]) -> None:
    """Change a manifest in place."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    content = json.dumps(manifest).encode()
    path.write_bytes(content)
    (folder / SEAL).write_bytes(seal(content, None))


def refusal(root: Path, kind: type[ArtefactError]) -> str:
    """The message with which the live generation is refused."""
    with pytest.raises(kind) as caught:
        open_generation(root)
    assert type(caught.value) is kind
    return str(caught.value)


def test_what_was_written_is_read_back(tmp_path):
    """Arrays, files and facts come back equal, with their types."""
    write(tmp_path)
    reader = open_generation(tmp_path)
    assert reader.generation == "g-1"
    assert reader.info == {"created": "2026-11-23"}
    assert reader.array("numbers").dtype == np.uint32
    assert reader.array("numbers").tolist() == NUMBERS.tolist()
    assert reader.array("nothing").size == 0
    assert reader.data("words.txt") == bytes(reader.view("words.txt")) == b"one\ntwo\n"


def test_an_open_array_cannot_be_changed(tmp_path):
    """A generation is never edited, not even by the program that has it open."""
    write(tmp_path)
    with pytest.raises(ValueError, match="read-only"):
        open_generation(tmp_path).array("numbers")[0] = 7


def test_the_manifest_describes_every_file(tmp_path):
    """Size, checksum, type and shape of each file stand where a person can read them."""
    folder = write(tmp_path)
    manifest = read_manifest(folder)
    on_disk = {path.name for path in folder.iterdir()} - {"manifest.json", SEAL}
    assert set(manifest.files) == on_disk
    size, digest = measure(folder / "numbers.npy")
    assert manifest.files["numbers.npy"] == {
        "bytes": size,
        "sha256": digest,
        "dtype": "uint32",
        "shape": [10],
    }


def test_nothing_is_live_before_it_is_published(tmp_path):
    """A finished generation waits beside the live one until it is named."""
    write(tmp_path, "g-1")
    write(tmp_path, "g-2", live=False)
    assert current(tmp_path) == "g-1"
    publish(tmp_path, "g-2")
    assert current(tmp_path) == "g-2"


def test_a_write_that_fails_leaves_no_trace(tmp_path):
    """An exception half way removes the half; the live generation stays."""
    write(tmp_path, "g-1")
    with pytest.raises(OSError, match="disk full"), GenerationWriter(tmp_path, "g-2") as writer:
        writer.array("numbers", NUMBERS)
        raise OSError("disk full")
    assert sorted(path.name for path in tmp_path.iterdir()) == [CURRENT, "g-1"]
    assert current(tmp_path) == "g-1"


def test_remains_of_a_killed_build_do_not_disturb_the_next(tmp_path):
    """A half-written folder is neither a generation nor in the way of one."""
    left = tmp_path / "g-1.partial"
    left.mkdir()
    (left / "stray.npy").write_bytes(b"half")
    assert generations(tmp_path) == []
    folder = write(tmp_path, "g-1")
    assert not left.exists()
    assert not (folder / "stray.npy").exists()


def test_an_array_of_objects_is_not_written(tmp_path):
    """An array that would need a pickle never enters an artefact."""
    with (
        pytest.raises(ValueError, match="allow_pickle"),
        GenerationWriter(tmp_path, "g-1") as writer,
    ):
        writer.array("objects", np.array([{}, []], dtype=object))


def test_only_the_newest_three_generations_are_kept(tmp_path):
    """Older generations go, oldest first, and their names are told."""
    for number in range(5):
        write(tmp_path, f"g-{number}")
    assert prune(tmp_path) == ["g-0", "g-1"]
    assert generations(tmp_path) == ["g-2", "g-3", "g-4"]


def test_the_live_generation_is_never_pruned(tmp_path):
    """After a rollback the served generation stays, however old it is."""
    for number in range(5):
        write(tmp_path, f"g-{number}", live=number == 0)
    assert prune(tmp_path) == ["g-1"]
    assert current(tmp_path) == "g-0"
    assert "g-0" in generations(tmp_path)


def test_a_folder_that_does_not_exist_holds_no_generations(tmp_path):
    """Looking for generations where none was ever built is not an error."""
    assert generations(tmp_path / "nowhere") == []


def test_an_index_that_was_never_built_is_missing(tmp_path):
    """Where there is no CURRENT, the message says where it was looked for and how to build one."""
    message = refusal(tmp_path, ArtefactMissing)
    assert str(tmp_path) in message
    assert "make index" in message


def test_a_generation_that_went_is_missing(tmp_path):
    """CURRENT naming a folder that is not there is told as that, with the repair."""
    write(tmp_path)
    publish(tmp_path, "g-gone")
    message = refusal(tmp_path, ArtefactMissing)
    assert "g-gone" in message
    assert "make index" in message


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"../../etc", b"/etc/passwd", b"g-1/../g-2", b"g-1\ng-2", b"\xff\xfe"]
)
def test_a_current_that_names_no_generation_is_damaged(tmp_path, content):
    """CURRENT can only name a folder beside itself; the message shows what was found."""
    write(tmp_path)
    (tmp_path / CURRENT).write_bytes(content)
    message = refusal(tmp_path, ArtefactDamaged)
    assert CURRENT in message
    assert "make index" in message


def test_a_generation_is_not_opened_by_a_path(tmp_path):
    """The name of a generation cannot lead out of the index's folder."""
    write(tmp_path / "outside")
    (tmp_path / "inside").mkdir()
    with pytest.raises(ArtefactError, match="not the name of a generation"):
        open_generation(tmp_path / "inside", "../outside/g-1")


def test_a_file_that_is_missing_is_named(tmp_path):
    """The refusal names the file that went and the command that repairs it."""
    (write(tmp_path) / "words.txt").unlink()
    message = refusal(tmp_path, ArtefactDamaged)
    assert "words.txt is missing" in message
    assert "make index" in message


def test_a_truncated_file_is_refused_by_its_size(tmp_path):
    """The refusal says how many bytes were found and how many were expected."""
    path = write(tmp_path) / "numbers.npy"
    size = path.stat().st_size
    os.truncate(path, size - 1)
    message = refusal(tmp_path, ArtefactDamaged)
    assert "numbers.npy" in message
    assert f"{size - 1} bytes, expected {size}" in message
    assert "make index" in message


def test_one_flipped_bit_is_refused_by_its_checksum(tmp_path):
    """A file of the right size with other content is refused, both checksums in the message."""
    path = write(tmp_path) / "numbers.npy"
    expected = measure(path)[1]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    message = refusal(tmp_path, ArtefactDamaged)
    assert expected[:12] in message
    assert measure(path)[1][:12] in message
    assert "make index" in message


def test_files_that_changed_places_are_refused(tmp_path):
    """Two intact files under each other's names are not what the manifest describes."""
    with GenerationWriter(tmp_path, "g-1") as writer:
        writer.array("first", np.arange(5, dtype=np.uint32))
        writer.array("second", np.arange(5, 10, dtype=np.uint32))
        folder = writer.finish({})
    publish(tmp_path, "g-1")
    (folder / "first.npy").rename(folder / "aside")
    (folder / "second.npy").rename(folder / "first.npy")
    (folder / "aside").rename(folder / "second.npy")
    assert "SHA-256" in refusal(tmp_path, ArtefactDamaged)


def test_a_generation_under_another_name_is_refused(tmp_path):
    """A folder that was renamed is not the generation its manifest speaks of."""
    write(tmp_path, "g-1").rename(tmp_path / "g-2")
    publish(tmp_path, "g-2")
    assert "g-2" in refusal(tmp_path, ArtefactDamaged)


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, FORMAT_VERSION - 1, "1", None])
def test_another_format_version_is_refused(tmp_path, version):
    """The version found and the version that is read both stand in the message."""
    edit_manifest(write(tmp_path), lambda manifest: manifest.update(format=version))
    message = refusal(tmp_path, ArtefactVersion)
    assert f"version {version!r}" in message
    assert f"version {FORMAT_VERSION}." in message
    assert "make index" in message


def test_the_version_is_looked_at_before_the_files(tmp_path):
    """A folder of another version is told as that, even where its files are damaged too."""
    folder = write(tmp_path)
    (folder / "words.txt").unlink()
    edit_manifest(folder, lambda manifest: manifest.update(format=99, files="elsewhere"))
    refusal(tmp_path, ArtefactVersion)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff", b"{}", b'{"format": 1}', b"[" * 100_000],
    ids=lambda content: repr(content[:12]),
)
def test_a_manifest_that_is_none_is_damaged(tmp_path, content):
    """Whatever stands in the manifest's place, the refusal is a sentence and not a traceback."""
    folder = write(tmp_path)
    (folder / "manifest.json").write_bytes(content)
    message = refusal(tmp_path, ArtefactDamaged)
    assert "manifest" in message
    assert "make index" in message


@pytest.mark.parametrize(
    "name", ["../secret.txt", "/etc/passwd", "sub/words.txt", "..", ".", ""], ids=repr
)
def test_a_manifest_cannot_name_files_outside_its_folder(tmp_path, name):
    """A path in the manifest's file table is refused before any file is looked at."""
    folder = write(tmp_path)
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"outside")
    size, digest = measure(secret)
    edit_manifest(
        folder, lambda manifest: manifest["files"].update({name: {"bytes": size, "sha256": digest}})
    )
    assert "does not describe" in refusal(tmp_path, ArtefactDamaged)


@pytest.mark.parametrize(
    "described",
    [None, [], "x", {}, {"bytes": "8", "sha256": "0"}, {"bytes": 8}, {"bytes": 8, "sha256": 0}],
    ids=repr,
)
def test_a_file_table_of_another_shape_is_damaged(tmp_path, described):
    """A manifest whose file table is not sizes and checksums is refused in a sentence."""
    folder = write(tmp_path)
    edit_manifest(folder, lambda manifest: manifest["files"].update({"words.txt": described}))
    assert "make index" in refusal(tmp_path, ArtefactDamaged)


def test_a_file_the_manifest_does_not_list_is_not_read(tmp_path):
    """A file laid into the folder afterwards has no checksum, and so is not there."""
    folder = write(tmp_path)
    np.save(folder / "planted.npy", NUMBERS)
    (folder / "planted.txt").write_bytes(b"planted")
    reader = open_generation(tmp_path)
    for read in (reader.data, reader.view, reader.path):
        with pytest.raises(ArtefactDamaged, match=r"no planted\.txt"):
            read("planted.txt")
    with pytest.raises(ArtefactDamaged, match=r"no planted\.npy"):
        reader.array("planted")


def test_an_array_of_another_type_is_refused(tmp_path):
    """The type in the manifest is what the kernel was compiled for; another is not served."""
    folder = write(tmp_path)
    edit_manifest(folder, lambda manifest: manifest["files"]["numbers.npy"].update(dtype="float32"))
    with pytest.raises(ArtefactDamaged, match="holds uint32, expected float32"):
        open_generation(tmp_path).array("numbers")


def test_a_listed_file_that_is_no_array_is_refused(tmp_path):
    """Bytes that verify but are not an array give a refusal and not a traceback."""
    with GenerationWriter(tmp_path, "g-1") as writer:
        writer.data("numbers.npy", b"not an array")
        writer.finish({})
    publish(tmp_path, "g-1")
    with pytest.raises(ArtefactDamaged, match="make index"):
        open_generation(tmp_path).array("numbers")


class Hostile:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("engine", ["mapped", "sklearn"])
@pytest.mark.parametrize("name", ["neighbours.joblib", "vectoriser.joblib"])
def test_a_planted_pickle_does_not_run(tmp_path, make_root, engine, name):
    """A pickle put in the place of ours is refused by its checksum and never loaded."""
    root = make_root()
    mark = tmp_path / "ran"
    path = root / current(root) / name
    joblib.dump(Hostile(mark), path)
    with pytest.raises(ArtefactDamaged, match=name):
        open_index(root, engine=engine)
    assert not mark.exists()
    joblib.load(path)
    assert mark.exists()  # it would have


def test_a_planted_pickle_inside_an_array_does_not_run(tmp_path):
    """An array file that holds a pickle is refused, even where its checksum is right."""
    mark = tmp_path / "ran"
    with GenerationWriter(tmp_path, "g-1") as writer:
        np.save(writer.folder / "numbers.npy", np.array([Hostile(mark)], object), allow_pickle=True)
        writer.added("numbers.npy", dtype="object", shape=[1])
        writer.finish({})
    publish(tmp_path, "g-1")
    with pytest.raises(ArtefactDamaged, match="make index"):
        open_generation(tmp_path).array("numbers")
    assert not mark.exists()
    pickle.loads(pickle.dumps(Hostile(mark)))
    assert mark.exists()


@pytest.mark.parametrize("fact", ["created", "analyser", "weighting", "blend", "counts"])
def test_a_manifest_without_its_facts_is_damaged(make_root, fact):
    """A manifest that lacks what the index needs is refused with the repair, not a traceback."""
    root = make_root()
    edit_manifest(root / current(root), lambda manifest: manifest.pop(fact))
    with pytest.raises(ArtefactDamaged, match=rf"{fact}.*make index"):
        open_index(root)


@pytest.mark.parametrize("fact", ["analyser", "blend", "counts"])
@pytest.mark.parametrize("value", ["x", [], {}, {"unheard": 1}], ids=repr)
def test_a_fact_of_another_shape_is_damaged(make_root, fact, value):
    """Facts that are not what this program writes are refused with the repair."""
    root = make_root()
    edit_manifest(root / current(root), lambda manifest: manifest.update({fact: value}))
    with pytest.raises(ArtefactDamaged, match="make index"):
        open_index(root)
