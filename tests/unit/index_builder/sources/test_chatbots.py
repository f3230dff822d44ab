"""intents.json, ChatterBot and Rasa."""

from __future__ import annotations

import json


def test_intents_of_the_tutorials(put, imported):
    """The first response is the answer; greetings are small talk; empty fallbacks are left out."""
    put(
        "intents.json",
        json.dumps(
            {
                "intents": [
                    {"tag": "greeting", "patterns": ["Hi", "Hello"], "responses": ["Hey!", "Yo"]},
                    {
                        "tag": "opening hours",
                        "patterns": ["When are you open?"],
                        "responses": ["9 to 5."],
                        "context": [""],
                    },
                    {"tag": "x", "input": ["Other name?"], "responses": "One.", "context_set": "y"},
                    {"tag": "noanswer", "patterns": [], "responses": ["Sorry"]},
                ]
            }
        ),
    )
    outcome = imported()
    hello = outcome.entries["greeting"]
    assert (hello.title, hello.questions, hello.text) == ("Hi", ("Hello",), "Hey!")
    assert hello.kind == "smalltalk"
    assert outcome.entries["opening-hours"].kind == "answer"
    assert outcome.entries["x"].title == "Other name?"
    assert outcome.ledger.lost_fields == {"responses after the first": 1, "context_set": 1}
    assert outcome.ledger.skipped_count == 1


def test_an_intent_without_an_answer_fails(put, imported):
    """Its number and line are told."""
    put("i.json", '{"intents": [\n{"tag": "a", "patterns": ["b"], "responses": []}\n]}')
    assert imported().problems == ["i.json:2: intent 1 (a) has no responses: there is no answer"]


def test_chatterbot_yaml(put, imported):
    """The second line answers the first; a question that comes again is left out and counted."""
    put(
        "ai.yml",
        "categories:\n- AI\nconversations:\n- - What is AI?\n  - A field.\n  - More.\n"
        "- - What is AI?\n  - Something else.\n- - Hint?\n  - 'Note: this'\n"
        "- - Colon?\n  - Note: unquoted\n",
    )
    outcome = imported()
    found = outcome.entries["what-is-ai"]
    assert (found.title, found.text, found.tags) == ("What is AI?", "A field.", ("AI",))
    assert outcome.entries["colon"].text == "Note: unquoted"
    assert outcome.ledger.lost_fields == {"lines after the answer": 1}
    assert outcome.ledger.skipped[0][1] == 7


def test_chatterbot_json(put, imported):
    """Statements answer what they are in response to, however that is written."""
    put(
        "export.json",
        json.dumps(
            {
                "conversation": [
                    {"text": "Hello", "in_response_to": None},
                    {"text": "Hi there", "in_response_to": "Hello", "created_at": "x"},
                    {"text": "Fine", "in_response_to": [{"text": "How are you?", "occurrence": 3}]},
                ]
            }
        ),
    )
    outcome = imported()
    assert outcome.entries["hello"].text == "Hi there"
    assert outcome.entries["how-are-you"].text == "Fine"
    put("export.json", '{"conversations": [["One?", "1"], ["Two?"]]}')
    assert imported().problems == ["export.json:1: a conversation needs a question and an answer"]


def test_a_rasa_project_in_several_files(put, imported):
    """Examples and responses meet across files, by name or by rule; entity markup is gone."""
    put(
        "data/nlu.yml",
        'version: "3.1"\nnlu:\n- intent: faq/ask_hours\n  examples: |\n'
        "    - when are you open on [monday](day)?\n"
        '    - hours in [NYC]{"entity": "city", "value": "New York"}\n'
        "- intent: greet\n  examples: |\n    - hey\n- intent: lonely\n  examples: |\n    - x\n"
        "- synonym: NYC\n  examples: |\n    - New York\n",
    )
    put(
        "domain.yml",
        "responses:\n  utter_faq/ask_hours:\n  - text: Nine to five.\n  - text: Always.\n"
        "  utter_welcome:\n  - text: Welcome!\n    image: w.png\n    buttons: []\n"
        "  utter_unused:\n  - text: y\n",
    )
    put(
        "data/rules.yml",
        "rules:\n- rule: hi\n  steps:\n  - intent: greet\n  - action: utter_welcome\n",
    )
    outcome = imported()
    found = outcome.entries["ask_hours"]
    assert (found.title, found.questions) == ("when are you open on monday?", ("hours in NYC",))
    assert found.text == "Nine to five."
    assert outcome.entries["greet"].text == "Welcome!"
    whys = [why for _, _, why in outcome.ledger.skipped]
    assert whys == [
        "the intent lonely has no response in words (utter_lonely)",
        "utterances that no intent leads to: utter_unused",
    ]
    lost = {"responses after the first": 1, "image": 1, "buttons": 1}
    assert outcome.ledger.lost_fields == lost
    assert [line for _, line, _ in outcome.ledger.noted] == [13]


def test_yaml_that_runs_or_explodes_is_refused(put, imported):
    """Tags and aliases have a line and no effect."""
    bomb = "a: &a [x, x]\n" + "".join(f"{n}: &{n} [*a, *a]\n" for n in "bcdef")
    path = put("bomb.yml", f"{bomb}conversations:\n- - q\n  - a\n")
    assert imported(path).problems == [
        "bomb.yml:2: YAML aliases (*a) are not read: write the value out"
    ]
    path = put("run.yml", "conversations:\n- - q\n  - !!python/object/apply:os.system [id]\n")
    assert imported(path).problems == [
        "run.yml:3: the YAML tag !!python/object/apply:os.system is not read: write a plain value"
    ]
