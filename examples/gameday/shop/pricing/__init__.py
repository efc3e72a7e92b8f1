"""Pricing: what a basket costs."""
