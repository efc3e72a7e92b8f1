"""Starts the service again and again without importing it again: each line on stdin forks one, whose number is printed.

    python bench/forked.py PORT

What is forked is what `afteraction serve` runs, from the moment at which its modules are loaded.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import afteraction.cli.serve  # noqa: F401  (loaded before the fork, as all below)
from afteraction.mcp.server import serving as _mcp  # noqa: F401
from afteraction.store import database as _database  # noqa: F401
from afteraction.web.serving import serve


def main() -> None:
    port = int(sys.argv[1])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that what was killed is gone at once
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            with Path("serve.log").open("ab") as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            serve("afteraction.cli.serve:service", "127.0.0.1", port)
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
