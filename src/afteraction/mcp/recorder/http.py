"""Stands before a streamable-HTTP MCP server: forwards every byte, then puts a copy into the spool.

Connections to the listening address come in, each is joined to a connection of its own to the server. Bodies are never
altered. Of the headers only `Host` and `Origin` are, and only where they name the recorder itself, for the server has
to read its own name there; any other value passes, so that the server's own checks see what the client sent. Whatever
happens to the spool, the tools keep working.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from urllib.parse import SplitResult, urlsplit

from afteraction.formats.spool_frames import TO_CLIENT, TO_SERVER
from afteraction.mcp.recorder.http_exchanges import Exchanges, stream_of
from afteraction.mcp.recorder.http_framing import Framing, Part
from afteraction.mcp.recorder.spool import Spool

CHUNK = 65_536
WAITING = 1024 * 1024
"""What may wait for a slow reader before the other side is read no further."""
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
CONNECT_SECONDS = 30.0
SILENCE_SECONDS = 10.0
"""How long an encrypted server may still say nothing after its client has ended."""


class HttpRecorder:
    """A listening recorder. `port` is the port that it got; `serve` runs until `stop` is called."""

    def __init__(self, url: str, listen: str, spool: Spool) -> None:
        self._server = urlsplit(url)
        host, _, port = listen.rpartition(":")
        self._listener = socket.create_server((host.strip("[]") or "127.0.0.1", int(port or 0)), reuse_port=False)
        self.port: int = self._listener.getsockname()[1]
        self._spool = spool
        self._connections = count()
        self._joined: list[threading.Thread] = []
        own = {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]", host)}
        self._rewrite = _rewriter(own, self._server)

    def serve(self) -> None:
        """Accept connections until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            arguments = (client, next(self._connections))
            joined = threading.Thread(target=self._join, args=arguments, name="relay", daemon=True)
            self._joined = [*(thread for thread in self._joined if thread.is_alive()), joined]
            joined.start()

    def stop(self) -> None:
        """Accept nothing more; connections that are open go on."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def settle(self, seconds: float) -> None:
        """Wait, for at most so long, until the connections have ended, so that what was forwarded is in the spool too."""
        deadline = time.monotonic() + seconds
        for thread in self._joined:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _join(self, client: socket.socket, connection: int) -> None:
        with client:
            try:
                server = _connected(self._server)
            except OSError as error:
                _refuse(client, f"afteraction record: {self._server.geturl()} cannot be reached: {error}")
                return
            with server:
                self._relay(client, server, connection)

    def _relay(self, client: socket.socket, server: socket.socket, connection: int) -> None:
        framing = Framing(requests=True)

        def named(chunk: bytes) -> bytes:
            return b"".join(self._rewrite(data) if part is Part.HEAD else data for part, data in framing.feed(chunk))

        def rest() -> bytes:
            return b"".join(data for _, data in framing.close())

        relay = _Relay(client, server, self._spool, connection)
        relay.run(towards_server=named, at_the_end=rest)


class _Relay:
    """Joins two sockets until both directions ended."""

    def __init__(self, client: socket.socket, server: socket.socket, spool: Spool, connection: int) -> None:
        self._ends = {client.fileno(): client, server.fileno(): server}
        self._other = {client.fileno(): server.fileno(), server.fileno(): client.fileno()}
        self._client = client.fileno()
        self._waiting = {fd: bytearray() for fd in self._ends}
        self._open = set(self._ends)
        """The ends that may still send."""
        self._spool, self._connection = spool, connection
        for end in self._ends.values():
            end.setblocking(False)
            with contextlib.suppress(OSError):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self, *, towards_server: Callable[[bytes], bytes], at_the_end: Callable[[], bytes]) -> None:
        try:
            while self._open or any(self._waiting.values()):
                if not (ready := self._poll()):
                    return
                for fd, event in ready:
                    if event & (select.POLLOUT | select.POLLERR):
                        self._send(fd)
                    if fd in self._open and event & (select.POLLIN | select.POLLHUP | select.POLLERR):
                        self._receive(fd, towards_server, at_the_end)
        except OSError:
            # One end is gone for good. The other learns it by the close; what the server said last still goes out.
            self._flush(self._client)
        finally:
            for fd in sorted(self._open):
                self._spool.put(stream_of(self._connection, self._direction(fd)), b"")

    def _poll(self) -> list[tuple[int, int]]:
        poll = select.poll()
        reading = {fd for fd in self._open if len(self._waiting[self._other[fd]]) < WAITING}
        if decrypted := [(fd, select.POLLIN) for fd in reading if self._decrypted(fd)]:
            return decrypted
        for fd in self._ends:
            reads = fd in reading
            events = (select.POLLIN if reads else 0) | (select.POLLOUT if self._waiting[fd] else 0)
            if events:
                poll.register(fd, events)
        return poll.poll(self._patience())

    def _patience(self) -> float | None:
        """Return for how long to wait, in ms: TLS cannot tell a server that its client is done, so silence has to end it."""
        told = self._client in self._open or not self._is_encrypted(self._other[self._client])
        return None if told else SILENCE_SECONDS * 1000

    def _is_encrypted(self, fd: int) -> bool:
        return hasattr(self._ends[fd], "pending")

    def _decrypted(self, fd: int) -> int:
        """Return how many bytes a TLS socket holds that no poll tells of."""
        pending: Callable[[], int] = getattr(self._ends[fd], "pending", int)
        return pending()

    def _direction(self, fd: int) -> int:
        return TO_SERVER if fd == self._client else TO_CLIENT

    def _receive(self, fd: int, towards_server: Callable[[bytes], bytes], at_the_end: Callable[[], bytes]) -> None:
        while True:
            try:
                chunk = self._ends[fd].recv(CHUNK)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if not _wants_more(error):
                    raise
                return
            other, stream = self._other[fd], stream_of(self._connection, self._direction(fd))
            from_client = fd == self._client
            if not chunk:
                self._open.discard(fd)
                self._waiting[other] += at_the_end() if from_client else b""
                self._send(other)
                self._spool.put(stream, b"")
                return
            self._waiting[other] += towards_server(chunk) if from_client else chunk
            self._send(other)
            self._spool.put(stream, chunk)
            if (len(chunk) < CHUNK and not self._decrypted(fd)) or len(self._waiting[other]) >= WAITING:
                return

    def _send(self, fd: int) -> None:
        """Send what waits for an end; once the other end has ended and nothing waits, tell so."""
        waiting = self._waiting[fd]
        try:
            while waiting:
                del waiting[: self._ends[fd].send(waiting)]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            if _wants_more(error):
                return
            if fd == self._client:
                raise
            # A server may answer and hear no more of the request; its answer is still wanted.
            waiting.clear()
        if self._other[fd] not in self._open and not self._is_encrypted(fd):
            with contextlib.suppress(OSError):
                self._ends[fd].shutdown(socket.SHUT_WR)

    def _flush(self, fd: int) -> None:
        with contextlib.suppress(OSError):
            self._ends[fd].settimeout(2.0)
            self._ends[fd].sendall(self._waiting[fd])


def _wants_more(error: OSError) -> bool:
    """Whether a TLS socket only says that it has to wait; `ssl` is imported for https alone, so its names are not used."""
    return type(error).__name__ in {"SSLWantReadError", "SSLWantWriteError"}


def _connected(server: SplitResult) -> socket.socket:
    host, port = server.hostname or "", server.port or (443 if server.scheme == "https" else 80)
    plain = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
    if server.scheme != "https":
        return plain
    import ssl  # noqa: PLC0415  (2 MiB that a plain server does not need)

    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    return context.wrap_socket(plain, server_hostname=host)


def _refuse(client: socket.socket, why: str) -> None:
    body = why.encode()
    head = f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    with contextlib.suppress(OSError):
        client.sendall(head.encode() + body)
        client.shutdown(socket.SHUT_WR)
        # What the client sent is read, for closing over unread bytes would take the answer away from it.
        client.settimeout(2.0)
        while client.recv(CHUNK):
            pass


def _rewriter(own: set[str], server: SplitResult) -> Callable[[bytes], bytes]:
    """Return what writes the server's name where a head names the recorder itself."""
    names = b"|".join(re.escape(name.encode()) for name in sorted(own))
    form = re.compile(
        rb"(?im)^(host:[ \t]*)(?:%b)(?=[ \t]*\r?$)|^(origin:[ \t]*)https?://(?:%b)(?=[ \t]*\r?$)" % (names, names)
    )
    netloc = server.netloc.rpartition("@")[2].encode()
    origin = server.scheme.encode() + b"://" + netloc

    def rewrite(head: bytes) -> bytes:
        return form.sub(lambda found: found[1] + netloc if found[1] else found[2] + origin, head)

    return rewrite


