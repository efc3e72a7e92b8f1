"""Stands before a stdio MCP server: forwards every byte, then puts a copy into the spool.

The server's command comes in, its exit code goes out. The recorder never alters, delays or swallows a message; whatever
happens to its spool, the tools keep working. stderr is inherited. A signal is passed on to the server, and the server
ends when the recorder does, even when that is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from afteraction.formats.spool_frames import TO_CLIENT, TO_SERVER
from afteraction.mcp.recorder.spool import Spool

CHUNK = 65_536
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent ends; elsewhere the closed pipe has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _pump(source: int, target: int, direction: int, spool: Spool) -> None:
    """Forward until the end of `source`; a reader that went away ends it, for nobody is left to forward to."""
    while chunk := os.read(source, CHUNK):
        sent = 0
        try:
            while sent < len(chunk):
                sent += os.write(target, chunk[sent:])
        except BrokenPipeError:
            return
        spool.put(direction, chunk)


def record(command: list[str], folder: Path, incident: str) -> int:
    """Run `command` as a stdio server and record it; returns its exit code (128 + n when signal n ended it)."""
    started = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    note = {"command": command, "incident": incident, "started_ns": time.time_ns(), "pid": os.getpid()}
    try:
        server = subprocess.Popen(  # noqa: S603  (the command is the user's own)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  (no thread runs yet)
        )
    except OSError as error:
        sys.stderr.write(f"afteraction record: {command[0]} cannot be started: {error.strerror}\n")
        return 127
    assert server.stdin is not None
    assert server.stdout is not None
    # Blocked in every thread, for one thread waits for them: a Python handler may run only once a blocking read returns.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=_pass_signals_on, args=(server,), daemon=True).start()
    spool = Spool(folder, f"{started}-{os.getpid()}", json.dumps(note).encode())
    threading.Thread(target=_forward_input, args=(server.stdin, spool), daemon=True).start()
    _pump(server.stdout.fileno(), sys.stdout.fileno(), TO_CLIENT, spool)
    code = server.wait()
    spool.close()
    if spool.lost:
        sys.stderr.write(f"afteraction record: {spool.lost} messages could not be kept in {folder}\n")
    return code if code >= 0 else 128 - code


def _forward_input(server_input: IO[bytes], spool: Spool) -> None:
    _pump(sys.stdin.fileno(), server_input.fileno(), TO_SERVER, spool)
    with contextlib.suppress(BrokenPipeError):
        server_input.close()


def _pass_signals_on(server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        server.send_signal(signal.sigwait(SIGNALS))


def main() -> None:
    """Run as a program of its own: `FOLDER INCIDENT COMMAND...`; nothing but the standard library is imported."""
    folder, incident, *command = sys.argv[1:]
    sys.stdout.flush()
    os._exit(record(command, Path(folder), incident))
