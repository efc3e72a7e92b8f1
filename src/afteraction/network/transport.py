"""An httpx2 transport that connects to the very address that was checked: requests go in, responses come out.

A name is resolved once for each connection; every address it stands for is put before the guard, and then one of these is
connected to, so that a name whose answer changes between the check and the connection gains nothing. Redirects are new
requests and are checked like any other. No proxy of the environment is used: a proxy would resolve names unchecked.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpcore2
import httpx2

from afteraction.network.guard import Guard


class _Backend(httpcore2.SyncBackend):
    """Opens connections, to addresses that the guard has seen."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        """Resolve, check, connect. Raises NotReached for a refused address, and what httpcore2 raises."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved: {error}") from error
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        self._guard.check(host, addresses, port)
        failed: httpcore2.ConnectError | httpcore2.ConnectTimeout | None = None
        for address in addresses:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = failed or error
        raise failed or httpcore2.ConnectError(f"the name {host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None
    ) -> httpcore2.NetworkStream:
        """Refuse: a socket in the file system is no address that can be checked."""
        del timeout, socket_options
        raise httpcore2.ConnectError(f"no socket of the file system is used: {path}")


class _Body(httpx2.SyncByteStream):
    """A response's body; errors on the way become those of httpx2."""

    def __init__(self, inner: Iterable[bytes]) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._inner

    def close(self) -> None:
        """Give the connection back."""
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()


class GuardedTransport(httpx2.BaseTransport):
    """Sends requests over connections that the guard allows. `verify` is the TLS context, by default the system's."""

    def __init__(self, guard: Guard, verify: ssl.SSLContext | None = None) -> None:
        context = verify or httpx2.create_ssl_context()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context, max_connections=4, keepalive_expiry=15.0, network_backend=_Backend(guard)
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request. Raises NotReached, and what httpx2 raises."""
        assert isinstance(request.stream, httpx2.SyncByteStream)
        url = httpcore2.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        sent = httpcore2.Request(
            method=request.method, url=url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )  # fmt: skip
        with _translated():
            answer = self._pool.handle_request(sent)
        assert isinstance(answer.stream, Iterable)
        return httpx2.Response(
            status_code=answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


_RAISED = (
    httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
)  # fmt: skip


@contextmanager
def _translated() -> Iterator[None]:
    """Turn an error of httpcore2 into that of the same name of httpx2."""
    try:
        yield
    except _RAISED as error:
        kind = getattr(httpx2, type(error).__name__, httpx2.TransportError)
        raise kind(str(error)) from error
