"""From timeline, KPIs and evidence to a first post-mortem: every value cited, everything else a gap with a question."""

from afteraction.drafting.case import Case
from afteraction.drafting.draft import Draft, draft

__all__ = ["Case", "Draft", "draft"]
