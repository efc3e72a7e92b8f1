"""Objects that several outputs showed become one item each, with all origins kept; events become notes on items.

In come cluster objects in any order; out goes a `Cluster`, which answers what the rules ask: objects of a kind, whether a
list is known to be whole, who owns a pod, which lines to cite. Refuses nothing; contradictions keep the fuller view.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from afteraction.evidence.cluster.selectors import selects
from afteraction.evidence.cluster.shape import shaped
from afteraction.formats.kubectl import event_times
from afteraction.formats.pods import service_of_pod
from afteraction.model.cluster import ClusterObject
from afteraction.model.origin import Origin

_BY_NAME = ("name", "type", "key", "host")
"""Fields by which the entries of a list of the API are told apart when two views of it are merged."""
_APP_LABELS = ("app.kubernetes.io/name", "app", "k8s-app", "name", "service", "component", "io.kompose.service", "run")
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")


@dataclass(frozen=True, slots=True)
class Cited:
    """A line to cite: where it stands and what it says."""

    origin: Origin
    text: str


@dataclass(frozen=True, eq=False)
class Item:
    """One object of the cluster, merged from all outputs that showed it."""

    kind: str
    name: str
    namespace: str
    data: Mapping[str, Any]
    seen: tuple[ClusterObject, ...]

    def get(self, path: str, default: Any = None) -> Any:
        """The value at a dotted path, or `default`."""
        value: Any = self.data
        for key in path.split("."):
            if not isinstance(value, Mapping) or key not in value:
                return default
            value = value[key]
        return default if value is None else value

    def labels(self) -> Mapping[str, str]:
        """The object's labels."""
        return self._labels

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        found = self.get("metadata.labels", {})
        return found if isinstance(found, Mapping) else {}

    @property
    def whole(self) -> bool:
        """Whether some output showed the whole object, so that an absent field is not set."""
        return any(one.complete for one in self.seen)

    @property
    def described(self) -> bool:
        """Whether more was seen than a row of a table."""
        return any(one.complete or (one.origin.line_end or 0) > (one.origin.line or 0) for one in self.seen)

    def cite(self, *needles: object) -> Cited:
        """The first line, in the fullest view, that holds all of `needles`; else most of them, else the first line."""
        words = [str(needle) for needle in needles if str(needle)]
        best: tuple[int, Cited] | None = None
        for one in sorted(self.seen, key=lambda seen: -len(seen.text)):
            for offset, line in enumerate(one.text.splitlines()):
                held = sum(word in line for word in words)
                if best is None or held > best[0]:
                    best = (held, Cited(_line(one.origin, offset), line.rstrip()))
                if held == len(words):
                    return Cited(_line(one.origin, offset), line.rstrip())
        return best[1] if best is not None else Cited(self.seen[0].origin, "")


def _line(origin: Origin, offset: int) -> Origin:
    last = origin.line_end
    if origin.line is None or (last is not None and origin.line + offset > last):
        return origin
    return Origin(file=origin.file, line=origin.line + offset, line_end=origin.line + offset, record=origin.record)


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """What the cluster noted about an object: an event, however often it was shown."""

    kind: str
    name: str
    namespace: str
    reason: str
    message: str
    warning: bool
    count: int
    cited: Cited
    last_seen: str = ""
    at: datetime | None = None
    component: str = ""


Template = tuple[Item, Mapping[str, Any], Mapping[str, str]]
"""A pod or workload, its pod spec, and the labels of its pods."""


