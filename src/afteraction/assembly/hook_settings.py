"""`[hooks]` of `afteraction.toml`: which webhooks come in, what proves who sends them, and which alerts open an incident."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from afteraction.model.settings import Hook, Opening

Vendor = Literal[
    "alertmanager", "datadog", "generic", "github", "gitlab", "grafana", "opsgenie", "pagerduty", "sentry", "slack", "statuspage",
]  # fmt: skip
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
_Word = Literal["Critical", "High", "Medium", "Low"]


class HookTable(BaseModel):
    """`[hooks.NAME]`."""

    model_config = ConfigDict(extra="forbid")

    vendor: Vendor = Field(description="who sends: alertmanager, datadog, generic, github, gitlab, grafana, opsgenie, pagerduty, sentry, slack, statuspage")  # fmt: skip
    secret_env: _Texts = Field(
        (), description="the variable that holds the secret, or several: each is good, so that one can replace another"
    )
    secret_file: _Texts = Field(
        (), description="the file that holds the secret, or several; read anew at each delivery"
    )
    secret: _Texts = Field((), description="the secret itself, or several; better is one of the two above")
    user: str = Field("", description="the name that has to come with basic authentication; empty: any")


class HooksTable(BaseModel):
    """`[hooks]`; every other key is the table of an endpoint."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, HookTable]

    open: tuple[_Word, ...] = Field(
        ("Critical",),
        description="severities, in the template's words, of which a firing alert opens an incident",
    )
    open_when: dict[str, _Texts] = Field(
        default_factory=dict,
        description="labels that an alert must have to open an incident, each with patterns; `service` is its service",
    )
    open_unless: dict[str, _Texts] = Field(
        default_factory=dict, description="labels that an alert must not have to open an incident, each with patterns"
    )
    look_back_minutes: int = Field(
        Opening().look_back_minutes, ge=0, le=7 * 24 * 60,
        description="minutes before an incident's beginning from which deliveries that belong to none are taken along, such as a deployment of its service",
    )  # fmt: skip

    def hooks(self) -> tuple[Hook, ...]:
        """Return the endpoints. Raises ValueError for a name that cannot stand in an address."""
        bad = [name for name in self.__pydantic_extra__ if not _NAME.fullmatch(name)]
        if bad:
            raise ValueError(f"{bad[0]!r} is no name for an endpoint: small letters, digits, - and _")
        return tuple(
            Hook(name=name, vendor=one.vendor, secret_env=one.secret_env, secret_file=one.secret_file, secrets=one.secret, user=one.user)
            for name, one in self.__pydantic_extra__.items()
        )  # fmt: skip

    def opening(self) -> Opening:
        """Return which alerts open an incident."""
        return Opening(
            severities=self.open, when=tuple(self.open_when.items()), unless=tuple(self.open_unless.items()),
            look_back_minutes=self.look_back_minutes,
        )  # fmt: skip
