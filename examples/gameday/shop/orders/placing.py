"""Placing an order: price, credit, stock, record."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from orders.pool import Pool

log = logging.getLogger("orders.placing")


@dataclass(frozen=True)
class Basket:
    """What a customer wants: item numbers, one entry a piece."""

    customer: int
    items: tuple[int, ...]


@dataclass(frozen=True)
class Placed:
    """An order that was written; `total` in cents."""

    number: int
    total: int


@dataclass(frozen=True)
class Refusal:
    """An order that was not accepted, and the reason."""

    reason: str


def credit_left(connection: sqlite3.Connection, customer: int) -> int:
    """Return how much a customer may still order for, in cents."""
    row = connection.execute("SELECT credit FROM customers WHERE id = ?", (customer,)).fetchone()
    return int(row[0]) if row else 0


def write_order(connection: sqlite3.Connection, basket: Basket, total: int) -> int:
    """Write the order and return its number."""
    values = (basket.customer, total, time.time())
    cursor = connection.execute("INSERT INTO orders (customer, total, placed_at) VALUES (?, ?, ?)", values)
    return int(cursor.lastrowid or 0)


class Desk:
    """Where orders are placed; `price` and `reserve` ask the services that know."""

    def __init__(self, pool: Pool, price: Callable[[Basket], int], reserve: Callable[[Basket], None]) -> None:
        self._pool = pool
        self._price = price
        self._reserve = reserve

    def place(self, basket: Basket) -> Placed | Refusal:
        """Place an order or refuse it."""
        total = self._price(basket)
        with self._pool.connection() as connection:
            if total > credit_left(connection, basket.customer):
                log.info("order of customer %d refused, %d cents are over the credit limit", basket.customer, total)
                return Refusal("over the credit limit")
            self._reserve(basket)
            number = write_order(connection, basket, total)
        log.info("order %d of customer %d placed, %d cents", number, basket.customer, total)
        return Placed(number, total)
