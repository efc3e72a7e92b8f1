"""Objects of the Kubernetes API written as YAML or JSON, single, in lists or one per line, with the lines they stand on.

Values of Secrets never leave this module: their keys are kept, their contents are not. A document that is no YAML
becomes a fault with its line; the other documents are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from afteraction.formats.json_documents import mapping_of
from afteraction.formats.kubectl.kinds import CLUSTER_WIDE, kind_of
from afteraction.formats.kubectl.thing import Thing

HIDDEN = "<hidden>"
_START = re.compile(r"(?:apiVersion|kind|items|metadata):(?:\s|$)")
_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,]*")
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML in which stamps stay text, as in the API's JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch that could not be read, by its 0-based first line, and why."""

    line: int
    reason: str


def is_manifest(lines: Sequence[str]) -> bool:
    """Whether some line at the margin begins a YAML object of the API."""
    found = {line.split(":")[0] for line in lines if _START.match(line)}
    return "kind" in found and bool(found & {"apiVersion", "metadata", "items"})


def read_yaml(lines: Sequence[str]) -> tuple[list[Thing], list[Fault]]:
    """Read all YAML documents of `lines`."""
    things: list[Thing] = []
    faults: list[Fault] = []
    for start, end in _documents(lines):
        text = "\n".join(lines[start:end])
        try:
            loader = _Loader(text)
            try:
                node = loader.get_single_node()
                if node is not None and _unfolded(node) > max(_MOST_NODES, len(text)):
                    raise yaml.YAMLError("its anchors and aliases unfold to more than the text holds")
                value = loader.construct_document(node) if node is not None else None
            finally:
                loader.dispose()
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            faults.append(Fault(start + (mark.line if mark else 0), f"no YAML: {getattr(error, 'problem', error)}"))
            continue
        if isinstance(value, Mapping):
            things += _objects(value, node, start, end)
    return things, faults


_MOST_NODES = 100_000
"""Values that aliases may unfold to in a document that is shorter than this; the tools that print objects use none."""


def _unfolded(node: yaml.Node) -> float:
    """Return how many values a document holds once its aliases are written out; infinite when one holds itself."""
    sizes: dict[int, float] = {}
    waiting: list[tuple[yaml.Node, bool]] = [(node, False)]
    while waiting:
        current, is_back = waiting.pop()
        inner: list[yaml.Node] = (
            [part for pair in current.value for part in pair]
            if isinstance(current, yaml.MappingNode)
            else current.value
            if isinstance(current, yaml.SequenceNode)
            else []
        )
        if is_back:
            sizes[id(current)] = 1.0 + sum(sizes[id(part)] for part in inner)
        elif id(current) not in sizes:
            sizes[id(current)] = float("inf")  # until its parts are known: a part that meets it again is a loop
            waiting.append((current, True))
            waiting += [(part, False) for part in inner if id(part) not in sizes]
    return sizes[id(node)]


