"""
``python -m bench.answering``: how long does an answer take, text in, ``Answer`` out?

Tokens, spelling, words and n-grams, the vote, confidence and snippets, for several numbers of
rows; then every stage alone, and questions that nobody should ask. Processor time throughout.
"""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench.command import Bench, arguments
from bench.indexes import index
from bench.material import SEED
from bench.timing import Times, growth, origin, save
from service.retrieval.analysis import surfaces
from service.retrieval.answers import Question, answer
from service.retrieval.evidence import features
from service.retrieval.index import MIN_NEAREST, Index, open_index

_SIZES = {"quick": (1_000, 20_000), "full": (1_000, 20_000, 100_000, 1_000_000)}
_QUESTIONS = 1_000


def main() -> None:
    """Sweep the sizes, print the medians, save the figures."""
    bench = arguments(__doc__)
    results: dict[str, Any] = {**origin(bench.material.name), "sizes": {}}
    for n in bench.sizes or _SIZES[bench.extent]:
        results["sizes"][n] = _measure(bench, n)
    sizes = results["sizes"]
    if len(sizes) > 2:
        medians = [figures["answer"]["median_us"] for figures in sizes.values()]
        results["growth"] = round(growth(list(sizes), medians), 3)
        print(f"growth of an answer: rows^{results['growth']:.2f}")
    print("written:", save("answering", results))


def _measure(bench: Bench, n: int) -> dict[str, Any]:
    opened = open_index(index(bench, n))
    opened.warm()
    questions = bench.material.questions(_QUESTIONS)
    asked = [Question(text) for text in questions]
    for one in asked[:100]:
        answer(opened, one)
    whole = _timed(lambda one: answer(opened, one), asked)
    stages = _stages(opened, questions)
    print(f"{n:,} rows: an answer {whole.median_us:.0f} us, p99 {whole.p99_us:.0f} us")
    for name, times in stages.items():
        print(f"  {name:26} {times.median_us:8.1f} us   p99 {times.p99_us:8.1f} us")
    hostile = _hostile(opened)
    worst = max(hostile, key=hostile.__getitem__)
    print(f"  the worst of {len(hostile)} bad questions: {worst}, {hostile[worst]:.1f} ms")
    return {
        "answer": whole.as_dict(),
        "stages": {name: times.as_dict() for name, times in stages.items()},
        "bad_questions_ms": hostile,
    }


def _timed(work: Callable[[Any], Any], arguments: Sequence[Any]) -> Times:
    seconds = []
    for one in arguments:
        began = time.thread_time()
        work(one)
        seconds.append(time.thread_time() - began)
    return Times(tuple(seconds))


def _stages(opened: Index, questions: Sequence[str]) -> dict[str, Times]:
    """Each stage on all questions; "tokens to vector" is what the issue of speed calls so."""
    forms = [surfaces(text) for text in questions]
    read = [opened.read(text) for text in questions]
    found = [opened.nearest(one.counts, MIN_NEAREST) for one in read]
    both = [pair for pair in zip(read, found, strict=True) if pair[1].hits]

    def vector(one: Any) -> None:
        words, unknown = one
        opened.vocabulary.count(
            opened.vocabulary.words(words), np.ones(len(words), np.float32), unknown
        )

    return {
        "text to tokens": _timed(surfaces, questions),
        "tokens to vector": _timed(vector, [(one, ()) for one in forms]),
        "read, with spelling": _timed(opened.read, questions),
        "nearest entries": _timed(lambda one: opened.nearest(one.counts, MIN_NEAREST), read),
        "confidence": _timed(lambda pair: features(opened, *pair), both),
        "entries from disk": _timed(
            lambda pair: [opened.store.load(hit.entry) for hit in pair[1].hits[:3]], both
        ),
    }


def _hostile(opened: Index) -> dict[str, float]:
    """Milliseconds, the best of three, for 2,000 characters of what nobody should ask."""
    chosen = random.Random(SEED)
    letters = "abcdefghijklmnopqrstuvwxyz"
    noise = base64.b64encode(chosen.randbytes(1_500)).decode()
    known = sorted({form for n in range(200) for form in surfaces(opened.store.load(n).text)})
    bad = {
        "emoji": "🙂" * 2_000,
        "dollars": "$" * 2_000,
        "brackets": "(" * 2_000,
        "base64": noise[:2_000],
        "one word": "x" * 2_000,
        "700 words": " ".join(known[:700])[:2_000],
        "700 unknown words": " ".join("".join(chosen.choices(letters, k=2)) for _ in range(700))[
            :2_000
        ],
        "typing errors": " ".join(
            "".join(chosen.sample(word, len(word))) for word in known if len(word) > 5
        )[:2_000],
        "one word again": "printer " * 250,
        "ideographs": "電源が入らない" * 285,
        "apostrophes": "'" * 2_000,
        "a path": "\\\\server" * 220,
    }
    found = {}
    for name, text in bad.items():
        times = _timed(lambda one: answer(opened, one), [Question(text[:2_000])] * 3)
        found[name] = round(min(times.seconds) * 1e3, 2)
    return found


if __name__ == "__main__":
    main()
