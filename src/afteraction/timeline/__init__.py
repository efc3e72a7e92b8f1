"""Order, merge and phases: the material of one incident becomes a timeline with milestones."""

from afteraction.timeline.build import build

__all__ = ["build"]
