"""What collectors share: decoding an answer, following pages, names of files, and putting pages of a list together.

Pages are put together as the vendors' own command lines do it: the items stay byte for byte what was answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from afteraction.errors import NotReached
from afteraction.formats.stamps import parse_stamp
from afteraction.model.collecting import Fetched
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem
from afteraction.network.client import Answer, Outgoing, Params
from afteraction.ports.fetcher import MISSHAPEN

PAGES = 200
"""Most pages of one list."""
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9_+-]+")


def decoded(answer: Answer) -> Any:
    """Return an answer's JSON. Raises NotReached when it is none."""
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise NotReached(f"{answer.url.partition('?')[0]} answers something else than JSON: {error}") from error


def next_link(answer: Answer) -> str:
    """Return the address of the next page as the header `Link` gives it, or an empty text."""
    found = _NEXT.search(answer.headers.get("link", ""))
    return found[1] if found else ""


def pages(
    client: Outgoing, path: str, params: Params, *, more: Callable[[list[Any]], bool] = lambda _items: True,
    missing: tuple[int, ...] = (),
) -> Iterator[Answer]:  # fmt: skip
    """Yield the pages of a list of JSON that names its next page in `Link`, as long as `more` wants them.

    Raises:
        NotReached: when a page is not to be had, or there are too many.
    """
    answer = client.get(path, params, missing=missing)
    for _ in range(PAGES):
        yield answer
        following = next_link(answer)
        if answer.status in missing or not following or not more(items_of(answer)):
            return
        answer = client.get(following)
    raise NotReached(f"{client.url}{path} has more than {PAGES} pages; ask for a shorter window")


def items_of(answer: Answer) -> list[Any]:
    """Return the items of a page that is a list. Raises NotReached when it is none."""
    found = decoded(answer)
    if not isinstance(found, list):
        raise NotReached(f"{answer.url.partition('?')[0]} answers no list")
    return found


def time_of(value: Any) -> datetime | None:
    """Return the time that an answer states, or None."""
    stamp = parse_stamp(value) if isinstance(value, str) else None
    return stamp.at if stamp else None


def goes_on(field: str, first: datetime) -> Callable[[list[Any]], bool]:
    """Return a function that says whether a list, the newest first by a field, goes on within the window behind a page."""

    def more(items: list[Any]) -> bool:
        last = time_of(items[-1].get(field)) if items and field else None
        return last is None or last >= first

    return more


def list_in(value: Any, key: str) -> list[Any]:
    """Return the list that an answer of Prometheus or Loki holds under `data` and a key, or under `data` alone."""
    found = value.get("data") if isinstance(value, dict) else None
    if key and isinstance(found, dict):
        found = found.get(key)
    return found if isinstance(found, list) else []


def joined(contents: Sequence[bytes]) -> bytes:
    """Put lists of JSON together, byte for byte; one list stays as it is."""
    if len(contents) == 1:
        return contents[0]
    inner = [one.strip()[1:-1].strip() for one in contents]
    return b"[" + b",".join(one for one in inner if one) + b"]"


def as_far_as(asked: Iterable[Fetched | Problem], file: str) -> Iterator[Fetched | Problem]:
    """Yield what one question brings; where it is not answered a problem follows, so that the next can be asked."""
    try:
        yield from asked
    except NotReached as error:
        yield Problem(origin=Origin(file=file), reason=str(error), remedy="the rest is kept; collect again")
    except MISSHAPEN as error:
        yield Problem(origin=Origin(file=file), reason=f"the answer has a shape that nobody documents: {error!r}")


def command(client: Outgoing, path: str, params: Params | None = None) -> str:
    """Return what was asked, as it is kept beside the bytes."""
    told = urlencode(dict(params or {}), doseq=True)
    return f"GET {client.url}{path}" + (f"?{told}" if told else "")


def safe(text: str) -> str:
    """Return a text that may be a part of a file's name."""
    return _UNSAFE.sub("_", text).strip("_")[:120] or "unnamed"


def stamped(at: datetime) -> str:
    """Return a time as it stands in the name of a file, where the sources find it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")


def iso(at: datetime) -> str:
    """Return a time as most APIs take it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
