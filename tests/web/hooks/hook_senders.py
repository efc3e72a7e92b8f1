"""What each vendor sends, in the form of its documentation, and how it proves that it was the one who sent it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SECRET = "whsec_dGhpcyBpcyB0aGUgc2VjcmV0IG9mIGFsbCB0ZXN0cw=="
_KEY = base64.b64decode("dGhpcyBpcyB0aGUgc2VjcmV0IG9mIGFsbCB0ZXN0cw==")


def _mac(message: bytes, key: bytes = SECRET.encode()) -> hmac.HMAC:
    return hmac.new(key, message, hashlib.sha256)


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def bearer(body: bytes, at: datetime) -> dict[str, str]:
    del body, at
    return {"Authorization": f"Bearer {SECRET}"}


def basic(body: bytes, at: datetime) -> dict[str, str]:
    del body, at
    return {"Authorization": "Basic " + base64.b64encode(f"prometheus:{SECRET}".encode()).decode()}


def header(body: bytes, at: datetime) -> dict[str, str]:
    del body, at
    return {"X-Afteraction-Token": SECRET}


def unsigned(body: bytes, at: datetime) -> dict[str, str]:
    del body, at
    return {}


def github(body: bytes, at: datetime) -> dict[str, str]:
    del at
    guid = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return {
        "X-Hub-Signature-256": "sha256=" + _mac(body).hexdigest(),
        "X-GitHub-Event": "deployment",
        "X-GitHub-Delivery": guid,
    }


def gitlab(body: bytes, at: datetime) -> dict[str, str]:
    del at
    return {
        "X-Gitlab-Token": SECRET,
        "X-Gitlab-Event": "Deployment Hook",
        "Idempotency-Key": hashlib.sha1(body, usedforsecurity=False).hexdigest(),
    }


def standard(body: bytes, at: datetime) -> dict[str, str]:
    name, stamp = "msg_" + hashlib.sha1(body, usedforsecurity=False).hexdigest()[:12], _seconds(at)
    made = base64.b64encode(_mac(f"{name}.{stamp}.".encode() + body, _KEY).digest()).decode()
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,b3RoZXI= v1,{made}"}


def pagerduty(body: bytes, at: datetime) -> dict[str, str]:
    del at
    return {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={_mac(body).hexdigest()}"}


def sentry(body: bytes, at: datetime) -> dict[str, str]:
    return {
        "Sentry-Hook-Signature": _mac(body).hexdigest(),
        "Sentry-Hook-Timestamp": _seconds(at),
        "Sentry-Hook-Resource": "issue",
    }


def slack(body: bytes, at: datetime) -> dict[str, str]:
    stamp = _seconds(at)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": "v0=" + _mac(f"v0:{stamp}:".encode() + body).hexdigest(),
    }


def grafana(body: bytes, at: datetime) -> dict[str, str]:
    del at
    return {"X-Grafana-Alerting-Signature": _mac(body).hexdigest()}


def grafana_timed(body: bytes, at: datetime) -> dict[str, str]:
    stamp = _seconds(at)
    return {
        "X-Grafana-Alerting-Timestamp": stamp,
        "X-Grafana-Alerting-Signature": _mac(f"{stamp}:".encode() + body).hexdigest(),
    }


def generic(body: bytes, at: datetime) -> dict[str, str]:
    stamp = _seconds(at)
    return {
        "X-Afteraction-Timestamp": stamp,
        "X-Afteraction-Signature": "v1=" + _mac(f"{stamp}.".encode() + body).hexdigest(),
    }


@dataclass(frozen=True)
class Sender:
    """One vendor in one of its ways: where it posts, what, and how it signs."""

    vendor: str
    value: Any
    sign: Callable[[bytes, datetime], dict[str, str]]
    timed: bool = False
    query: str = ""

    @property
    def path(self) -> str:
        return f"/hooks/{self.vendor}{self.query}"

    @property
    def body(self) -> bytes:
        return json.dumps(self.value).encode()

    def headers(self, body: bytes, at: datetime) -> dict[str, str]:
        return {"Content-Type": "application/json", **self.sign(body, at)}


def alert(
    name: str = "HighErrorRate", service: str = "basket", severity: str = "critical", **more: Any
) -> dict[str, Any]:
    labels = {"alertname": name, "service": service, "severity": severity}
    told = {
        "status": "firing", "labels": labels, "annotations": {"summary": f"{service} answers 12% of requests with errors"},
        "startsAt": "2026-03-04T09:12:05.119Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://p:9090",
        "fingerprint": hashlib.md5(f"{name}{service}".encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:16],
    }  # fmt: skip
    return told | more


def group(*alerts: dict[str, Any], key: str = '{}:{alertname="HighErrorRate"}', **more: Any) -> dict[str, Any]:
    firing = any(one["status"] == "firing" for one in alerts)
    told = {
        "version": "4", "groupKey": key, "truncatedAlerts": 0, "status": "firing" if firing else "resolved", "receiver": "hook",
        "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://am:9093", "alerts": list(alerts),
    }  # fmt: skip
    return told | more


_PAGE = {
    "event": {
        "id": "01DEJX", "event_type": "incident.triggered", "resource_type": "incident", "occurred_at": "2026-03-04T09:12:10.123Z",
        "agent": None, "client": None,
        "data": {
            "id": "Q1", "type": "incident", "self": "https://api.pagerduty.com/incidents/Q1", "html_url": "https://acme.pagerduty.com/incidents/Q1",
            "number": 77, "status": "triggered", "incident_key": "k1", "created_at": "2026-03-04T09:12:10Z", "title": "HighErrorRate on basket",
            "service": {"id": "S1", "type": "service_reference", "summary": "basket"}, "urgency": "high", "priority": {"summary": "P1"},
        },
    }
}  # fmt: skip
_OPSGENIE = {
    "action": "Create",
    "alert": {
        "alertId": "052652ac-5d1c-464a-812a-7dd18bbfba8c", "message": "basket: error rate above 5%", "tags": ["prod"], "tinyId": "10",
        "entity": "basket", "alias": "basket-errors", "createdAt": 1772615521370, "updatedAt": 1772615521371000000, "username": "Alert API",
        "userId": "", "description": "12% of requests", "team": "", "responders": [], "teams": [], "actions": [], "priority": "P1",
        "source": "10.0.0.1", "details": {"region": "eu"},
    },
    "source": {"name": "web", "type": "web"}, "integrationName": "Webhook", "integrationId": "i1", "integrationType": "Webhook",
}  # fmt: skip
_DATADOG = {
    "id": "70", "last_updated": 1772615521000, "event_type": "metric_alert_monitor", "title": "[Triggered on {service:basket}] Error rate",
    "date": 1772615521000, "org": {"id": "1", "name": "shop"}, "body": "Too many errors. @webhook-aar", "alert_id": "1234",
    "alert_title": "Error rate", "alert_transition": "Triggered", "alert_type": "error", "alert_priority": "P1", "alert_cycle_key": "c-88",
    "alert_status": "errors over service:basket was > 5.0", "hostname": "", "tags": "service:basket,env:prod", "link": "https://app.example/event",
}  # fmt: skip
_STATUSPAGE = {
    "meta": {"unsubscribe": "https://s.example/u", "documentation": "https://s.example/d", "generated_at": "2026-03-04T09:20:01Z"},
    "page": {"id": "p", "status_indicator": "major", "status_description": "Partial outage"},
    "incident": {
        "id": "inc1", "name": "Checkout fails for some customers", "status": "investigating", "impact": "major", "page_id": "p",
        "created_at": "2026-03-04T09:20:00.000Z", "updated_at": "2026-03-04T09:20:00.000Z", "monitoring_at": None, "resolved_at": None,
        "shortlink": "https://stspg.example/x",
        "incident_updates": [
            {"id": "u1", "status": "investigating", "body": "We are investigating.", "incident_id": "inc1",
             "created_at": "2026-03-04T09:20:00.000Z", "updated_at": "2026-03-04T09:20:00.000Z", "display_at": "2026-03-04T09:20:00.000Z"}
        ],
    },
}  # fmt: skip
_SENTRY = {
    "action": "critical", "installation": {"uuid": "a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},
    "data": {
        "metric_alert": {
            "id": "7", "identifier": "12", "title": "Too many errors in basket", "alert_rule": {"id": "7", "name": "Too many errors"},
            "date_started": "2026-03-04T09:11:00Z", "date_detected": "2026-03-04T09:12:00Z", "date_created": "2026-03-04T09:12:01Z",
            "date_closed": None, "projects": ["basket"], "status": 20,
        },
        "description_text": "1000 events in the last 10 minutes", "description_title": "Critical: Too many errors in basket",
        "web_url": "https://sentry.example/alerts/12",
    },
    "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
}  # fmt: skip
_GITHUB = {
    "action": "created",
    "deployment": {
        "id": 145988746, "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e", "ref": "v2.4.1", "task": "deploy", "environment": "production",
        "description": "basket to production", "creator": {"login": "dana"}, "created_at": "2026-03-04T09:05:19Z", "updated_at": "2026-03-04T09:05:19Z",
        "statuses_url": "https://api.github.com/repos/shop/basket/deployments/145988746/statuses",
    },
    "repository": {"id": 1, "name": "basket", "full_name": "shop/basket"}, "sender": {"login": "dana"},
}  # fmt: skip
_GITLAB = {
    "object_kind": "deployment", "status": "success", "status_changed_at": "2026-03-04 10:05:00 +0100", "deployment_id": 15,
    "deployable_id": 796, "deployable_url": "https://gitlab.example/shop/basket/-/jobs/796", "environment": "production",
    "environment_tier": "production", "project": {"id": 30, "name": "basket", "path_with_namespace": "shop/basket"}, "short_sha": "279484c0",
    "user": {"id": 1, "name": "Dana Ops", "username": "dana"},
    "commit_url": "https://gitlab.example/shop/basket/-/commit/279484c09fbe69ededfced8c1bb6e6d24616b468", "commit_title": "Retry twice",
}  # fmt: skip
_GENERIC = {
    "alert": "Basket slow",
    "fired_at": "2026-03-04T09:12:00Z",
    "severity": "critical",
    "service": "basket",
    "status": "firing",
}
_SLACK = {
    "token": "xx", "team_id": "T1", "api_app_id": "A1", "type": "event_callback", "event_id": "Ev0PV52K21", "event_time": 1772615700,
    "event": {"type": "message", "channel": "C2147483705", "user": "U2147483697", "text": "basket is slow, looking at the database",
              "ts": "1772615700.000005", "event_ts": "1772615700.000005", "channel_type": "channel"},
    "authorizations": [{"team_id": "T1", "user_id": "U1", "is_bot": True}],
}  # fmt: skip

SENDERS = {
    "alertmanager": Sender("alertmanager", group(alert()), bearer),
    "alertmanager-basic": Sender("alertmanager", group(alert()), basic),
    "datadog": Sender("datadog", _DATADOG, header),
    "datadog-basic": Sender("datadog", _DATADOG, basic),
    "generic": Sender("generic", _GENERIC, generic, timed=True),
    "generic-standard": Sender("generic", _GENERIC, standard, timed=True),
    "github": Sender("github", _GITHUB, github),
    "gitlab": Sender("gitlab", _GITLAB, gitlab),
    "gitlab-signed": Sender("gitlab", _GITLAB, standard, timed=True),
    "grafana": Sender("grafana", group(alert()) | {"orgId": 1, "title": "[FIRING:1]", "state": "alerting", "message": "m"}, grafana),
    "grafana-timed": Sender("grafana", group(alert()) | {"orgId": 1}, grafana_timed, timed=True),
    "grafana-bearer": Sender("grafana", group(alert()) | {"orgId": 1}, bearer),
    "opsgenie": Sender("opsgenie", _OPSGENIE, header),
    "pagerduty": Sender("pagerduty", _PAGE, pagerduty),
    "sentry": Sender("sentry", _SENTRY, sentry),
    "slack": Sender("slack", _SLACK, slack, timed=True),
    "statuspage": Sender("statuspage", _STATUSPAGE, unsigned, query=f"?token={SECRET}"),
}  # fmt: skip
VENDORS = tuple(dict.fromkeys(sender.vendor for sender in SENDERS.values()))
