"""Reaches other programs over HTTP, and no address that it must not reach: one client for whatever goes out."""
