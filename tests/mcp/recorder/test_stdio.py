"""The recorder passes every byte on and never breaks the responder's tools, whatever happens to its spool."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from afteraction.formats.spool_frames import CUT, NOTE, TO_CLIENT, TO_SERVER, Frame, frames
from afteraction.mcp.recorder.spool import KEEP_HEAD

SRC = Path(__file__).resolve().parents[3] / "src"
PROGRAM = f"import sys; sys.path.insert(0, {str(SRC)!r}); from afteraction.mcp.recorder.stdio import main; main()"
CAT = "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer); sys.exit(7)"
SLEEP = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(60)"


def recorded(folder: Path, *command: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command through the recorder with a spool in `folder`."""
    arguments = [sys.executable, "-I", "-S", "-c", PROGRAM, str(folder), "INC-1", *command]
    return subprocess.run(arguments, input=given, capture_output=True, timeout=60, check=False)


def kept(folder: Path) -> list[Frame]:
    """Return all frames of all spool files, in order."""
    return [frame for path in sorted(folder.glob("*.spool")) for frame in frames(path.read_bytes())]


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n',
        b'{"half a line',
        bytes(range(256)) * 300,
        b"x" * 3_000_000 + b"\n" + b"y" * 70_000,
        b"\r\n\n\n\x00\n",
    ],
    ids=["nothing", "one message", "half a line", "binary", "huge lines", "blank lines"],
)
def test_every_byte_is_passed_on_and_the_exit_code_with_it(tmp_path: Path, given: bytes) -> None:
    done = recorded(tmp_path, sys.executable, "-c", CAT, given=given)
    assert done.stdout == given
    assert done.returncode == 7
    assert done.stderr == b""


def test_both_directions_are_kept_with_the_command_and_the_incident(tmp_path: Path) -> None:
    recorded(tmp_path, sys.executable, "-c", CAT, given=b"one\ntwo\n")
    found = kept(tmp_path)
    note = json.loads(found[0].data)
    assert found[0].direction == NOTE
    assert note["incident"] == "INC-1"
    assert note["command"][0] == sys.executable
    assert [f.data for f in found if f.direction == TO_SERVER] == [b"one", b"two"]
    assert [f.data for f in found if f.direction == TO_CLIENT] == [b"one", b"two"]


def test_only_the_owner_can_read_the_spool(tmp_path: Path) -> None:
    recorded(tmp_path, sys.executable, "-c", CAT, given=b"secret\n")
    (path,) = tmp_path.glob("*.spool")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_huge_line_is_kept_as_head_tail_and_hash(tmp_path: Path) -> None:
    line = b"a" * KEEP_HEAD + b"b" * 500_000 + b"the end"
    recorded(tmp_path, sys.executable, "-c", CAT, given=line + b"\n")
    cut = next(f for f in kept(tmp_path) if f.direction == TO_CLIENT)
    assert cut.flags == CUT
    assert cut.data.startswith(b"aaaa")
    assert cut.data.endswith(b"the end")
    assert b"sha256" in cut.data
    assert len(cut.data) < 300_000


@pytest.mark.skipif(os.geteuid() != 0 and not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_spool_that_cannot_be_written_loses_the_recording_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    done = recorded(blocked, sys.executable, "-c", CAT, given=b"one\n")
    assert done.stdout == b"one\n"
    assert done.returncode == 7
    assert b"could not be kept" in done.stderr


def test_a_server_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    done = recorded(tmp_path, "no-such-server-program")
    assert done.returncode == 127
    assert b"cannot be started" in done.stderr


def test_stderr_of_the_server_passes_through(tmp_path: Path) -> None:
    done = recorded(tmp_path, sys.executable, "-c", "import sys; sys.stderr.write('warning\\n')")
    assert done.stderr == b"warning\n"


def _not_ignored() -> None:
    """Take signals as a terminal gives them: `nohup` and background jobs of a script ignore some, and children inherit that."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def started(folder: Path, *command: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a server behind the recorder that tells its process id, a sleeping one by default; return both."""
    command = command or (sys.executable, "-c", SLEEP)
    arguments = [sys.executable, "-I", "-S", "-c", PROGRAM, str(folder), "", *command]
    recorder = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=_not_ignored,  # noqa: PLW1509  (it only sets two dispositions)
    )
    assert recorder.stdout is not None
    return recorder, int(recorder.stdout.readline())


