"""What `draft` says by its exit code."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from afteraction.cli import main


def test_a_folder_in_which_nothing_could_be_read_gives_the_template_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "picture.bin").write_bytes(b"\x00\x01\x02picture")
    out = tmp_path / "post-mortem.md"
    done = CliRunner().invoke(main, ["draft", str(tmp_path / "picture.bin"), "-o", str(out)])
    assert done.exit_code == 1
    assert "nothing was read" in done.stderr
    assert "saved as" not in done.stderr
    assert out.read_text(encoding="utf-8").startswith("# ")


def test_one_file_that_could_be_read_is_enough_for_exit_code_0(tmp_path: Path) -> None:
    (tmp_path / "picture.bin").write_bytes(b"\x00\x01\x02picture")
    (tmp_path / "bash_history").write_text("#1772611200\nkubectl get pods\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["draft", str(tmp_path), "--no-save"])
    assert done.exit_code == 0, done.stderr
    assert "nothing was read" not in done.stderr
