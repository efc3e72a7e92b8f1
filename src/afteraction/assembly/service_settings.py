"""The tables `[service]` and `[oidc]` of `afteraction.toml`; refuses what cannot be used, naming the key."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from afteraction.errors import BadSettings
from afteraction.model.account import Role
from afteraction.model.settings import OpenId, Service

SECRET_VARIABLE = "AFTERACTION_OIDC_CLIENT_SECRET"  # noqa: S105  (the name of a variable)


class ServiceTable(BaseModel):
    """`[service]`."""

    model_config = ConfigDict(extra="forbid")

    public_url: str = Field(
        default="", description="the address at which people reach the service, such as `https://incidents.example.org`; "
        "empty: whatever address a request came to",
    )  # fmt: skip
    trusted_proxies: tuple[str, ...] = Field(
        default=(),
        description="addresses and networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed",
    )
    hosts: tuple[str, ...] = Field(
        default=(),
        description="the names under which the service answers, beside that of `public_url`; none: under any",
    )
    session_days: float = Field(default=30, gt=0, le=400, description="days after which somebody has to sign in again")
    idle_days: float = Field(default=7, gt=0, le=400, description="days without use after which a session ends")

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, told: str) -> str:
        parts = urlsplit(told)
        if told and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query):
            raise ValueError(f"{told!r} is no address such as https://incidents.example.org, without a path")
        return told.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, told: tuple[str, ...]) -> tuple[str, ...]:
        for one in told:
            ip_network(one)
        return told

    def settings(self) -> Service:
        """Return the table as a value."""
        return Service(**self.model_dump())


class OpenIdTable(BaseModel):
    """`[oidc]`."""

    model_config = ConfigDict(extra="forbid")

    issuer: str = Field(default="", description="address of the provider, as its tokens name it; empty: none is used")
    client_id: str = Field(default="", description="the id under which the provider knows this service")
    client_secret_file: str = Field(
        default="", description=f"file that holds the secret of the client; the variable `{SECRET_VARIABLE}` wins"
    )
    name: str = Field(default="OpenID", description="what the provider is called on the page on which people sign in")
    scopes: tuple[str, ...] = Field(
        default=("openid", "profile", "email"), description="what the provider is asked for"
    )
    role_claim: str = Field(default="groups", description="the claim of the id token that says what somebody is")
    roles: dict[str, Role] = Field(
        default_factory=dict, description="values of that claim, each with the role it gives; the highest one counts"
    )
    default_role: Role | None = Field(
        default=None, description="the role of who has none of these values; none: they may not sign in"
    )
    allowed_domains: tuple[str, ...] = Field(
        default=(), description="domains of verified e-mail addresses that may sign in; none: every one"
    )

    @model_validator(mode="after")
    def _whole(self) -> OpenIdTable:
        if self.issuer and not self.client_id:
            raise ValueError("client_id is missing")
        if self.issuer and not (self.roles or self.default_role):
            raise ValueError("nobody could sign in: give roles, or a default_role")
        if self.issuer and "openid" not in self.scopes:
            raise ValueError("scopes needs openid")
        address = urlsplit(self.issuer)
        loopback = address.hostname in {"127.0.0.1", "::1", "localhost"}
        if self.issuer and address.scheme != "https" and not loopback:
            raise ValueError(f"issuer {self.issuer!r} needs https://")
        return self

    def settings(self, path: Path) -> OpenId:
        """Return the table as a value, with the secret. Raises BadSettings when its file cannot be read."""
        secret = os.environ.get(SECRET_VARIABLE, "")
        if not secret and self.client_secret_file:
            file = path.parent / Path(self.client_secret_file).expanduser()
            try:
                secret = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise BadSettings(f"{path}: oidc.client_secret_file: {file} cannot be read: {error}") from error
        told = self.model_dump(exclude={"client_secret_file", "roles"})
        return OpenId(**told, roles=tuple(self.roles.items()), client_secret=secret)
