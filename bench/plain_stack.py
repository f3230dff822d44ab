"""
What a first version of this product looks like, served by aiohttp: spaCy reads the question,
TfidfVectorizer.transform turns it into a vector, NearestNeighbors finds the rows.

``python -m bench.plain_stack ROWS N`` (JSON lines) fits, prints its address, and serves ``/ws``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import islice
from pathlib import Path

import spacy
import uvloop
from aiohttp import WSMsgType, web
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors


def application(rows: Path, n: int) -> web.Application:
    """Fit on the first *n* rows; each question frame is answered with the three nearest."""
    nlp = spacy.blank("en")
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()

    def lemmas(text: str) -> list[str]:
        return [token.lemma_ or token.text for token in nlp(text.lower()) if not token.is_space]

    with rows.open(encoding="utf-8") as file:
        records = [json.loads(line) for line in islice(file, n)]
    vectoriser = TfidfVectorizer(analyzer=lemmas, sublinear_tf=True)
    matrix = vectoriser.fit_transform(f"{each['title']}\n{each['answer']}" for each in records)
    neighbours = NearestNeighbors(n_neighbors=3, metric="cosine").fit(matrix)

    async def socket(request: web.Request) -> web.WebSocketResponse:
        peer = web.WebSocketResponse(compress=False)
        await peer.prepare(request)
        async for message in peer:
            if message.type is WSMsgType.TEXT:
                question = json.loads(message.data)["text"]
                distances, found = neighbours.kneighbors(vectoriser.transform([question]))
                hits = [
                    {
                        "id": records[row]["id"],
                        "title": records[row]["title"],
                        "score": 1 - distance,
                    }
                    for row, distance in zip(found[0], distances[0], strict=True)
                ]
                answer = records[found[0][0]]["answer"]
                await peer.send_str(json.dumps({"type": "message", "text": answer, "hits": hits}))
        return peer

    app = web.Application()
    app.add_routes([web.get("/ws", socket)])
    return app


async def serve(rows: Path, n: int) -> None:
    """Serve on a free port until cancelled."""
    runner = web.AppRunner(application(rows, n), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
