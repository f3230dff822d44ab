"""Where the labelled data sets are, and how one is read by its name."""

from __future__ import annotations

from pathlib import Path

from index_builder.corpus_files import read_beside
from index_builder.dataset import DataSet, read_dataset, regression_set
from index_builder.sources.reading import read

DATA = Path("../shared/data")
CORPUS = Path("corpus")
# The shipped knowledge base with its regression questions.
SHIPPED = "regression"


def read_set(name: str, data: Path = DATA) -> DataSet:
    """A folder of *data*, or the shipped knowledge base."""
    if name == SHIPPED:
        return regression_set(name, tuple(read([CORPUS]).entries), read_beside([CORPUS]))
    return read_dataset(data / name)
