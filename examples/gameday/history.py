"""The git repository of the shop: made from `shop/` when the day begins, then one real commit at a time from `changes/`."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
BRUNO = ("Bruno Salt", "bruno.salt@shop.example")
LENA = ("Lena Ford", "lena.ford@shop.example")
TOMAS = ("Tomas Ruiz", "tomas.ruiz@shop.example")


@dataclass(frozen=True)
class Change:
    """A commit to come: the name of its patch in `changes/`, its author and its message."""

    patch: str
    author: tuple[str, str]
    message: str


STOCK_LOG = Change("stock-log-name", LENA, "stock: call a reservation a reservation in the log")
WAIT_LONGER = Change(
    "orders-wait-longer",
    TOMAS,
    "orders: wait up to 1.5 s for a database connection\n\nA checkout that waits is better than one that fails.",
)
README_PORTS = Change("readme-ports", LENA, "README: list the ports")
CREDIT_FIRST = Change(
    "orders-credit-first",
    TOMAS,
    "orders: do not hold a connection while stock is asked\n\n"
    "Stock takes up to 30 ms and the connection lay idle meanwhile. Look at the credit first,\n"
    "then reserve, then write.",
)
HALF_EVEN = Change("pricing-half-even", LENA, "pricing: round half to even, as the books do")
LOG_ITEMS = Change("storefront-log-items", BRUNO, "storefront: write the number of items to the log")


class Repository:
    """A git repository at `folder`; every commit carries the time at which it was really made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str, author: tuple[str, str] = BRUNO) -> str:
        """Run git in the repository and return what it printed; raises CalledProcessError when it fails."""
        name, mail = author
        env = os.environ | {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": mail,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": mail,
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }
        done = subprocess.run(["git", *arguments], cwd=self.folder, env=env, capture_output=True, text=True, check=True)
        return done.stdout

    def begin(self) -> str:
        """Make the repository with the code that works; return the first commit that can be released."""
        shutil.copytree(HERE / "shop", self.folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        self.git("init", "--quiet", "--initial-branch=main", ".")
        for folders, message in (
            (("README.md", "plumbing"), "Plumbing for all services: HTTP, calls, metrics, spans, logs"),
            (("pricing", "stock"), "Pricing and stock"),
            (("orders",), "Orders, with a pool of database connections"),
            (("storefront",), "Storefront"),
        ):
            self.git("add", *folders)
            self.git("commit", "--quiet", "-m", message)
        self.git("tag", "morning")
        return self.head()

    def head(self) -> str:
        """Return the sha of the newest commit."""
        return self.git("rev-parse", "HEAD").strip()

    def commit(self, change: Change) -> str:
        """Apply a change, commit it and return its sha."""
        self.git("apply", str(HERE / "changes" / f"{change.patch}.patch"))
        self.git("commit", "--quiet", "--all", "-m", change.message, author=change.author)
        return self.head()

    def export(self, sha: str, target: Path) -> None:
        """Unpack the tree of a commit into `target`."""
        target.mkdir(parents=True)
        packed = subprocess.run(["git", "archive", sha], cwd=self.folder, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(target)], input=packed, check=True)
