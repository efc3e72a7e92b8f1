"""Stands before a stdio MCP server: forwards every byte, then puts a copy into the spool.

The server's command comes in, its exit code goes out. The recorder never alters, delays or swallows a message; whatever
happens to its spool, the tools keep working. stderr is inherited. A signal is passed on to the server. The server and what
it started end with the recorder, even when that is killed: a shell then ends their process group.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time

from afteraction.formats.spool_frames import TO_CLIENT, TO_SERVER
from afteraction.mcp.recorder.spool import Spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

CHUNK = 65_536
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PATIENCE = 0.5
"""Seconds within which a server that was told to end should have; what it leaves behind is then told too."""
_WHEN_I_AM_GONE = 'read -r _; kill -s TERM -- "-$0" && sleep 2 && kill -s KILL -- "-$0"'
"""For `sh`: its stdin ends when the recorder does, and the rest is for the server's process group."""


def _read(source: int) -> bytes:
    """Read what is there, waiting for it also where the client gave a pipe that does not wait; empty at the end."""
    while True:
        try:
            return os.read(source, CHUNK)
        except BlockingIOError:
            _wait(source, select.POLLIN)
        except OSError:
            return b""


def _write(target: int, chunk: bytes) -> None:
    """Write all of it; raises OSError when nobody reads any more."""
    sent = 0
    while sent < len(chunk):
        try:
            sent += os.write(target, chunk[sent:])
        except BlockingIOError:
            _wait(target, select.POLLOUT)


def _wait(file: int, event: int) -> None:
    poll = select.poll()
    poll.register(file, event)
    poll.poll()


def _pump(source: int, target: int, direction: int, spool: Spool) -> None:
    """Forward until the end of `source`; a reader that went away ends it, for nobody is left to forward to."""
    while chunk := _read(source):
        try:
            _write(target, chunk)
        except OSError:
            return
        spool.put(direction, chunk)


def record(command: list[str], folder: str, incident: str) -> int:
    """Run `command` as a stdio server and record it; returns its exit code (128 + n when signal n ended it)."""
    started = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    note = {"command": command, "incident": incident, "started_ns": time.time_ns(), "pid": os.getpid()}
    try:
        server = subprocess.Popen(  # noqa: S603  (the command is the user's own)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )
    except OSError as error:
        sys.stderr.write(f"afteraction record: {command[0]} cannot be started: {error.strerror}\n")
        return 127
    assert server.stdin is not None
    assert server.stdout is not None
    # Blocked in every thread, for one thread waits for them: a Python handler may run only once a blocking read returns.
    watcher = _watcher(server.pid)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=_pass_signals_on, args=(server,), daemon=True).start()
    spool = Spool(folder, f"{started}-{os.getpid()}", json.dumps(note).encode())
    threading.Thread(target=_forward_input, args=(server.stdin, spool), daemon=True).start()
    _pump(server.stdout.fileno(), sys.stdout.fileno(), TO_CLIENT, spool)
    # A server that still writes learns that nobody reads any more.
    server.stdout.close()
    code = server.wait()
    if watcher is not None:
        watcher.kill()
    spool.close()
    if spool.lost:
        sys.stderr.write(f"afteraction record: {spool.lost} messages could not be kept in {folder}\n")
    return code if code >= 0 else 128 - code


def _watcher(group: int) -> subprocess.Popen[bytes] | None:
    """Start what ends a process group when this process is gone; it holds nothing that a client may wait for."""
    quiet = subprocess.DEVNULL
    command = ["/bin/sh", "-c", _WHEN_I_AM_GONE, str(group)]
    try:
        return subprocess.Popen(  # noqa: S603  (nothing in it is from outside)
            command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError:
        return None


def _forward_input(server_input: IO[bytes], spool: Spool) -> None:
    _pump(sys.stdin.fileno(), server_input.fileno(), TO_SERVER, spool)
    with contextlib.suppress(OSError):
        server_input.close()


def _pass_signals_on(server: subprocess.Popen[bytes]) -> None:
    """Pass each signal on to the server; once that has ended, to what it left behind, which may hold its output open."""
    while True:
        number = signal.sigwait(SIGNALS)
        server.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(_PATIENCE)
            with contextlib.suppress(OSError):
                os.killpg(server.pid, number)


def main() -> None:
    """Run as a program of its own: `FOLDER INCIDENT COMMAND...`; nothing but the standard library is imported."""
    folder, incident, *command = sys.argv[1:]
    sys.stdout.flush()
    os._exit(record(command, folder, incident))
