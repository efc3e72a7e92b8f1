"""The containers of a pod or pod template, as `kubectl describe` prints them, become the API's specs and statuses."""

from __future__ import annotations

import re
from typing import Any

from afteraction.formats.kubectl.outline import Branch
from afteraction.formats.kubectl.thing import number, port, set_path

_PROBE = re.compile(
    r"(?P<how>http-get|tcp-socket|exec|grpc|unknown)\s+(?P<what>.*?)\s*delay=(?P<delay>\S+)\s+timeout=(?P<timeout>\S+)\s+"
    r"period=(?P<period>\S+)\s+#success=(?P<success>\d+)\s+#failure=(?P<failure>\d+)"
)
_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[^:/]*):(?P<port>[^/]*)(?P<path>/.*)?$")
_FROM_KEY = re.compile(
    r"<set to the key '(?P<key>[^']*)' (?:in|of) (?P<kind>secret|config map) '(?P<name>[^']*)'>(?:\s+Optional: (?P<optional>\w+))?"
)
_MOUNT = re.compile(r"(?P<path>\S+) from (?P<name>\S+) \((?P<flags>[^)]*)\)")
_PROBES = {"Liveness": "livenessProbe", "Readiness": "readinessProbe", "Startup": "startupProbe"}


def container_spec(branch: Branch) -> dict[str, Any]:
    """What was asked for: image, ports, command, resources, probes, environment, mounts."""
    spec: dict[str, Any] = {"name": branch.key or branch.text.rstrip(":")}
    set_path(spec, "image", branch.get("Image"))
    set_path(spec, "ports", _ports(branch.get("Port", "Ports")))
    for key, path in (("Command", "command"), ("Args", "args")):
        part = branch.child(key)
        if part is not None:
            set_path(spec, path, ([part.value] if part.value else []) + [line.strip() for line in part.lines()])
    for key, path in (("Limits", "resources.limits"), ("Requests", "resources.requests")):
        part = branch.child(key)
        if part is not None:
            set_path(spec, path, {child.key: child.value for child in part.children if child.key})
    for key, path in _PROBES.items():
        set_path(spec, path, parse_probe(branch.get(key)))
    set_path(spec, "env", _environment(branch.child("Environment")))
    set_path(spec, "envFrom", _environment_from(branch.child("Environment Variables from")))
    set_path(spec, "volumeMounts", _mounts(branch.child("Mounts")))
    return spec


def container_status(branch: Branch) -> dict[str, Any]:
    """How it fared: state, last state, readiness, restarts."""
    status: dict[str, Any] = {"name": branch.key or branch.text.rstrip(":")}
    set_path(status, "image", branch.get("Image"))
    set_path(status, "imageID", branch.get("Image ID"))
    set_path(status, "state", _state(branch.child("State")))
    set_path(status, "lastState", _state(branch.child("Last State")))
    if branch.has("Ready"):
        status["ready"] = branch.get("Ready") == "True"
    set_path(status, "restartCount", number(branch.get("Restart Count")) if branch.has("Restart Count") else None)
    return status


def _state(branch: Branch | None) -> dict[str, Any]:
    """A state in the API's shape; a terminated one keeps reason, message, exit code and both times as printed."""
    if branch is None or not branch.value:
        return {}
    inner: dict[str, Any] = {}
    for key, path in (
        ("Reason", "reason"),
        ("Message", "message"),
        ("Started", "startedAt"),
        ("Finished", "finishedAt"),
    ):
        part = branch.child(key)
        if part is not None:
            below = " ".join(line.strip() for line in part.lines())
            set_path(inner, path, f"{part.value} {below}".strip())
    if branch.has("Exit Code"):
        inner["exitCode"] = number(branch.get("Exit Code"))
    if branch.has("Signal"):
        inner["signal"] = number(branch.get("Signal"))
    return {branch.value.lower(): inner}


def _ports(text: str) -> list[dict[str, Any]]:
    ports = []
    for part in text.split(","):
        shown, _, protocol = part.strip().partition("/")
        named = re.match(r"(?:(?P<name>[\w-]+)\s+)?(?P<port>\d+)(?:\s+\((?P<after>[\w-]+)\))?$", shown.strip())
        if named and int(named["port"]):
            one: dict[str, Any] = {"containerPort": int(named["port"])}
            set_path(one, "protocol", protocol.split(" ")[0])
            after = re.search(r"\(([\w-]+)\)", part)
            set_path(one, "name", named["name"] or named["after"] or (after.group(1) if after else ""))
            ports.append(one)
    return ports


def parse_probe(text: str) -> dict[str, Any]:
    """Read `http-get http://:8080/ delay=0s timeout=1s period=10s #success=1 #failure=3`; empty when it is no probe."""
    found = _PROBE.match(text)
    if found is None:
        return {}
    probe: dict[str, Any] = {}
    what = found["what"].strip()
    url = _URL.match(what)
    if found["how"] == "http-get" and url is not None:
        get: dict[str, Any] = {"path": url["path"] or "/", "port": port(url["port"]), "scheme": url["scheme"].upper()}
        set_path(get, "host", url["host"])
        probe["httpGet"] = get
    elif found["how"] == "tcp-socket":
        probe["tcpSocket"] = {"port": port(what.rpartition(":")[2])}
    elif found["how"] == "exec":
        probe["exec"] = {"command": what.strip("[]").split(" ")}
    elif found["how"] == "grpc":
        probe["grpc"] = {"port": port(what.split(" ")[0].rpartition(":")[2])}
    for key, path in (("delay", "initialDelaySeconds"), ("timeout", "timeoutSeconds"), ("period", "periodSeconds")):
        set_path(probe, path, number(found[key].rstrip("s")))
    probe |= {"successThreshold": int(found["success"]), "failureThreshold": int(found["failure"])}
    return probe


def _environment(branch: Branch | None) -> list[dict[str, Any]]:
    variables: list[dict[str, Any]] = []
    for child in branch.children if branch is not None else ():
        source = _FROM_KEY.match(child.value)
        if source is not None:
            reference: dict[str, Any] = {"name": source["name"], "key": source["key"]}
            reference["optional"] = source["optional"] == "true"
            kind = "secretKeyRef" if source["kind"] == "secret" else "configMapKeyRef"
            variables.append({"name": child.key, "valueFrom": {kind: reference}})
        elif child.key:
            variables.append({"name": child.key, "value": child.value})
    return variables


def _environment_from(branch: Branch | None) -> list[dict[str, Any]]:
    sources: list[dict[str, Any]] = []
    for child in branch.children if branch is not None else ():
        words = child.text.split()
        if len(words) >= 2:
            kind = "secretRef" if "Secret" in words[1:3] else "configMapRef"
            sources.append({kind: {"name": words[0], "optional": words[-1] == "true"}})
    return sources


def _mounts(branch: Branch | None) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = []
    for child in branch.children if branch is not None else ():
        found = _MOUNT.match(child.text)
        if found is not None:
            mount: dict[str, Any] = {"mountPath": found["path"], "name": found["name"]}
            subpath = re.search(r'path="([^"]*)"', found["flags"])
            set_path(mount, "subPath", subpath.group(1) if subpath else "")
            if found["flags"].startswith("ro"):
                mount["readOnly"] = True
            mounts.append(mount)
    return mounts
