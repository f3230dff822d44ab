"""The server side of Firstline: opens an index and answers people."""
