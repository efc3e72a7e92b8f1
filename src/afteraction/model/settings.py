"""A team's settings, as values: what `afteraction.toml`, the environment and the options said, read elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.account import Role
from afteraction.model.collecting import CollectorSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRule:
    """A team's own rule for what is secret, as `afteraction.toml` gives it; the fields are those of `secrets.toml`.

    `masks` are pairs of a text and the secret in it, `spares` texts that must stay; both are tried when it is read.
    """

    id: str
    keywords: tuple[str, ...]
    pattern: str
    exact: bool = False
    entropy: float = 0.0
    masks: tuple[tuple[str, str], ...] = ()
    spares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An endpoint for the webhooks of one vendor.

    `secret_env` and `secret_file` name variables and files that hold secrets, `secrets` are written out; each of all of
    them is good, so that one can be replaced by the next. `user` is the name for basic authentication, empty for any.
    """

    name: str
    vendor: str
    secret_env: tuple[str, ...] = ()
    secret_file: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Which firing alerts open an incident: by the template's word of their severity, and by labels.

    `when` are labels that an alert must have, `unless` labels that it must not have, each with patterns (`*` and `?`) of
    which one has to fit; the label `service` is the service that the alert is about. `look_back_minutes` is how long
    before an incident's beginning what belonged to none (a deployment) is taken along.
    """

    severities: tuple[str, ...] = ("Critical",)
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unless: tuple[tuple[str, tuple[str, ...]], ...] = ()
    look_back_minutes: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How the service is reached and how long somebody stays signed in.

    `public_url` is its address for people, empty for whatever address a request came to. `trusted_proxies` are the
    addresses and networks whose `X-Forwarded-*` headers are believed. `hosts` are the names under which it answers; none:
    under any. A session ends after `session_days`, or when it was not used for `idle_days`.
    """

    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    session_days: float = 30
    idle_days: float = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenId:
    """A provider of OpenID Connect with which people sign in; without an `issuer` there is none.

    `roles` maps values of the claim `role_claim` to roles; `default_role` is for who has none of them, empty: they are
    refused. `allowed_domains` are those of e-mail addresses that may sign in; none: all.
    """

    issuer: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    name: str = "OpenID"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    role_claim: str = "groups"
    roles: tuple[tuple[str, Role], ...] = ()
    default_role: Role | None = None
    allowed_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a team decided once.

    `timezone` is the IANA name of the zone that times are shown in and that zone-less stamps are read in.
    `severities` maps a team's own labels (lower case) to the template's four words. `review_days` are the days after
    restoration at which the four reviews stand. `people` maps handles to names. `checks_off` are ids of rules.
    `secret_rules` are rules for secrets beside the built-in ones. `personal` are the kinds of personal data that are
    masked for everybody, `audiences` those that are masked for a named one.
    `hooks` are the endpoints for webhooks, `opening` says which alerts open an incident.
    `database_url` is where the record lies, empty for a file in the user's data folder. `material_folder` is where raw
    material is frozen, empty for a folder beside that file; `s3://BUCKET/PREFIX` for object storage, at `s3_endpoint` in
    `s3_region`. `collectors` are those
    that are set up, `collect_minutes` how often the service asks them while an incident runs (0: never), `outgoing` the
    hosts and networks that requests may reach though they are not public. `service` and `openid` are about
    `afteraction serve`.
    """

    timezone: str = "UTC"
    severities: tuple[tuple[str, str], ...] = (
        ("sev0", "Critical"),
        ("sev1", "Critical"),
        ("sev2", "High"),
        ("sev3", "Medium"),
        ("sev4", "Low"),
        ("sev5", "Low"),
        ("p0", "Critical"),
        ("p1", "Critical"),
        ("p2", "High"),
        ("p3", "Medium"),
        ("p4", "Low"),
        ("p5", "Low"),
        ("critical", "Critical"),
        ("page", "Critical"),
        ("major", "High"),
        ("high", "High"),
        ("error", "High"),
        ("medium", "Medium"),
        ("moderate", "Medium"),
        ("warning", "Medium"),
        ("minor", "Low"),
        ("low", "Low"),
        ("info", "Low"),
    )
    review_days: tuple[int, int, int, int] = (7, 30, 91, 182)
    people: tuple[tuple[str, str], ...] = ()
    checks_off: tuple[str, ...] = ()
    secret_rules: tuple[SecretRule, ...] = ()
    personal: tuple[str, ...] = ()
    audiences: tuple[tuple[str, tuple[str, ...]], ...] = ()
    hooks: tuple[Hook, ...] = ()
    opening: Opening = Opening()
    database_url: str = ""
    material_folder: str = ""
    s3_endpoint: str = ""
    s3_region: str = ""
    collectors: tuple[CollectorSettings, ...] = ()
    collect_minutes: int = 15
    outgoing: tuple[str, ...] = ()
    largest_upload: int = 1024 * 1024 * 1024
    service: Service = Service()
    openid: OpenId = OpenId()

    def severity(self, label: str) -> str | None:
        """Return the template's word for a team's severity label, or None when the label is not known."""
        wanted = label.lower().replace("-", "").replace(" ", "").replace("_", "")
        return next((word for known, word in self.severities if known == wanted), None)
