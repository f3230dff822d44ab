"""
The nearest rows of a large index without comparing all of them: a graph, opened in place.

``dense.usearch`` is a hierarchical navigable small world (Malkov & Yashunin, 2018) as the usearch
library writes it. It is mapped, not loaded, so all workers share its pages.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.errors import ArtefactDamaged, ModelUnusable
from service.retrieval.artefact import Reader
from service.retrieval.similarity import whole_numbers

FILE = "dense.usearch"
# Rows kept in view while searching, or as many as are asked for (docs/decisions/0063).
SEARCHED = 128


class Graph:
    """The mapped graph of one generation."""

    def __init__(self, reader: Reader) -> None:
        try:
            from usearch.index import Index
        except ImportError as error:
            raise ModelUnusable(
                "usearch is not installed, and this index is large enough to need it. Install it "
                "with: pip install 'firstline[embeddings]'"
            ) from error
        path = reader.path(FILE)
        try:
            self._graph = Index(
                ndim=int(reader.info["embedding"]["dimension"]),
                metric="cos",
                dtype="i8",
                expansion_search=SEARCHED,
                path=path,
                view=True,
            )
        except Exception as error:  # the library raises what it likes
            raise ArtefactDamaged(
                f"{path} is not a graph that this version of usearch reads ({error}). Rebuild it "
                "with: make index"
            ) from error

    def nearest(self, vector: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.uint32]:
        """The numbers of about the *k* nearest rows, nearest first."""
        asked = whole_numbers(vector[None, :])[0][0]
        return np.asarray(self._graph.search(asked, k, threads=1).keys, np.uint32)
