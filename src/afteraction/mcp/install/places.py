"""Where the MCP clients keep their configurations: for a home folder and a project, the files that may exist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A configuration file of a client; `kind` is `json` or `toml`."""

    client: str
    path: Path
    kind: str = "json"


CLIENTS = ("claude-desktop", "claude-code", "vscode", "cursor", "codex", "gemini")


def places(home: Path, project: Path) -> tuple[Place, ...]:
    """Return the files that the clients read, of the user and of a project, whether they exist or not."""
    config, mac, windows = home / ".config", home / "Library" / "Application Support", home / "AppData" / "Roaming"
    return (
        *(Place("claude-desktop", base / "Claude" / "claude_desktop_config.json") for base in (config, mac, windows)),
        Place("claude-code", home / ".claude.json"),
        Place("claude-code", project / ".mcp.json"),
        *(Place("vscode", base / "Code" / "User" / name)
          for base in (config, mac, windows) for name in ("mcp.json", "settings.json")),
        *(Place("vscode", project / ".vscode" / name) for name in ("mcp.json", "settings.json")),
        Place("cursor", home / ".cursor" / "mcp.json"),
        Place("cursor", project / ".cursor" / "mcp.json"),
        Place("codex", home / ".codex" / "config.toml", "toml"),
        Place("gemini", home / ".gemini" / "settings.json"),
        Place("gemini", project / ".gemini" / "settings.json"),
    )  # fmt: skip
