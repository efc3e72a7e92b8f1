"""How each product writes a change (JSON): a table of the fields by which it is known and where it says what.

In comes a JSON object; out goes the form that it has, or None. Keys are dotted paths as in `alert_forms.py`. The forms
follow the products' public documentation of their APIs, webhooks and command lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from afteraction.formats.alert_forms import found, is_marked, said
from afteraction.model.event import ChangeKind

_Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeForm:
    """Where a product's change says what; of several keys the first that is filled counts.

    `marks` must all be there, of `any_mark` one, and each of `equal` must match its pattern. A record that does not
    match `only` is the product's, but no change (a pull request that was not merged). `key` is equal for all records of
    one change (the states of one deployment), which become one event. `kind` is None where the words decide.
    """

    product: str
    marks: _Keys
    any_mark: _Keys = ()
    equal: tuple[tuple[str, str], ...] = ()
    only: tuple[tuple[str, str], ...] = ()
    noun: str
    kind: ChangeKind | None = ChangeKind.DEPLOY
    key: _Keys = ()
    at: _Keys
    finished: _Keys = ()
    ref: _Keys
    title: _Keys = ()
    version: _Keys = ()
    service: _Keys = ()
    environment: _Keys = ()
    actor: _Keys = ()
    status: _Keys = ()
    before: _Keys = ()
    after: _Keys = ()


_COMMIT = ChangeKind.COMMIT
_REPOSITORY = ("repository.name", "repository.full_name", "project.path_with_namespace", "project.name")

FORMS = (
    ChangeForm(
        product="GitHub", noun="deployment", marks=("deployment_status.state", "deployment.sha"), key=("deployment.id",),
        at=("deployment_status.created_at", "deployment.created_at"), ref=("deployment.sha",), version=("deployment.ref",),
        title=("deployment_status.description", "deployment.description"), service=("repository.name",),
        environment=("deployment_status.environment", "deployment.environment"),
        actor=("deployment_status.creator.login", "sender.login"), status=("deployment_status.state",),
    ),
    ChangeForm(
        product="GitHub", noun="deployment", marks=("deployment.sha", "deployment.environment", "repository"), key=("deployment.id",),
        at=("deployment.created_at",), ref=("deployment.sha",), version=("deployment.ref",), title=("deployment.description",),
        service=("repository.name",), environment=("deployment.environment",), actor=("deployment.creator.login", "sender.login"),
        status=("deployment.task_state", "action"),
    ),
    ChangeForm(
        product="GitHub", noun="deployment", marks=("sha", "environment", "statuses_url"), key=("id",), at=("created_at",), ref=("sha",),
        version=("ref",), title=("description",), service=("repository_url", "url"), environment=("environment",), actor=("creator.login",),
        status=("state", "latest_status.state"),
    ),
    ChangeForm(
        product="GitHub", noun="deployment", marks=("state", "deployment_url", "created_at"), key=("deployment_url",), at=("created_at",),
        ref=("sha", "deployment_url"), title=("description",), service=("repository_url",), environment=("environment",),
        actor=("creator.login",), status=("state",),
    ),
    ChangeForm(
        product="GitHub", noun="release", marks=("release.tag_name", "action"), only=(("action", r"published|released|prereleased"),),
        key=("release.id",), at=("release.published_at", "release.created_at"), ref=("release.tag_name",), version=("release.tag_name",),
        title=("release.name",), service=("repository.name",), actor=("release.author.login", "sender.login"),
    ),
    ChangeForm(
        product="GitHub", noun="release", marks=("tag_name", "draft"), only=(("draft", r"false"),), at=("published_at",),
        ref=("tag_name",), version=("tag_name",), title=("name",), service=("url", "html_url"), actor=("author.login",),
    ),
    ChangeForm(
        product="GitHub", noun="release", marks=("tagName",), any_mark=("publishedAt", "isDraft", "isLatest"),
        only=(("isDraft", r"^(?:false)?$"), ("publishedAt", r"\d")), at=("publishedAt",),
        ref=("tagName",), version=("tagName",), title=("name",), service=("url",), actor=("author.login",),
    ),
    ChangeForm(
        product="GitHub", noun="pull request", marks=("pull_request.number", "action"), only=(("pull_request.merged_at", r"\d"),
        ("action", r"closed")), kind=_COMMIT, at=("pull_request.merged_at",), ref=("pull_request.merge_commit_sha", "pull_request.head.sha"),
        title=("pull_request.title",), service=("repository.name",), actor=("pull_request.merged_by.login", "pull_request.user.login"),
    ),
    ChangeForm(
        product="GitHub", noun="pull request", marks=("number", "base.ref", "head.ref"), only=(("merged_at", r"\d"),), kind=_COMMIT,
        at=("merged_at",), ref=("merge_commit_sha", "head.sha"), title=("title",), service=("base.repo.name", "url"),
        actor=("merged_by.login", "user.login"),
    ),
    ChangeForm(
        product="GitHub", noun="pull request", marks=("number", "title"), any_mark=("mergedAt", "headRefName", "mergeCommit"),
        only=(("mergedAt", r"\d"),), kind=_COMMIT, at=("mergedAt",), ref=("mergeCommit.oid", "headRefOid", "number"), title=("title",),
        service=("url",), actor=("mergedBy.login", "author.login"),
    ),
    ChangeForm(
        product="GitHub", noun="push", marks=("after", "head_commit.timestamp", "ref"), kind=_COMMIT, at=("head_commit.timestamp",),
        ref=("after",), title=("head_commit.message",), service=("repository.name",), actor=("pusher.name", "sender.login"), before=("before",),
        after=("after",),
    ),
    ChangeForm(
        product="GitHub", noun="workflow run", marks=("workflow_run.head_sha", "action"), kind=None, key=("workflow_run.id",),
        at=("workflow_run.run_started_at", "workflow_run.created_at"), ref=("workflow_run.head_sha",), title=("workflow_run.name",),
        service=("repository.name",), actor=("workflow_run.actor.login", "sender.login"), status=("workflow_run.conclusion", "workflow_run.status"),
    ),
    ChangeForm(
        product="GitHub", noun="workflow run", marks=("workflowName", "headSha"), kind=None, at=("startedAt", "createdAt"), ref=("headSha",),
        title=("workflowName", "displayTitle"), service=("url",), status=("conclusion", "status"), finished=("updatedAt",),
    ),
    ChangeForm(
        product="GitHub", noun="workflow run", marks=("workflow_id", "head_sha", "run_number"), kind=None, at=("run_started_at", "created_at"),
        ref=("head_sha",), title=("name", "display_title"), service=("repository.name",), actor=("actor.login",), status=("conclusion", "status"),
        finished=("updated_at",),
    ),
    ChangeForm(
        product="GitLab", noun="deployment", marks=("object_kind", "deployment_id", "status"), key=("deployment_id",),
        at=("status_changed_at",), ref=("commit_sha", "commit_url", "short_sha"), title=("commit_title",), service=("project.name",),
        environment=("environment",), actor=("user.name", "user.username"), status=("status",),
    ),
    ChangeForm(
        product="GitLab", noun="deployment", marks=("iid", "sha", "environment.name"), key=("id",), at=("created_at",),
        finished=("deployable.finished_at", "updated_at"), ref=("sha",), version=("ref",), title=("deployable.commit.title",),
        service=("project.name", "deployable.pipeline.web_url"), environment=("environment.name",), actor=("user.name", "user.username"),
        status=("status",),
    ),
    ChangeForm(
        product="GitLab", noun="merge request", marks=("object_kind", "object_attributes.source_branch"),
        only=(("object_attributes.action", r"^merge$"),), kind=_COMMIT, at=("object_attributes.merged_at", "object_attributes.updated_at"),
        ref=("object_attributes.merge_commit_sha", "object_attributes.last_commit.id"), title=("object_attributes.title",),
        service=("project.name",), actor=("user.name", "user.username"),
    ),
    ChangeForm(
        product="GitLab", noun="merge request", marks=("iid", "source_branch", "target_branch"), only=(("merged_at", r"\d"),), kind=_COMMIT,
        at=("merged_at",), ref=("merge_commit_sha", "squash_commit_sha", "sha"), title=("title",), service=("web_url",),
        actor=("merge_user.name", "merged_by.name", "author.name"),
    ),
    ChangeForm(
        product="GitLab", noun="commit", marks=("short_id", "committed_date", "title"), kind=_COMMIT, at=("committed_date",), ref=("id",),
        title=("title",), service=("web_url",), actor=("author_name",),
    ),
    ChangeForm(
        product="GitLab", noun="release", marks=("tag_name", "released_at"), at=("released_at",), ref=("tag_name",), version=("tag_name",),
        title=("name",), service=("_links.self",), actor=("author.name", "author.username"),
    ),
    ChangeForm(
        product="Argo CD", noun="sync", marks=("deployedAt",), any_mark=("source.repoURL", "sources", "revision"), at=("deployStartedAt", "deployedAt"),
        finished=("deployedAt",), ref=("revision", "revisions.0"), version=("source.targetRevision",),
        service=("application", "app", "source.path", "source.chart", "source.repoURL"), actor=("initiatedBy.username",),
    ),
    ChangeForm(
        product="Helm", noun="release", marks=("revision", "updated", "chart", "status"), kind=None, at=("updated",), ref=("revision",),
        title=("description",), version=("app_version", "chart"), service=("name", "chart"), environment=("namespace",),
        status=("status", "description"),
    ),
    ChangeForm(
        product="LaunchDarkly", noun="flag", marks=("_id", "date", "kind", "name"), any_mark=("titleVerb", "member", "accesses", "target"),
        kind=ChangeKind.FLAG, only=(("kind", r"flag|segment|environment|project"),), at=("date",), ref=("target.resources.0", "name"),
        title=("comment", "description", "shortDescription"), environment=("target.resources.0",), service=(),
        actor=("member.email", "member.firstName", "app.name", "token.name"), after=("titleVerb",),
    ),
    ChangeForm(
        product="Unleash", noun="flag", marks=("type", "createdBy", "createdAt"), any_mark=("featureName", "preData"), kind=ChangeKind.FLAG,
        only=(("type", r"^(?:feature|segment|strategy|project-environment)"),), at=("createdAt",), ref=("featureName", "data.name"), title=("type",),
        service=(), environment=("environment",), actor=("createdBy",), after=("type",),
    ),
    ChangeForm(
        product="Flagsmith", noun="flag", marks=("event_type", "data.new_state.feature"), kind=ChangeKind.FLAG, at=("data.timestamp",),
        ref=("data.new_state.feature.name",), environment=("data.new_state.environment.name",), actor=("data.changed_by",),
        before=("data.previous_state.enabled",), after=("data.new_state.enabled",),
    ),
    ChangeForm(
        product="Flagsmith", noun="flag", marks=("created_date", "log"), any_mark=("related_object_type", "related_object_id"),
        kind=ChangeKind.FLAG, at=("created_date",), ref=("log",), title=("log",), environment=("environment.name",),
        actor=("author.email", "author.first_name"),
    ),
    ChangeForm(
        product="Split", noun="flag", marks=("environmentName", "editor", "time"), kind=ChangeKind.FLAG, at=("time",), ref=("name",),
        title=("title", "description"), environment=("environmentName",), actor=("editor",), after=("description",),
    ),
    ChangeForm(
        product="Terraform", noun="apply", marks=("@module", "@timestamp", "type"), equal=(("@module", r"^terraform"),),
        only=(("changes.operation", r"apply|destroy"),), kind=ChangeKind.CONFIG, at=("@timestamp",), ref=("changes.operation",),
        title=("@message",), status=("type",),
    ),
    ChangeForm(
        product="AWS CloudTrail", noun="call", marks=("eventSource", "eventName", "eventTime", "userIdentity"), kind=ChangeKind.CONFIG,
        only=(("readOnly", r"^(?:false)?$"),), at=("eventTime",), ref=("eventName",), title=("eventName",), service=("eventSource",),
        environment=("awsRegion",), actor=("userIdentity.userName", "userIdentity.sessionContext.sessionIssuer.userName", "userIdentity.arn"),
        status=("errorCode",),
    ),
    ChangeForm(
        product="AWS CodeDeploy", noun="deployment", marks=("deploymentInfo.deploymentId",), key=("deploymentInfo.deploymentId",),
        at=("deploymentInfo.startTime", "deploymentInfo.createTime"), finished=("deploymentInfo.completeTime",),
        ref=("deploymentInfo.revision.gitHubLocation.commitId", "deploymentInfo.deploymentId"), title=("deploymentInfo.description",),
        service=("deploymentInfo.applicationName",), environment=("deploymentInfo.deploymentGroupName",), actor=("deploymentInfo.creator",),
        status=("deploymentInfo.status",),
    ),
    ChangeForm(
        product="Heroku", noun="release", marks=("slug", "version", "app.name"), kind=None, at=("created_at",), ref=("version",),
        version=("version",), title=("description",), service=("app.name",), actor=("user.email",), status=("status",),
    ),
    ChangeForm(
        product="Jenkins", noun="build", marks=("fullDisplayName", "timestamp", "building"), kind=None, at=("timestamp",), ref=("number", "id"),
        title=("fullDisplayName",), service=("fullDisplayName",), status=("result",),
    ),
    ChangeForm(
        product="NetBox", noun="object", marks=("event", "model", "username", "data.id"), any_mark=("snapshots", "request_id"),
        kind=ChangeKind.CONFIG, at=("timestamp",), ref=("data.display", "data.name", "data.id"), title=("model",), service=("data.name",),
        actor=("username",), before=("snapshots.prechange.status",), after=("event",),
    ),
)  # fmt: skip
"""The forms, the narrow ones before the wide ones."""


def form_of_change(value: Any) -> ChangeForm | None:
    """Return the form of one record of a change, or None when it has none that is known."""
    if not isinstance(value, Mapping):
        return None
    known = (form for form in FORMS if is_marked(value, form.marks, form.any_mark) and matches(value, form.equal))
    return next(known, None)


def matches(value: Any, wanted: tuple[tuple[str, str], ...]) -> bool:
    """Whether each key's text matches its pattern; a key that is missing has an empty text."""
    return all(re.search(pattern, plain(value, (key,))) for key, pattern in wanted)


def plain(value: Any, keys: _Keys) -> str:
    """Return the first filled field as text; true and false count as words."""
    for key in keys:
        inner = found(value, key)
        text = str(inner).lower() if isinstance(inner, bool) else said(value, (key,))
        if text:
            return text
    return ""
