"""Where everybody who builds can read and write: a folder, or an fsspec URL such as s3://."""

from __future__ import annotations

import pickle
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Depot:
    """
    A place by its path or URL; every worker makes its own way there.

    What is put there appears whole or not at all, so that work can be done again over half-done
    work. Values are pickled: only the workers of one build read them.
    """

    place: str

    @property
    def folder(self) -> Path | None:
        """The folder, where the place is one."""
        return None if "://" in self.place else Path(self.place)

    def save(self, name: str, value: Any) -> None:
        """Keep a value."""
        self.write(name, pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))

    def load(self, name: str) -> Any:
        """A value that was kept."""
        return pickle.loads(self.read(name))  # noqa: S301 - this build's own

    def write(self, name: str, content: bytes) -> None:
        """Keep a file."""
        if self.folder is not None:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as aside:
                aside.write(content)
            Path(aside.name).replace(path)
            return
        files, root = self._files()
        files.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
        files.pipe_file(f"{root}/{name}", content)

    def read(self, name: str) -> bytes:
        """A file that was kept."""
        if self.folder is not None:
            return (self.folder / name).read_bytes()
        files, root = self._files()
        content: bytes = files.cat_file(f"{root}/{name}")
        return content

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder of this machine to make things in, from which :meth:`adopt` is cheap."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=self.folder) as made:
            yield Path(made)

    def adopt(self, made: Path, name: str) -> None:
        """Take a folder over as *name*, in place of what an earlier attempt left there."""
        if self.folder is not None:
            target = self.folder / name
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            made.replace(target)
            return
        files, root = self._files()
        if files.exists(f"{root}/{name}"):
            files.rm(f"{root}/{name}", recursive=True)
        self._upload(made, f"{root}/{name}")

    def _upload(self, made: Path, target: str) -> None:
        """File by file, the manifest last: a reader that sees it sees everything."""
        files, _ = self._files()
        paths = sorted(path for path in made.rglob("*") if path.is_file())
        for path in sorted(paths, key=lambda path: path.name == "manifest.json"):
            there = f"{target}/{path.relative_to(made).as_posix()}"
            files.makedirs(there.rpartition("/")[0], exist_ok=True)
            files.put_file(str(path), there)

    def add(self, made: Path, name: str) -> None:
        """Put the files of a folder beside those that *name* already holds."""
        files, root = self._files()
        del files
        self._upload(made, f"{root}/{name}")

    def remove(self, name: str) -> None:
        """Forget a file or folder."""
        if self.folder is not None:
            shutil.rmtree(self.folder / name, ignore_errors=True)
            return
        files, root = self._files()
        if files.exists(f"{root}/{name}"):
            files.rm(f"{root}/{name}", recursive=True)

    def names(self) -> list[str]:
        """What lies directly in this place."""
        if self.folder is not None:
            return sorted(path.name for path in self.folder.iterdir())
        files, root = self._files()
        return sorted(str(path).rstrip("/").rpartition("/")[2] for path in files.ls(root, False))

    def fetch(self, name: str, folder: Path) -> None:
        """Copy what lies under *name* into a folder of this machine."""
        files, root = self._files()
        files.get(f"{root}/{name}/", f"{folder}/", recursive=True)

    def _files(self) -> tuple[Any, str]:
        """The file system behind a URL, and the path in it."""
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise ConfigError(
                f"{self.place} is a URL, and fsspec is not installed here: "
                "pip install 'firstline[cluster]'"
            ) from None
        try:
            # Listings that are remembered would not show what other workers have written since.
            files, root = url_to_fs(self.place, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise ConfigError(f"{self.place} cannot be reached: {error}") from error
        return files, str(root).rstrip("/")
