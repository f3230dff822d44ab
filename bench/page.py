"""
``make page-figures``: how heavy and how quick the page is, by Lighthouse, into ``docs/page.md``.

Lighthouse (from npm, at a named version) loads each page three times in Chromium as a phone on a
slow line and as a desktop; the medians are kept. What the page weighs is counted once more by
Chromium itself, over the wire, cold and with a filled cache.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.journeys.processes import ROOT, start_server

LIGHTHOUSE = "lighthouse@12.8.2"
RUNS = 3
PAGES = {"chat": "/", "staff, at the door": "/staff.html"}
FORMS = {"phone, slow 4G": (), "desktop": ("--preset=desktop",)}
CATEGORIES = {
    "performance": "Performance",
    "accessibility": "Accessibility",
    "best-practices": "Best practices",
}
TIMES = {
    "first-contentful-paint": "First paint",
    "largest-contentful-paint": "Largest paint",
    "total-blocking-time": "Blocked",
    "speed-index": "Speed index",
}
OUT = ROOT / "docs" / "page.md"
MOST_KB = 150
WIDGET_KB = 10
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""


def main() -> int:
    """Measure, print, and write the page of figures."""
    if not CHROMIUM or not shutil.which("npx"):
        print("This needs Chromium and npx: apt-get install chromium npm", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        # A copy: the journal of this server stands beside its index.
        index = Path(folder) / "index"
        shutil.copytree(ROOT / "build" / "index", index, symlinks=True)
        server = start_server(index)
        try:
            audits = [
                (page, form, audit(server.url + path, flags))
                for page, path in PAGES.items()
                for form, flags in FORMS.items()
            ]
            weights = weigh(server.url)
        finally:
            server.stop()
    OUT.write_text(written(audits, weights), "utf-8")
    print(OUT.read_text("utf-8"))
    return 0


def audit(url: str, flags: tuple[str, ...]) -> dict[str, float]:
    """The medians of some runs of Lighthouse."""
    runs = [_lighthouse(url, flags) for _ in range(RUNS)]
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _lighthouse(url: str, flags: tuple[str, ...]) -> dict[str, float]:
    command = [
        *("npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", *flags),
        f"--only-categories={','.join(CATEGORIES)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage",
    ]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
        env={**os.environ, "CHROME_PATH": CHROMIUM},
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return {
        **{name: found["categories"][name]["score"] * 100 for name in CATEGORIES},
        **{name: found["audits"][name]["numericValue"] for name in TIMES},
        "cumulative-layout-shift": found["audits"]["cumulative-layout-shift"]["numericValue"],
    }


def weigh(url: str) -> dict[str, tuple[int, float, float]]:
    """Requests, KB and KB beyond Bootstrap's style sheet of the chat: cold, and when come back."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_context().new_page()
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        address: dict[str, str] = {}
        weight: dict[str, float] = {}
        network.on(
            "Network.responseReceived",
            lambda event: address.update({event["requestId"]: event["response"]["url"]}),
        )
        network.on(
            "Network.loadingFinished",
            lambda event: weight.update({event["requestId"]: event["encodedDataLength"]}),
        )
        found = {}
        for visit in ("first visit", "next visit"):
            address.clear()
            weight.clear()
            page.goto(url)
            page.locator('[data-testid="message"]').first.wait_for()
            page.wait_for_load_state("networkidle")
            theirs = sum(kb for key, kb in weight.items() if "bootstrap.min" in address[key])
            total = sum(weight.values())
            found[visit] = (len(weight), total / 1024, (total - theirs) / 1024)
        browser.close()
    return found


def written(
    audits: list[tuple[str, str, dict[str, float]]], weights: dict[str, tuple[int, float, float]]
) -> str:
    """``docs/page.md``."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout.strip()
    heads = [*CATEGORIES.values(), *TIMES.values(), "Layout shift"]
    rows = [
        f"| {page} | {form} | "
        + " | ".join(f"{figures[name]:.0f}" for name in CATEGORIES)
        + " | "
        + " | ".join(_time(figures[name]) for name in TIMES)
        + f" | {figures['cumulative-layout-shift']:.3f} |"
        for page, form, figures in audits
    ]
    widget = (ROOT / "web" / "embed.js").stat().st_size / 1024
    weight_rows = [
        f"| chat, {visit} | {requests} | {total:.1f} KB | {own:.1f} KB | {MOST_KB} KB |"
        for visit, (requests, total, own) in weights.items()
    ]
    return "\n".join(
        [
            "# The page in figures",
            "",
            f"Measured with `make page-figures` at {commit} on {datetime.now(UTC):%Y-%m-%d}, "
            f"{platform.machine()} with {os.cpu_count()} cores: medians of {RUNS} runs of "
            f"`{LIGHTHOUSE}` in Chromium, the server on the same machine. Lighthouse slows a phone "
            "down fourfold and gives it 1.6 Mbit/s with 150 ms a round trip.",
            "",
            f"| page | as | {' | '.join(heads)} |",
            f"|---|---|{'---|' * len(heads)}",
            *rows,
            "",
            "Scores are of 100. What is painted last on the chat is the greeting, which comes over "
            "the WebSocket: the page itself stands at the first paint.",
            "",
            "## Weight",
            "",
            "Over the wire, compressed, headers included, as Chromium counts it.",
            "",
            "| | requests | all | beyond Bootstrap's style sheet | at most |",
            "|---|---|---|---|---|",
            *weight_rows,
            f"| `embed.js`, plain | 1 | {widget:.1f} KB | {widget:.1f} KB | {WIDGET_KB} KB |",
            "",
        ]
    )


def _time(ms: float) -> str:
    return f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
