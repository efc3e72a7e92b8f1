#!/usr/bin/env python3
"""Set up and run on a bare Debian: nothing but Python 3.11 and its pip is assumed.

    python3 bootstrap.py demo        # install into .venv and draft the shipped example incident
    python3 bootstrap.py test        # install with the test tools and run every check that CI runs
    python3 bootstrap.py             # install with everything a contributor needs

Debian refuses `pip install` outside of a virtual environment and ships `venv` without pip, so the environment is made
without pip and filled from outside; where the machine has neither pip nor uv, Debian's python3-pip is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
EXAMPLE = ROOT / "examples" / "gameday" / "recorded"


def run(*command: str | Path) -> None:
    """Run a command; end with its exit code when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def install_debian(*packages: str) -> None:
    """Install packages of Debian's."""
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    print(f"installing Debian's {', '.join(packages)}", file=sys.stderr)
    run(*sudo, "apt-get", "update", "-qq")
    run(
        *sudo,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "-qq",
        "--no-install-recommends",
        *packages,
    )


def installer() -> list[str]:
    """Return the words of the command that installs into the environment."""
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    probe = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
    if probe.returncode:
        install_debian("python3-pip")
    return [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(PYTHON), "install"]


def install(extras: str) -> None:
    """Make the environment where it is missing and install this checkout with the locked versions of everything."""
    if not PYTHON.exists():
        run(sys.executable, "-m", "venv", "--without-pip", VENV)
    print(f"installing afteraction{extras} into {VENV.name}", file=sys.stderr)
    run(*installer(), "--constraint", ROOT / "requirements.lock", "--editable", f"{ROOT}{extras}")


def main() -> None:
    """Carry out the word given on the command line."""
    word = sys.argv[1] if len(sys.argv) > 1 else "develop"
    if sys.version_info < (3, 11):  # noqa: UP036  (the one file that an older Python may be asked to run)
        sys.exit("afteraction needs Python 3.11 or newer")
    if word == "demo":
        install("")
        run(VENV / "bin" / "afteraction", "draft", EXAMPLE, "--no-save", *sys.argv[2:])
    elif word == "test":
        install("[test,lint]")
        # The tests start servers of their own; where these cannot be installed they say that they were skipped.
        missing = {
            "postgresql": not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
            "kubernetes-client": shutil.which("kubectl") is None,
            "prometheus": shutil.which("prometheus") is None,
            "prometheus-alertmanager": shutil.which("prometheus-alertmanager") is None,
            "chromium": shutil.which("chromium") is None,
        }
        wanted = [name for name, needed in missing.items() if needed]
        if wanted and shutil.which("apt-get") and (os.geteuid() == 0 or shutil.which("sudo")):
            install_debian(*wanted)
        run("bash", ROOT / "check.sh", *sys.argv[2:])
    elif word == "develop":
        install("[test,lint]")
    else:
        sys.exit(f"unknown word {word!r}: use demo, test, or nothing")


if __name__ == "__main__":
    main()
