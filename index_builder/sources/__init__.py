"""One file per format: an export becomes entries, or an error naming file and line."""
