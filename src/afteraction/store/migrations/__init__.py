"""Alembic's folder of revisions; `afteraction.store.migrate` carries them out."""