def ended(pid: int) -> bool:
    """Wait until a process is gone (or only a zombie is left of it)."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.025)
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_signal_leaves_the_server_behind(tmp_path: Path, number: signal.Signals) -> None:
    recorder, server = started(tmp_path)
    recorder.send_signal(number)
    recorder.wait(20)
    assert ended(server)
    for pipe in (recorder.stdin, recorder.stdout):
        assert pipe is not None
        pipe.close()


STUBBORN = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True); time.sleep(60)"
BEHIND_A_SHELL = ["sh", "-c", f"{sys.executable} -c '{SLEEP}'; true"]


@pytest.mark.parametrize(
    ("number", "command"),
    [
        (signal.SIGKILL, [sys.executable, "-c", STUBBORN]),
        (signal.SIGKILL, BEHIND_A_SHELL),
        (signal.SIGTERM, BEHIND_A_SHELL),
    ],
    ids=["a server that ignores SIGTERM", "a server behind a shell, killed", "a server behind a shell, ended"],
)
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nor_does_it_leave_a_server_that_is_hard_to_end(
    tmp_path: Path, number: signal.Signals, command: list[str]
) -> None:
    recorder, server = started(tmp_path, *command)
    recorder.send_signal(number)
    assert recorder.wait(20) == (-signal.SIGKILL if number is signal.SIGKILL else 128 + signal.SIGTERM)
    assert ended(server)
    for pipe in (recorder.stdin, recorder.stdout):
        assert pipe is not None
        pipe.close()


def test_pipes_that_do_not_wait_are_waited_for(tmp_path: Path) -> None:
    from_client, to_recorder = os.pipe()
    from_recorder, to_client = os.pipe()
    for end in (from_client, to_client):
        os.set_blocking(end, False)
    arguments = [sys.executable, "-I", "-S", "-c", PROGRAM, str(tmp_path), "", "cat"]
    given = b"".join(b"%d%s\n" % (number, b"x" * 60_000) for number in range(40))
    with subprocess.Popen(arguments, stdin=from_client, stdout=to_client) as recorder:
        os.close(from_client)
        os.close(to_client)

        def feed() -> None:
            time.sleep(0.2)
            with os.fdopen(to_recorder, "wb") as client:
                client.write(given)

        feeding = threading.Thread(target=feed)
        feeding.start()
        time.sleep(1)  # so that both pipes are full
        with os.fdopen(from_recorder, "rb") as client:
            assert client.read() == given
        feeding.join()
        assert recorder.wait(20) == 0


def test_a_server_learns_that_its_client_reads_no_more(tmp_path: Path) -> None:
    code = "import os\ntry:\n  while True: os.write(1, b'x' * 70000)\nexcept BrokenPipeError: os._exit(9)"
    arguments = [sys.executable, "-I", "-S", "-c", PROGRAM, str(tmp_path), "", sys.executable, "-c", code]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as recorder:
        assert recorder.stdout is not None
        assert recorder.stdout.read(5) == b"xxxxx"
        recorder.stdout.close()
        assert recorder.wait(20) == 9


def test_a_deleted_spool_is_begun_anew(tmp_path: Path) -> None:
    arguments = [sys.executable, "-I", "-S", "-c", PROGRAM, str(tmp_path), "", sys.executable, "-c", CAT]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as recorder:
        assert recorder.stdin is not None
        recorder.stdin.write(b"one\n")
        recorder.stdin.flush()
        while not list(tmp_path.glob("*.spool")):
            time.sleep(0.01)
        for path in tmp_path.glob("*.spool"):
            path.unlink()
        recorder.stdin.write(b"two\n")
        recorder.stdin.close()
        recorder.wait(20)
    assert b"two" in [f.data for f in kept(tmp_path)]
