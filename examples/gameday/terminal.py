"""A person's terminal, recorded by the real `script` program: commands are typed one character after the other."""

from __future__ import annotations

import os
import pty
import re
import termios
import threading
import time
from pathlib import Path

PROMPT = "bruno@ops-1:~/shop$ "
KEY = 0.025
"""Seconds between two keys."""

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Terminal:
    """A shell in `folder` under `script`, which writes `typescript` and `typescript.timing` into `record`."""

    def __init__(self, folder: Path, record: Path, variables: dict[str, str]) -> None:
        self._output = bytearray()
        env = {
            "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
            "HOME": str(folder),
            "TERM": "xterm",
            "LANG": "C.UTF-8",
            "PAGER": "cat",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "HISTFILE": "/dev/null",
            "SHELL": "/bin/bash",
            **variables,
        }
        (folder / ".bashrc").write_text(f"PS1='{PROMPT}'\n")
        timing, typescript = record / "typescript.timing", record / "typescript"
        command = ["script", "--quiet", "--flush", f"--log-timing={timing}", f"--log-out={typescript}"]
        self._child, self._window = pty.fork()
        if self._child == 0:
            termios.tcsetwinsize(0, (50, 180))
            os.chdir(folder)
            os.execvpe("script", command, env)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._await_prompt(0)

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._window, 65536)
            except OSError:  # the way in which Linux tells that the other end is gone
                return
            if not piece:
                return
            self._output += piece

    def _await_prompt(self, start: int, patience: float = 60.0) -> str:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            text = _ESCAPES.sub("", self._output[start:].decode(errors="replace"))
            if text.endswith(PROMPT):
                return text.removesuffix(PROMPT)
            time.sleep(0.05)
        raise TimeoutError("the shell did not come back")

    def type(self, command: str, *, think: float = 0.5) -> str:
        """Type a command, wait until it ends, and return what it printed; `think` seconds pass before."""
        time.sleep(think)
        for key in command:
            os.write(self._window, key.encode())
            time.sleep(KEY)
        start = len(self._output)
        os.write(self._window, b"\n")
        return self._await_prompt(start)

    def end(self) -> None:
        """Leave the shell."""
        os.write(self._window, b"exit\n")
        os.waitpid(self._child, 0)
        os.close(self._window)
