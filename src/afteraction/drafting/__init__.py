"""From timeline, KPIs and evidence to a first post-mortem, every value cited, every other field a gap."""
