"""How amounts are rounded."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def to_cents(amount: Decimal) -> int:
    """Return an amount in euros as whole cents."""
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
