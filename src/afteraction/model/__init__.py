"""The nouns: frozen values with zone-aware times; no I/O, no Markdown, no SQL."""
