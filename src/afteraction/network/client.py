"""One client for all questions to other programs: it waits, tries again, stops at a size, and tells what went wrong.

A path and its parameters go in, an `Answer` comes out. Tried again, with waits that grow or that the other side names
(`Retry-After`, `X-RateLimit-Reset`), is what may pass: too many requests, 502 to 504, a connection that broke. All else is
`NotReached`, with the status and the beginning of what was answered. Answers above the bound are refused, not cut.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

import httpx2

from afteraction import __version__
from afteraction.errors import NotReached, TooMuch
from afteraction.network.guard import Guard
from afteraction.network.transport import GuardedTransport

Params = Mapping[str, str | int | list[str]]

LARGEST = 64 * 1024 * 1024
"""Bytes of one answer, unpacked."""
TRIES = 5
LONGEST_WAIT = 60.0
"""Seconds that are waited at once; who asks for more is not waited for."""
LONGEST_ANSWER = 120.0
"""Seconds that one answer may take, however steadily it drips."""
_TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
_AGAIN = frozenset({429, 502, 503, 504})
_SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: the address that was asked in the end, the status, the headers and all bytes."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


class Outgoing:
    """Asks one program. `url` is its base address, which the guard was told of when it stands in the settings."""

    def __init__(
        self,
        url: str,
        *,
        guard: Guard,
        headers: Mapping[str, str] | None = None,
        auth: httpx2.Auth | None = None,
        verify: ssl.SSLContext | None = None,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        largest: int = LARGEST,
    ) -> None:
        self.url = url.rstrip("/")
        self._sleep = sleep
        self._largest = largest
        self._client = httpx2.Client(
            transport=transport or GuardedTransport(guard, verify),
            headers={"User-Agent": f"afteraction/{__version__}", **(headers or {})},
            auth=auth,
            timeout=_TIMEOUT,
            follow_redirects=True,
            max_redirects=5,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def get(self, path: str, params: Params | None = None, *, missing: tuple[int, ...] = ()) -> Answer:
        """Ask for `path` below the base address, or for a whole address that an answer named.

        Statuses in `missing` are answers too (404 where nothing is there).

        Raises:
            NotReached: when there is no answer or a refusal.
            TooMuch: when the answer is larger than the bound.
        """
        address = self._address(path)
        why = ""
        for attempt in range(TRIES):
            answer, why, wait = self._tried(address, params, missing)
            if answer is not None:
                return answer
            if wait is None:
                break
            wait = wait or float(2**attempt)
            if wait > LONGEST_WAIT:
                why += f"; it asks to wait for {wait:.0f} s"
                break
            if attempt + 1 < TRIES:
                self._sleep(wait)
        raise NotReached(f"{_bare(address)} does not answer as it should: {why}")

    def _tried(
        self, address: str, params: Params | None, missing: tuple[int, ...]
    ) -> tuple[Answer | None, str, float | None]:
        """Return the answer, or why there is none and how long to wait: 0 is for us to say, None means not again."""
        try:
            answer = self._once(address, params)
        except httpx2.TransportError as error:
            mendable = "CERTIFICATE_VERIFY_FAILED" not in str(error)
            return None, f"{type(error).__name__}: {error}", 0.0 if mendable else None
        except (httpx2.TooManyRedirects, httpx2.InvalidURL, httpx2.DecodingError) as error:
            return None, str(error), None
        if answer.status < 300 or answer.status in missing:
            return answer, "", None
        said = answer.content[:_SHOWN].decode("utf-8", "replace").strip()
        again = answer.status in _AGAIN or _spent(answer)
        return None, f"status {answer.status}: {said}", _asked_wait(answer.headers) if again else None

    def _address(self, path: str) -> str:
        """Return the whole address; one that leads elsewhere is refused, since the token would be sent there."""
        if not path.startswith(("http://", "https://")):
            return self.url + path
        named, base = httpx2.URL(path), httpx2.URL(self.url)
        if (named.scheme, named.host, named.port) != (base.scheme, base.host, base.port):
            raise NotReached(f"{self.url} names {_bare(path)} as the next page, which is another server")
        return path

    def _once(self, address: str, params: Params | None) -> Answer:
        began = time.monotonic()
        with self._client.stream("GET", address, params=params) as response:
            held = bytearray()
            for part in response.iter_bytes():
                held += part
                if len(held) > self._largest:
                    raise TooMuch(
                        f"{_bare(address)} answers more than {self._largest:,} bytes; ask for a shorter window"
                    )
                if time.monotonic() - began > LONGEST_ANSWER:
                    raise httpx2.ReadTimeout(f"the answer takes longer than {LONGEST_ANSWER:.0f} s")
            return Answer(
                url=str(response.url), status=response.status_code, headers=dict(response.headers), content=bytes(held)
            )


def _bare(address: str) -> str:
    """Return an address without its parameters, which may be long or hold a secret."""
    return address.partition("?")[0]


def _spent(answer: Answer) -> bool:
    """Whether a refusal means that a budget is used up, as GitHub says it with 403."""
    return answer.status == 403 and (
        "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    )


def _asked_wait(headers: Mapping[str, str]) -> float:
    """Return for how many seconds the other side asks to wait; 0 when it does not say."""
    told = headers.get("retry-after", "")
    with suppress(ValueError):
        return max(0.0, float(told))
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    if headers.get("x-ratelimit-remaining") == "0":
        with suppress(ValueError):
            return max(0.0, float(headers.get("x-ratelimit-reset", "")) - datetime.now(UTC).timestamp())
    return 0.0
