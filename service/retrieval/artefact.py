"""
The index on disk: a folder of plain arrays under a manifest.

::

    build/index/
      CURRENT               one line: the live generation
      g-<id>/manifest.json  format version, counts, settings; of every file its bytes and SHA-256
      g-<id>/*.npy          arrays, opened memory-mapped
      g-<id>/*.json, *.txt, *.jsonl, *.joblib
      g-<id>/manifest.seal  vouches for the manifest; see seal.py

A generation is written aside, synced, renamed, and only then named in ``CURRENT``, so a reader
finds the old one or the new one and never half of either. Opening reads the manifest, then the
format version, then every size and checksum; nothing is parsed or unpickled before that.

Checksums catch damage, not malice: an artefact is trusted like code, unless a key is configured.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import re
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from service.errors import ArtefactDamaged, ArtefactError, ArtefactMissing, ArtefactVersion
from service.retrieval.seal import SEAL, check_seal, seal

# Raise it whenever an older reader could misread a newer folder, or the other way round; there is
# no migration, an index is rebuilt from its corpus.
FORMAT_VERSION = 3
CURRENT = "CURRENT"
MANIFEST = "manifest.json"
KEPT_GENERATIONS = 3
_GENERATION = re.compile(r"g-[0-9A-Za-z][0-9A-Za-z.-]{0,80}")
_REPAIR = "Rebuild it with: make index"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says about itself. ``info`` is everything but the files."""

    generation: str
    files: Mapping[str, Mapping[str, Any]]
    info: Mapping[str, Any]


class GenerationWriter:
    """
    A generation being written aside, file by file.

    Use as a context manager: leaving it by an exception removes what was written.
    """

    def __init__(self, root: Path, generation: str, key: bytes | None = None) -> None:
        self.root = root
        self.generation = generation
        self._key = key
        self.folder = root / f"{generation}.partial"
        self._files: dict[str, dict[str, Any]] = {}
        self._made_root = False
        self._held: int | None = None

    def __enter__(self) -> GenerationWriter:
        self._made_root = not self.root.exists()
        self.root.mkdir(parents=True, exist_ok=True)
        sweep(self.root)
        self.folder.mkdir()
        self.hold()
        return self

    def hold(self) -> None:
        """Keep the folder from being swept, until the end of the process however that comes."""
        self._held = _hold(self.folder)

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            if self._made_root:
                with suppress(OSError):  # somebody put something there meanwhile
                    self.root.rmdir()
        if self._held is not None:
            os.close(self._held)

    def array(self, name: str, values: npt.NDArray[Any]) -> None:
        """Write ``name``.npy in C order."""
        np.save(self.folder / f"{name}.npy", np.ascontiguousarray(values), allow_pickle=False)
        self.added(f"{name}.npy", dtype=str(values.dtype), shape=list(values.shape))

    def has(self, name: str) -> bool:
        """Whether this file is written already."""
        return name in self._files

    def mapped_array(self, name: str) -> npt.NDArray[Any]:
        """An array that was written, mapped."""
        return np.asarray(_load(self.folder / f"{name}.npy"))

    def data(self, name: str, content: bytes) -> None:
        """Write a file as it is."""
        (self.folder / name).write_bytes(content)
        self.added(name)

    def added(self, name: str, **described: object) -> None:
        """Take a file that already lies in ``folder`` into the manifest, synced to disk."""
        path = self.folder / name
        size, digest = measure(path)
        _sync(path)
        self._files[name] = {"bytes": size, "sha256": digest, **described}

    def finish(self, info: Mapping[str, Any]) -> Path:
        """Write the manifest and give the folder its real name. It is not live yet."""
        manifest = {
            "format": FORMAT_VERSION,
            "generation": self.generation,
            **info,
            "files": dict(sorted(self._files.items())),
        }
        path = self.folder / MANIFEST
        content = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
        path.write_bytes(content)
        _sync(path)
        sealed = self.folder / SEAL
        sealed.write_bytes(seal(content, self._key))
        _sync(sealed)
        _sync(self.folder)
        final = self.root / self.generation
        self.folder.replace(final)
        self.folder = final
        _sync(self.root)
        return final


