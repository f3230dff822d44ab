"""Who answers whom in a forum dump: numbers and titles in a database on disk, no texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from index_builder.sources.stack_rows import Row

MAX_PHRASINGS = 30
MAX_RELATED = 8
# Chains of duplicates are one or two long; the cap ends a circle.
_MAX_HOPS = 5

_LINKED = 1
_DUPLICATE = 3

_SCHEMA = """
CREATE TABLE question (id INTEGER PRIMARY KEY, line INTEGER, title TEXT, tags TEXT,
                       accepted INTEGER, chosen INTEGER, original INTEGER);
CREATE TABLE answer (id INTEGER PRIMARY KEY, parent INTEGER, score INTEGER);
CREATE TABLE link (post INTEGER, related INTEGER, kind INTEGER);
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
"""


@dataclass(frozen=True, slots=True)
class Question:
    """As much of a question as its entry needs."""

    id: int
    title: str
    tags: str


class Posts:
    """The survey of one dump; ask it after :meth:`settle`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        self.others = 0
        database.executescript(_SCHEMA)

    def add_question(self, row: Row) -> None:
        """Remember a question."""
        values = row.values
        accepted = values.get("AcceptedAnswerId")
        self.database.execute(
            "INSERT OR REPLACE INTO question VALUES (?, ?, ?, ?, ?, NULL, NULL)",
            (
                int(values["Id"]),
                row.line,
                values["Title"],
                values.get("Tags", ""),
                int(accepted) if accepted else None,
            ),
        )

    def add_answer(self, row: Row) -> None:
        """Remember whose answer it is and how good."""
        values = row.values
        self.database.execute(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?)",
            (int(values["Id"]), int(values["ParentId"]), int(values.get("Score") or 0)),
        )

    def add_link(self, row: Row) -> None:
        """Remember that one question leads to another."""
        values = row.values
        self.database.execute(
            "INSERT INTO link VALUES (?, ?, ?)",
            (int(values["PostId"]), int(values["RelatedPostId"]), int(values["LinkTypeId"])),
        )

    def settle(self) -> None:
        """Choose each question's answer, and fold duplicates into what they duplicate."""
        self.database.executescript(
            """
            CREATE INDEX answer_parent ON answer (parent, score DESC, id);
            CREATE INDEX link_post ON link (kind, post);
            UPDATE question SET chosen = COALESCE(
                (SELECT id FROM answer WHERE answer.id = accepted AND parent = question.id),
                (SELECT id FROM answer WHERE parent = question.id ORDER BY score DESC, id LIMIT 1));
            """
        )
        pairs = self.database.execute(
            "SELECT DISTINCT post FROM link JOIN question ON id = post WHERE kind = ?",
            (_DUPLICATE,),
        ).fetchall()
        for (post,) in pairs:
            original = self._original(post)
            if original is not None:
                self.database.execute(
                    "UPDATE question SET original = ? WHERE id = ?", (original, post)
                )
        self.database.executescript(
            """
            CREATE INDEX question_chosen ON question (chosen);
            CREATE INDEX question_original ON question (original);
            """
        )

    def _original(self, post: int) -> int | None:
        """The end of the chain of duplicates, if it has an answer and is not *post* itself."""
        passed = [post]
        for _ in range(_MAX_HOPS):
            step = self.database.execute(
                "SELECT related FROM link JOIN question ON id = related "
                "WHERE kind = ? AND post = ? ORDER BY related LIMIT 1",
                (_DUPLICATE, passed[-1]),
            ).fetchone()
            if step is None:
                break
            if step[0] in passed:  # a circle: each of them stays a question of its own
                return None
            passed.append(step[0])
        found: int = passed[-1]
        answered = self.database.execute(
            "SELECT chosen FROM question WHERE id = ?", (found,)
        ).fetchone()
        return found if found != post and answered[0] is not None else None

    def duplicates(self) -> Iterator[tuple[int, int, int]]:
        """(line, question, original) of what became phrasings."""
        yield from self.database.execute(
            "SELECT line, id, original FROM question WHERE original IS NOT NULL ORDER BY id"
        )

    def unanswered(self) -> Iterator[tuple[int, int]]:
        """(line, question) of what nobody answered."""
        yield from self.database.execute(
            "SELECT line, id FROM question WHERE original IS NULL AND chosen IS NULL ORDER BY id"
        )

    def passed_over(self) -> int:
        """How many answers are not kept."""
        (count,) = self.database.execute(
            "SELECT (SELECT COUNT(*) FROM answer) - "
            "(SELECT COUNT(*) FROM question WHERE original IS NULL AND chosen IS NOT NULL)"
        ).fetchone()
        return int(count)

    def answered_by(self, answer: int) -> Question | None:
        """The question that this answer was chosen for."""
        found = self.database.execute(
            "SELECT id, title, tags FROM question WHERE chosen = ? AND original IS NULL",
            (answer,),
        ).fetchone()
        return Question(*found) if found else None

    def duplicate_titles(self, question: int) -> tuple[str, ...]:
        """How else it was asked."""
        found = self.database.execute(
            "SELECT title FROM question WHERE original = ? ORDER BY id LIMIT ?",
            (question, MAX_PHRASINGS),
        )
        return tuple(title for (title,) in found)

    def related(self, question: int) -> tuple[str, ...]:
        """Ids of other entries that its readers were sent to."""
        found = self.database.execute(
            "SELECT DISTINCT related FROM link JOIN question ON id = related "
            "WHERE kind = ? AND post = ? AND chosen IS NOT NULL AND original IS NULL LIMIT ?",
            (_LINKED, question, MAX_RELATED),
        )
        return tuple(str(each) for (each,) in found)
