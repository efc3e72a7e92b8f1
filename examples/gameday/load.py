"""The customers: checkouts and quotes at a steady pace, whatever the shop answers. Runs until it is ended."""

from __future__ import annotations

import argparse
import http.client
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor

CHECKOUTS = 4.0
QUOTES = 1.5
"""Requests per second."""


def _send(port: int, path: str, body: dict[str, object]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        connection.getresponse().read()
    except OSError:
        pass  # the customer goes away; the shop's own records tell what happened
    finally:
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--customers", type=int, required=True)
    given = parser.parse_args()
    chance = random.Random(20)
    with ThreadPoolExecutor(64) as threads:
        while True:
            time.sleep(chance.expovariate(CHECKOUTS + QUOTES))
            path = "/checkout" if chance.random() < CHECKOUTS / (CHECKOUTS + QUOTES) else "/quote"
            items = [chance.randrange(1, 500) for _ in range(chance.randrange(1, 9))]
            body: dict[str, object] = {"customer": chance.randrange(1, given.customers + 1), "items": items}
            threads.submit(_send, given.port, path, body)


if __name__ == "__main__":
    main()
