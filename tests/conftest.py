from __future__ import annotations

import logging
import os
import shutil
import subprocess
import tempfile
import urllib.request
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

# No test may touch the record of whoever runs it; what they start inherits this.
_HOME = Path(tempfile.mkdtemp(prefix="afteraction-tests-"))
os.environ["AFTERACTION_DATABASE_URL"] = f"sqlite:///{_HOME}/record.db"
os.environ["XDG_DATA_HOME"] = str(_HOME)

# CI decides by the same examples every time; at a developer's desk hypothesis keeps looking for new ones.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the sources read now over tests/sources/*/*/expected.jsonl",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let CI fail where the peers of the MCP tests and of the collectors are not installed: elsewhere a skip says so, there nobody would read it."""
    report = yield
    if (
        os.environ.get("CI")
        and report.skipped
        and {"mcp", "live"} & set(item.path.parts)
        and "install" in str(report.longrepr)
    ):
        report.outcome = "failed"
    return report


def pytest_unconfigure() -> None:
    for path in sorted(_HOME.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    _HOME.rmdir()


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a server in a folder of its own; PostgreSQL refuses to run as root, so root becomes its own user.

    The folder is not one of pytest's: every run of pytest closes the folder above those to all but its own user.
    """
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="afteraction-postgres-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*command: str) -> None:
        done = subprocess.run([*as_user, *command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    data = folder / "data"
    run(
        f"{binaries}/initdb", "-D", str(data), "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--no-locale"
    )
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(f"{binaries}/pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    yield f"postgresql://postgres@/postgres?host={folder}"
    run(f"{binaries}/pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """Return the address of an empty database."""
    name = f"t{uuid.uuid4().hex}"
    admin = create_engine(postgres.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    yield postgres.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the address of a database file that is not there yet."""
    return f"sqlite:///{tmp_path}/record.db"


@pytest.fixture(scope="session")
def object_storage() -> Iterator[str]:
    """Start a server that speaks S3, in this process; returns its address."""
    server_module = pytest.importorskip(
        "moto.server", reason="moto's server is not installed (pip install 'afteraction[test]')"
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it tells of every request
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(object_storage: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a place in a new bucket, to which the usual variables lead."""
    name = f"material-{uuid.uuid4().hex[:12]}"
    with urllib.request.urlopen(urllib.request.Request(f"{object_storage}/{name}", method="PUT"), timeout=10) as made:
        assert made.status == 200
    variables = {
        "AWS_ENDPOINT_URL": object_storage, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
    }  # fmt: skip
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    return f"s3://{name}/team/one"
