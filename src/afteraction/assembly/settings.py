"""Reads `afteraction.toml` into settings; refuses what it does not know, naming the file and the key."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from afteraction.checks import RULES
from afteraction.errors import BadSettings
from afteraction.model.settings import Settings

FILE_NAME = "afteraction.toml"


class _File(BaseModel):
    """What the file may hold."""

    model_config = ConfigDict(extra="forbid")

    timezone: str = Field(
        "UTC", description="IANA name of the zone that times are shown in and zone-less stamps are read in"
    )
    severities: dict[str, str] = Field(
        default_factory=dict,
        description="your severity labels, each with the template's word: Critical, High, Medium, Low",
    )
    review_days: tuple[int, int, int, int] = Field(
        Settings().review_days, description="days from the end of the impact to each of the four reviews"
    )
    people: dict[str, str] = Field(default_factory=dict, description="handles, each with the person's name")
    checks_off: tuple[str, ...] = Field((), description="ids of rules of `afteraction check` that are switched off")


def describe_settings() -> list[tuple[str, str, str]]:
    """Return (key, meaning, default) of every setting, for the reference page."""
    return [
        (key, field.description or "", f"`{field.get_default(call_default_factory=True)!r}`")
        for key, field in _File.model_fields.items()
    ]


def load_settings(path: Path | None = None, *, timezone: str | None = None) -> Settings:
    """Return the settings of `path`, or of `afteraction.toml` in the working folder, or the defaults.

    `timezone` (an option or variable) wins over the file. Raises BadSettings for a file or zone that cannot be used.
    """
    found = path or Path(FILE_NAME)
    settings = _from_file(found) if path is not None or found.is_file() else Settings()
    if timezone is not None:
        settings = replace(settings, timezone=timezone)
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSettings(f"{settings.timezone!r} is no time zone; use a name such as UTC or Europe/Berlin") from error
    return settings


def _from_file(path: Path) -> Settings:
    try:
        read = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadSettings(f"{path} cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path} is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BadSettings(f"{path}: {key}: {first['msg']}") from error
    unknown = [rule for rule in read.checks_off if rule not in {known.id for known in RULES}]
    if unknown:
        raise BadSettings(
            f"{path}: checks_off: {', '.join(unknown)} is no rule of `afteraction check`; such as AR703 is one"
        )
    own = tuple((label.lower().replace("-", ""), word) for label, word in read.severities.items())
    return Settings(
        timezone=read.timezone,
        severities=(*own, *Settings().severities),
        review_days=read.review_days,
        people=tuple(read.people.items()),
        checks_off=read.checks_off,
    )
