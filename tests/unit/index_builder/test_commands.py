"""``firstline-index``: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index_builder.main import COMMANDS, main
from service.retrieval.artefact import current, generations
from service.retrieval.index import open_index
from service.retrieval.seal import SEAL, seal

GOOD = {
    "printers/offline.md": "---\ntitle: Printer offline\nquestions: [printer is off]\n---\nOn.\n",
    "wifi.md": "---\ntitle: Slow wifi\nquestions: [slow internet]\n---\nMove closer.\n",
}


@pytest.fixture
def run():
    """Run the command as a shell would, output and errors apart."""

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def corpus(tmp_path) -> Path:
    folder = tmp_path / "corpus"
    for name, content in GOOD.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return folder


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "index"


def spoil(corpus: Path) -> None:
    (corpus / "broken.md").write_text("---\ntitle: [\n---\ntext\n", "utf-8")


def test_a_build_reports_what_was_built(run, corpus, out):
    """Exit 0; the report stands on stdout and nothing on stderr."""
    result = run("build", corpus, "--out", out)
    assert result.exit_code == 0
    assert current(out) in result.stdout
    assert "2 entries" in result.stdout
    assert result.stderr == ""


def test_a_build_can_report_to_a_script(run, corpus, out):
    """With --json the report is one JSON object."""
    report = json.loads(run("build", corpus, "--out", out, "--json").stdout)
    assert report["generation"] == current(out)
    assert report["counts"]["entries"] == 2
    assert report["published"] is True


def test_settings_and_flags_reach_the_build(run, corpus, out, tmp_path):
    """The file's weighting and the flag's language stand in the manifest."""
    settings = tmp_path / "build.toml"
    settings.write_text('weighting = "lnc.ltc"\nlemmas = "none"\n')
    assert run("build", corpus, "--out", out, "--settings", settings, "--language", "de")
    manifest = json.loads((out / current(out) / "manifest.json").read_text("utf-8"))
    assert manifest["weighting"] == "lnc.ltc"
    assert manifest["analyser"]["language"] == "de"


def test_damaged_input_leaves_the_old_index(run, corpus, out):
    """Exit 1, a line with file and line on stderr, and the served generation untouched."""
    run("build", corpus, "--out", out)
    before = (current(out), generations(out))
    spoil(corpus)
    result = run("build", corpus, "--out", out)
    assert result.exit_code == 1
    assert "broken.md:" in result.stderr
    assert result.stdout == ""
    assert (current(out), generations(out)) == before
    assert open_index(out).entry_count == 2


def test_damaged_input_can_be_left_out(run, corpus, out):
    """With --keep-going the rest is built, and what was left out is told."""
    spoil(corpus)
    result = run("build", corpus, "--out", out, "--keep-going")
    assert result.exit_code == 0
    assert "broken.md" in result.output
    assert open_index(out).entry_count == 2


def test_an_empty_source_builds_nothing(run, tmp_path, out):
    """Exit 1 and a sentence where there is no entry at all."""
    (tmp_path / "empty").mkdir()
    result = run("build", tmp_path / "empty", "--out", out)
    assert result.exit_code == 1
    assert result.stderr.startswith("firstline-index: ")
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "nowhere"),
        ("build", "--unheard"),
        ("unheard",),
        ("build", "--target-precision", "x"),
        ("build", "--target-precision", "2"),
        ("build", "--settings", "/nowhere.toml"),
        ("evaluate",),
        ("evaluate", "nowhere"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(run, corpus, out, arguments):
    """What cannot be meant is told on stderr, with exit 2, and nothing is built."""
    known = arguments[:1] != ("build",) or "nowhere" in arguments
    more = () if known else (corpus, "--out", out)
    result = run(*arguments, *more)
    assert result.exit_code == 2
    assert result.stderr
    assert result.stdout == ""
    assert not out.exists()


def test_an_unwritable_place_is_told(run, corpus, tmp_path):
    """A file in the way of the index is a sentence and exit 1, not a traceback."""
    (tmp_path / "file").write_text("in the way")
    result = run("build", corpus, "--out", tmp_path / "file" / "index")
    assert result.exit_code == 1
    assert result.stderr.startswith("firstline-index: ")
    assert isinstance(result.exception, SystemExit)


def test_a_build_that_answers_worse_exits_3(run, corpus, out):
    """The gate names the question that changed; --force publishes all the same."""
    regression = corpus / "regression.jsonl"
    regression.write_text('{"question": "slow internet", "expect": "wifi"}\n')
    run("build", corpus, "--out", out)
    live = current(out)
    (corpus / "wifi.md").unlink()
    result = run("build", corpus, "--out", out)
    assert result.exit_code == 3
    assert "slow internet" in result.stdout
    assert "--force" in result.stderr
    assert current(out) == live
    assert run("build", corpus, "--out", out, "--force").exit_code == 0
    assert current(out) != live


def publish_two(run, corpus: Path, out: Path) -> tuple[str, str]:
    """Two generations, the second one live; names sort by time, so the first is made older."""
    run("build", corpus, "--out", out)
    first = current(out)
    older = f"g-2000{first[6:]}"
    manifest = out / first / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(first, older), "utf-8")
    (out / first / SEAL).write_bytes(seal(manifest.read_bytes(), None))
    (out / first).rename(out / older)
    run("build", corpus, "--out", out)
    return older, current(out)


def test_rollback_serves_the_generation_before(run, corpus, out):
    """Exit 0, both generations named, and the older one live."""
    older, newer = publish_two(run, corpus, out)
    result = run("rollback", "--out", out)
    assert result.exit_code == 0
    assert older in result.stdout
    assert newer in result.stdout
    assert current(out) == older


def test_rollback_without_an_older_generation_is_told(run, corpus, out):
    """Exit 1 and the live generation stays, where there is nothing before it or nothing at all."""
    assert run("rollback", "--out", out).exit_code == 1
    run("build", corpus, "--out", out)
    live = current(out)
    result = run("rollback", "--out", out)
    assert result.exit_code == 1
    assert live in result.stderr
    assert current(out) == live


def test_rollback_to_a_damaged_generation_is_refused(run, corpus, out):
    """Going back to an index that cannot be served would be worse than staying."""
    older, newer = publish_two(run, corpus, out)
    (out / older / "vocabulary.txt").write_bytes(b"damaged")
    result = run("rollback", "--out", out)
    assert result.exit_code == 1
    assert "vocabulary.txt" in result.stderr
    assert current(out) == newer


@pytest.fixture
def intents(tmp_path) -> Path:
    """An intent set of two entries with a question for each and one for none."""
    folder = tmp_path / "set"
    folder.mkdir()
    corpus = [("1", "printer is off", "print"), ("2", "slow internet", "wifi")]
    (folder / "corpus.jsonl").write_text(
        "".join(
            json.dumps({"_id": i, "text": text, "metadata": {"intent": intent}}) + "\n"
            for i, text, intent in corpus
        )
    )
    (folder / "queries.jsonl").write_text(
        '{"_id": "a", "text": "printer is off", "metadata": {"intent": "print"}}\n'
        '{"_id": "b", "text": "slow internet", "metadata": {"intent": "wifi"}}\n'
        '{"_id": "c", "text": "xyzzy", "metadata": {"oos": true}}\n'
    )
    return folder


def test_an_evaluation_is_printed(run, intents):
    """Measures one a line for a person, and one JSON object for a script."""
    assert "accuracy@1" in run("evaluate", intents).stdout
    figures = json.loads(run("evaluate", intents, "--json").stdout)
    assert figures["accuracy@1"] == 1.0
    assert figures["oos_recall"] == 1.0
    assert (figures["queries"], figures["entries"]) == (3, 2)


def test_an_evaluation_writes_a_run_file(run, intents, tmp_path):
    """TREC lines with the intents as names."""
    path = tmp_path / "run.trec"
    assert run("evaluate", intents, "--run-file", path).exit_code == 0
    lines = [line.split() for line in path.read_text().splitlines()]
    assert [line[:4] for line in lines if line[3] == "1"] == [
        ["a", "Q0", "print", "1"],
        ["b", "Q0", "wifi", "1"],
    ]


def test_a_regression_file_is_evaluated_over_its_folder(run, corpus):
    """A file of questions has a front door too."""
    path = corpus / "regression.jsonl"
    path.write_text('{"question": "slow internet", "expect": "wifi"}\n')
    figures = json.loads(run("evaluate", path, "--json").stdout)
    assert (figures["accuracy@1"], figures["entries"]) == (1.0, 2)


def test_a_wrong_data_set_exits_1(run, intents):
    """File and line on stderr, nothing on stdout."""
    with (intents / "queries.jsonl").open("a") as file:
        file.write("{\n")
    result = run("evaluate", intents)
    assert result.exit_code == 1
    assert "queries.jsonl:4" in result.stderr
    assert result.stdout == ""


def test_an_empty_regression_file_exits_1(run, corpus):
    """A file that asks nothing is told as that."""
    (corpus / "empty.jsonl").write_text("\n")
    result = run("evaluate", corpus / "empty.jsonl")
    assert result.exit_code == 1
    assert "holds no questions" in result.stderr


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_every_command_explains_itself(run, name):
    """--help exits 0 and says how the command is used."""
    result = run(*([name] if name else []), "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


def test_the_version_is_told(run):
    """--version names the program and its version."""
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("firstline-index, version ")


def test_help_needs_no_heavy_library():
    """Reading what there is costs no import of scikit-learn, spaCy or NLTK."""
    program = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from index_builder.main import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "print(sorted({'sklearn', 'spacy', 'nltk', 'numba'} & set(sys.modules)))\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert found.stdout.strip() == b"[]"
