"""The network: aiohttp application, HTTP, WebSocket, the frontend."""
