"""A PostgreSQL of a bench's own, with the settings that Debian ships: what is committed is on the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running() -> Iterator[str]:
    """Start a server in a folder of its own and return the address of an empty database; end it and forget all."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])).parent
    folder = Path(tempfile.mkdtemp(prefix="afteraction-bench-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], cwd=folder, stdout=subprocess.DEVNULL, check=True)

    data = str(folder / "data")
    run(f"{binaries}/initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    run(f"{binaries}/pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run(f"{binaries}/pg_ctl", "-D", data, "-m", "fast", "stop")
        shutil.rmtree(folder)
