"""What is special about each vendor's webhooks: how they are proved, and what is equal in a redelivery."""

from __future__ import annotations

from dataclasses import dataclass

from afteraction.web.hooks.proof import (
    TOKEN_HEADER,
    Proof,
    any_of,
    authorised,
    in_address,
    known,
    signed,
    stamped,
    standard,
)

_GRAFANA, _GRAFANA_TIME = "x-grafana-alerting-signature", "x-grafana-alerting-timestamp"
_OWN, _OWN_TIME = "x-afteraction-signature", "x-afteraction-timestamp"
_SHARED = any_of(("authorization", authorised), (TOKEN_HEADER, known(TOKEN_HEADER)), ("", in_address))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """How a vendor's deliveries are proved and told apart.

    `key_headers` carry an id that is equal in every redelivery, `key_in` are keys of the body that do (dotted); where
    neither is there the whole body counts, but for its keys `unlike`.
    """

    proof: Proof
    key_headers: tuple[str, ...] = ()
    key_in: str = ""
    unlike: tuple[str, ...] = ()


VENDORS: dict[str, Vendor] = {
    "alertmanager": Vendor(proof=authorised),
    "datadog": Vendor(proof=_SHARED),
    "generic": Vendor(
        proof=any_of(
            ("webhook-signature", standard),
            ("", stamped(_OWN, _OWN_TIME, before="", between=".", prefix="v1=")),
        ),
        key_headers=("webhook-id", "idempotency-key"),
    ),
    "github": Vendor(proof=signed("x-hub-signature-256", "sha256="), key_headers=("x-github-delivery",)),
    "gitlab": Vendor(
        proof=any_of(("webhook-signature", standard), ("", known("x-gitlab-token"))),
        key_headers=("idempotency-key", "webhook-id"),
    ),
    "grafana": Vendor(
        proof=any_of(
            (_GRAFANA_TIME, stamped(_GRAFANA, _GRAFANA_TIME, before="", between=":")),
            (_GRAFANA, signed(_GRAFANA)),
            ("", authorised),
        )
    ),
    "opsgenie": Vendor(proof=_SHARED),
    "pagerduty": Vendor(proof=signed("x-pagerduty-signature", "v1="), key_in="event.id"),
    "sentry": Vendor(proof=signed("sentry-hook-signature")),
    "slack": Vendor(
        proof=stamped("x-slack-signature", "x-slack-request-timestamp", before="v0:", between=":", prefix="v0="),
        key_in="event_id",
    ),
    "statuspage": Vendor(proof=_SHARED, unlike=("meta",)),
}
"""All vendors whose webhooks are taken."""
