"""Which of several forms a client wants, by its `Accept` header; what it takes none of is refused with 406."""

from __future__ import annotations

from collections.abc import Sequence

from afteraction.web.problems import Refused


def wanted(accept: str | None, forms: Sequence[str]) -> str:
    """Return the form of the highest quality, the first of equal ones. Raises Refused with 406."""
    told = [_range(part) for part in (accept or "*/*").split(",")]
    scored = [(_quality(form, told), -place) for place, form in enumerate(forms)]
    best, place = max(scored)
    if best <= 0:
        raise Refused(406, f"this can be had as {' or '.join(forms)}")
    return forms[-place]


def _range(part: str) -> tuple[str, float]:
    name, _, rest = part.strip().lower().partition(";")
    quality = 1.0
    for parameter in rest.split(";"):
        key, _, value = parameter.strip().partition("=")
        if key == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return name.strip(), quality


def _quality(form: str, told: list[tuple[str, float]]) -> float:
    """Return how much a form is wanted: the most exact range that names it says so."""
    family = form.partition("/")[0]
    for name in (form, f"{family}/*", "*/*"):
        found = [quality for said, quality in told if said == name]
        if found:
            return max(found)
    return 0.0
