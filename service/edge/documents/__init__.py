"""What the server says about itself: OpenAPI for HTTP, AsyncAPI for the WebSocket."""
