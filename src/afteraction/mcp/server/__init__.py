"""The MCP server: agents read the record, add what they saw, and fill a document with what they can cite."""
