"""Progress of long work: on stderr, on a terminal only, so that pipes and logs stay clean."""

from __future__ import annotations

import sys


def show_progress(message: str) -> None:
    """Show one line of progress in place; nothing when stderr is no terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{message[:100]}")
        sys.stderr.flush()


def end_progress() -> None:
    """Clear the line of progress."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[2K")
        sys.stderr.flush()
