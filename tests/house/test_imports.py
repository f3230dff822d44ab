"""The house keeps its own rules: who may import whom, and what the server starts without."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from index_builder.build import BuildReport

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted((*ROOT.glob("service/**/*.py"), *ROOT.glob("index_builder/**/*.py")))
HEAVY = ("spacy", "nltk", "sklearn", "scipy", "joblib", "index_builder")

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
