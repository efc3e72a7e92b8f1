"""`afteraction record install` and `uninstall` on the files of a home folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from afteraction.cli import main

SERVERS = '{\n\t"mcpServers": {"git": {"command": "uvx", "args": ["mcp-server-git"]}}\n}\r\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cursor").mkdir()
    file = tmp_path / ".cursor" / "mcp.json"
    file.write_bytes(SERVERS.encode())
    file.chmod(0o600)
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex" / "config.toml").write_text('[mcp_servers.time]\ncommand = "mcp-server-time"\n')
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["record", *arguments])
    return done.exit_code, done.output


def test_what_is_installed_is_uninstalled_without_a_trace(home: Path) -> None:
    cursor, codex = home / ".cursor" / "mcp.json", home / ".codex" / "config.toml"
    before = codex.read_bytes()
    code, said = run("install", "--incident", "INC-7")
    assert code == 0
    assert f"{cursor}: git is recorded" in said
    arguments = json.loads(cursor.read_text())["mcpServers"]["git"]["args"]
    assert arguments[-5:] == ["record", "--incident=INC-7", "--", "uvx", "mcp-server-git"]
    assert cursor.stat().st_mode & 0o777 == 0o600
    assert run("uninstall")[0] == 0
    assert (cursor.read_bytes(), codex.read_bytes()) == (SERVERS.encode(), before)
    assert sorted(path.name for path in cursor.parent.iterdir()) == ["mcp.json"]


def test_a_dry_run_changes_nothing(home: Path) -> None:
    code, said = run("install", "--dry-run")
    assert code == 0
    assert "git would be recorded" in said
    assert (home / ".cursor" / "mcp.json").read_bytes() == SERVERS.encode()


def test_one_clients_files_can_be_chosen(home: Path) -> None:
    run("install", "--client", "codex")
    assert (home / ".cursor" / "mcp.json").read_bytes() == SERVERS.encode()
    assert "record" in (home / ".codex" / "config.toml").read_text()


def test_a_broken_file_is_named_and_left_and_the_others_are_changed(home: Path) -> None:
    broken = home / ".mcp.json"
    broken.write_text('{\n"mcpServers": {,}}')
    code, said = run("install", "--json")
    assert code == 1
    by_file = {Path(one["file"]).name: one for one in json.loads(said)["files"]}
    assert "line 2" in by_file[".mcp.json"]["problem"]
    assert by_file["config.toml"]["changed"] == ["time"]
    assert broken.read_text() == '{\n"mcpServers": {,}}'


def test_a_link_to_a_configuration_stays_a_link(home: Path) -> None:
    real = home / "dotfiles.json"
    (home / ".cursor" / "mcp.json").rename(real)
    (home / ".cursor" / "mcp.json").symlink_to(real)
    run("install", "--client", "cursor")
    assert (home / ".cursor" / "mcp.json").is_symlink()
    assert "record" in real.read_text()


def test_without_any_configuration_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    code, said = run("install")
    assert (code, "--config" in said) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "COMMAND, behind --, or its --url"),
        (["--url", "http://x/mcp", "--", "npx"], "COMMAND, behind --, or its --url"),
        (["--url", "ftp://x"], "is no http"),
        (["--url", "http://x", "--listen", "nowhere"], "is not HOST:PORT"),
        (["--listen", "127.0.0.1:1", "--", "npx"], "--listen goes with --url"),
    ],
)
def test_a_wrong_use_is_refused_with_what_to_do(arguments: list[str], says: str) -> None:
    code, said = run(*arguments)
    assert code == 2
    assert says in " ".join(said.split())