def sweep(root: Path) -> None:
    """Remove what builders left half-written that were killed; one that still writes holds it."""
    for folder in root.glob("g-*.partial"):
        with suppress(BlockingIOError, FileNotFoundError):  # it writes; it has just finished
            held = _hold(folder)
            if held is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(held)


def _hold(folder: Path) -> int | None:
    """Lock a folder for as long as the descriptor is open; None where the system cannot."""
    try:
        import fcntl
    except ImportError:  # Windows; what is left half-written stays there
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def publish(root: Path, generation: str) -> None:
    """Name *generation* in ``CURRENT``, atomically."""
    aside = root / f"{CURRENT}.partial"
    aside.write_text(f"{generation}\n", "utf-8")
    _sync(aside)
    aside.replace(root / CURRENT)
    _sync(root)


def generations(root: Path) -> list[str]:
    """The complete generations in *root*, oldest first (their names begin with the time)."""
    if not root.is_dir():
        return []
    return sorted(
        path.name
        for path in root.iterdir()
        if _GENERATION.fullmatch(path.name)
        and not path.name.endswith(".partial")
        and (path / MANIFEST).is_file()
    )


def prune(root: Path, keep: int = KEPT_GENERATIONS) -> list[str]:
    """Remove all but the newest *keep* generations and the live one; return what went."""
    live = current(root)
    old = [name for name in generations(root)[:-keep] if name != live]
    for name in old:
        # Under the name of what is half-written: who is killed here leaves it to the next sweep.
        aside = root / f"{name}.partial"
        with suppress(OSError):  # another builder is at it
            (root / name).replace(aside)
        shutil.rmtree(aside, ignore_errors=True)
    return old


