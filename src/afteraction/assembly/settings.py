"""Reads `afteraction.toml` into settings; refuses what it does not know, naming the file and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from afteraction.assembly.collect_settings import Collect, Outgoing, check_outgoing, collectors_of
from afteraction.assembly.hook_settings import HooksTable, HookTable
from afteraction.assembly.service_settings import OpenIdTable, ServiceTable
from afteraction.checks import RULES
from afteraction.errors import BadSettings
from afteraction.formats.secret_rules import rule_set
from afteraction.model.settings import SecretRule, Settings

FILE_NAME = "afteraction.toml"


class _Rule(BaseModel):
    """A team's rule for secrets."""

    model_config = ConfigDict(extra="forbid")

    id: str
    keywords: tuple[str, ...]
    pattern: str
    exact: bool = False
    entropy: float = 0.0
    masks: tuple[tuple[str, str], ...] = ()
    spares: tuple[str, ...] = ()


class _Secrets(BaseModel):
    """`[secrets]`."""

    model_config = ConfigDict(extra="forbid")

    rules: tuple[_Rule, ...] = Field(
        default=(),
        description="your own rules for what is secret, beside the built-in ones: docs/how-to/mask-secrets.md",
    )


_Kind = Literal["email", "phone", "ip", "card"]


class _Personal(BaseModel):
    """`[personal]`."""

    model_config = ConfigDict(extra="forbid")

    mask: tuple[_Kind, ...] = Field(
        default=(), description="kinds of personal data that are masked for everybody: email, phone, ip, card"
    )
    audiences: dict[str, tuple[_Kind, ...]] = Field(
        default_factory=dict, description="audiences, each with the kinds that are masked for it, for `--audience NAME`"
    )


class _S3(BaseModel):
    """`[s3]`."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str = Field(
        default="",
        description="the address of object storage that is not Amazon's; empty: `AWS_ENDPOINT_URL`; keys come from the `AWS_*` "
        "variables or the machine's role",
    )
    region: str = Field(default="", description="its region; empty: `AWS_REGION`, else us-east-1")


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
    secrets: _Secrets = Field(default_factory=_Secrets, description="what is secret")
    personal: _Personal = Field(default_factory=_Personal, description="which personal data is masked")
    hooks: HooksTable = Field(
        default_factory=lambda: HooksTable.model_validate({}), description="what other programs send by themselves"
    )
    database_url: str = Field(
        "",
        description="where the record of incidents lies: `sqlite:///FILE` or `postgresql://...`; empty: a file in your data "
        "folder; the variable `AFTERACTION_DATABASE_URL` wins",
    )
    material_folder: str = Field(
        "",
        description="the folder in which raw material is frozen, or `s3://BUCKET/PREFIX`; empty: `material` beside the file of "
        "the record, or in your data folder; the variable `AFTERACTION_MATERIAL_FOLDER` wins",
    )
    s3: _S3 = Field(default_factory=_S3, description="object storage of raw material")
    collect: Collect = Field(default_factory=Collect, description="from where `afteraction collect` fetches")
    collect_minutes: int = Field(
        Settings().collect_minutes,
        ge=0,
        le=1440,
        description="how often the service collects for each incident that is not over; 0: never",
    )
    outgoing: Outgoing = Field(default_factory=Outgoing, description="where requests may go")
    largest_upload_mib: int = Field(1024, ge=1, description="MiB of raw material that the service takes in one request")
    service: ServiceTable = Field(default_factory=ServiceTable, description="how the service is reached")
    oidc: OpenIdTable = Field(default_factory=OpenIdTable, description="signing in with OpenID Connect")


def describe_settings() -> list[tuple[str, str, str]]:
    """Return (key, meaning, default) of every setting, for the reference page."""
    return list(_described(_File))


def _described(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for key, field in model.model_fields.items():
        default = "" if field.is_required() else field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from _described(type(default), f"{prefix}{key}.")
            if isinstance(default, HooksTable):
                yield from _described(HookTable, f"{prefix}{key}.NAME.")
        else:
            yield f"{prefix}{key}", field.description or "", f"`{default!r}`"


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
    own_rules = tuple(SecretRule(**rule.model_dump()) for rule in read.secrets.rules)
    try:
        rule_set(own_rules)
    except ValueError as error:
        raise BadSettings(f"{path}: secrets.rules: {error}") from error
    try:
        hooks = read.hooks.hooks()
    except ValueError as error:
        raise BadSettings(f"{path}: hooks: {error}") from error
    return Settings(
        hooks=hooks,
        opening=read.hooks.opening(),
        timezone=read.timezone,
        severities=(*own, *Settings().severities),
        review_days=read.review_days,
        people=tuple(read.people.items()),
        checks_off=read.checks_off,
        secret_rules=own_rules,
        personal=read.personal.mask,
        audiences=tuple(read.personal.audiences.items()),
        database_url=read.database_url,
        material_folder=read.material_folder,
        s3_endpoint=read.s3.endpoint,
        s3_region=read.s3.region,
        collectors=collectors_of(read.collect, path),
        collect_minutes=read.collect_minutes,
        outgoing=check_outgoing(read.outgoing, path),
        largest_upload=read.largest_upload_mib * 1024 * 1024,
        service=read.service.settings(),
        openid=read.oidc.settings(path),
    )
