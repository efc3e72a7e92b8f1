"""Metrics: which series left their own baseline, when, in which direction and how surprisingly."""
