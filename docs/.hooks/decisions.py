"""Lists the decisions on their index page: a list kept by hand would fall behind."""

from __future__ import annotations

from typing import Any

INDEX = "decisions/index.md"


def on_page_markdown(markdown: str, *, page: Any, files: Any, **_: Any) -> str:
    """The index page with a line for each decision; other pages as they are."""
    if page.file.src_uri != INDEX:
        return markdown
    lines = []
    for file in sorted(files.documentation_pages(), key=lambda file: file.src_uri):
        if file.src_uri.startswith("decisions/") and file.src_uri != INDEX:
            title = file.content_string.partition("\n")[0].removeprefix("# ")
            lines.append(f"- [{title}]({file.src_uri.removeprefix('decisions/')})")
    return markdown + "\n".join(lines) + "\n"
