"""Serve pricing: `/prices` adds up a basket, value added tax included."""

from __future__ import annotations

import itertools
import logging
from decimal import Decimal
from typing import Any

from plumbing.journal import ShortLayout, write_to
from plumbing.spans import SpanFile
from plumbing.start import place
from plumbing.web import Answer, App

from pricing.rounding import to_cents

TAX = Decimal("1.19")
LOG_EVERY = 10
log = logging.getLogger("pricing")


def net_price(item: int) -> Decimal:
    """Return the net price of an item in euros; the list is made up from the item's number."""
    return Decimal(3 + item * 7 % 60) + Decimal(item % 100) / 100


def main() -> None:
    here = place()
    write_to(here.logs / "pricing.log", ShortLayout("pricing"))
    app = App("pricing", SpanFile(here.logs / "pricing.spans"))
    asked = itertools.count(1)

    def prices(body: dict[str, Any]) -> Answer:
        items = [int(item) for item in body["items"]]
        total = to_cents(sum((net_price(item) for item in items), Decimal(0)) * TAX)
        if next(asked) % LOG_EVERY == 0:
            log.info("%d baskets priced, the last of %d items for %d cents", LOG_EVERY, len(items), total)
        return 200, {"total": total}

    app.route("/prices", prices)
    app.serve(here.port)


if __name__ == "__main__":
    main()
