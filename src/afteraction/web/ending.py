"""The end of a process, known before it comes: streams close themselves and readiness says no, while requests are finished."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def told_by_signals(ending: threading.Event) -> Iterator[None]:
    """Set `ending` as soon as the process is told to end, before whoever handles the signal.

    The server takes signals for itself and waits for open answers first, so that an answer without an end would wait for it.
    """
    if threading.current_thread() is not threading.main_thread():  # as in tests, where nobody is told by signals
        yield
        return
    before = {name: signal.getsignal(name) for name in _SIGNALS}

    def tell(number: int, frame: FrameType | None) -> None:
        ending.set()
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for name in _SIGNALS:
        signal.signal(name, tell)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
