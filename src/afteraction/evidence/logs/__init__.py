"""Log mining: counting masked lines in one pass, templates, comparison with normal times, excerpts."""
