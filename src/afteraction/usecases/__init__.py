"""The verbs: one module each, functions with explicit arguments."""
