"""Questions and feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The tables of the first journal."""
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("request_id", sa.String(200), nullable=False),
        sa.Column("session", sa.String(64)),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("entry_id", sa.String(200)),
        sa.Column("nearest_id", sa.String(200)),
        sa.Column("generation", sa.String(64), nullable=False),
        sa.Column("took_ms", sa.Float, nullable=False),
    )
    op.create_index("questions_by_time", "questions", ["asked_at"])
    op.create_index("questions_by_request", "questions", ["request_id"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("given_at", sa.String(32), nullable=False),
        sa.Column("request_id", sa.String(200), nullable=False),
        sa.Column("session", sa.String(64)),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("entry_id", sa.String(200)),
        sa.Column("comment", sa.Text),
    )
    op.create_index("feedback_by_time", "feedback", ["given_at"])
    op.create_index("feedback_by_request", "feedback", ["request_id"])
