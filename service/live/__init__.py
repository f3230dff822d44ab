"""What changes over time: the generation in use, admission, the journal."""
