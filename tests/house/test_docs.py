"""What the code has, the documents tell of; what the documents name, is there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from urllib.parse import unquote

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from index_builder.build import BuildReport
from index_builder.corpus_files import OUT_OF_SCOPE, REGRESSION, SYNONYMS
from index_builder.sources.formats import FORMATS
from index_builder.sources.markdown import KEYS
from service.config import ServiceConfig
from service.config_page import FLAGS
from service.edge.app import create_app
from service.edge.documents import frames
from service.edge.refusals import CLOSE_CODES, HTTP_CODES, STATUS
from service.main import serve

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)\s]+)\)")


def page(name: str) -> str:
    """The text of a page."""
    return (DOCS / name).read_text("utf-8")


def test_every_route_is_in_the_protocol(tmp_path: Path) -> None:
    """With its method, as the router knows it."""
    app = create_app(ServiceConfig(index=tmp_path, journal=False))
    routes = {
        (route.method, resource.canonical)
        for resource in app.router.resources()
        for route in resource
        if route.method != "HEAD" and resource.canonical != "/{path}"
    }
    # "`GET /healthz`, `/readyz`" names two routes.
    said = {
        (cell.split()[0].strip("`"), path)
        for cell in re.findall(r"^\| (`[A-Z]+ [^|]*) \|", page("reference/protocol.md"), re.M)
        for path in re.findall(r"(/[\w./{}]*)", cell)
    }
    assert routes - said == set()


def test_every_code_is_in_the_protocol() -> None:
    """Ours, those of aiohttp's own refusals, and the close codes of the WebSocket."""
    said = page("reference/protocol.md")
    codes = {*STATUS, *(code for code, _ in HTTP_CODES.values())}
    assert {code for code in codes if f"`{code}`" not in said} == set()
    assert {int(code) for code in CLOSE_CODES.values() if f"| {int(code)} |" not in said} == set()


@pytest.mark.parametrize("frame", [*frames.FROM_SERVER, *frames.FROM_CLIENT])
def test_every_message_is_in_the_protocol(frame: type[frames.Reply]) -> None:
    """By its type, with every field that is not one of /v1/ask."""
    said = page("reference/protocol.md").partition("## WebSocket")[2]
    (kind,) = frame.model_fields["type"].annotation.__args__  # type: ignore[union-attr]
    row = next(line for line in said.splitlines() if line.startswith(f"| `{kind}` |"))
    fields = set(frame.model_fields) - {"type"} - set(frames.AskReply.model_fields)
    assert {name for name in fields if f"`{name}" not in row} == set()


def test_every_option_is_in_the_reference() -> None:
    """docs/reference/commands.md is written by ``python docs/.hooks/commands.py``."""
    script = runpy.run_path(str(DOCS / ".hooks" / "commands.py"))
    assert page("reference/commands.md") == script["reference_page"]()
    assert set(FLAGS) == set(ServiceConfig.model_fields) & {one.name for one in serve.params}


def test_every_key_of_an_entry_is_in_the_reference() -> None:
    """And every file that may lie beside the entries."""
    said = page("reference/corpus.md")
    assert {key for key in KEYS if f"| `{key}` |" not in said} == set()
    assert {
        name for name in (SYNONYMS, OUT_OF_SCOPE, REGRESSION) if f"`{name}`" not in said
    } == set()


def test_every_format_has_its_export_explained() -> None:
    """The table of what is read, and where to get it from."""
    said = page("how-to/import.md")
    assert {name for name in FORMATS if f"| `{name}` |" not in said} == set()


def test_every_file_of_an_index_is_in_the_reference(shipped_report: BuildReport) -> None:
    """By its name, or by the family it belongs to (``short.*.npy``)."""
    said = re.findall(r"`([\w.*-]+)`", page("reference/index-format.md"))
    known = [re.compile(re.escape(name).replace(r"\*", ".*")) for name in said]
    files = {path.name for path in shipped_report.folder.iterdir()}
    assert {name for name in files if not any(one.fullmatch(name) for one in known)} == set()


def test_every_page_can_be_found_from_the_first() -> None:
    """docs/index.md leads everywhere, and no link of a document leads nowhere."""
    seen: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        here = waiting.pop()
        if here in seen or here.suffix != ".md":
            continue
        seen.add(here)
        for link in LINK.findall(here.read_text("utf-8")):
            if not re.match(r"\w+:|#", link):
                target = (here.parent / unquote(link.partition("#")[0])).resolve()
                assert target.exists(), f"{here.relative_to(ROOT)} links to {link}"
                waiting.append(target)
    # The list of decisions is made when the documents are built.
    pages = {path for path in DOCS.rglob("*.md") if path.parent.name != "decisions"}
    assert {str(path.relative_to(DOCS)) for path in pages - seen} == set()


def test_the_documents_build_without_a_warning(tmp_path: Path) -> None:
    """``make docs``: strict, and with every decision in the list of decisions."""
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path), strict=True)
    build(config)
    listed = (tmp_path / "decisions" / "index.html").read_text("utf-8")
    decisions = [path.stem for path in DOCS.glob("decisions/0*.md")]
    assert len(decisions) > 4
    assert [name for name in decisions if f'href="{name}.html"' not in listed] == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_of_the_repositorys_own_pages_lead_somewhere(name: str) -> None:
    """Files that people open first."""
    links = LINK.findall((ROOT / name).read_text("utf-8"))
    local = [link.partition("#")[0] for link in links if not re.match(r"\w+:|#", link)]
    assert [link for link in local if not (ROOT / link).exists()] == []
