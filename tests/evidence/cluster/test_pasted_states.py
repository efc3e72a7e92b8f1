"""Whole pastes, read as a file is read: the faulty object and its cause class come first, and a healthy one is silent."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
sys.path.insert(0, str(Path(__file__).parents[3] / "bench" / "heldout"))

from evidence_snapshots import answer
from snapshots import CASES

from afteraction.assembly import load_settings, new_masker, read_paths

FAULTY = [name for name, (_, ref, _) in CASES.items() if ref]
HEALTHY = [name for name, (_, ref, _) in CASES.items() if not ref]


@pytest.mark.parametrize("name", FAULTY)
def test_the_faulty_object_and_its_cause_class_come_first(name: str, tmp_path: Path) -> None:
    text, ref, causes = CASES[name]

    top = answer(text, tmp_path, name).suspects[0]

    assert top.ref == ref
    assert top.cause_class in causes.split()


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_state_yields_no_suspect(name: str, tmp_path: Path) -> None:
    assert answer(CASES[name][0], tmp_path, name).suspects == ()


def test_a_log_between_other_outputs_is_a_log_of_that_pod_with_the_lines_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "paste.txt"
    file.write_text(CASES["crash-missing-env"][0])

    material = read_paths([file], settings=load_settings(), masker=new_masker(), progress=lambda _: None)

    assert [log.service for log in material.logs] == ["billing"]
    with material.logs[0].open() as stream:
        lines = stream.read().decode().splitlines()
    wanted = file.read_text().splitlines()
    said = [number for number, line in enumerate(lines) if line.strip()]
    assert [lines[n] for n in said] == [wanted[n] for n in said]
    assert "KeyError: 'SIGNING_KEY'" in lines
    assert not any("CrashLoopBackOff" in line for line in lines)
