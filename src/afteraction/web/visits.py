"""A request as a visit: what signing in needs to know of it, and where somebody goes afterwards."""

from __future__ import annotations

import re
from datetime import timedelta

from fastapi import Request

from afteraction.usecases.sign_in import Visit
from afteraction.web.desk import Desk
from afteraction.web.identity import address_of, session_secret

HOME = "/account"
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,500}")


def visit(request: Request, desk: Desk) -> Visit:
    """Return the visit that a request is."""
    return Visit(
        address=address_of(request), at=desk.clock(), lasts=timedelta(days=desk.settings.service.session_days),
        former=session_secret(request, desk.settings),
    )  # fmt: skip


def local(path: str) -> str:
    """Return where to go on: a path of this service, the account's page for anything else."""
    return path if _LOCAL.fullmatch(path) else HOME
