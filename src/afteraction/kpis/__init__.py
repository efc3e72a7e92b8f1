"""Timeline and resolution steps become KPIs that explain themselves."""

from afteraction.kpis.automation import call_failed, diagnostic_calls, is_automated, resolution_calls
from afteraction.kpis.compute import compute
from afteraction.kpis.durations import format_duration

__all__ = ["call_failed", "compute", "diagnostic_calls", "format_duration", "is_automated", "resolution_calls"]
