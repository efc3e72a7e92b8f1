"""Readers of what kubectl prints, shared by every source that meets such text and by the evidence engine."""

from __future__ import annotations

from afteraction.formats.kubectl.read import Seen, event_times, looks_like_kubectl, read_kubectl

__all__ = ["Seen", "event_times", "looks_like_kubectl", "read_kubectl"]
