"""Serve orders: `/orders` places one."""

from __future__ import annotations

import sqlite3
from typing import Any

from plumbing.calls import CallFailed, post
from plumbing.journal import PlainLayout, write_to
from plumbing.spans import SpanFile
from plumbing.start import place
from plumbing.web import Answer, App

from orders.placing import Basket, Desk, Refusal
from orders.pool import Pool, PoolExhausted


def main() -> None:
    here = place()
    write_to(here.logs / "orders.log", PlainLayout())
    spans = SpanFile(here.logs / "orders.spans")
    app = App("orders", spans, (PoolExhausted, CallFailed, sqlite3.Error))
    pool = Pool(here.data / "orders.db")
    app.measures.gauge("orders_db_connections_in_use", lambda: pool.in_use)
    app.measures.gauge("orders_db_connections_max", lambda: pool.size)

    def price(basket: Basket) -> int:
        _, answer = post(spans, "pricing", here.ports["pricing"], "/prices", {"items": basket.items})
        return int(answer["total"])

    def reserve(basket: Basket) -> None:
        post(spans, "stock", here.ports["stock"], "/reservations", {"items": basket.items})

    desk = Desk(pool, price, reserve)

    def orders(body: dict[str, Any]) -> Answer:
        basket = Basket(int(body["customer"]), tuple(body["items"]))
        with spans.span("orders.place"):
            outcome = desk.place(basket)
        if isinstance(outcome, Refusal):
            return 409, {"refused": outcome.reason}
        return 201, {"order": outcome.number, "total": outcome.total}

    app.route("/orders", orders)
    app.serve(here.port)


if __name__ == "__main__":
    main()
