"""Settings become a running application: the only place that names concrete classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

from afteraction.assembly.settings import load_settings
from afteraction.checks import Remark
from afteraction.errors import BadSettings, NothingToRead
from afteraction.fetch.folder import gather
from afteraction.formats.personal import KINDS
from afteraction.formats.secrets import Masker
from afteraction.model.reading import Context, Material, RawInput
from afteraction.model.settings import Settings
from afteraction.sources import SOURCES
from afteraction.usecases.check import check_documents
from afteraction.usecases.read import read

__all__ = ["check_pages", "load_settings", "new_masker", "read_paths"]


def new_masker(settings: Settings | None = None, *, mask_personal: bool = False, audience: str | None = None) -> Masker:
    """Return the masker of one run: secrets always, personal data as the settings, the option or the audience say.

    Raises:
        BadSettings: when the settings name no such audience.
    """
    settings = settings or Settings()
    kinds = set(KINDS if mask_personal else settings.personal)
    if audience is not None:
        known = dict(settings.audiences)
        if audience not in known:
            told = ", ".join(known) or "none"
            raise BadSettings(
                f"there is no audience {audience!r} under [personal.audiences] in the settings; known: {told}"
            )
        kinds |= set(known[audience])
    return Masker(settings.secret_rules, personal=kinds)


def check_pages(documents: Iterable[tuple[str, str]], *, settings: Settings) -> tuple[Remark, ...]:
    """Return the remarks on documents given as (file name, Markdown)."""
    return check_documents(documents, settings=settings, sources=SOURCES)


def read_paths(
    paths: list[Path],
    *,
    settings: Settings,
    masker: Masker,
    progress: Callable[[str], None],
    also: Iterable[RawInput] = (),
) -> Material:
    """Read all that lies under `paths`, and what else is given.

    Raises:
        NothingToRead: when no path holds a file.
    """
    context = Context(zone=settings.timezone)
    material = read(chain(gather(paths), also), sources=SOURCES, context=context, masker=masker, progress=progress)
    if not material.files:
        raise NothingToRead(
            f"there is no file under {', '.join(str(path) for path in paths)}; name a folder that holds some"
        )
    return material
