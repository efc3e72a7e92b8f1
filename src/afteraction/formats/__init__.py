"""Readers that know no incident: time stamps, JSON lines, CSV, secrets."""
