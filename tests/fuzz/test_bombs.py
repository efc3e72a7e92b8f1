"""Hostile sizes do not fill the memory: each is read in a process that has little of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from bombs import BOMBS  # noqa: E402  (the folder is no package)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits on memory are set as Linux knows them")
@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_size_is_read_in_little_memory(name: str, tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "bombs.py"), name, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert run.returncode == 0, run.stderr[-3000:]
