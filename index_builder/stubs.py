"""
Gaps as Markdown stubs: an entry with everything but its answer.

Stubs lie in a folder whose name begins with ``_``, which no build reads. Somebody writes the
answer and moves the file, or deletes it. What was written once is never overwritten; a stub that
is still there gets the phrasings that came in since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from index_builder.phrasings import add_phrasings
from index_builder.sources import front_matter, yaml_nodes, yaml_text
from index_builder.sources.drafts import slug
from index_builder.sources.files import Unreadable
from service.live.gaps import Gap, wording

MAX_PHRASINGS = 30
_WHY = {
    "no_answer": "had no answer",
    "suggestions": "took none of the suggestions",
    "unhelpful": "called the answer unhelpful",
    "rephrased": "asked again in other words",
}


class Inbox:
    """The folder of stubs, and which wordings its files hold already."""

    def __init__(self, folder: Path, taken_ids: Sequence[str], titles: Mapping[str, str]) -> None:
        self.folder = folder
        self._titles = titles
        self._taken = set(taken_ids)
        self._held: dict[str, Path] = {}
        for path in sorted(folder.glob("*.md")) if folder.is_dir() else ():
            self._taken.add(path.stem)
            for question in _questions(path):
                self._held.setdefault(wording(question), path)

    def put(self, gap: Gap) -> Path:
        """
        The stub of *gap*: written, or there already and brought up to date.

        Raises:
            Unreadable: a stub that is there cannot be edited.

        """
        questions = [one.question for one in gap.phrasings[:MAX_PHRASINGS]]
        for question in questions:
            path = self._held.get(wording(question))
            if path is not None:
                new = [one for one in questions if wording(one) not in self._held]
                if new:
                    add_phrasings(path, new)
                break
        else:
            path = self._free_path(gap.question)
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(stub(path.stem, gap, self._titles), "utf-8", newline="\n")
        for question in questions:
            self._held.setdefault(wording(question), path)
        return path

    def _free_path(self, title: str) -> Path:
        name = wanted = slug(title)
        number = 1
        while name in self._taken:
            number += 1
            name = f"{wanted}-{number}"
        self._taken.add(name)
        return self.folder / f"{name}.md"


def stub(entry_id: str, gap: Gap, titles: Mapping[str, str]) -> str:
    """The text of the file: to be completed below the last line, and moved into the corpus."""
    questions = [one.question for one in gap.phrasings[:MAX_PHRASINGS]]
    head = yaml_text.dumped({"id": entry_id, "title": gap.question, "questions": questions})
    people = "1 person" if gap.people == 1 else f"{gap.people} people"
    times = "once" if gap.asked == 1 else f"{gap.asked} times"
    why = ", ".join(f"{n} {_WHY[reason]}" for reason, n in gap.reasons.items())
    notes = [f"# {people} asked this {times}, last on {gap.last_asked_at[:10]}: {why}."]
    if gap.nearest:
        notes.append("# If one of these answers it, give it the phrasings and delete this file:")
        notes += [f"#   {name}: {titles.get(name, 'no longer there')}" for name in gap.nearest]
    notes.append("# If nobody means to answer it, put the question into out_of_scope.txt.")
    notes.append("# Otherwise write the answer below and move the file out of this folder.")
    return f"---\n{head}tags: []\n" + "\n".join(notes) + "\n---\n\n"


def _questions(path: Path) -> list[str]:
    """The phrasings in a stub; none where it cannot be read: then nothing is added to it."""
    try:
        head = front_matter.split(path.read_text("utf-8")).head
        node = yaml_nodes.parse(head).get("questions") if head is not None else None
    except (Unreadable, UnicodeDecodeError):
        return []
    return [] if node is None else node.texts()
