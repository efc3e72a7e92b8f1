"""Stage the game day and record it: `python3 stage.py`; or look over a recording: `python3 stage.py --check [FOLDER]`.

Needs git, curl, `script` and Debian's packages `prometheus` and `prometheus-alertmanager`, the ports 18080 to 18084 and
19090 to 19101, and about twelve minutes. Nothing of the course is faked: what is recorded is what happened.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import checking
import day
import keeping
from agent import Agent
from chat import Chat
from history import HERE, Repository
from hosting import CUSTOMERS, PORTS, Hosting
from monitoring import Monitoring
from terminal import Terminal

NEEDED = ("git", "curl", "script", "tar", "prometheus", "prometheus-alertmanager")


def stage(place: Path, record: Path) -> None:
    """Run the day in `place`, which must not exist yet, and leave the recording in `record`."""
    place.mkdir(parents=True)
    record.mkdir(parents=True)
    token = secrets.token_hex(20)
    variables = {"SHOP_TOKEN": token, "SHOP_LOGS": str(place / "logs"), "USER": "bruno"}
    repository = Repository(place / "repo")
    first = repository.begin()
    hosting = Hosting(place, repository, token)
    chat = Chat()
    monitoring = Monitoring(place / "monitoring", lambda delivery: day.tell_alerts(chat, delivery))
    (place / "bin").mkdir()
    shutil.copy2(HERE / "shopctl", place / "bin" / "shopctl")
    control = hosting.listen()
    today = day.Day(
        repository=repository,
        hosting=hosting,
        monitoring=monitoring,
        chat=chat,
        agent=lambda: Agent(record / "agent-transcript.jsonl", variables),
        terminal=lambda: Terminal(place, record, variables),
        token=token,
    )
    load: subprocess.Popen[bytes] | None = None
    try:
        for service in PORTS:
            hosting.deploy(service, first, "lena")
        monitoring.begin()
        start = time.time()
        command = [sys.executable, "-B", str(HERE / "load.py"), f"--port={PORTS['storefront']}"]
        load = subprocess.Popen([*command, f"--customers={CUSTOMERS}"])
        day.live(today)
        keeping.keep(today, record, start, time.time())
    finally:
        if load:
            load.terminate()
        monitoring.end()
        hosting.end()
        control.shutdown()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--place", type=Path, help="where the shop runs; must not exist (default: a new folder)")
    parser.add_argument("--into", type=Path, default=HERE / "recorded", help="where the recording goes; is replaced")
    parser.add_argument("--check", type=Path, nargs="?", const=HERE / "recorded", help="only look over a recording")
    given = parser.parse_args()
    if given.check is None:
        missing = [program for program in NEEDED if shutil.which(program) is None]
        if missing:
            print("not installed: " + ", ".join(missing), file=sys.stderr)
            return 2
        os.environ["TZ"] = "UTC"
        time.tzset()
        record = Path(tempfile.mkdtemp(prefix="gameday-")) / "recorded"
        stage(given.place or record.with_name("shop"), record)
        shutil.rmtree(given.into, ignore_errors=True)
        shutil.move(record, given.into)
    complaints = checking.complaints(given.check or given.into)
    print("\n".join(complaints) or "the recording is complete and agrees with itself")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
