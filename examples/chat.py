"""
A conversation over the WebSocket that survives a lost connection.

Each question has an id of ours. After a break we come back with the session and the last seq we
have seen: what we missed is sent again, and a question that we repeat is not asked twice.

python examples/chat.py "printer says offline" "and on my mac?"      (needs aiohttp)
"""

import asyncio
import os
import sys

import aiohttp

SERVER = os.environ.get("FIRSTLINE_URL", "http://localhost:2000")


class Chat:
    """One conversation, over as many connections as it takes."""

    def __init__(self, http):
        self.http = http
        self.socket = None
        self.session = ""
        self.seq = 0

    async def connect(self):
        """Begin, or go on where we were."""
        query = {"session": self.session, "after": str(self.seq)} if self.session else {}
        self.socket = await self.http.ws_connect(f"{SERVER}/ws", params=query)
        init = await self.socket.receive_json()
        self.session = init["session"]
        return init

    async def ask(self, number, text):
        """The reply to one question, however often the connection is lost meanwhile."""
        question = {"type": "question", "id": f"q{number}", "text": text}
        for pause_s in (0, 0.5, 1, 2, 4):
            await asyncio.sleep(pause_s)
            try:
                if self.socket is None or self.socket.closed:
                    await self.connect()
                await self.socket.send_json(question)
                return await self.reply_to(question["id"])
            except (aiohttp.ClientError, ConnectionError, TypeError):
                self.socket = None  # TypeError: the frame that arrived was the close
        raise SystemExit("The server cannot be reached.")

    async def reply_to(self, client_id):
        """Frames until the one that answers; greetings and notices are passed over."""
        while True:
            frame = await self.socket.receive_json(timeout=30)
            self.seq = max(self.seq, frame.get("seq", 0))
            if frame.get("reply_to") == client_id and frame["type"] in ("message", "error"):
                return frame


async def main(questions):
    """Ask one after the other; each may lean on those before it."""
    async with aiohttp.ClientSession() as http:
        chat = Chat(http)
        print(f"You are talking to {(await chat.connect())['supporter_name']}.")
        for number, text in enumerate(questions, 1):
            reply = await chat.ask(number, text)
            print(f"\n> {text}\n{reply['text']}")
            for entry in reply.get("suggestions", ()):
                print(f"- {entry['title']}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
