"""Collects raw material from disk and archives; never parses it."""
