"""What counts as missed, why, by how many people, and what hints there are."""

from typing import Any

from service.live.gaps import AskedOnce, accepted, gaps, missed, people, wordings


def row(request_id: str, question: str = "coffee", **fields: Any) -> AskedOnce:
    """A question without an answer."""
    values: dict[str, Any] = {
        "session": "s1",
        "asked_at": "2026-11-24T10:00:00.000000Z",
        "outcome": "no_answer",
        "entry_id": None,
        "nearest_id": "tea",
    }
    return AskedOnce(request_id=request_id, question=question, **(values | fields))


def answered(request_id: str, question: str, entry: str = "e", **fields: Any) -> AskedOnce:
    """A question with one."""
    return row(
        request_id,
        question,
        **{"outcome": "answer", "entry_id": entry, "nearest_id": entry} | fields,
    )


def reasons(rows: list[AskedOnce], **more: Any) -> dict[str, str]:
    """Request id to the reason it was missed for."""
    found = missed(rows, more.get("votes", {}), more.get("picks", {}))
    return {one.row.request_id: one.reason for one in found}


def test_each_reason_is_told() -> None:
    """No answer, no suggestion taken, a thumb down; an answer that nobody minds is not missed."""
    rows = [
        row("r1"),
        row("r2", outcome="suggestions"),
        answered("r3", "printer"),
        answered("r4", "scanner"),
        row("r5", outcome="smalltalk"),
    ]
    assert reasons(rows, votes={"r3": (False, None), "r4": (True, None)}) == {
        "r1": "no_answer",
        "r2": "suggestions",
        "r3": "unhelpful",
    }


def test_a_suggestion_that_was_taken_is_no_gap() -> None:
    """By a pick, or over HTTP by a helpful vote that names the entry."""
    rows = [row("r1", outcome="suggestions"), row("r2", outcome="suggestions")]
    assert reasons(rows, picks={"r1": "tea"}, votes={"r2": (True, "tea")}) == {}


def test_asking_again_in_other_words_tells_of_the_first_answer() -> None:
    """Soon, alike and not the same; then the second answer is the best hint."""
    rows = [
        answered("r1", "outlook keeps asking for my password", "wrong"),
        answered(
            "r2",
            "outlook asks for the password again and again",
            "right",
            asked_at="2026-11-24T10:01:00.000000Z",
        ),
    ]
    assert reasons(rows) == {"r1": "rephrased"}
    (gap,) = gaps(wordings(missed(rows, {}, {})), [0])
    assert gap.nearest == ("right", "wrong")


def test_another_question_is_no_rephrasing() -> None:
    """Neither something else, nor much later, nor another person, nor the same words."""
    first = answered("r1", "outlook keeps asking for my password", "a")
    later = {"asked_at": "2026-11-24T10:30:00.000000Z"}
    again = "outlook asks for the password again and again"
    for second in (
        answered("r2", "how do i scan to a pdf", "b"),
        answered("r2", again, "b", **later),
        answered("r2", again, "b", session="s2"),
        answered("r2", "Outlook keeps asking for my password!", "b"),
        answered("r2", again, "a"),
    ):
        assert reasons([first, second]) == {}


def test_people_rank_and_not_how_often_one_of_them_tried() -> None:
    """Three people once come before one person five times."""
    rows = [row(f"a{n}", "tea", session="one") for n in range(5)]
    rows += [row(f"b{n}", "milk", session=f"p{n}") for n in range(3)]
    found = gaps(wordings(missed(rows, {}, {})), [0, 1])
    assert [(gap.question, gap.people, gap.asked) for gap in found] == [
        ("milk", 3, 3),
        ("tea", 1, 5),
    ]


def test_questions_without_a_conversation_are_a_person_each() -> None:
    """Over HTTP nobody can be told from anybody."""
    assert people([row("r1", session=None), row("r2", session=None), row("r3"), row("r4")]) == 3


def test_wordings_that_mean_the_same_are_one_gap() -> None:
    """The wording most people used speaks for it; spelling and end marks do not count."""
    rows = [
        row("r1", "Where is the coffee?", session="s1"),
        row("r2", "where is the  coffee", session="s2"),
        row("r3", "coffee where", session="s3", asked_at="2026-11-25T10:00:00.000000Z"),
    ]
    said = wordings(missed(rows, {}, {}))
    (gap,) = gaps(said, [7, 7])
    assert [(one.question, one.people) for one in gap.phrasings] == [
        ("Where is the coffee?", 2),
        ("coffee where", 1),
    ]
    assert (gap.people, gap.reasons, gap.last_asked_at[:10]) == (3, {"no_answer": 3}, "2026-11-25")


def test_accepted_suggestions_are_counted_by_people() -> None:
    """The same question and entry are one proposal; another entry is another."""
    rows = [row("r1", "Coffee?", session="s1"), row("r2", "coffee", session="s2"), row("r3")]
    found = accepted(rows, {"r1": "tea", "r2": "tea", "r3": "milk"})
    assert [(one.question, one.entry_id, one.people) for one in found] == [
        ("Coffee?", "tea", 2),
        ("coffee", "milk", 1),
    ]
