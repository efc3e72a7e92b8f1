"""The secrets of an endpoint, where the settings say that they lie; read anew each time, so that a new one counts at once."""

from __future__ import annotations

import os
from pathlib import Path

from afteraction.errors import BadSettings
from afteraction.model.settings import Hook, Settings


def secrets_of(hook: Hook) -> tuple[str, ...]:
    """Return the secrets of which each is good.

    Raises:
        BadSettings: when there is none.
    """
    found = [*hook.secrets, *(os.environ.get(name, "") for name in hook.secret_env)]
    for path in hook.secret_file:
        try:
            found.append(Path(path).expanduser().read_text(encoding="utf-8").strip())
        except (OSError, ValueError):
            continue  # of two files, the new one may not be there yet
    known = tuple(dict.fromkeys(secret for secret in found if secret))
    if not known:
        places = [*(f"the variable {name}" for name in hook.secret_env), *(f"the file {p}" for p in hook.secret_file)]
        where = " or ".join(places) or "secret_env or secret_file"
        raise BadSettings(f"[hooks.{hook.name}] has no secret: set {where}")
    return known


def check_hooks(settings: Settings) -> None:
    """See that every endpoint has a secret. Raises BadSettings."""
    for hook in settings.hooks:
        secrets_of(hook)
