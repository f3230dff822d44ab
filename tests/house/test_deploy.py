"""The files under deploy/ speak of settings, metrics and addresses that exist."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.config import ServiceConfig, load_config

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"firstline_[a-z_]+[a-z]")


def containers() -> Iterator[dict[str, Any]]:
    """The containers of the Kubernetes manifests."""
    for path in (DEPLOY / "kubernetes").glob("*.yaml"):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            if document["kind"] == "Deployment":
                yield from document["spec"]["template"]["spec"]["containers"]


def metric_names() -> set[str]:
    """Every metric of the reference, which a test holds to the code, with its series."""
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text("utf-8")
    names = set(re.findall(r"^\| `(\w+)` \|", page, re.M))
    return names | {f"{name}{end}" for name in names for end in ("_bucket", "_sum", "_count")}


@pytest.mark.parametrize("name", ["grafana/firstline.json", "prometheus/alerts.yml"])
def test_dashboard_and_alerts_ask_for_metrics_that_exist(name: str) -> None:
    """A renamed metric would leave a panel empty and an alert silent for ever."""
    text = (DEPLOY / name).read_text("utf-8")
    asked = re.findall(r'"expr": "(.*)"|expr: ((?:.|\n)*?)\n +(?:for|labels):', text)
    found = {metric for pair in asked for part in pair for metric in METRIC.findall(part)}
    assert len(found) > 9
    assert found - metric_names() == set()


def test_the_dashboard_is_whole() -> None:
    """Panels have titles, queries and places that do not overlap."""
    panels = json.loads((DEPLOY / "grafana" / "firstline.json").read_text("utf-8"))["panels"]
    cells: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["title"]
        assert panel["type"] == "row" or panel["targets"]
        place = panel["gridPos"]
        covered = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not covered & cells, panel["title"]
        cells |= covered
    assert max(x for x, _ in cells) < 24


def test_the_alerts_ring_when_they_should() -> None:
    """Prometheus's own tool checks the rules and runs the cases beside them."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    for words in (["check", "config", "prometheus.yml"], ["test", "rules", "alerts.test.yml"]):
        ran = subprocess.run(
            [tool, *words], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_variables_of_the_deployments_are_settings() -> None:
    """A variable that is no setting would be ignored with a warning nobody reads."""
    text = "\n".join(
        path.read_text("utf-8")
        for path in (DEPLOY / "Containerfile", DEPLOY / "compose.yaml", *DEPLOY.rglob("*.service"))
    )
    named = set(re.findall(r"\bFIRSTLINE_([A-Z_]+)(?:=|:)", text))
    named |= {
        variable["name"].removeprefix("FIRSTLINE_")
        for one in containers()
        for variable in one["env"]
    }
    assert len(named) > 5
    assert {name for name in named if name.lower() not in ServiceConfig.model_fields} == {
        "PORT"
    } & named


def test_the_settings_of_the_pods_are_taken() -> None:
    """deploy/kubernetes/firstline.toml is read without a complaint."""
    loaded = load_config({}, {}, DEPLOY / "kubernetes" / "firstline.toml")
    assert loaded.config.host == "0.0.0.0"


def test_settings_shown_in_the_documents_are_taken(tmp_path: Path) -> None:
    """Every toml block of the how-to pages is a file that the program would read."""
    blocks = [
        block
        for path in (ROOT / "docs" / "how-to").glob("*.md")
        for block in re.findall(r"^```toml\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)
    ]
    assert len(blocks) > 3
    for block in blocks:
        file = tmp_path / "firstline.toml"
        file.write_text(block, "utf-8")
        load_config({}, {}, file)
        assert tomllib.loads(block)


def test_the_probes_ask_for_what_they_mean() -> None:
    """Alive is /healthz, ready is /readyz, at the port the container listens on."""
    (container,) = containers()
    assert container["startupProbe"]["httpGet"]["path"] == "/healthz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["ports"] == [
        {"name": "http", "containerPort": ServiceConfig.model_fields["port"].default}
    ]


def test_the_unit_is_hardened() -> None:
    """systemd's own judgement: an exposure of less than 2 of 10."""
    tool = shutil.which("systemd-analyze")
    unit = DEPLOY / "systemd" / "firstline.service"
    parser = configparser.RawConfigParser(strict=False)
    parser.read(unit)
    assert parser["Service"]["ExecReload"] == "/bin/kill -HUP $MAINPID"
    if tool is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    ran = subprocess.run(
        [tool, "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-300:] + ran.stderr


def test_the_server_image_has_no_builder_in_it() -> None:
    """What it installs names neither spaCy, nor NLTK, nor scikit-learn, nor scipy."""
    locked = (ROOT / "requirements-server.lock").read_text("utf-8")
    names = set(re.findall(r"^([a-z0-9-]+)==", locked, re.M))
    assert {"aiohttp", "asyncpg", "numba"} <= names
    assert not names & {"spacy", "nltk", "scikit-learn", "scipy"}
    stage = (DEPLOY / "Containerfile").read_text("utf-8").partition("AS server\n")[2]
    assert "--from=server-packages" in stage
