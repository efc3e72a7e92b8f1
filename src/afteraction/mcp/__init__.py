"""Model Context Protocol: the flight recorder that stands between an agent and its tools."""
