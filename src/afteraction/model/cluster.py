"""A Kubernetes object as it was seen, in the shape of the Kubernetes API as far as the text allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from afteraction.model.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterObject:
    """One object of a cluster.

    `kind` is the API kind (`Pod`, `Node`), `data` the object in the API's JSON shape; fields that the text did not
    show are absent, never invented. `complete` is True when the whole object was seen (JSON, YAML), so that an absent
    field means that it is not set. `seen_at` is the capture time when it is known. `text` holds the lines that the
    object was read from, as they stand in the file from `origin.line` on, so that a rule can cite the very line.
    """

    kind: str
    name: str
    origin: Origin
    namespace: str = ""
    data: Mapping[str, Any]  # The API's JSON: arbitrary by nature.
    complete: bool = False
    seen_at: datetime | None = None
    text: str = ""
