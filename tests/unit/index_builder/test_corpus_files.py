"""The files beside the entries."""

from __future__ import annotations

import pytest

from index_builder.corpus_files import NOTHING, LabelledQuery, read_beside, read_regression
from service.errors import CorpusError


def problems(tmp_path, caught) -> list[str]:
    return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_a_corpus_without_such_files_says_nothing(tmp_path):
    """They are all optional; a source that is a file has none."""
    entry = tmp_path / "entry.md"
    entry.write_text("text")
    assert read_beside([tmp_path, entry]) == NOTHING


def test_synonyms_are_groups_with_commas_between(tmp_path):
    """A line is a group; comment lines, blank lines and white space do not count."""
    (tmp_path / "synonyms.txt").write_text("# ours\n\n phone , handset,\nwi-fi, wireless lan\n")
    assert read_beside([tmp_path]).synonyms == (("phone", "handset"), ("wi-fi", "wireless lan"))


def test_a_group_of_one_is_refused_with_its_line(tmp_path):
    """A word alone stands for nothing."""
    (tmp_path / "synonyms.txt").write_text("a, b\nlonely,\n")
    with pytest.raises(CorpusError) as caught:
        read_beside([tmp_path])
    assert problems(tmp_path, caught) == [
        "synonyms.txt:2: a group needs two members with a comma between"
    ]


def test_out_of_scope_questions_stand_one_a_line(tmp_path):
    """Comment lines and blank lines are no questions; all sources are read."""
    (tmp_path / "one").mkdir()
    (tmp_path / "out_of_scope.txt").write_text("# not ours\nwho won the cup?\n\n")
    (tmp_path / "one" / "out_of_scope.txt").write_text("a pizza, please\n")
    found = read_beside([tmp_path, tmp_path / "one"]).out_of_scope
    assert found == ("who won the cup?", "a pizza, please")


@pytest.mark.parametrize("name", ["synonyms.txt", "out_of_scope.txt", "regression.jsonl"])
def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path, name):
    """The line with the strange byte is named."""
    (tmp_path / name).write_bytes(b"# one\n# two\ncaf\xe9, x\n")
    with pytest.raises(CorpusError) as caught:
        read_beside([tmp_path])
    assert problems(tmp_path, caught) == [f"{name}:3: is not UTF-8"]


def test_a_regression_question_has_one_answer_several_or_none(tmp_path):
    """An id, a list of ids, or the word none; the line number is the question's name."""
    path = tmp_path / "regression.jsonl"
    path.write_text(
        '{"question": "a", "expect": "x"}\n\n'
        '{"question": "b", "expect": ["x", "y"]}\n'
        '{"question": "c", "expect": "none"}\n'
    )
    assert read_regression(path) == [
        LabelledQuery("r1", "a", {"x": 1}),
        LabelledQuery("r3", "b", {"x": 1, "y": 1}),
        LabelledQuery("r4", "c", {}),
    ]
    assert read_beside([tmp_path]).regression == tuple(read_regression(path))


WRONG = [
    "{",
    "[]",
    "5",
    '{"question": "a"}',
    '{"expect": "x"}',
    '{"question": "", "expect": "x"}',
    '{"question": 5, "expect": "x"}',
    '{"question": "a", "expect": 5}',
    '{"question": "a", "expect": [5]}',
    '{"question": "a", "expect": null}',
]


def test_every_wrong_regression_line_is_told_at_once(tmp_path):
    """A person mends all lines in one go; right lines between them are not named."""
    path = tmp_path / "regression.jsonl"
    path.write_text("\n".join([*WRONG, '{"question": "a", "expect": "x"}']))
    with pytest.raises(CorpusError) as caught:
        read_regression(path)
    assert [problem.line for problem in caught.value.problems] == list(range(1, len(WRONG) + 1))
    assert all('"question"' in problem.text for problem in caught.value.problems)
