"""What Alembic runs: the steps, on the connection that ``service.live.migrating`` hands over."""

from __future__ import annotations

from alembic import context

# The caller's transaction holds: it also holds the lock that keeps other processes waiting.
context.configure(connection=context.config.attributes["connection"], target_metadata=None)
context.run_migrations()
