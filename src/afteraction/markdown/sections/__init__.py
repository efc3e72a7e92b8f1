"""The sections of the document, each with its render and its parse side by side."""
