"""The evidence engine: logs, metrics, traces, cluster state and changes become findings and ranked suspects."""
