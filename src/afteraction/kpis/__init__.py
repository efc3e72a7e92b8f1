"""From the timeline and the executed steps to KPIs that explain themselves."""
