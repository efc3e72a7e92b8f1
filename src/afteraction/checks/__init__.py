"""The rules that protect the reader of a post-mortem."""
