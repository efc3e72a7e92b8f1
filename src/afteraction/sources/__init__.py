"""The sources: one module per format, each a pure function from raw bytes to a reading.

`SOURCES` lists them by hand, in the order in which `afteraction sources` shows them; a test fails when a module of this
folder is missing here, or when two sources claim one sample.
"""

from __future__ import annotations

from afteraction.model.reading import Source
from afteraction.sources.agent_hooks import AgentHooks
from afteraction.sources.agent_telemetry import AgentTelemetry
from afteraction.sources.alert_products import AlertProducts
from afteraction.sources.alert_records import AlertRecords
from afteraction.sources.alertmanager import Alertmanager
from afteraction.sources.call_graphs import CallGraphs
from afteraction.sources.call_transcripts import CallTranscripts
from afteraction.sources.change_lists import ChangeLists
from afteraction.sources.change_products import ChangeProducts
from afteraction.sources.chat_export import ChatExport
from afteraction.sources.chat_text import ChatText
from afteraction.sources.claude_code import ClaudeCode
from afteraction.sources.cloudwatch_metrics import CloudwatchMetrics
from afteraction.sources.codex_sessions import CodexSessions
from afteraction.sources.csv_logs import CsvLogs
from afteraction.sources.event_lists import EventLists
from afteraction.sources.gemini_sessions import GeminiSessions
from afteraction.sources.git_log import GitLog
from afteraction.sources.incident_archives import IncidentArchives
from afteraction.sources.jaeger_traces import JaegerTraces
from afteraction.sources.json_logs import JsonLogs
from afteraction.sources.kubernetes import Kubernetes
from afteraction.sources.kubernetes_audit import KubernetesAudit
from afteraction.sources.log_patterns import LogPatterns
from afteraction.sources.mcp_spool import McpSpool
from afteraction.sources.mcp_transcript import McpTranscript
from afteraction.sources.metric_answers import MetricAnswers
from afteraction.sources.metrics_long import MetricsLong
from afteraction.sources.metrics_wide import MetricsWide
from afteraction.sources.n8n_executions import N8nExecutions
from afteraction.sources.notes import Notes
from afteraction.sources.openmetrics import OpenMetrics
from afteraction.sources.opsgenie import Opsgenie
from afteraction.sources.otlp_traces import OtlpTraces
from afteraction.sources.pagerduty import PagerDuty
from afteraction.sources.prometheus_range import PrometheusRange
from afteraction.sources.release_tables import ReleaseTables
from afteraction.sources.shell_history import ShellHistory
from afteraction.sources.slack_export import SlackExport
from afteraction.sources.span_lists import SpanLists
from afteraction.sources.status_feeds import StatusFeeds
from afteraction.sources.statuspage import Statuspage
from afteraction.sources.terminal import Terminal
from afteraction.sources.text_logs import TextLogs
from afteraction.sources.vscode_chats import VscodeChats

SOURCES: tuple[Source, ...] = (
    SlackExport(),
    ChatText(),
    ChatExport(),
    Alertmanager(),
    PagerDuty(),
    Opsgenie(),
    AlertProducts(),
    AlertRecords(),
    Terminal(),
    ShellHistory(),
    McpTranscript(),
    McpSpool(),
    ClaudeCode(),
    CodexSessions(),
    GeminiSessions(),
    VscodeChats(),
    N8nExecutions(),
    AgentHooks(),
    AgentTelemetry(),
    Notes(),
    EventLists(),
    CallTranscripts(),
    IncidentArchives(),
    Kubernetes(),
    KubernetesAudit(),
    TextLogs(),
    JsonLogs(),
    CsvLogs(),
    LogPatterns(),
    MetricsLong(),
    MetricsWide(),
    PrometheusRange(),
    OpenMetrics(),
    CloudwatchMetrics(),
    MetricAnswers(),
    CallGraphs(),
    OtlpTraces(),
    JaegerTraces(),
    SpanLists(),
    GitLog(),
    ReleaseTables(),
    ChangeProducts(),
    ChangeLists(),
    Statuspage(),
    StatusFeeds(),
)
