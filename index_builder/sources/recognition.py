"""Which format a file or folder is, told from what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from index_builder.sources import docs, markdown
from index_builder.sources.drafts import Skipped
from index_builder.sources.files import Batch, walk
from index_builder.sources.format import Format, Head
from service.errors import CorpusError, Problem

_ORDER = (
    Format(
        "markdown",
        "Firstline entries: Markdown files with our front matter",
        frozenset({".md", ".markdown"}),
        markdown.recognise,
        markdown.read,
    ),
    Format(
        "docs",
        "a documentation site: Markdown files with other front matter or none",
        frozenset({".md", ".markdown", ".mdx"}),
        lambda _: True,
        docs.read,
    ),
)

# Every format by its name, in the order in which they are tried.
FORMATS: dict[str, Format] = {form.name: form for form in _ORDER}

# What lies beside the entries of a knowledge base and is not one.
BESIDE = frozenset(
    {"readme.md", "regression.jsonl", "conversations.jsonl", "synonyms.txt", "out_of_scope.txt"}
)

Step = tuple[Format, Batch] | Skipped | Problem


def form_named(name: str | None) -> Format | None:
    """
    The format a person named with ``--from``; None for none.

    Raises:
        CorpusError: there is no such format.

    """
    if name is None:
        return None
    if name not in FORMATS:
        raise CorpusError([Problem(name, 1, f"no such format: known are {', '.join(FORMATS)}")])
    return FORMATS[name]


def recognise(path: Path) -> str:
    """
    The name of the format of a file, or of most files of a folder.

    Raises:
        CorpusError: nothing here is of a known format.

    """
    counts: Counter[str] = Counter()
    problems: list[Problem] = []
    for step in planned(path, None):
        if isinstance(step, tuple):
            counts[step[0].name] += len(step[1].files)
        elif isinstance(step, Problem):
            problems.append(step)
    if not counts:
        raise CorpusError(problems or [Problem(str(path), 1, "no file of a known format here")])
    return counts.most_common(1)[0][0]


def planned(source: Path, forced: Format | None) -> Iterator[Step]:
    """What there is to read in *source*, format by format, and what is not read and why."""
    try:
        if source.is_file():
            yield _one_file(source, forced)
        elif source.is_dir():
            yield from _folder(source, forced)
        else:
            yield Problem(str(source), 1, "no such file or folder")
    except OSError as error:
        yield Problem(str(source), 1, f"cannot be opened: {error.strerror or error}")


def _one_file(path: Path, forced: Format | None) -> Step:
    form = forced or _format_of(path, any_suffix=True)
    if form is None:
        return Problem(str(path), 1, f"of no known format: say which with --from {_choices()}")
    return form, Batch(path.parent, (path,))


def _folder(root: Path, forced: Format | None) -> Iterator[Step]:
    found: dict[str, list[Path]] = {}
    readmes: list[Path] = []
    for each in walk(root):
        if not isinstance(each, Path):
            yield each
        elif each.name.lower() in BESIDE:
            readmes += [each] if each.name.lower() == "readme.md" else []
        elif forced is not None:
            if each.suffix.lower() in forced.suffixes:
                found.setdefault(forced.name, []).append(each)
        else:
            form = _format_of(each)
            if form is not None:
                found.setdefault(form.name, []).append(each)
            elif each.suffix.lower() in _SUFFIXES:
                yield Skipped(str(each), 1, "not a knowledge base of a known format")
    if forced is None:
        _settle_markdown(found)
    if "docs" in found:  # on a site a README may be a page: say that it was left out
        found["docs"] = sorted(found["docs"] + readmes)
    for name, files in found.items():
        yield FORMATS[name], Batch(root, tuple(files))


def _settle_markdown(found: dict[str, list[Path]]) -> None:
    """
    All Markdown of a folder is of one kind.

    One file with phrasings makes the folder ours, so that a file of ours without a title is an
    error and not an odd article; one foreign key in a folder without phrasings makes it a site.
    """
    files = sorted(found.pop("markdown", []) + found.pop("docs", []))
    if not files:
        return
    kinds = {markdown.likeness(Head(path)) for path in files}
    ours = "ours" in kinds or kinds == {"fits"}
    found["markdown" if ours else "docs"] = files


_SUFFIXES = frozenset(suffix for form in _ORDER for suffix in form.suffixes)


def _format_of(path: Path, *, any_suffix: bool = False) -> Format | None:
    head = Head(path)
    fitting = [form for form in _ORDER if head.suffix in form.suffixes]
    if any_suffix and not fitting:
        fitting = list(_ORDER)
    return next((form for form in fitting if form.recognise(head)), None)


def _choices() -> str:
    return "|".join(FORMATS)
