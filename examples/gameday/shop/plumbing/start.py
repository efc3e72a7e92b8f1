"""Where a service finds its files and its neighbours: told by the command line, the same for all."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """The port of this process, the ports of its neighbours, and its folders."""

    port: int
    ports: dict[str, int]
    logs: Path
    data: Path

    def flag(self, name: str) -> bool:
        """Say whether a feature flag is on; flags are files, so that they work without a restart."""
        return (self.data / "flags" / name).exists()


def place() -> Place:
    """Read the command line: `--port 1 --neighbour name=2 --logs DIR --data DIR`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--neighbour", action="append", default=[])
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    ports = {name: int(port) for name, port in (text.split("=") for text in given.neighbour)}
    return Place(given.port, ports, given.logs, given.data)
