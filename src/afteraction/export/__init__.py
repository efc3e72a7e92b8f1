"""The post-mortem in other formats than Markdown: JSON with its schema, and a page for browser and paper."""