def current(root: Path) -> str:
    """
    The name of the live generation.

    Raises:
        ArtefactMissing: no ``CURRENT`` in *root*.
        ArtefactDamaged: ``CURRENT`` does not hold the name of a generation.

    """
    try:
        name = (root / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        raise ArtefactMissing(f"There is no index in {root}. Build one with: make index") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ArtefactDamaged(f"{root / CURRENT} cannot be read ({error}). {_REPAIR}") from error
    if not _GENERATION.fullmatch(name):
        raise ArtefactDamaged(
            f"{root / CURRENT} should hold the name of a generation, found {name[:40]!r}. {_REPAIR}"
        )
    return name


def read_manifest(folder: Path, key: bytes | None = None) -> Manifest:
    """
    The manifest of one generation, its seal and its format version checked.

    Raises:
        ArtefactMissing: no manifest there.
        ArtefactUnsigned: not signed with *key*.
        ArtefactDamaged: not a manifest.
        ArtefactVersion: of another format version.

    """
    path = folder / MANIFEST
    try:
        written = path.read_bytes()
        if key is not None:
            check_seal(folder, written, key)  # before a stranger's bytes are parsed
        content = json.loads(written)
        version = content.pop("format")
        generation = content.pop("generation")
        files = content.pop("files")
    except (FileNotFoundError, NotADirectoryError):
        raise ArtefactMissing(f"{path} does not exist. {_REPAIR}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArtefactDamaged(f"{path} is not a manifest ({error}). {_REPAIR}") from error
    if version != FORMAT_VERSION:
        raise ArtefactVersion(
            f"{folder} has format version {version!r}, this program reads version "
            f"{FORMAT_VERSION}. {_REPAIR}"
        )
    if key is None:
        check_seal(folder, written, None)
    if generation != folder.name or not _describes_files(files):
        raise ArtefactDamaged(f"{path} does not describe {folder.name}. {_REPAIR}")
    return Manifest(generation, files, content)


def _describes_files(files: object) -> bool:
    """Whether the manifest's file table has the shape that verify relies on."""
    return isinstance(files, dict) and all(
        isinstance(name, str)
        and Path(name).name == name
        and name not in ("", "..")
        and isinstance(entry, dict)
        and isinstance(entry.get("bytes"), int)
        and isinstance(entry.get("sha256"), str)
        for name, entry in files.items()
    )


def verify(folder: Path, manifest: Manifest) -> None:
    """
    Compare every file with its size and SHA-256.

    Raises:
        ArtefactDamaged: the first difference, with what was found and what was expected.

    """
    for name, entry in manifest.files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError:
            raise ArtefactDamaged(f"{folder / name} is missing. {_REPAIR}") from None
        if size != entry["bytes"]:
            raise ArtefactDamaged(
                f"{folder / name} has {size} bytes, expected {entry['bytes']}. {_REPAIR}"
            )
    # hashlib lets go of the interpreter lock, so two threads use two cores.
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        measured = pool.map(lambda name: measure(folder / name), manifest.files)
        for (name, entry), (_, digest) in zip(manifest.files.items(), measured, strict=True):
            if digest != entry["sha256"]:
                raise ArtefactDamaged(
                    f"{folder / name} has SHA-256 {digest[:12]}…, expected "
                    f"{entry['sha256'][:12]}…. {_REPAIR}"
                )


def measure(path: Path) -> tuple[int, str]:
    """The size in bytes and the SHA-256 of a file."""
    size = path.stat().st_size
    if size == 0:
        return 0, hashlib.sha256().hexdigest()
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return size, hashlib.sha256(view).hexdigest()
    except (OSError, ValueError) as error:
        raise ArtefactDamaged(f"{path} cannot be read ({error}). {_REPAIR}") from error


class Reader(Protocol):
    """What an index is opened from: a verified generation, or a draft still in memory."""

    @property
    def generation(self) -> str:
        """The generation's name."""

    @property
    def info(self) -> Mapping[str, Any]:
        """What the manifest says besides the files."""

    def array(self, name: str) -> npt.NDArray[Any]:
        """An array."""

    def data(self, name: str) -> bytes:
        """The content of a small file."""

    def view(self, name: str) -> mmap.mmap | bytes:
        """The content of a large file."""

    def path(self, name: str) -> Path:
        """The path of a file."""


class GenerationReader:
    """A verified generation: arrays are mapped, small files are read whole."""

    def __init__(self, folder: Path, key: bytes | None = None) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder, key)
        verify(folder, self.manifest)

    @property
    def generation(self) -> str:
        """The generation's name."""
        return self.manifest.generation

    @property
    def info(self) -> Mapping[str, Any]:
        """What the manifest says besides the files."""
        return self.manifest.info

    def array(self, name: str) -> npt.NDArray[Any]:
        """
        An array of the artefact, mapped read-only.

        Raises:
            ArtefactError: the manifest does not list it, or it is not the array it describes.

        """
        described = self._described(f"{name}.npy")
        try:
            values = _load(self.folder / f"{name}.npy")
        except (OSError, ValueError, EOFError) as error:
            raise ArtefactDamaged(f"{name}.npy cannot be opened ({error}). {_REPAIR}") from error
        if str(values.dtype) != described.get("dtype"):
            raise ArtefactDamaged(
                f"{name}.npy holds {values.dtype}, expected {described.get('dtype')}. {_REPAIR}"
            )
        # A plain array over the same memory: np.memmap costs a Python call at every slice.
        return np.asarray(values)

    def data(self, name: str) -> bytes:
        """The content of a small file."""
        self._described(name)
        return (self.folder / name).read_bytes()

    def view(self, name: str) -> mmap.mmap | bytes:
        """The content of a large file, mapped read-only."""
        self._described(name)
        return mapped(self.folder / name)

    def path(self, name: str) -> Path:
        """The path of a file whose checksum has been verified."""
        self._described(name)
        return self.folder / name

    def _described(self, name: str) -> Mapping[str, Any]:
        try:
            return self.manifest.files[name]
        except KeyError:
            raise ArtefactDamaged(f"{self.folder} has no {name}. {_REPAIR}") from None


def open_generation(
    root: Path, generation: str | None = None, key: bytes | None = None
) -> GenerationReader:
    """
    Open the live generation of *root*, or the one that is named; with a key only if signed by it.

    Raises:
        ArtefactError: missing, damaged, or of another version; the message says what was found,
            what was expected and how to rebuild it.

    """
    name = generation or current(root)
    if not _GENERATION.fullmatch(name):
        raise ArtefactError(f"{name!r} is not the name of a generation.")
    return GenerationReader(root / name, key)


def mapped(path: Path) -> mmap.mmap | bytes:
    """The content of a file, mapped read-only; an empty file cannot be mapped."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _load(path: Path) -> npt.NDArray[Any]:
    values: npt.NDArray[Any]
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:  # an empty array cannot be mapped
        values = np.load(path, allow_pickle=False)
    return values


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
