"""The revisions of the tables, in order of their numbers."""