def record(url: str, listen: str, folder: str, incident: str) -> int:
    """Record what passes to the server at `url` until a signal comes; returns the exit code."""
    started = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    note = {"url": _without_credentials(url), "incident": incident, "started_ns": time.time_ns(), "pid": os.getpid()}
    spool = Spool(folder, f"{started}-{os.getpid()}", json.dumps(note).encode(), Exchanges())
    try:
        recorder = HttpRecorder(url, listen, spool)
    except OSError as error:
        sys.stderr.write(f"afteraction record: cannot listen on {listen}: {error.strerror}\n")
        return 2
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=recorder.serve, daemon=True).start()
    path = urlsplit(url).path
    sys.stderr.write(
        f"afteraction record: {_without_credentials(url)} is recorded at http://127.0.0.1:{recorder.port}{path}\n"
    )
    sys.stderr.flush()
    signal.sigwait(SIGNALS)
    recorder.stop()
    recorder.settle(0.2)
    spool.close()
    if spool.lost:
        sys.stderr.write(f"afteraction record: {spool.lost} messages could not be kept in {folder}\n")
    return 0


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def main() -> None:
    """Run as a program of its own: `FOLDER INCIDENT URL LISTEN`; nothing but the standard library is imported."""
    folder, incident, url, listen = sys.argv[1:]
    os._exit(record(url, listen, folder, incident))
