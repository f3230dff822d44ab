"""How much the server stands: one module for each promise, run small by tests, long by itself."""
