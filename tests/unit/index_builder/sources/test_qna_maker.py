"""QnA Maker's TSV and JSON, and the .qna text format."""

from __future__ import annotations

import json

HEAD = "Question\tAnswer\tSource\tMetadata\tSuggestedQuestions\tIsContextOnly\tPrompts\tQnaId\n"


def test_tsv_rows_of_one_id_are_one_entry(put, imported):
    """Alternates, literal line ends, metadata and prompts all find their places."""
    prompt = '[{"DisplayOrder":0,"QnaId":92,"Qna":null,"DisplayText":"More"}]'
    shared = "Turn it up.\\nThen wait.\tfaq.docx\tteam:audio | os:win\t[]\tFalse"
    put(
        "kb.tsv",
        HEAD
        + f"No sound?\t{shared}\t{prompt}\t91\n"
        + f'Why "silent"?\t{shared}\t[]\t91\n'
        + "More?\tAsk.\tEditorial\t\t[]\tTrue\t[]\t92\n",
    )
    outcome = imported()
    found = outcome.entries["91"]
    assert (found.title, found.questions) == ("No sound?", ('Why "silent"?',))
    assert found.text == "Turn it up.\nThen wait."
    assert (found.tags, found.source) == (("team:audio", "os:win"), "faq.docx")
    assert found.related == ("92",)
    assert outcome.entries["92"].source is None
    assert outcome.ledger.lost_fields == {"iscontextonly": 1}


def test_old_tsv_has_four_columns(put, imported):
    """Without ids, neighbours with one answer belong together."""
    put("kb.tsv", "Question\tAnswer\tSource\tMetadata\na\tX\te\t\nb\tX\te\t\nc\tY\te\t\n")
    entries = list(imported().entries.values())
    assert [(each.title, each.questions) for each in entries] == [("a", ("b",)), ("c", ())]


def test_bad_tsv_rows_are_named(put, imported):
    """Too many cells, no question, no answer: each has its line."""
    put(
        "kb.tsv",
        HEAD + "a\tX\te\t\t[]\tFalse\t[]\t1\textra\n\tX\te\t\t\t\t\t2\nb\t\te\t\t\t\t\t3\n",
    )
    assert imported().problems == [
        "kb.tsv:2: this row has 9 cells, the first has 8",
        "kb.tsv:3: this pair has no question",
        "kb.tsv:4: 'b' has no answer",
    ]


def test_json_of_both_services(put, imported):
    """QnA Maker's own spelling and that of its successor read the same."""
    old = {
        "qnaDocuments": [
            {
                "id": 1,
                "answer": "Turn it up.",
                "source": "faq",
                "questions": ["No sound?", "Silent"],
                "metadata": [{"name": "team", "value": "audio"}],
                "context": {
                    "isContextOnly": False,
                    "prompts": [{"displayOrder": 0, "qnaId": 2, "displayText": "More"}],
                },
            },
            {"id": 2, "answer": "Ask.", "source": "Editorial", "questions": ["More?"]},
        ]
    }
    put("old.json", json.dumps(old))
    found = imported().entries["1"]
    assert (found.title, found.questions, found.tags) == ("No sound?", ("Silent",), ("team:audio",))
    assert found.related == ("2",)
    new = {
        "Metadata": {"ProjectName": "x"},
        "Assets": {
            "Qnas": [
                {"Id": 1, "Answer": "A.", "Questions": ["Q?"], "Metadata": {"team": "audio"}},
            ]
        },
    }
    path = put("new.json", json.dumps(new))
    assert imported(path).entries["1"].tags == ("team:audio",)


def test_qna_text(put, imported):
    """Questions with one or three marks, variations, filters, fenced answers and prompts."""
    put(
        "kb.qna",
        "> # a comment\n> !# @qna.pair.source = faq.docx\n"
        "# ? No sound?\n- silent\n\n**Filters:**\n- team = audio\n\n```markdown\nTurn it up.\n\n"
        '- really\n```\n\n**Prompts:**\n- [More](#?2) `context-only`\n\n<a id = "1"></a>\n\n'
        '<a id = "2"></a>\n### ? More?\n```\nAsk.\n```\n[other](./other.qna)\n',
    )
    outcome = imported()
    found = outcome.entries["1"]
    assert (found.title, found.questions) == ("No sound?", ("silent",))
    assert found.text == "Turn it up.\n\n- really"
    assert (found.tags, found.source, found.related) == (("team:audio",), "faq.docx", ("2",))
    assert outcome.entries["2"].text == "Ask."
    assert outcome.ledger.noted_count == 1


def test_qna_text_of_the_format_s_description(put, imported):
    """Anchors above their pairs, prompts by question, three stars, indented fences, alterations."""
    put(
        "kb.qna",
        "# ?store hours\n\t```\n\t\tOpen 9 to 5\n\t\t- always\n\t```\n**Prompts:**\n"
        "- [Seattle](#1)\n- [Portland](#?when-is-the-portland-store-open) `context-only`\n\n"
        '<a id = "1"></a>\n\n# ?seattle\n***Filters:***\n- location = seattle\n```\nSame.\n```\n\n'
        "# ?When is the Portland store open?\n```\nAll day.\n```\n"
        "$botframework : qna-alterations=\n- bot framework\n",
    )
    outcome = imported()
    assert outcome.problems == []
    assert sorted(outcome.entries) == ["1", "store-hours", "when-is-the-portland-store-open"]
    hours, seattle = outcome.entries["store-hours"], outcome.entries["1"]
    assert hours.text == "Open 9 to 5\n- always"
    assert hours.related == ("1", "when-is-the-portland-store-open")
    assert (seattle.title, seattle.tags) == ("seattle", ("location:seattle",))
    assert outcome.entries["when-is-the-portland-store-open"].questions == ()
    assert outcome.ledger.noted_count == 1


def test_qna_text_with_anchors_below(put, imported):
    """Where an anchor follows the last pair, each belongs to the pair before it."""
    put("kb.qna", '# ? a\n```\nX\n```\n<a id = "1"></a>\n# ? b\n```\nY\n```\n<a id = "2"></a>\n')
    assert {key: each.title for key, each in imported().entries.items()} == {"1": "a", "2": "b"}


def test_qna_text_that_is_broken_has_a_line(put, imported):
    """A fence that stays open, a question without answer, a line of nothing known."""
    path = put("a.qna", "# ? a\n```\nX\n")
    assert imported(path).problems == [
        "a.qna:2: the answer's fence is never closed: add a line ```"
    ]
    path = put("b.qna", "# ? a\nwhat is this\n")
    assert imported(path).problems == [
        "b.qna:2: neither a question, a variation nor a fenced answer",
        "b.qna:1: 'a' has no answer",
    ]
