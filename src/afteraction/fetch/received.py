"""Keeps the lines that agents sent, beside the recordings, as raw material for the ordinary sources.

Lines and their kind come in; they are appended to the day's file of that kind, which its owner alone can read and several
processes may write at a time. Beyond a size a new file is begun, and the oldest of the day goes. Nothing is parsed. What the disk refuses is raised.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

FILE_BYTES, FILES = 64 * 1024 * 1024, 8
"""A new file is begun at this size, and so many of a kind and day are kept, the newest."""


def spool_folder() -> Path:
    """Return where recorders and receivers keep what they kept, unless they are told otherwise."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "afteraction" / "spool"


def keep(folder: Path, kind: str, lines: tuple[bytes, ...], at: datetime) -> Path | None:
    """Append lines to the file of their kind and day, all or none of them; returns the file, None for no lines.

    Raises:
        OSError: when the disk does not take them.
    """
    if not lines:
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    of_the_day = f"agent-{kind}-{at.astimezone(UTC):%Y%m%d}"
    number = max((int(path.suffixes[-2][1:]) for path in folder.glob(f"{of_the_day}.[0-9]*.jsonl")), default=1)
    while True:
        path = folder / f"{of_the_day}.{number:04d}.jsonl"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            with _alone(file):
                if (size := os.fstat(file).st_size) < FILE_BYTES:
                    _append(file, b"".join(lines), size)
                    return path
        finally:
            os.close(file)
        (folder / f"{of_the_day}.{number - FILES + 1:04d}.jsonl").unlink(missing_ok=True)
        number += 1


def _append(file: int, data: bytes, size: int) -> None:
    done = 0
    try:
        while done < len(data):
            done += os.write(file, data[done:])
    except OSError:
        os.ftruncate(file, size)
        raise


@contextlib.contextmanager
def _alone(file: int) -> Iterator[None]:
    """Keep other writers of the file out, where the system can (elsewhere a short append is whole by itself)."""
    try:
        import fcntl  # noqa: PLC0415  (not on Windows)
    except ModuleNotFoundError:
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
