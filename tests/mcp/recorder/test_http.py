"""The HTTP recorder between a real client and a real server: each sees the bytes of the other, whatever happens to the spool."""

from __future__ import annotations

import gzip
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from afteraction.formats.spool_frames import CUT, EXCHANGE, EXCHANGE_NUMBER, PARTIAL, TO_CLIENT, TO_SERVER, frames
from afteraction.mcp.recorder.http import HttpRecorder
from afteraction.mcp.recorder.http_exchanges import Exchanges
from afteraction.mcp.recorder.spool import KEEP_HEAD, Spool

CALL = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}}).encode()
ANSWER = b'{"jsonrpc":"2.0","id":1,"result":{"content":[]}}'


class Server(BaseHTTPRequestHandler):
    """Answers as the path asks for."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, dict[str, str], bytes]]

    def do_GET(self) -> None:
        self._answer(ANSWER)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))  # type: ignore[attr-defined]
        match self.path:
            case "/sse":
                self._stream(
                    [b"event: message\r\ndata: " + ANSWER + b"\r\n\r\n", b': ping\n\ndata: {"a":\ndata: 1}\n\n']
                )
            case "/gzip":
                self._answer(gzip.compress(ANSWER), ("Content-Encoding", "gzip"))
            case "/big":
                self._answer(b"x" * (KEEP_HEAD * 3))
            case "/silent":
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
            case _:
                self._answer(ANSWER)

    def _answer(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        for name, value in (("Content-Type", "application/json"), *headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, events: list[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in [*events, b""]:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    started = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    started.seen = []  # type: ignore[attr-defined]
    threading.Thread(target=started.serve_forever, daemon=True).start()
    yield started
    started.shutdown()
    started.server_close()


class Recording:
    def __init__(self, server: ThreadingHTTPServer, folder: Path) -> None:
        self.folder = folder
        self.spool = Spool(folder, "r", b"{}", Exchanges())
        self.recorder = HttpRecorder(f"http://127.0.0.1:{server.server_address[1]}/mcp", "127.0.0.1:0", self.spool)
        threading.Thread(target=self.recorder.serve, daemon=True).start()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.recorder.port, timeout=20)

    def end(self) -> list[tuple[int, int, str, int, bytes]]:
        """Return exchange, direction, part, flag and bytes of every frame."""
        self.recorder.stop()
        self.recorder.settle(20)
        self.spool.close()
        found = []
        for file in sorted(self.folder.glob("*.spool")):
            for frame in frames(file.read_bytes()):
                if frame.direction & EXCHANGE:
                    number, part = EXCHANGE_NUMBER.unpack_from(frame.data)
                    rest = frame.data[EXCHANGE_NUMBER.size :]
                    found.append((number, frame.direction - EXCHANGE, part.decode(), frame.flags, rest))
        return found


@pytest.fixture
def recording(server: ThreadingHTTPServer, tmp_path: Path) -> Iterator[Recording]:
    started = Recording(server, tmp_path / "spool")
    yield started
    started.recorder.stop()


def ask(
    client: http.client.HTTPConnection, path: str = "/mcp", body: bytes = CALL, **headers: str
) -> tuple[int, bytes]:
    client.request("POST", path, body, {"Content-Type": "application/json", **headers})
    answer = client.getresponse()
    return answer.status, answer.read()


def test_calls_over_one_connection_are_exchanges_with_their_messages(recording: Recording) -> None:
    client = recording.connect()
    assert ask(client) == (200, ANSWER)
    assert ask(client, "/silent", b'{"method":"x"}') == (202, b"")
    assert ask(client) == (200, ANSWER)
    client.close()
    found = recording.end()
    bodies = sorted((number, direction, data) for number, direction, part, _, data in found if part == "B")
    assert bodies == [
        (1, TO_SERVER, CALL), (1, TO_CLIENT, ANSWER), (2, TO_SERVER, b'{"method":"x"}'),
        (3, TO_SERVER, CALL), (3, TO_CLIENT, ANSWER),
    ]  # fmt: skip
    heads = [data.split(b"\n")[0] for _, direction, part, _, data in found if part == "H" and direction == TO_CLIENT]
    assert heads == [b"HTTP/1.1 200 OK", b"HTTP/1.1 202 Accepted", b"HTTP/1.1 200 OK"]


def test_each_event_of_a_stream_is_a_message(recording: Recording) -> None:
    client = recording.connect()
    status, body = ask(client, "/sse")
    client.close()
    assert (status, body) == (
        200,
        b"event: message\r\ndata: " + ANSWER + b'\r\n\r\n: ping\n\ndata: {"a":\ndata: 1}\n\n',
    )
    told = [data for _, direction, part, _, data in recording.end() if part == "B" and direction == TO_CLIENT]
    assert told == [ANSWER, b'{"a":\n1}']


def test_a_compressed_answer_is_kept_plain_and_forwarded_as_it_was(recording: Recording) -> None:
    client = recording.connect()
    assert gzip.decompress(ask(client, "/gzip")[1]) == ANSWER
    client.close()
    assert ANSWER in [data for _, direction, _, _, data in recording.end() if direction == TO_CLIENT]


def test_a_large_answer_arrives_whole_and_is_kept_as_head_and_tail(recording: Recording) -> None:
    client = recording.connect()
    assert len(ask(client, "/big")[1]) == 3 * KEEP_HEAD
    client.close()
    (kept,) = [
        (flag, data) for _, direction, part, flag, data in recording.end() if part == "B" and direction == TO_CLIENT
    ]
    assert kept[0] == CUT
    assert b"sha256" in kept[1]


def test_only_the_recorders_own_name_is_replaced_by_the_servers(recording: Recording, server: Any) -> None:
    client, own = recording.connect(), f"127.0.0.1:{recording.recorder.port}"
    ask(client, Origin=f"http://{own}")
    ask(client, Host="evil.example", Origin="http://evil.example")
    client.close()
    name = f"127.0.0.1:{server.server_address[1]}"
    assert [(h["host"], h["origin"]) for _, h, _ in server.seen] == [
        (name, f"http://{name}"),
        ("evil.example", "http://evil.example"),
    ]


def test_credentials_in_headers_are_not_kept(recording: Recording) -> None:
    client = recording.connect()
    ask(client, Authorization="Bearer hunter2", Cookie="a=hunter2", **{"Mcp-Session-Id": "s1"})
    client.close()
    kept = b"".join(data for *_, data in recording.end())
    assert b"hunter2" not in kept
    assert b"mcp-session-id: s1" in kept


def test_clients_at_the_same_time_get_their_own_answers(recording: Recording) -> None:
    wrong: list[object] = []

    def many(number: int) -> None:
        client = recording.connect()
        for n in range(25):
            body = json.dumps({"id": f"{number}-{n}"}).encode()
            if ask(client, body=body) != (200, ANSWER):
                wrong.append((number, n))
        client.close()

    threads = [threading.Thread(target=many, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    found = recording.end()
    asked = {number for number, direction, part, _, _ in found if part == "B" and direction == TO_SERVER}
    answered = {number for number, direction, part, _, _ in found if part == "B" and direction == TO_CLIENT}
    assert asked == answered == set(range(1, 201))


def test_a_request_that_is_cut_off_is_kept_as_a_part(recording: Recording) -> None:
    with socket.create_connection(("127.0.0.1", recording.recorder.port)) as raw:
        raw.sendall(b"POST /mcp HTTP/1.1\r\nContent-Length: 100\r\n\r\n{half")
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(1000):
            pass
    assert (TO_SERVER, PARTIAL, b"{half") in [
        (d, flag, data) for _, d, part, flag, data in recording.end() if part == "B"
    ]


def test_a_server_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "r", b"{}", Exchanges())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    recorder = HttpRecorder(f"http://127.0.0.1:{nobody}/mcp", "127.0.0.1:0", spool)
    threading.Thread(target=recorder.serve, daemon=True).start()
    status, body = ask(http.client.HTTPConnection("127.0.0.1", recorder.port, timeout=20))
    recorder.stop()
    spool.close()
    assert status == 502
    assert f"http://127.0.0.1:{nobody}/mcp cannot be reached".encode() in body


def test_a_spool_that_cannot_be_written_disturbs_nothing(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    recording = Recording(server, tmp_path / "spool")
    client = recording.connect()
    assert [ask(client) for _ in range(3)] == [(200, ANSWER)] * 3
    client.close()
    assert recording.end() == []
    assert recording.spool.lost > 0


def test_the_command_listens_says_where_and_ends_on_a_signal(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://user:hunter2@127.0.0.1:{server.server_address[1]}/mcp"
    command = [sys.executable, "-m", "afteraction", "record", "--spool", str(tmp_path), "--incident", "INC-7",
               "--listen", f"127.0.0.1:{port}", "--url", url]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        said = running.stderr.readline()
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        assert ask(client) == (200, ANSWER)
        client.close()
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
    assert f"is recorded at http://127.0.0.1:{port}/mcp" in said
    (file,) = tmp_path.glob("*.spool")
    data = file.read_bytes()
    assert b"INC-7" in data
    assert ANSWER in data
    assert b"hunter2" not in data.replace(b"/mcp", b"") + said.encode()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_client_that_goes_away_ends_its_connection_to_the_server(recording: Recording) -> None:
    for _ in range(5):
        client = recording.connect()
        ask(client)
        client.close()
    recording.recorder.settle(20)
    assert [thread for thread in threading.enumerate() if thread.name == "relay"] == []


def raw_server(answer: Callable[[socket.socket], None]) -> tuple[int, threading.Thread]:
    """Serve one connection by hand; return the port and the thread."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener:
            connection, _ = listener.accept()
            with connection:
                answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    return listener.getsockname()[1], thread


