"""Opens the record of incidents where the settings, the environment or the habits of the system say that it lies."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from afteraction.assembly import read_paths
from afteraction.errors import MissingExtra, StoreUnavailable, UsageError
from afteraction.fetch.folder import gather
from afteraction.formats.secrets import Masker
from afteraction.model.reading import Material as ReadMaterial
from afteraction.model.record import Author
from afteraction.model.settings import Settings
from afteraction.ports.store import Blobs, Store
from afteraction.sources import SOURCES
from afteraction.usecases.freeze import Frozen, freeze
from afteraction.usecases.redraft import read_recorded
from afteraction.usecases.told import delivered_inputs, with_told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlalchemy import Engine

VARIABLE = "AFTERACTION_DATABASE_URL"
MATERIAL_VARIABLE = "AFTERACTION_MATERIAL_FOLDER"
_FILE = "sqlite:///"


def database_url(settings: Settings) -> str:
    """Return the address of the record: of the variable, of the settings, else a file in the user's data folder."""
    told = os.environ.get(VARIABLE) or settings.database_url
    if told:
        return told
    from platformdirs import user_data_path  # noqa: PLC0415  (most commands need no record)

    return f"sqlite:///{user_data_path('afteraction', appauthor=False)}/record.db"


def was_chosen(settings: Settings) -> bool:
    """Say whether somebody chose where the record lies."""
    return bool(os.environ.get(VARIABLE) or settings.database_url)


@contextmanager
def record_engine(settings: Settings) -> Iterator[Engine]:
    """Open the database of the record as it is, for what concerns it as a whole. Raises as `open_record` does."""
    from afteraction.store.database import engine_for  # noqa: PLC0415  (SQLAlchemy takes 200 ms)

    url = _ready(database_url(settings))
    try:
        engine = engine_for(url)
    except ModuleNotFoundError as error:
        raise MissingExtra(f"{error.name} is missing: pip install 'afteraction[postgres]'") from error
    try:
        yield engine
    finally:
        engine.dispose()


def _ready(url: str) -> str:
    """Make the folder of a record that lies in a file. Raises StoreUnavailable."""
    if url.startswith(_FILE) and url != _FILE:
        folder = Path(url.removeprefix(_FILE)).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"the folder {folder} of the record cannot be made: {error.strerror}") from error
    return url


def open_record(settings: Settings) -> Store:
    """Open the record.

    Raises:
        MissingExtra: for PostgreSQL without its driver.
        StoreUnavailable: when the database cannot be reached or made.
    """
    from afteraction.store.database import DatabaseStore  # noqa: PLC0415  (SQLAlchemy takes 200 ms)

    url = _ready(database_url(settings))
    try:
        return DatabaseStore(url)
    except ModuleNotFoundError as error:
        raise MissingExtra(f"{error.name} is missing: pip install 'afteraction[postgres]'") from error


def open_material(settings: Settings) -> Blobs:
    """Open where raw material is kept: by the variable, by the settings, else in a folder beside the file of the record.

    Raises:
        MissingExtra: for object storage without its client.
        BadSettings: for an address that is none.
        StoreUnavailable: when object storage cannot be used.
    """
    from afteraction.store.blobs import FolderBlobs  # noqa: PLC0415  (most commands keep no material)

    told = os.environ.get(MATERIAL_VARIABLE) or settings.material_folder
    if "://" in told:
        try:
            from afteraction.store.object_blobs import ObjectBlobs  # noqa: PLC0415  (an extra)
        except ModuleNotFoundError as error:
            raise MissingExtra(f"{error.name} is missing: pip install 'afteraction[s3]'") from error
        return ObjectBlobs(told, endpoint=settings.s3_endpoint, region=settings.s3_region)
    if told:
        return FolderBlobs(Path(told).expanduser())
    url = database_url(settings)
    if url.startswith(_FILE) and url != _FILE:
        return FolderBlobs(Path(url.removeprefix(_FILE)).parent / "material")
    from platformdirs import user_data_path  # noqa: PLC0415  (as above)

    return FolderBlobs(user_data_path("afteraction", appauthor=False) / "material")


def freeze_paths(paths: list[Path], *, settings: Settings, command: str = "") -> Frozen:
    """Freeze all raw material that lies under `paths`."""
    return freeze(open_material(settings), gather(paths), sources=SOURCES, at=now(), command=command)


def read_incident(
    paths: list[Path], incident: str, *, settings: Settings, masker: Masker, progress: Callable[[str], None]
) -> ReadMaterial:
    """Read all that lies under `paths`, and what the record was told of the incident or got delivered.

    Without paths its frozen raw material is read again. A record that nobody chose and that cannot be opened adds nothing.

    Raises:
        UsageError: when neither a path nor an incident is named.
        NotInRecord: without paths, when there is no such incident or its files were not frozen.
        StoreUnavailable: when the record cannot be opened.
    """
    if not incident:
        if not paths:
            raise UsageError("name the files or folders to draft from, or an incident of the record with --incident")
        return read_paths(paths, settings=settings, masker=masker, progress=progress)
    try:
        store = open_record(settings)
    except StoreUnavailable:
        if was_chosen(settings) or not paths:
            raise
        return read_paths(paths, settings=settings, masker=masker, progress=progress)
    try:
        if paths:
            with store.begin() as record:
                delivered = tuple(delivered_inputs(record, incident))
            material = read_paths(paths, settings=settings, masker=masker, progress=progress, also=delivered)
        else:
            return read_recorded(
                store, open_material(settings), incident, sources=SOURCES, settings=settings, masker=masker, progress=progress
            )  # fmt: skip
        with store.begin() as record:
            return with_told(record, incident, material)
    finally:
        store.close()


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def myself() -> Author:
    """Return the person at the keyboard: by the variable `AFTERACTION_AUTHOR`, else by the name of the account."""
    try:
        return Author(name=os.environ.get("AFTERACTION_AUTHOR") or getpass.getuser())
    except (KeyError, OSError):  # an account without a name, as in a container
        return Author(name="unknown")
