"""Checks post-mortems: Markdown comes in, remarks go out."""

from __future__ import annotations

from collections.abc import Iterable

from afteraction.checks import Remark, Severity
from afteraction.checks import check as remarks_on
from afteraction.markdown import parse
from afteraction.model.settings import Settings


def check_documents(documents: Iterable[tuple[str, str]], *, settings: Settings) -> tuple[Remark, ...]:
    """Return the remarks on documents given as (file name, Markdown), in that order and by line."""
    return tuple(
        remark
        for name, text in documents
        for remark in remarks_on(parse(text).post_mortem, text, name, settings=settings)
    )


def passes(remarks: Iterable[Remark], *, strict: bool) -> bool:
    """Say whether a gate lets the documents through: no error or warning, and when it is strict no note either."""
    return not any(strict or remark.severity is not Severity.NOTE for remark in remarks)
