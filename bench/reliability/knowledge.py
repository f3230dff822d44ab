"""A small knowledge base to be served, damaged and rebuilt."""

from __future__ import annotations

from pathlib import Path

from index_builder.build import build
from index_builder.config import BuildSettings
from service.retrieval.entries import Entry

SETTINGS = BuildSettings(lemmas="none")
QUESTION = "the printer is offline"
# Long enough that a few of it fill every buffer between the server and who does not read.
MANUAL = "manual"


def entries() -> list[Entry]:
    """One that answers QUESTION, a long one, and others beside them."""
    return [
        Entry(
            id="printer-offline",
            title="The printer is offline",
            text="Switch the printer off and on.",
            questions=("printer offline",),
            tags=("printers",),
        ),
        Entry(
            id=MANUAL,
            title="The whole manual",
            text="\n\n".join(f"Step {n}: read this step of it." for n in range(600)),
        ),
        *(
            Entry(id=f"thing-{n}", title=f"Thing {n} does not work", text=f"Restart thing {n}.")
            for n in range(20)
        ),
    ]


def make_index(root: Path) -> Path:
    """Build it in *root*."""
    build(entries(), root, SETTINGS)
    return root
