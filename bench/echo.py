"""
A bare aiohttp server beside ours: a WebSocket and a JSON handler that give one fixed reply.

``python -m bench.echo REPLY`` (a file) prints its address and serves until it is stopped.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import orjson
import uvloop
from aiohttp import WSMsgType, web


def application(reply: bytes) -> web.Application:
    """The routes: a frame or a JSON object in, *reply* out."""
    text = reply.decode("utf-8")

    async def socket(request: web.Request) -> web.WebSocketResponse:
        peer = web.WebSocketResponse(compress=False)
        await peer.prepare(request)
        async for message in peer:
            if message.type is WSMsgType.TEXT:
                orjson.loads(message.data)
                await peer.send_str(text)
        return peer

    async def ask(request: web.Request) -> web.Response:
        orjson.loads(await request.read())
        return web.Response(body=reply, content_type="application/json")

    app = web.Application()
    app.add_routes([web.get("/ws", socket), web.post("/v1/ask", ask)])
    return app


async def serve(reply: bytes) -> None:
    """Serve on a free port until cancelled."""
    runner = web.AppRunner(application(reply), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]).read_bytes()))
