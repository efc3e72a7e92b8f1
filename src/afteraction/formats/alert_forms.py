"""How each monitoring product writes an alert (JSON): a table of the fields by which it is known and where it says what.

In comes a JSON object; out goes the form that it has, or None. Keys are dotted paths; a list of `{key, value}` objects is
descended as an object. The forms follow the products' public documentation of webhooks and APIs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from afteraction.formats.json_documents import list_of, text_of
from afteraction.model.event import EventKind

_Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertForm:
    """Where a product's alert says what; of several keys the first that is filled counts.

    `marks` must all be there, of `any_mark` one. `at` is the time of what the payload tells; `began`, `acknowledged` and
    `ended` are times of the alert's life where the payload tells them all. `states` holds words that no other product
    uses so, `always` is what a payload means that names no state.
    """

    product: str
    marks: _Keys
    any_mark: _Keys = ()
    name: _Keys
    told: _Keys = ()
    more: _Keys = ()
    key: _Keys = ()
    at: _Keys = ()
    began: _Keys = ()
    acknowledged: _Keys = ()
    ended: _Keys = ()
    state: _Keys = ()
    states: Mapping[str, EventKind] = field(default_factory=dict)
    always: EventKind = EventKind.ALERT_FIRING
    grave: _Keys = ("severity", "priority")
    service: _Keys = ("service", "service_name", "host", "hostname")
    actor: _Keys = ()
    labels: _Keys = ("tags", "labels")


FORMS = (
    AlertForm(
        product="Axiom", marks=("action", "event.monitorID"), name=("event.title",), told=("event.title", "event.body"),
        more=("event.description",), key=("event.monitorID",), at=("event.timestamp", "event.queryEndTime"), state=("action",),
    ),
    AlertForm(
        product="Checkly", marks=("check_name", "alert_type", "check_id"), name=("check_name",), told=("event",),
        more=("check_error_message",), key=("check_id",), at=("started_at",), state=("alert_type",), service=("group_name", "check_name"),
    ),
    AlertForm(
        product="Checkmk", marks=("notification_type", "what", "contact_name"), name=("service", "host"), told=("summary",),
        more=("output",), key=("problem_id",), at=("micro_time", "long_date_time", "short_date_time", "date"),
        state=("notification_type",), service=("host",), actor=("notification_author", "ack_author"),
    ),
    AlertForm(
        product="Icinga", marks=("NOTIFICATIONTYPE",), any_mark=("HOSTNAME", "SERVICEDESC", "HOSTALIAS"),
        name=("SERVICEDESC", "SERVICEDISPLAYNAME", "HOSTNAME"), told=("SERVICEOUTPUT", "HOSTOUTPUT"), more=("NOTIFICATIONCOMMENT",),
        at=("TIMET", "LONGDATETIME", "SHORTDATETIME"), state=("NOTIFICATIONTYPE",), grave=("SERVICESTATE", "HOSTSTATE"),
        service=("HOSTNAME", "HOSTALIAS"), actor=("NOTIFICATIONAUTHORNAME",),
    ),
    AlertForm(
        product="CloudWatch", marks=("AlarmName", "HistoryItemType"), name=("AlarmName",), told=("HistorySummary",), key=("AlarmName",),
        at=("Timestamp",), state=("HistoryData.newState.stateValue",), always=EventKind.STATUS,
    ),
    AlertForm(
        product="CloudWatch", marks=("AlarmName",), name=("AlarmName",), told=("AlarmDescription", "NewStateReason", "StateReason"),
        more=("NewStateReason", "StateReason"), key=("AlarmArn", "AlarmName"), at=("StateChangeTime", "StateUpdatedTimestamp"),
        state=("NewStateValue", "StateValue"), grave=("Priority",), service=("Application", "Trigger.Dimensions.ServiceName"),
        labels=("Trigger.Dimensions", "Dimensions"),
    ),
    AlertForm(
        product="CloudWatch", marks=("alarmName", "state.value"), name=("alarmName",), told=("state.reason",), key=("alarmName",),
        at=("state.timestamp",), state=("state.value",),
    ),
    AlertForm(
        product="Coralogix", marks=("alert_id", "alert_action"), name=("name",), told=("name",), more=("description", "fields.text"),
        key=("fields.alertUniqueIdentifier", "alert_id"), at=("fields.timestampISO", "fields.timestampMs", "fields.timestamp"),
        state=("alert_action",), grave=("fields.priority", "fields.severity"), service=("fields.subsystem", "fields.application", "service"),
        labels=("fields",),
    ),
    AlertForm(
        product="Dash0", marks=("type", "data.issue.issueIdentifier"), name=("data.issue.checkrules.0.name", "data.issue.summary"),
        told=("data.issue.summary",), more=("data.issue.description",), key=("data.issue.issueIdentifier", "data.issue.id"),
        began=("data.issue.start",), ended=("data.issue.end",), state=("data.issue.status", "type"), grave=("data.issue.severity",),
        service=("data.issue.labels.service.name", "data.issue.labels.dash0.resource.name"), labels=("data.issue.labels",),
    ),
    AlertForm(
        product="Dynatrace", marks=("ProblemID", "ProblemTitle"), name=("ProblemTitle",), told=("ProblemTitle",), more=("ProblemDetailsText",),
        key=("PID", "ProblemID"), at=("Timestamp",), state=("State",), grave=("ProblemSeverity",), service=("ImpactedEntity",),
    ),
    AlertForm(
        product="Dynatrace", marks=("displayId", "severityLevel", "startTime"), name=("title",), told=("title",), key=("problemId", "displayId"),
        began=("startTime",), ended=("endTime",), state=("status",), grave=("severityLevel",), service=("rootCauseEntity.name",),
    ),
    AlertForm(
        product="Google Cloud Monitoring", marks=("incident.incident_id", "incident.state"),
        name=("incident.condition_name", "incident.condition.displayName", "incident.policy_name"), told=("incident.summary",),
        more=("incident.documentation.content",), key=("incident.incident_id",), began=("incident.started_at",), ended=("incident.ended_at",),
        state=("incident.state",), grave=("incident.severity", "incident.metadata.system_labels.severity"),
        service=("incident.resource_display_name", "incident.resource_name"), labels=("incident.resource.labels", "incident.metric.labels"),
    ),
    AlertForm(
        product="Grafana alert rule", marks=("noDataState", "execErrState", "ruleGroup"), name=("title",), told=("annotations.summary", "title"),
        key=("uid",), grave=("labels.severity",), service=("labels.service", "labels.app"),
    ),
    AlertForm(
        product="Grafana", marks=("ruleName", "state", "evalMatches"), name=("ruleName",), told=("title", "message"), more=("message",),
        key=("ruleId", "ruleName"), at=("date", "time", "timestamp"), state=("state",),
    ),
    AlertForm(
        product="Graylog", marks=("event_definition_id", "event.timestamp"), name=("event_definition_title",), told=("event.message",),
        more=("event_definition_description",), key=("event.id",), at=("event.timestamp",), grave=("event.priority",),
        service=("event.fields.service", "event.source"), labels=("event.fields", "event.group_by_fields"),
    ),
    AlertForm(
        product="LibreNMS", marks=("sysName", "rule_id", "alerted"), any_mark=("uid", "alert_id"), name=("name",), told=("title",),
        key=("alert_id", "uid"), at=("timestamp",), state=("state",), service=("sysName", "hostname"), labels=(),
        states={"0": EventKind.ALERT_RESOLVED, "1": EventKind.ALERT_FIRING, "2": EventKind.ALERT_ACKNOWLEDGED,
                "3": EventKind.ALERT_FIRING, "4": EventKind.ALERT_FIRING, "5": EventKind.ALERT_FIRING},
    ),
    AlertForm(
        product="Sentry", marks=("data.metric_alert", "action"), name=("data.metric_alert.title",),
        told=("data.description_title", "data.metric_alert.title"), more=("data.description_text",),
        key=("data.metric_alert.identifier", "data.metric_alert.id"), at=("data.metric_alert.date_closed", "data.metric_alert.date_detected",
        "data.metric_alert.date_started", "data.metric_alert.date_created"), state=("action",), grave=("action",),
        service=("data.metric_alert.projects.0",),
    ),
    AlertForm(
        product="Sentry", marks=("data.event.event_id",), name=("data.triggered_rule", "data.event.title"), told=("data.event.title",),
        more=("data.event.culprit",), key=("data.event.issue_id", "data.event.event_id"),
        at=("data.event.datetime", "data.event.timestamp", "data.event.received"), state=("action",), grave=("data.event.level",),
        service=("data.event.project_slug", "data.event.logger"), labels=("data.event.tags",),
    ),
    AlertForm(
        product="Sentry", marks=("data.issue.shortId", "action"), name=("data.issue.title",), told=("data.issue.title",),
        more=("data.issue.culprit",), key=("data.issue.id", "data.issue.shortId"), at=("data.issue.statusDetails.at", "data.issue.lastSeen",
        "data.issue.firstSeen"), state=("action",), states={"assigned": EventKind.STATUS, "ignored": EventKind.STATUS, "archived": EventKind.STATUS},
        grave=("data.issue.level",), service=("data.issue.project.slug", "data.issue.project.name"), actor=("actor.name",),
    ),
    AlertForm(
        product="Sentry", marks=("shortId", "firstSeen", "culprit"), name=("title",), told=("title",), more=("culprit",), key=("id",),
        at=("firstSeen",), grave=("level",), service=("project.slug", "project.name"), labels=("tags",),
    ),
    AlertForm(
        product="Sentry", marks=("culprit", "event.event_id", "level"), name=("event.title", "message"), told=("message", "event.title"),
        more=("culprit",), key=("id", "event.event_id"), at=("event.datetime", "event.timestamp", "event.received"), grave=("level",),
        service=("project_slug", "project_name", "project"), labels=("event.tags",),
    ),
    AlertForm(
        product="Splunk Observability", marks=("detectOnCondition",), any_mark=("incidentId", "detectorId", "detectorUrl"),
        name=("rule", "inputs.rule", "detector"), told=("messageTitle", "inputs.messageTitle"), more=("messageBody",), key=("incidentId",),
        at=("timestamp", "timestampISO8601"), state=("statusExtended", "status"), service=("dimensions.service", "dimensions.sf_service"),
        labels=("dimensions",),
    ),
    AlertForm(
        product="Splunk", marks=("search_name", "result"), any_mark=("sid", "results_link"), name=("search_name",), told=("search_name",),
        key=("search_name",), at=("result._time", "trigger_time"), grave=("result.severity",), service=("result.service", "result.host"),
        labels=("result",),
    ),
    AlertForm(
        product="ThousandEyes", marks=("eventType", "alert.alertId"), name=("alert.ruleName",), told=("alert.ruleExpression",),
        more=("alert.testName",), key=("alert.alertId",), began=("alert.dateStartZoned", "alert.dateStart"),
        ended=("alert.dateEndZoned", "alert.dateEnd"), state=("eventType",), grave=("alert.severity",),
        service=("alert.testName", "alert.hostname", "alert.agentName"),
    ),
    AlertForm(
        product="Wazuh", marks=("rule.level", "agent.id"), any_mark=("full_log", "rule.description"), name=("rule.description",),
        told=("rule.description",), more=("full_log",), key=("id", "rule.id"), at=("timestamp",), grave=("rule.level",), service=("agent.name",),
    ),
    AlertForm(
        product="New Relic", marks=("issueUrl",), any_mark=("triggerEvent", "policyName", "alertPolicyNames", "alertConditionNames"),
        name=("alertConditionNames.0", "conditionName", "title"), told=("title",), more=("alertConditionDescriptions.0",),
        key=("id", "issueId"), began=("createdAt", "activatedAt"), acknowledged=("acknowledgedAt",), ended=("closedAt",), at=("updatedAt",),
        state=("state", "trigger", "triggerEvent"), service=("impactedEntities.0", "entityName"), actor=("owner", "acknowledgedBy"),
    ),
    AlertForm(
        product="New Relic", marks=("current_state", "condition_name"), name=("condition_name",), told=("details", "condition_name"),
        key=("incident_id",), at=("timestamp",), state=("current_state",), service=("targets.0.name",), actor=("owner",),
    ),
    AlertForm(
        product="Zabbix", marks=("event_id", "trigger_id"), name=("event_name", "trigger_name", "alert_subject"),
        told=("event_name", "alert_subject", "trigger_name"), more=("event_opdata", "alert_message"), key=("event_id",),
        at=("event_recovery_time", "event_update_time", "event_time", "clock"), state=("event_update_action", "event_status", "event_value"),
        states={"0": EventKind.ALERT_RESOLVED, "1": EventKind.ALERT_FIRING}, grave=("event_severity", "trigger_severity", "event_nseverity"),
        service=("host_name", "host"), actor=("user_fullname",),
    ),
    AlertForm(
        product="Zabbix", marks=("eventid", "objectid", "clock"), any_mark=("acknowledged", "acknowledges", "r_eventid"), name=("name",),
        told=("name",), key=("eventid",), at=("clock",), state=("value",),
        states={"0": EventKind.ALERT_RESOLVED, "1": EventKind.ALERT_FIRING}, service=("hosts.0.host", "hosts.0.name"),
    ),
    AlertForm(
        product="Azure Monitor", marks=("schemaId", "data.essentials.alertId"), name=("data.essentials.alertRule",),
        told=("data.essentials.description", "data.essentials.alertRule"), key=("data.essentials.originAlertId", "data.essentials.alertId"),
        began=("data.essentials.firedDateTime",), ended=("data.essentials.resolvedDateTime",), state=("data.essentials.monitorCondition",),
        grave=("data.essentials.severity",), service=("data.essentials.configurationItems.0",),
    ),
    AlertForm(
        product="Honeycomb", marks=("trigger_description",), any_mark=("result_url", "trigger_url"), name=("name",), told=("summary", "name"),
        more=("description",), key=("id",), at=("alert_timestamp", "timestamp"), state=("status",),
    ),
    AlertForm(
        product="Uptime Kuma", marks=("heartbeat.status", "monitor.name"), name=("monitor.name",), told=("msg",), more=("heartbeat.msg",),
        key=("monitor.id", "monitor.name"), at=("heartbeat.time",), state=("heartbeat.status",), service=("monitor.name",),
        states={"0": EventKind.ALERT_FIRING, "1": EventKind.ALERT_RESOLVED, "2": EventKind.STATUS, "3": EventKind.STATUS},
    ),
    AlertForm(
        product="Better Stack", marks=("data.attributes.started_at", "data.attributes.cause"), name=("data.attributes.name",),
        told=("data.attributes.cause",), key=("data.id",), began=("data.attributes.started_at",),
        acknowledged=("data.attributes.acknowledged_at",), ended=("data.attributes.resolved_at",), state=("data.attributes.status",),
        service=("data.attributes.name", "data.attributes.url"), actor=("data.attributes.acknowledged_by",),
    ),
    AlertForm(
        product="Pingdom", marks=("check_id", "current_state", "previous_state"), name=("check_name",), told=("long_description", "check_name"),
        key=("check_id",), at=("state_changed_timestamp", "state_changed_utc_time"), state=("current_state",), grave=("importance_level",),
        service=("check_params.hostname", "check_name"),
    ),
    AlertForm(
        product="VictorOps", marks=("message_type", "entity_id"), name=("entity_display_name", "entity_id"),
        told=("state_message", "entity_display_name"), key=("entity_id",), at=("state_start_time", "timestamp"), state=("message_type",),
        service=("host_name", "service"), actor=("ack_author",),
    ),
    AlertForm(
        product="Datadog", marks=("alert_transition",), any_mark=("event_title", "title", "alert_title", "event_msg", "body"),
        name=("alert_title", "monitor_name", "event_title", "title"), told=("event_title", "title", "alert_title"),
        more=("alert_status", "event_msg", "body"), key=("alert_cycle_key", "aggreg_key", "alert_id", "monitor_id"),
        at=("date", "last_updated", "timestamp"), state=("alert_transition",), grave=("alert_priority", "priority"),
        service=("service", "hostname", "host"), actor=("username",),
    ),
    AlertForm(
        product="Datadog", marks=("event_type", "org"), any_mark=("body", "aggreg_key"), name=("title",), told=("title",), more=("body",),
        key=("alert_cycle_key", "aggreg_key", "alert_id", "id"), at=("date", "last_updated"), state=("alert_type",), always=EventKind.STATUS,
        grave=("priority", "alert_type"),
    ),
    AlertForm(
        product="Datadog", marks=("date_happened", "title"), any_mark=("alert_type", "source", "text"), name=("title",), told=("title",),
        more=("text",), key=("monitor_id", "id"), at=("date_happened",), state=("alert_type",), states={"info": EventKind.STATUS, "user_update": EventKind.STATUS},
        always=EventKind.STATUS, grave=("priority",),
    ),
    AlertForm(
        product="Datadog", marks=("attributes.attributes.evt", "attributes.timestamp"), name=("attributes.attributes.monitor.name",
        "attributes.attributes.title", "attributes.attributes.evt.name"), told=("attributes.attributes.title", "attributes.title", "attributes.message"),
        more=("attributes.message",), key=("attributes.attributes.monitor.alert_cycle_key", "attributes.attributes.aggregation_key",
        "attributes.attributes.monitor.id", "id"), at=("attributes.timestamp", "attributes.attributes.timestamp"),
        state=("attributes.attributes.monitor.transition.trans_name", "attributes.attributes.status"), always=EventKind.STATUS,
        states={"info": EventKind.STATUS, "user_update": EventKind.STATUS}, grave=("attributes.attributes.priority",),
        service=("attributes.attributes.service", "attributes.attributes.hostname"), labels=("attributes.tags", "attributes.attributes.tags"),
    ),
    AlertForm(
        product="Datadog", marks=("overall_state", "query", "message"), name=("name",), told=("name",), more=("message",), key=("id",),
        at=("overall_state_modified",), state=("overall_state",),
    ),
    AlertForm(
        product="Datadog", marks=("monitor_id", "query", "message"), name=("title", "name"), told=("title",), more=("message",),
        key=("monitor_id",), at=("date", "last_updated", "timestamp"), state=("transition", "status"), labels=("tags", "scopes"),
    ),
    AlertForm(
        product="Wazuh", marks=("message", "severity", "description", "created_at"), name=("message",), told=("message",),
        more=("description",), key=("id", "message"), at=("created_at",), state=("status",),
    ),
    AlertForm(
        product="Prometheus", marks=("summary", "labels.severity"), name=("labels.alertname", "summary"), told=("summary",), key=("fingerprint",),
        grave=("labels.severity",), service=("labels.service", "labels.app", "labels.workload"), labels=("labels",),
    ),
)  # fmt: skip
"""The forms, the narrow ones before the wide ones."""

_EMPTY = ("null", "none", "n/a", "undefined")


def form_of(value: Any) -> AlertForm | None:
    """Return the form of one alert, or None when it has none that is known."""
    if not isinstance(value, Mapping):
        return None
    return next((form for form in FORMS if is_marked(value, form.marks, form.any_mark)), None)


def is_marked(value: Mapping[str, Any], marks: _Keys, any_mark: _Keys) -> bool:
    """Whether an object has something under all of `marks` and, where there are any, under one of `any_mark`."""
    if not all(mark in value or mark.partition(".")[0] in value for mark in marks):  # most objects end here
        return False
    return all(found(value, mark) is not None for mark in marks) and (
        not any_mark or any(found(value, mark) is not None for mark in any_mark)
    )


def found(record: Any, key: str) -> Any:
    """Return the value under a dotted path; a number picks from a list, `{key, value}` lists are read as objects."""
    if isinstance(record, list):
        first, _, rest = key.partition(".")
        if first.isdigit():
            inner = record[int(first)] if int(first) < len(record) else None
            return found(inner, rest) if rest else inner
        record = pairs_of(record)
    if isinstance(record, str) and record.startswith("{"):
        record = _opened(record)
    if not isinstance(record, Mapping):
        return None
    if key in record:
        return record[key]
    for at in range(len(key)):
        if key[at] == "." and key[:at] in record:
            inner = found(record[key[:at]], key[at + 1 :])
            if inner is not None:
                return inner
    return None


def _opened(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def said(record: Any, keys: _Keys) -> str:
    """Return the first filled field as text; a placeholder that its product left unfilled counts as empty."""
    for key in keys:
        value = found(record, key)
        text = text_of({"it": value}, "it") if value is not None else ""
        unfilled = text.lower() in _EMPTY or (text.startswith("$") and text[1:].replace("_", "").isupper())
        if text and not unfilled and not (text.startswith("*") and text.endswith("*")):
            return text
    return ""


def pairs_of(value: Any) -> dict[str, Any]:
    """Read labels however they are written: object, `{key, value}` list, pairs, `name:value` texts or one such text."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    pairs: dict[str, Any] = {}
    for item in list_of(value):
        if isinstance(item, Mapping):
            name, inner = item.get("key", item.get("name")), item.get("value")
            if isinstance(inner, Mapping) and len(inner) == 1:  # OTLP: {"stringValue": "..."}
                inner = next(iter(inner.values()))
        elif isinstance(item, list) and len(item) == 2:
            name, inner = item
        else:
            name, _, inner = str(item).partition(":")
        if isinstance(name, str) and name:
            pairs.setdefault(name, inner)
    return pairs
