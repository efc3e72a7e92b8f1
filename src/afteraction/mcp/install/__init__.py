"""Puts the recorder before the MCP servers that a client's configuration names, and takes it away again."""
