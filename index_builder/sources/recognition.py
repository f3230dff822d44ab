"""Which format a file or folder is, told from what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from index_builder.sources import markdown
from index_builder.sources.drafts import Noted, Skipped
from index_builder.sources.files import UTF16_MARKS, Batch, walk
from index_builder.sources.format import Format, Head
from index_builder.sources.formats import FORMATS
from service.errors import CorpusError, Problem

# What lies beside the entries of a knowledge base and is not one.
BESIDE = frozenset(
    {"readme.md", "regression.jsonl", "conversations.jsonl", "synonyms.txt", "out_of_scope.txt"}
)

# Files that pages are dressed with; nobody expects an answer in them.
_ASSETS = frozenset(
    ".png .jpg .jpeg .gif .svg .webp .ico .bmp .css .js .mjs .map .woff .woff2 .ttf .eot .mp4 "
    ".webm .mp3".split()
)

Step = tuple[Format, Batch] | Skipped | Noted | Problem


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
        why = f"of no known format: say which with --from {_choices()}"
        return _other_encoding(path) or Problem(str(path), 1, why)
    return form, Batch(path.parent, (path,))


def _folder(root: Path, forced: Format | None) -> Iterator[Step]:
    found: dict[str, list[Path]] = {}
    readmes: list[Path] = []
    unknown: Counter[str] = Counter()
    for each in walk(root):
        if not isinstance(each, Path):
            yield each
        elif each.name.lower() in BESIDE:
            readmes += [each] if each.name.lower() == "readme.md" else []
        elif forced is not None:
            if each.suffix.lower() in forced.suffixes:
                found.setdefault(forced.name, []).append(each)
        elif each.suffix.lower() not in _SUFFIXES:
            unknown[each.suffix.lower()] += 1
        else:
            yield from _placed(each, found)
    for suffix, count in sorted(unknown.items()):
        if suffix not in _ASSETS:
            files = "1 file" if count == 1 else f"{count:,} files"
            ending = f"ending in {suffix}" if suffix else "without an ending"
            yield Noted(str(root), 1, f"{files} {ending}: no format that is read")
    if forced is None:
        _settle_markdown(found)
    if "docs" in found:  # on a site a README may be a page: say that it was left out
        found["docs"] = sorted(found["docs"] + readmes)
    for name, form in FORMATS.items():
        if name in found:
            yield form, Batch(root, tuple(found[name]))


def _placed(path: Path, found: dict[str, list[Path]]) -> Iterator[Step]:
    try:
        form = _format_of(path)
    except OSError as error:
        yield Problem(str(path), 1, f"cannot be opened: {error.strerror or error}")
        return
    if form is not None:
        found.setdefault(form.name, []).append(path)
    else:
        yield _other_encoding(path) or Skipped(
            str(path), 1, "not a knowledge base of a known format"
        )


def _other_encoding(path: Path) -> Problem | None:
    """A spreadsheet's "Unicode text" is UTF-16, of which no format can be told: not to skip."""
    with path.open("rb") as file:
        if file.read(2) in UTF16_MARKS:
            return Problem(str(path), 1, "is UTF-16, not UTF-8: save the file as UTF-8")
    return None


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


_SUFFIXES = frozenset(suffix for form in FORMATS.values() for suffix in form.suffixes)
# Formats that any text would pass for: only by their file's ending, or by name.
_ANY_TEXT = frozenset({"docs"})


def _format_of(path: Path, *, any_suffix: bool = False) -> Format | None:
    head = Head(path)
    fitting = [form for form in FORMATS.values() if head.suffix in form.suffixes]
    if any_suffix and not fitting:
        fitting = [form for form in FORMATS.values() if form.name not in _ANY_TEXT]
    return next((form for form in fitting if form.recognise(head)), None)


def _choices() -> str:
    return "|".join(FORMATS)
