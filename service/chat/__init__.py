"""What is said: wire messages and the conversation as a value."""
