"""The builder side of Firstline: turns a corpus into an index."""