def recorded(port: int, folder: Path, scheme: str = "http") -> tuple[HttpRecorder, Spool]:
    spool = Spool(folder, "r", b"{}", Exchanges())
    recorder = HttpRecorder(f"{scheme}://localhost:{port}/mcp", "127.0.0.1:0", spool)
    threading.Thread(target=recorder.serve, daemon=True).start()
    return recorder, spool


def test_an_answer_that_the_server_breaks_off_ends_for_the_client_too_and_is_kept_as_far_as_it_went(
    tmp_path: Path,
) -> None:
    def breaks_off(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {}\n\ndata: {half")

    port, thread = raw_server(breaks_off)
    recorder, spool = recorded(port, tmp_path)
    with socket.create_connection(("127.0.0.1", recorder.port), timeout=20) as client:
        client.sendall(b"POST /mcp HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        got = b"".join(iter(lambda: client.recv(1000), b""))
    thread.join()
    recorder.stop()
    recorder.settle(20)
    spool.close()
    assert got.endswith(b"data: {half")
    told = [
        f for path in tmp_path.glob("*.spool") for f in frames(path.read_bytes()) if f.direction - EXCHANGE == TO_CLIENT
    ]
    assert told[1].data.endswith(b"B{}")


def test_a_client_that_reads_slowly_makes_the_server_wait_and_not_the_recorder_grow(tmp_path: Path) -> None:
    sent = 0
    size = 40 * 1024 * 1024

    def floods(connection: socket.socket) -> None:
        nonlocal sent
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        while sent < size:
            connection.sendall(b"x" * 65_536)
            sent += 65_536

    port, thread = raw_server(floods)
    recorder, spool = recorded(port, tmp_path)
    with socket.create_connection(("127.0.0.1", recorder.port), timeout=20) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        client.sendall(b"POST /mcp HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        deadline = time.monotonic() + 20
        before = -1
        while before != sent and time.monotonic() < deadline:
            before = sent
            time.sleep(0.5)
        assert sent < size // 2
        left = size + client.recv(1000).index(b"x")
        client.settimeout(30)
        got = 1000
        while got < left and (chunk := client.recv(1 << 20)):
            got += len(chunk)
        assert got == left
    thread.join()
    recorder.stop()
    spool.close()


def test_sessions_are_begun_kept_and_ended_over_connections_that_come_and_go(recording: Recording, server: Any) -> None:
    for _ in range(2):
        client = recording.connect()
        ask(client, **{"Mcp-Session-Id": "s1"})
        client.request("DELETE", "/mcp", headers={"Mcp-Session-Id": "s1"})
        assert client.getresponse().status == 501  # the server of this test knows no DELETE, and says so itself
        client.close()
    assert [headers["mcp-session-id"] for _, headers, _ in server.seen] == ["s1", "s1"]
    heads = [data for _, direction, part, _, data in recording.end() if part == "H" and direction == TO_SERVER]
    assert sum(head.startswith(b"DELETE /mcp") and b"mcp-session-id: s1" in head for head in heads) == 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for localhost, with its key in one file."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "both.pem").write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return folder / "both.pem"


@pytest.fixture
def encrypted(certificate: Path) -> Iterator[ThreadingHTTPServer]:
    started = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    started.seen = []  # type: ignore[attr-defined]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    started.socket = context.wrap_socket(started.socket, server_side=True)
    threading.Thread(target=started.serve_forever, daemon=True).start()
    yield started
    started.shutdown()
    started.server_close()


def test_an_encrypted_server_is_recorded_as_well(
    encrypted: ThreadingHTTPServer, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr("afteraction.mcp.recorder.http.SILENCE_SECONDS", 0.3)
    recorder, spool = recorded(encrypted.server_address[1], tmp_path, "https")
    client = http.client.HTTPConnection("127.0.0.1", recorder.port, timeout=20)
    assert [ask(client) for _ in range(3)] == [(200, ANSWER)] * 3
    assert len(ask(client, "/big")[1]) == 3 * KEEP_HEAD
    assert ask(client, "/sse")[0] == 200
    client.close()
    with socket.create_connection(("127.0.0.1", recorder.port), timeout=20) as half:
        half.sendall(b"POST /mcp HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(CALL), CALL))
        half.shutdown(socket.SHUT_WR)
        got = b"".join(iter(lambda: half.recv(1000), b""))
    assert got.endswith(ANSWER)
    recorder.stop()
    recorder.settle(20)
    assert [thread for thread in threading.enumerate() if thread.name == "relay"] == []
    spool.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("*.spool"))
    assert kept.count(CALL) == 6
    assert kept.count(ANSWER) == 5


def test_a_server_whose_certificate_is_not_trusted_is_not_talked_to(
    encrypted: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    recorder, spool = recorded(encrypted.server_address[1], tmp_path, "https")
    client = http.client.HTTPConnection("127.0.0.1", recorder.port, timeout=20)
    status, body = ask(client)
    client.close()
    recorder.stop()
    recorder.settle(20)
    spool.close()
    assert status == 502
    assert b"certificate" in body
    assert encrypted.seen == []  # type: ignore[attr-defined]
