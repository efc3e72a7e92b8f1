"""Serve stock: `/reservations` takes the items of a basket off the shelf."""

from __future__ import annotations

import itertools
import logging
import random
import time
from typing import Any

from plumbing.journal import JsonLayout, write_to
from plumbing.spans import SpanFile
from plumbing.start import place
from plumbing.web import Answer, App

SHELF = (0.012, 0.030)
"""Between how many and how many seconds the shelf takes to answer."""

LOG_EVERY = 5
log = logging.getLogger("stock")


def main() -> None:
    here = place()
    write_to(here.logs / "stock.log", JsonLayout("stock", epoch=True))
    app = App("stock", SpanFile(here.logs / "stock.spans"))
    numbers = itertools.count(1)

    def reservations(body: dict[str, Any]) -> Answer:
        time.sleep(random.uniform(*SHELF))
        number = next(numbers)
        if number % LOG_EVERY == 0:
            log.info("items reserved", extra={"fields": {"reservation": number, "items": len(body["items"])}})
        return 201, {"reservation": number}

    app.route("/reservations", reservations)
    app.serve(here.port)


if __name__ == "__main__":
    main()