def _documents(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last line (exclusive) of each document: between `---` marks, from the first key at the margin on."""
    marks = [number for number, line in enumerate(lines) if line.rstrip() == "---" or line.startswith("--- ")]
    for start, end in zip([-1, *marks], [*marks, len(lines)], strict=True):
        first = next((n for n in range(start + 1, end) if re.match(r"[A-Za-z]\w*:(?:\s|$)", lines[n])), None)
        if first is not None:
            yield first, end


def _objects(value: Mapping[str, Any], node: Any, start: int, end: int) -> Iterator[Thing]:
    items = value.get("items")
    if not isinstance(items, list):
        found = thing_of(value, start, max(start, end - 1))
        if found is not None:
            yield found
        return
    nodes: list[Any] = next((pair[1].value for pair in node.value if pair[0].value == "items"), [])
    for item, at in zip(items, nodes, strict=False):
        last = at.end_mark.line - (1 if at.end_mark.column == 0 else 0)
        found = thing_of(_with_kind(item, value), start + at.start_mark.line, start + max(last, at.start_mark.line))
        if found is not None:
            yield found
    yield from _inventory(value, items, start)


_WATCHED = frozenset({"ADDED", "MODIFIED", "DELETED"})


def read_json_objects(text: str, start_line: int) -> tuple[list[Thing], list[Fault]]:
    """Read objects from JSON: one document, a List, or one object a line. `start_line` is 0-based."""
    things: list[Thing] = []
    position = _skip(text, 0)
    line = start_line + text.count("\n", 0, position)
    while position < len(text):
        try:
            value, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            things += _salvaged(text, position, line)
            return things, [Fault(line, f"the JSON breaks off or is damaged: {error}")]
        last = line + text.count("\n", position, end)
        things += _json_objects(value, text, (position, end), (line, last))
        following = _skip(text, end)
        line = last + text.count("\n", end, following)
        position = following
    return things, []


def _salvaged(text: str, position: int, line: int) -> Iterator[Thing]:
    """The whole items of a list that breaks off."""
    opened = re.compile(r'"items"\s*:\s*\[').search(text, position)
    at = opened.end() if opened is not None else len(text)
    line += text.count("\n", position, at)
    while at < len(text):
        begin = _skip(text, at)
        try:
            value, end = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            return
        first = line + text.count("\n", at, begin)
        line = first + text.count("\n", begin, end)
        at = end
        found = thing_of(value, first, line)
        if found is not None:
            yield found


def _json_objects(value: Any, text: str, span: tuple[int, int], lines: tuple[int, int]) -> Iterator[Thing]:
    """The objects of one decoded value, which stands at `span` of the text and on `lines` of the output."""
    (position, end), (line, last) = span, lines
    if isinstance(value, list):
        for item, first, final in _located(value, text, (position, end), line, r"\["):
            yield from _json_objects(item, text, (position, position), (first, final))
        return
    if not isinstance(value, Mapping):
        return
    if value.get("type") in _WATCHED and isinstance(value.get("object"), Mapping):
        yield from _json_objects(value["object"], text, span, lines)  # `kubectl get --watch --output-watch-events`
        return
    items = value.get("items")
    if not isinstance(items, list):
        found = thing_of(value, line, last)
        if found is not None:
            yield found
        return
    for item, first, final in _located(items, text, (position, end), line):
        found = thing_of(_with_kind(item, value), first, final)
        if found is not None:
            yield found
    yield from _inventory(value, items, line)


def _located(
    items: Sequence[Any], text: str, span: tuple[int, int], line: int, opening: str = r'"items"\s*:\s*\['
) -> Iterator[tuple[Any, int, int]]:
    """Each item of a list with its lines, found by decoding the list again item by item."""
    position, end = span
    opened = re.compile(opening).search(text, position, end)
    at = opened.end() if opened is not None else end
    number = line + text.count("\n", position, at)
    for item in items:
        begin = _skip(text, at)
        try:
            _, finish = _DECODER.raw_decode(text, begin)
        except ValueError:
            begin = finish = at
        first = number + text.count("\n", at, begin)
        number = first + text.count("\n", begin, finish)
        at = finish
        yield item, first, number


def _with_kind(item: Any, around: Mapping[str, Any]) -> Any:
    """Return an item of a list with its kind: the API leaves it out where the list's own kind (`PodList`) says it."""
    kind = str(around.get("kind") or "")
    if not isinstance(item, Mapping) or "kind" in item or not kind.endswith("List") or kind == "List":
        return item
    return {"kind": kind.removesuffix("List"), "apiVersion": around.get("apiVersion", ""), **item}


def _inventory(value: Mapping[str, Any], items: Sequence[Any], line: int) -> Iterator[Thing]:
    """What a List says beyond its items: that this is all there is, of the kinds that it holds."""
    kinds = {str(item.get("kind")) for item in items if isinstance(item, Mapping) and item.get("kind")}
    named = str(value.get("kind") or "").removesuffix("List")
    for kind in sorted(kinds | ({named} if named else set())):
        places = {
            str(mapping_of(item.get("metadata")).get("namespace", "")) for item in items if isinstance(item, Mapping)
        }
        namespace = places.pop() if len(places) == 1 else ""
        data = {"kind": f"{kind}List", "everywhere": len(places) > 0 or kind in CLUSTER_WIDE}
        yield Thing(kind=f"{kind}List", name="", namespace=namespace, data=data, first=line, last=line)


def _issue(value: Mapping[str, Any], first: int, last: int) -> Thing:
    """What a monitor of clusters recorded of an object (Robusta's findings), as the event that it was made from."""
    kind, name = kind_of(str(value["subject_type"])) or str(value["subject_type"]), str(value["subject_name"])
    namespace, title = str(value.get("subject_namespace") or ""), str(value.get("title") or "")
    printed = re.match(r"(\w+) Warning for ", title)
    at = str(value.get("starts_at") or value.get("creation_date") or "")
    data: dict[str, Any] = {
        "kind": "Event", "type": "Warning", "reason": printed.group(1) if printed else str(value.get("aggregation_key") or ""),
        "message": str(value.get("description") or title),
        "involvedObject": {"kind": kind, "name": name, "namespace": namespace},
        "lastTimestamp": at, "firstTimestamp": at,
    }  # fmt: skip
    return Thing(kind="Event", name=name, namespace=namespace, data=data, first=first, last=last)


def thing_of(value: Any, first: int, last: int) -> Thing | None:
    """An object of the API as a thing, or None when it is none (no kind, no name, an audit record)."""
    if not isinstance(value, Mapping):
        return None
    if value.get("subject_type") and value.get("subject_name"):
        return _issue(value, first, last)
    kind, metadata = value.get("kind"), value.get("metadata")
    if "involvedObject" in value or ("regarding" in value and "reason" in value):
        kind = "Event"
        metadata = metadata if isinstance(metadata, Mapping) else {}
    if not isinstance(kind, str) or "audit.k8s.io" in str(value.get("apiVersion", "")):
        return None
    if kind == "Status" and "status" in value:
        details = value.get("details") if isinstance(value.get("details"), Mapping) else {}
        return Thing(kind=kind, name=str((details or {}).get("name", "")), data=dict(value), first=first, last=last)
    if not isinstance(metadata, Mapping) or not (metadata.get("name") or kind == "Event"):
        return None
    data = _without_secrets(kind, dict(value))
    involved = value.get("involvedObject") or value.get("regarding")
    involved = involved if isinstance(involved, Mapping) else {}
    name = str(involved.get("name", "") if kind == "Event" else metadata.get("name"))
    namespace = str(metadata.get("namespace") or (involved.get("namespace", "") if kind == "Event" else "") or "")
    if kind == "Event":
        data = _modern_event(data)
        if not isinstance(data.get("involvedObject"), Mapping):
            data["involvedObject"] = {}
    return Thing(kind=kind, name=name, namespace=namespace, data=data, first=first, last=last, complete=True)


def _modern_event(data: dict[str, Any]) -> dict[str, Any]:
    """An `events.k8s.io` event in the words of the core API, which all rules read."""
    if "regarding" in data:
        data["involvedObject"] = data.pop("regarding")
        data.setdefault("message", data.get("note", ""))
    series = data.get("series") if isinstance(data.get("series"), Mapping) else {}
    data.setdefault("count", (series or {}).get("count", data.get("deprecatedCount", 1)) or 1)
    last = (
        (series or {}).get("lastObservedTime")
        or data.get("deprecatedLastTimestamp")
        or data.get("eventTime")
        or data.get("timestamp")
    )
    if "type" not in data and data.get("severity") in {"error", "info"}:  # as Flux's notifications say it
        data["type"] = "Warning" if data["severity"] == "error" else "Normal"
    if not data.get("lastTimestamp"):
        created = mapping_of(data.get("metadata")).get("creationTimestamp")
        data["lastTimestamp"] = last or created
    if not data.get("firstTimestamp"):
        data["firstTimestamp"] = data.get("deprecatedFirstTimestamp") or data.get("eventTime")
    return data


def _without_secrets(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """Drop what would repeat the object or hold its secret values."""
    metadata = dict(mapping_of(data.get("metadata")))
    metadata.pop("managedFields", None)
    annotations = metadata.get("annotations")
    if isinstance(annotations, Mapping) and _APPLIED in annotations:
        metadata["annotations"] = {key: text for key, text in annotations.items() if key != _APPLIED}
    data["metadata"] = metadata
    if kind == "Secret":
        for field in ("data", "stringData"):
            if isinstance(data.get(field), Mapping):
                data[field] = dict.fromkeys(data[field], HIDDEN)
    return data


def _skip(text: str, position: int) -> int:
    found = _BETWEEN.match(text, position)
    return found.end() if found is not None else position
