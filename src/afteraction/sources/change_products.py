"""Changes as products send or list them (JSON): deployments, releases, merges, syncs and flags become changes.

In come webhook bodies, answers of APIs and `--json` output in one of the forms of `formats/change_forms.py`, one a file,
one a line, in a list, or wrapped. What is no change (a pull request that nobody merged, a draft) is left out and counted.
"""

from __future__ import annotations

import re
from typing import Any

from afteraction.formats.alert_forms import found
from afteraction.formats.change_forms import ChangeForm, form_of_change, matches, plain
from afteraction.formats.change_told import ToldChange, events_of, last_part, repository_in
from afteraction.formats.change_words import kind_of_change, status_of, switched
from afteraction.formats.json_documents import JsonRecord
from afteraction.formats.json_items import read_items
from afteraction.formats.json_origins import origin_of, safe_stamp, stamp_in, unwrap
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import Product, product_of
from afteraction.formats.stamps import Stamp
from afteraction.model.event import ChangeKind
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading

_RESOURCE = re.compile(r"(?:^|:)(?P<kind>flag|segment|feature)/(?P<name>[^:;]+)")
_PLACE = re.compile(r"(?:^|:)env/(?P<name>[^:;]+)")
_OF_FEATURE = re.compile(r"(?:feature|flag|segment): (?P<name>[\w.\-]+)\s*$", re.IGNORECASE)
_CHART = re.compile(r"-v?\d+\.\d[\w.+-]*$")
_VERBS = {"true": "on", "false": "off"}


class ChangeProducts:
    """Reads changes of many products by a table of their forms."""

    name = "change-product"
    summary = "Changes (JSON) of GitHub, GitLab, Argo CD, Helm, LaunchDarkly, Unleash, Terraform, CloudTrail and others"

    def claims(self, raw: RawInput) -> bool:
        """Claim records that have one product's own fields."""
        return product_of(raw) is Product.CHANGE_FORM

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read every record."""
        problems = ProblemList(raw.name)
        records, faults = read_items(raw)
        problems.extend(faults)
        told: list[ToldChange] = []
        left_out = 0
        for record in records:
            for value, path, around in unwrap(record.value, form_of_change):
                form = form_of_change(value)
                assert form is not None
                if not matches(value, form.only):
                    left_out += 1
                    continue
                origin = _origin(raw.name, record, path)
                change = _told(form, {**around, **value}, origin, context)
                if change is None:
                    reason = f"the {form.noun} ({form.product}) has no readable time"
                    problems.add(
                        reason, line=origin.line, record=origin.record, remedy="export it again with its times"
                    )
                else:
                    told.append(change)
        if left_out and not told:
            problems.add(
                f"none of the {left_out} records is a change that was made",
                line=1,
                remedy="export merged, published or applied ones",
            )
        lines = sum(record.line_end - record.line + 1 for record in records)
        return Reading(events=events_of(told, self.name), problems=problems.close(), lines=lines)


def _origin(file: str, record: JsonRecord, path: str) -> Origin:
    """Return the place of a record: an item of a list has its lines, what lies in a document its path."""
    if path and record.line != record.line_end:
        return origin_of(file, record, path)
    return Origin(file=file, line=record.line, line_end=record.line_end, record=path or None)


def _told(form: ChangeForm, value: Any, origin: Origin, context: Context) -> ToldChange | None:
    stamp = _stamp(value, form.at, context) or stamp_in(value, zone=context.zone)
    if stamp is None:
        return None
    title, status = plain(value, form.title), plain(value, form.status)
    kind = form.kind or kind_of_change(f"{title} {status}", ChangeKind.OTHER)
    if kind is ChangeKind.DEPLOY:
        kind = ChangeKind.ROLLBACK if kind_of_change(title, kind) is ChangeKind.ROLLBACK else kind
    ref, service = _ref(plain(value, form.ref)), _service(value, form)
    if form.product == "Helm":
        ref = f"{service}.v{ref}"  # as Helm names the record of a release
    before, after = plain(value, form.before), plain(value, form.after)
    return ToldChange(
        stamp=stamp,
        origin=origin,
        kind=kind,
        noun=form.noun,
        product=form.product,
        ref=ref,
        key=last_part(plain(value, form.key)),
        title=title,
        version=_version(plain(value, form.version)),
        service=service,
        environment=_environment(plain(value, form.environment)),
        actor=plain(value, form.actor),
        status=status_of(status),
        finished=_stamp(value, form.finished, context),
        before=_VERBS.get(before, before),
        after=_VERBS.get(after, after) if kind is not ChangeKind.FLAG or before else switched(_spoken(after)),
    )


def _spoken(after: str) -> str:
    return _VERBS.get(after, after)


def _ref(text: str) -> str:
    """Return what a change is known by: a flag's own name out of a resource or sentence, a sha out of an address."""
    for pattern in (_RESOURCE, _OF_FEATURE):
        if named := pattern.search(text):
            return named["name"]
    return last_part(text)


def _version(text: str) -> str:
    """Return a version or branch; the branch from which everything is deployed says nothing."""
    name = text.removeprefix("refs/heads/").removeprefix("refs/tags/")
    return "" if name in {"HEAD", "main", "master", "trunk"} else name


def _environment(text: str) -> str:
    named = _PLACE.search(text)
    return named["name"] if named else "" if ":" in text else text


def _service(value: Any, form: ChangeForm) -> str:
    for key in form.service:
        text = plain(value, (key,))
        if text:
            name = repository_in(text)
            if key == "chart":
                name = _CHART.sub("", name)
            return name.removesuffix(".amazonaws.com").rstrip("/").rpartition("/")[2]
    return ""


def _stamp(value: Any, keys: tuple[str, ...], context: Context) -> Stamp | None:
    for key in keys:
        text = found(value, key)
        if (
            isinstance(text, str | int | float)
            and not isinstance(text, bool)
            and (stamp := safe_stamp(text, context.zone))
        ):
            return stamp
    return None
