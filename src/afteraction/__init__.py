"""Afteraction turns what an incident left behind into a post-mortem that people can trust."""

__version__ = "0.1.0"
