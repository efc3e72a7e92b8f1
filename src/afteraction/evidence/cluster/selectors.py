"""Label selectors of the Kubernetes API: which labels a selector selects, and how near a miss was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a selector (`matchLabels`, `matchExpressions`, or bare labels) selects `labels`; an empty one selects all."""
    wanted, expressions = parts_of(selector)
    if any(str(labels.get(key)) != str(value) for key, value in wanted.items()):
        return False
    return all(_holds(expression, labels) for expression in expressions)


def parts_of(selector: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """The equality and the set-based part of a selector."""
    if "matchLabels" in selector or "matchExpressions" in selector:
        return selector.get("matchLabels") or {}, selector.get("matchExpressions") or ()
    return selector, ()


def _holds(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, operator = str(expression.get("key", "")), expression.get("operator")
    values = {str(value) for value in expression.get("values") or ()}
    present = key in labels
    if operator == "In":
        return present and str(labels[key]) in values
    if operator == "NotIn":
        return not present or str(labels[key]) not in values
    if operator == "Exists":
        return present
    if operator == "DoesNotExist":
        return not present
    return True


def misses(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> list[str]:
    """The `key=value` parts of a selector's labels that `labels` do not have."""
    wanted, _ = parts_of(selector)
    return [f"{key}={value}" for key, value in wanted.items() if str(labels.get(key)) != str(value)]


def tolerated(taint: Mapping[str, Any], tolerations: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of `tolerations` tolerates `taint` (core/v1 Toleration semantics)."""
    for toleration in tolerations:
        if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
            continue
        if not toleration.get("key"):
            if toleration.get("operator") == "Exists":
                return True
            continue
        if toleration["key"] != taint.get("key"):
            continue
        if toleration.get("operator") == "Exists" or str(toleration.get("value", "")) == str(taint.get("value", "")):
            return True
    return False
