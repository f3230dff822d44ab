"""The house keeps its own rules: who may import whom, and what the server starts without."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index_builder.build import BuildReport

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted((*ROOT.glob("service/**/*.py"), *ROOT.glob("index_builder/**/*.py")))
HEAVY = ("spacy", "nltk", "sklearn", "scipy", "joblib", "index_builder", "onnxruntime", "usearch")

# What only firstline[embeddings] brings, and our modules that exist for it.
EMBEDDINGS = ("onnxruntime", "tokenizers", "usearch", "torch", "sentence_transformers")
FOR_EMBEDDINGS = ("embedding", "dense", "similarity", "graph")

SWITCHED_OFF = """
import sys
from pathlib import Path
from service.config import ServiceConfig
from service.edge.app import create_app, real_open_index
from service.retrieval.answers import Question, answer
config = ServiceConfig(index=Path({index!r}), journal=False)
create_app(config)
index = real_open_index(config)(config.index)
index.warm()
reply = answer(index, Question("printer says ofline", explain=True))
assert reply.hits[0].id == "printer-offline", reply.hits
mapped = open("/proc/self/maps").read() if sys.platform == "linux" else ""
print(*sorted(sys.modules), "dense.vector" in mapped)
"""

LIGHT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
from pathlib import Path
import service.edge.app
from service.retrieval.answers import Question, answer
from service.retrieval.index import open_index
reply = answer(open_index(Path({index!r})), Question("printer says ofline"))
print(reply.hits[0].id, reply.corrected)
"""


def test_the_import_graph_goes_down() -> None:
    """import-linter's contracts in setup.cfg hold: layers, the builder apart, aiohttp, spaCy."""
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--config", "setup.cfg", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_server_answers_without_the_builders_libraries(
    shipped_report: BuildReport,
) -> None:
    """With spaCy, NLTK, scikit-learn, scipy and the builder absent a question is answered."""
    script = LIGHT.format(absent=set(HEAVY), index=str(shipped_report.folder.parent))
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["printer-offline-windows", "printer", "says", "offline"]


def test_one_machine_builds_and_serves_without_ray(tmp_path: Path) -> None:
    """Nothing of Ray or fsspec is imported by a build, in shards or not, or by the server."""
    script = f"""
import sys
from pathlib import Path
import service.edge.app, service.edge.serving
from index_builder.commands.build import command
from service.retrieval.index import open_index
(Path({str(tmp_path)!r}) / "e.md").write_text("---\\ntitle: No sound\\n---\\nTurn it up.\\n")
for more in ([], ["--shards", "1"]):
    command([{str(tmp_path)!r}, "--out", {str(tmp_path / "index")!r}, *more], standalone_mode=False)
    open_index(Path({str(tmp_path / "index")!r}))
print(*({{"ray", "fsspec", "service.cluster"}} & set(sys.modules)))
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == ""


def test_switched_off_embeddings_cost_the_server_nothing(meaning_root: Path) -> None:
    """
    Even over an index with vectors, with the extra installed: no library of it is imported, none
    of our own modules for it, and the vectors are not mapped. So imports and memory are the same.
    """
    ran = subprocess.run(
        [sys.executable, "-c", SWITCHED_OFF.format(index=str(meaning_root))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={key: value for key, value in os.environ.items() if not key.startswith("FIRSTLINE_")},
    )
    assert ran.returncode == 0, ran.stderr
    *modules, mapped = ran.stdout.split()
    assert not {name.partition(".")[0] for name in modules} & set(EMBEDDINGS)
    assert not {f"service.retrieval.{name}" for name in FOR_EMBEDDINGS} & set(modules)
    assert "service.live.budget" not in modules
    assert mapped == "False"


@pytest.mark.parametrize("path", [p for p in PACKAGES if p.name == "__init__.py"], ids=str)
def test_a_package_file_is_a_docstring(path: Path) -> None:
    """No cycle can start in an __init__: it holds a docstring and nothing else."""
    body = ast.parse(path.read_text("utf-8")).body
    assert len(body) == 1
    assert ast.get_docstring(ast.Module(body, [])) is not None


def test_no_room_is_called_miscellany() -> None:
    """Every module's name says what is in it."""
    assert not [p for p in PACKAGES if p.stem in {"utils", "util", "helpers", "common", "misc"}]


def test_every_command_is_in_the_readme_or_the_docs() -> None:
    """Each subcommand of firstline-index can be found in the documents."""
    from index_builder.main import COMMANDS

    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    said = "\n".join(page.read_text("utf-8") for page in pages)
    assert not [name for name in COMMANDS if f"firstline-index {name}" not in said]
