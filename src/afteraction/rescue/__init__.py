"""Rescue: post-mortems that were written or kept elsewhere, mapped into ours, and nothing of them lost.

A page (Markdown, HTML) or a record of an incident management system comes in; out come a `PostMortem` and a list of
placements that says of every part where it went. What no field takes stays as a person's text.
"""

from __future__ import annotations

from afteraction.rescue.mapping import Rescued, rescue_page
from afteraction.rescue.placement import KEPT, Placement
from afteraction.rescue.records import rescue_record

__all__ = ["KEPT", "Placement", "Rescued", "rescue_page", "rescue_record"]
