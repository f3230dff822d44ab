"""The journal's schema through time: Alembic runs ``env.py`` and the files in ``versions``."""
