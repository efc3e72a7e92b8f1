"""A reading as lines of JSON, short enough to be read by people: one line a fact, defaults left out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime, time
from enum import Enum
from typing import Any

import numpy as np

from afteraction.model.reading import Reading


def written(file: str, source: str, reading: Reading) -> Iterator[str]:
    """Yield the lines of one reading: a head with the counts, then every fact."""
    counts = {
        field.name: len(value) if isinstance(value := getattr(reading, field.name), tuple) else value
        for field in dataclasses.fields(reading)
    }
    yield _line({"file": file, "source": source, **{name: count for name, count in counts.items() if count}})
    for field in dataclasses.fields(reading):
        value = getattr(reading, field.name)
        if isinstance(value, tuple):
            for item in value:
                yield _line({field.name: _plain(item)})


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=False)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {}
        for field in dataclasses.fields(value):
            item = getattr(value, field.name)
            if callable(item) or item in (None, "", ()) if not isinstance(item, np.ndarray) else item.size == 0:
                continue
            if not isinstance(item, np.ndarray) and field.default is not dataclasses.MISSING and item == field.default:
                continue
            fields[field.name] = _plain(item)
        return fields
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | time):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _array(values: np.ndarray[Any, Any]) -> Any:
    """Columns of series and spans stand by their length, ends and sum when they are long."""
    plain = [round(float(v), 6) if values.dtype.kind == "f" else v.item() for v in values]
    if len(plain) <= 12:
        return plain
    return {"n": len(plain), "first": plain[:3], "last": plain[-3:], "sum": round(float(np.sum(values)), 6)}
