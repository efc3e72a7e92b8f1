"""Quantities of the Kubernetes API (`500m`, `64Mi`, `1Gi`) become numbers: cores for CPU, bytes for memory, else counts."""

from __future__ import annotations

import re

_QUANTITY = re.compile(
    r"(?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?P<unit>n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
)
_UNITS = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def parse_quantity(text: object) -> float | None:
    """Return the number that `text` stands for, or None when it is no quantity."""
    found = _QUANTITY.match(str(text).strip())
    return float(found["number"]) * _UNITS[found["unit"] or ""] if found is not None else None
