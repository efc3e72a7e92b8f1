"""The peers that the log benches measure beside: their own virtual environment, and how they are called.

Nothing of them is part of the product. `python bench/peers.py` makes `bench/.peers` once (drain3, logparser3); the
benches call this file again with that environment's Python, lines on stdin, one group per line on stdout.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / ".peers"
PYTHON = FOLDER / "bin" / "python"
PACKAGES = ("drain3==0.9.11", "logparser3==1.0.4", "setuptools<80")
MASKS = (
    ("ID", r"((?<=[^A-Za-z0-9])|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))((?=[^A-Za-z0-9])|$)"),
    ("IP", r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)"),
    ("SEQ", r"((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)"),
    ("SEQ", r"((?<=[^A-Za-z0-9])|^)([0-9A-F]{4} ?){4,}((?=[^A-Za-z0-9])|$)"),
    ("HEX", r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)"),
    ("NUM", r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)"),
    ("CMD", r"(?<=executed cmd )(\".+?\")"),
)
"""The masks of drain3's own example configuration."""


def install() -> None:
    """Make the environment where it is missing."""
    if PYTHON.exists():
        return
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(FOLDER)], check=True)
    command = ["-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(PYTHON), "install", *PACKAGES]
    for python in (sys.executable, "python3"):
        if subprocess.run([python, *command], check=False).returncode == 0:
            return
    sys.exit("the peers could not be installed")


def groups_of(peer: str, lines: list[str]) -> list[str]:
    """Return the peer's group of each line; peers are drain3, drain3-masked, brain and drain (header given as text)."""
    done = subprocess.run(
        [str(PYTHON), __file__, peer], input=json.dumps(lines), capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(done.stdout)
    return found


def _drain3(lines: list[str], *, masked: bool) -> list[str]:
    from drain3 import TemplateMiner  # noqa: PLC0415  (only in the peers' own environment)
    from drain3.masking import MaskingInstruction  # noqa: PLC0415
    from drain3.template_miner_config import TemplateMinerConfig  # noqa: PLC0415

    config = TemplateMinerConfig()
    if masked:
        config.masking_instructions = [MaskingInstruction(pattern, name) for name, pattern in MASKS]
    miner = TemplateMiner(config=config)
    return [str(miner.add_log_message(line)["cluster_id"]) for line in lines]


def _logparser(lines: list[str], *, brain: bool) -> list[str]:
    import csv  # noqa: PLC0415
    from importlib import import_module  # noqa: PLC0415

    parser = import_module("logparser.Brain" if brain else "logparser.Drain").LogParser
    options: dict[str, object] = {"delimeter": [], "threshold": 4, "logname": "x"} if brain else {"depth": 4, "st": 0.5}
    rex = [r"(\d+\.){3}\d+(:\d+)?", r"\b0[xX][0-9a-fA-F]+\b", r"\b[-+]?\d+\b"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "x.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
        with contextlib.redirect_stdout(io.StringIO()):
            parser(indir=folder, outdir=folder, log_format="<Content>", rex=rex, **options).parse("x.log")
        with Path(folder, "x.log_structured.csv").open(encoding="utf-8", newline="") as rows:
            return [row["EventTemplate"] for row in csv.DictReader(rows)]


def main() -> None:
    if len(sys.argv) < 2:
        install()
        return
    lines = json.load(sys.stdin)
    peer = sys.argv[1]
    found = (
        _drain3(lines, masked=peer.endswith("masked"))
        if peer.startswith("drain3")
        else _logparser(lines, brain=peer == "brain")
    )
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
