"""What every described shape is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Reply(BaseModel):
    """Fields may be added in later versions; none is renamed or dropped."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)