@dataclass(frozen=True)
class Cluster:
    """All items and notes, and what is known to be listed whole."""

    items: Mapping[tuple[str, str, str], Item]
    notes: tuple[Note, ...]
    listed: frozenset[tuple[str, str]]
    refused: tuple[Item, ...] = ()
    by_kind: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)

    def all(self, kind: str) -> tuple[Item, ...]:
        """Every item of a kind."""
        return self.by_kind.get(kind, ())

    def find(self, kind: str, name: str, namespace: str = "") -> Item | None:
        """The item of that name; an unknown namespace on either side fits any."""
        exact = self.items.get((kind, namespace, name))
        if exact is not None:
            return exact
        return next((item for item in self._by_name.get((kind, name), ()) if near(item.namespace, namespace)), None)

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], list[Item]]:
        found: dict[tuple[str, str], list[Item]] = defaultdict(list)
        for item in self.items.values():
            found[item.kind, item.name].append(item)
        return found

    def knows_all(self, kind: str, namespace: str = "") -> bool:
        """Whether the list of this kind in this namespace was seen whole, so that an absent object does not exist."""
        return (kind, "*") in self.listed or (bool(namespace) and (kind, namespace) in self.listed)

    def absent(self, kind: str, name: str, namespace: str = "") -> Cited | None:
        """Proof that an object does not exist: the server said so, or a whole list lacks it. None: not known."""
        if self.find(kind, name, namespace) is not None:
            return None
        for status in self.refused:
            said = status.get("details.kind", "")
            same = status.name == name and said == kind and near(status.namespace, namespace)
            if same and status.get("reason") == "NotFound":
                return status.cite(name)
        if self.knows_all(kind, namespace):
            others = [item for item in self.all(kind) if near(item.namespace, namespace)]
            lists = self.all(f"{kind}List")
            return others[0].cite() if others else (lists[0].cite() if lists else None)
        return None

    def notes_on(self, item: Item, *reasons: str) -> list[Note]:
        """The notes on an item, of these reasons or of any."""
        found = self._notes_by_object.get((item.kind, item.name), ())
        return [
            note for note in found if near(note.namespace, item.namespace) and (not reasons or note.reason in reasons)
        ]

    @cached_property
    def _notes_by_object(self) -> Mapping[tuple[str, str], list[Note]]:
        found: dict[tuple[str, str], list[Note]] = defaultdict(list)
        for note in self.notes:
            found[note.kind, note.name].append(note)
        return found

    def near_by(self, kind: str, namespace: str) -> tuple[Item, ...]:
        """The items of a kind that may be in a namespace."""
        if not namespace:
            return self.all(kind)
        places = self._places.get(kind, {})
        return (*places.get(namespace, ()), *places.get("", ()))

    @cached_property
    def _places(self) -> Mapping[str, Mapping[str, list[Item]]]:
        found: dict[str, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
        for item in self.items.values():
            found[item.kind][item.namespace].append(item)
        return found

    def pods_of(self, selector: Mapping[str, Any], namespace: str) -> list[Item]:
        """The pods that a selector selects, by their labels."""
        return [pod for pod in self.near_by("Pod", namespace) if pod.labels() and selects(selector, pod.labels())]

    def runs_app(self, name: str, namespace: str) -> bool:
        """Whether some workload or pod of the namespace belongs to the app of this name."""
        return bool(namespace and {namespace, ""} & self._app_places.get(name, set())) or (
            not namespace and name in self._app_places
        )

    @cached_property
    def _app_places(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "Pod"):
            for item in self.all(kind):
                found[self.app(item)].add(item.namespace)
        return found

    @cached_property
    def _apps(self) -> Mapping[tuple[str, str, str], str]:
        return {key: _app_of(self, item) for key, item in self.items.items()}

    def app(self, item: Item) -> str:
        """The name of the app that an object belongs to: its workload's name, else its label's, else its own."""
        return self._apps.get((item.kind, item.namespace, item.name)) or _app_of(self, item)

    def workload(self, pod: Item) -> Item | None:
        """The workload that runs a pod, when it was seen."""
        app = self.app(pod)
        for kind in WORKLOADS:
            found = self.find(kind, app, pod.namespace)
            if found is not None:
                return found
        return None

    def templates(self, namespace: str = "") -> Sequence[Template]:
        """Every pod and workload with its pod spec and the labels of its pods; with a namespace, those that may be in it."""
        if not namespace:
            return self._templates
        return (*self._templates_by_place.get(namespace, ()), *self._templates_by_place.get("", ()))

    @cached_property
    def _templates(self) -> Sequence[Template]:
        found: list[Template] = []
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job"):
            for item in self.all(kind):
                spec = item.get("spec.template.spec", {})
                if spec:
                    found.append((item, spec, item.get("spec.template.metadata.labels", {})))
        found += [(pod, pod.get("spec", {}), pod.labels()) for pod in self.all("Pod") if pod.get("spec.containers")]
        return found

    @cached_property
    def _templates_by_place(self) -> Mapping[str, list[Template]]:
        found: dict[str, list[Template]] = defaultdict(list)
        for template in self._templates:
            found[template[0].namespace].append(template)
        return found


def near(one: str, other: str) -> bool:
    """Whether two namespaces may be the same: equal, or one of them was not shown."""
    return one == other or not one or not other


def app_name(cluster: Cluster, kind: str, name: str, namespace: str) -> str:
    """The app behind a reference such as the object of an event."""
    item = cluster.find(kind, name, namespace)
    if item is not None:
        return cluster.app(item)
    if kind == "ReplicaSet":
        return service_of_pod(f"{name}-zzzzz")
    return _ORDINAL.sub("", service_of_pod(name)) if kind == "Pod" else name


_ORDINAL = re.compile(r"(?<=[a-z])-\d{1,3}$")
"""The number that a StatefulSet gives its pods; they carry no generated suffix."""


def _app_of(cluster: Cluster, item: Item) -> str:
    if item.kind == "Pod":
        return _app_of_pod(cluster, item)
    if item.kind == "ReplicaSet":
        owners = item.get("metadata.ownerReferences", ())
        named = next((str(owner.get("name")) for owner in owners if owner.get("kind") == "Deployment"), "")
        return named or item.name.rpartition("-")[0] or item.name
    return item.name


def _app_of_pod(cluster: Cluster, pod: Item) -> str:
    digest = pod.labels().get("pod-template-hash", "")
    for owner in pod.get("metadata.ownerReferences", ()):
        name = str(owner.get("name", ""))
        if owner.get("kind") == "ReplicaSet":
            return name.removesuffix(f"-{digest}") if digest else service_of_pod(f"{name}-zzzzz")
        if owner.get("kind") in WORKLOADS:
            return name
    if digest and f"-{digest}-" in pod.name:
        return pod.name.partition(f"-{digest}-")[0]
    owner = _workload_of(cluster, pod)
    if owner is not None:
        return owner.name
    if pod.labels().get("apps.kubernetes.io/pod-index") or pod.labels().get("statefulset.kubernetes.io/pod-name"):
        return pod.name.rpartition("-")[0]
    bare = service_of_pod(pod.name)
    if bare != pod.name:
        return bare
    if _ORDINAL.search(pod.name) and not pod.get("metadata.ownerReferences", ()):
        return _ORDINAL.sub("", pod.name)
    if pod.labels().get("job-name"):
        return str(pod.labels()["job-name"])
    return next((str(pod.labels()[key]) for key in _APP_LABELS if pod.labels().get(key)), pod.name)


def _workload_of(cluster: Cluster, pod: Item) -> Item | None:
    """The workload whose name begins the pod's, the longest such name first; else the one that selects its labels."""
    kinds = ("Deployment", "StatefulSet", "DaemonSet", "Job")
    bare = service_of_pod(pod.name)
    exact = next((item for kind in kinds if (item := cluster.items.get((kind, pod.namespace, bare))) is not None), None)
    if exact is not None and bare != pod.name:
        return exact
    near_by = [item for kind in kinds for item in cluster.near_by(kind, pod.namespace)]
    for item in sorted(near_by, key=lambda one: -len(one.name)):
        rest = pod.name.removeprefix(f"{item.name}-")
        if rest != pod.name and (rest.isdigit() or service_of_pod(pod.name) == item.name):
            return item
    for item in near_by:
        selector = item.get("spec.selector.matchLabels", {})
        if selector and pod.labels() and selects(selector, pod.labels()):
            return item
    return None


def build_cluster(objects: Iterable[ClusterObject], notes: Sequence[Note] = ()) -> Cluster:
    """Merge objects into items; `notes` are further events that came without an object."""
    groups: dict[tuple[str, str, str], list[ClusterObject]] = defaultdict(list)
    events: list[ClusterObject] = []
    listed: set[tuple[str, str]] = set()
    for one in objects:
        if one.kind == "Event":
            events.append(one)
            continue
        if one.kind.endswith("List") and not one.name:
            kind = one.kind.removesuffix("List")
            listed.add((kind, "*" if one.data.get("everywhere") or not one.namespace else one.namespace))
        groups[one.kind, one.namespace, one.name].append(one)
    _join_unplaced(groups)
    items = {key: _merge(key, group) for key, group in groups.items()}
    by_kind: dict[str, list[Item]] = defaultdict(list)
    for item in items.values():
        by_kind[item.kind].append(item)
    told = _notes(events)
    known = {(note.kind, note.name, note.reason, note.message) for note in told}
    told += [note for note in notes if (note.kind, note.name, note.reason, note.message) not in known]
    return Cluster(
        items=items, notes=tuple(told), listed=frozenset(listed), refused=tuple(by_kind.get("Status", ())),
        by_kind={kind: tuple(found) for kind, found in by_kind.items()},
    )  # fmt: skip


def _join_unplaced(groups: dict[tuple[str, str, str], list[ClusterObject]]) -> None:
    """An object whose output did not show a namespace is the one of that name elsewhere, when there is just one."""
    for key in [key for key in groups if not key[1]]:
        placed = [other for other in groups if other[0] == key[0] and other[2] == key[2] and other[1]]
        if len(placed) == 1 and key[2]:
            groups[placed[0]] += groups.pop(key)


def _merge(key: tuple[str, str, str], group: Sequence[ClusterObject]) -> Item:
    ordered = sorted(group, key=lambda one: (one.seen_at is not None and one.complete, one.complete, len(one.text)))
    data: dict[str, Any] = {}
    for one in ordered:
        data = _merged(data, shaped(one.data))
    return Item(kind=key[0], namespace=key[1], name=key[2], data=data, seen=tuple(reversed(ordered)))


def _merged(old: Any, new: Any) -> Any:
    """`new` over `old`: mappings by key, lists of named entries by name, anything else replaced when it says something."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{key: _merged(old[key], value) if key in old else value for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        for mark in _BY_NAME:
            if old and new and all(isinstance(one, Mapping) and mark in one for one in (*old, *new)):
                place = {one[mark]: one for one in old}
                place |= {one[mark]: _merged(place[one[mark]], one) if one[mark] in place else one for one in new}
                return list(place.values())
        return new or old
    return old if new in (None, "") else new


def _notes(events: Iterable[ClusterObject]) -> list[Note]:
    """Events shown several times (described, listed, in several files) become one note with the highest count."""
    found: dict[tuple[str, str, str, str], Note] = {}
    for one in events:
        data = shaped(one.data)
        involved = data.get("involvedObject") or {}
        reason, message = str(data.get("reason") or ""), str(data.get("message") or "")
        key = (str(involved.get("kind", "")), str(involved.get("name", one.name)), reason, message)
        count = data.get("count") or 1
        first_line = (one.text.splitlines() or [""])[0]
        cited = Cited(_line(one.origin, 0), first_line.rstrip())
        if len(one.text.splitlines()) > 1:
            lines = one.text.splitlines()
            at = next((n for n, line in enumerate(lines) if message[:60] and message[:60] in line), 0)
            cited = Cited(_line(one.origin, at), lines[at].rstrip())
        note = Note(
            kind=key[0], name=key[1], namespace=str(involved.get("namespace") or one.namespace), reason=reason,
            message=message, warning=data.get("type") == "Warning", count=count, cited=cited,
            last_seen=str(data.get("lastSeen") or ""),
            component=str((data.get("source") or {}).get("component") or data.get("reportingComponent") or ""),
        )  # fmt: skip
        times, held = event_times(one), found.get(key)
        known = [at for at in (times[0] if times is not None else None, held.at if held is not None else None) if at]
        fuller = note if held is None or held.count < count else held
        found[key] = replace(fuller, at=max(known, default=None))
    return list(found.values())
