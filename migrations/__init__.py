"""Alembic revisions: the only way the tables change. One revision a change, tested up and down with data."""
