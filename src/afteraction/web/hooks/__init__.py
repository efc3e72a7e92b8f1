"""Webhooks: what other programs send by themselves, each proved to come from who it says."""
