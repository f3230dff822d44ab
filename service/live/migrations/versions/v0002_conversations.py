"""Suggestions that were taken, and what was said in conversations, for whoever resumes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Two tables more; and Alembic's own table says the version from now on."""
    op.create_table(
        "accepted",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("accepted_at", sa.String(32), nullable=False),
        sa.Column("request_id", sa.String(200), nullable=False),
        sa.Column("session", sa.String(64)),
        sa.Column("entry_id", sa.String(200), nullable=False),
    )
    op.create_index("accepted_by_time", "accepted", ["accepted_at"])
    op.create_index("accepted_by_request", "accepted", ["request_id"])
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sent_at", sa.String(32), nullable=False),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("client_id", sa.String(200)),
        sa.Column("supporter", sa.String(200), nullable=False),
        sa.Column("frame", sa.Text, nullable=False),
    )
    op.create_index("messages_by_time", "messages", ["sent_at"])
    op.create_index("messages_by_session", "messages", ["session", "seq"])
    if sa.inspect(op.get_bind()).has_table("firstline_schema"):
        op.drop_table("firstline_schema")
