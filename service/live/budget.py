"""
An encoder that must be quick: a question is not kept waiting for what it can do without.

The model runs in a thread of its own. A text it has not read within the budget is given up, and
while it is still busy with that one, the next are given up at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from service.errors import EncodingSlow
from service.retrieval.embedding import Encoder

Floats = npt.NDArray[np.float32]


class BudgetedEncoder:
    """An :class:`Encoder` that answers within *budget_ms*, or raises."""

    def __init__(self, encoder: Encoder, budget_ms: float) -> None:
        self._encoder = encoder
        self._budget_ms = budget_ms
        self.digest = encoder.digest
        self.dimension = encoder.dimension
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="encoder")
        self._late: Future[Floats] | None = None

    def encode(self, texts: Sequence[str]) -> Floats:
        """
        (n, dimension) float32, each row of length 1.

        Raises:
            EncodingFailed: the model could not read them.
            EncodingSlow: it did not read them in time, or is still at work on what came before.

        """
        if self._late is not None and not self._late.done():
            raise EncodingSlow("The embedding model is still at work on an earlier question.")
        work = self._worker.submit(self._encoder.encode, texts)
        try:
            return work.result(self._budget_ms / 1e3)
        except TimeoutError:
            if not work.cancel():
                self._late = work
            raise EncodingSlow(
                f"The embedding model did not read the question within {self._budget_ms:g} ms."
            ) from None
