"""
An index damaged in any way is refused before anything is unpickled, and the old one answers on.

Every trial damages one file of a generation that a server is told to take up, asks it to, looks at
what it serves, and mends the file.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from bench.reliability.row import Row
from service.edge.logs import configure_logs
from service.errors import ArtefactError
from service.live.current import CurrentIndex
from service.retrieval.artefact import current, publish
from service.retrieval.index import open_index
from service.retrieval.seal import SEAL, seal

KINDS = ("flip", "flip", "flip", "flip", "cut", "grow", "empty", "missing", "swap", "version")


class Trap:
    """A pickle that leaves a mark where it is opened."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return (os.mkdir, (str(self._mark),))


def damage(folder: Path, kind: str, rng: random.Random, mark: Path) -> list[Path]:
    """Damage a generation in one way; the files that changed."""
    files = sorted(path for path in folder.iterdir() if path.stat().st_size)
    path = rng.choice(files)
    if kind == "flip":
        content = bytearray(path.read_bytes())
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
    elif kind == "cut":
        os.truncate(path, rng.randrange(path.stat().st_size))
    elif kind == "grow":
        path.write_bytes(path.read_bytes() + rng.randbytes(rng.randint(1, 64)))
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "missing":
        path.unlink()
    elif kind == "swap":
        other = rng.choice([file for file in files if file.read_bytes() != path.read_bytes()])
        ours, theirs = path.read_bytes(), other.read_bytes()
        path.write_bytes(theirs)
        other.write_bytes(ours)
        return [path, other]
    elif kind == "version":
        path = folder / "manifest.json"
        manifest = json.loads(path.read_bytes())
        manifest["format"] = rng.choice((0, 1, 99, -1, "2", None, 1.5, True, []))
        path.write_text(json.dumps(manifest))
    else:
        path = rng.choice(sorted(folder.glob("*.joblib")))
        path.write_bytes(pickle.dumps(Trap(mark)))
    return [path]


async def trials(index: Path, work: Path, count: int) -> list[str]:
    """What was not as it should be in *count* trials, every twentieth with a hostile pickle."""
    rng = random.Random(0)
    root = Path(shutil.copytree(index, work / "index"))
    mark = work / "unpickled"
    good = current(root)
    bad = f"{good[:-1]}{'0' if good[-1] != '0' else '1'}"
    pristine = root / good
    # Another name needs another manifest and seal; the engine that unpickles opens it, too.
    _renamed(pristine, root / bad)
    serving = CurrentIndex(root, lambda folder: open_index(folder, engine="sklearn"))
    await serving.reload()
    publish(root, bad)
    wrong = []
    for number in range(count):
        kind = "pickle" if number % 20 == 0 else rng.choice(KINDS)
        kept = {path.name: path.read_bytes() for path in (root / bad).iterdir()}
        damage(root / bad, kind, rng, mark)
        try:
            if await serving.reload():
                wrong.append(f"trial {number}: {kind} was opened")
        except ArtefactError:
            pass
        except Exception as error:
            wrong.append(f"trial {number}: {kind} raised {type(error).__name__}")
        if serving.status.generation != good:
            wrong.append(f"trial {number}: {kind} took the old index away")
        if mark.exists():
            wrong.append(f"trial {number}: {kind} was unpickled")
            mark.rmdir()
        for name, content in kept.items():
            path = root / bad / name
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
        if len(wrong) > 20:
            break
    # Undamaged it is opened: the refusals were about the damage.
    if not await serving.reload():
        wrong.append("the mended index was refused")
    serving.close()
    return wrong


def _renamed(source: Path, target: Path) -> None:
    shutil.copytree(source, target)
    manifest = target / "manifest.json"
    content = manifest.read_bytes().replace(source.name.encode(), target.name.encode())
    manifest.write_bytes(content)
    (target / SEAL).write_bytes(seal(content, None))


def measure(index: Path, work: Path, count: int) -> Row:
    """*count* trials."""
    configure_logs("json", "critical")  # thousands of refusals, each of them expected
    wrong = asyncio.run(trials(index, work, count))
    return Row(
        "damaged artefacts",
        f"{count:,}: all refused before anything is unpickled, 0 crashes, the old one serving",
        f"{count:,} tried, {len(wrong)} otherwise {wrong[:3] or ''}",
        not wrong,
    )
