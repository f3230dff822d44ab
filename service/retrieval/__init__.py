"""Text and closeness: entries, analysis, the artefact, scoring, the decision."""
