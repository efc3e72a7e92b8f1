"""The description of the API: it is published, complete, and true of whatever is sent.

Schemathesis sends what the description allows, and what it does not, to every operation, in process: no answer may be a fault, and
none may be one that the description does not know. `AFTERACTION_SCHEMATHESIS_URL` names an empty database to do so over, instead of
memory, `AFTERACTION_SCHEMATHESIS_EXAMPLES` how many requests to make up for each operation.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from afteraction.assembly import new_masker
from afteraction.model.account import Account, Right, Role
from afteraction.model.event import Call, EventKind
from afteraction.model.event import Event as Happening
from afteraction.model.origin import Origin, Precision
from afteraction.model.record import Incident, TrackedAction
from afteraction.model.settings import Settings
from afteraction.ports.store import Store
from afteraction.sources import SOURCES
from afteraction.store.blobs import MemoryBlobs
from afteraction.store.database import DatabaseStore
from afteraction.store.memory import MemoryStore
from afteraction.usecases.follow import reviews_from
from afteraction.usecases.identify import give_token
from afteraction.web.app import application
from afteraction.web.desk import Desk
from afteraction.web.feed import Feed

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = int(os.environ.get("AFTERACTION_SCHEMATHESIS_EXAMPLES", "10"))
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def _filled() -> tuple[Any, str]:
    """Return a service with something to be found behind every address, and an owner's token."""
    url = os.environ.get("AFTERACTION_SCHEMATHESIS_URL", "")
    store: Store = DatabaseStore(url) if url else MemoryStore()
    blobs, minutes = MemoryBlobs(), count()

    def clock() -> datetime:
        """Let time pass, so that who guesses tokens is not asked to wait."""
        return NOW + timedelta(minutes=next(minutes))

    desk = Desk(store=store, blobs=blobs, settings=Settings(), clock=clock, masker=new_masker, sources=SOURCES)
    with store.begin() as record:
        record.put_account(Account(id="owner", name="Owner", role=Role.OWNER, created_at=NOW))
        _, secret = give_token(record, "owner", name="test", scopes=frozenset(Right), at=NOW)
        record.put_incident(Incident(id="INC-1", title="Checkout fails", opened_at=NOW, services=("cart",)))
        call = Happening(at=NOW, precision=Precision.SECOND, kind=EventKind.COMMAND, text="kubectl get pods", source="shell",
                     origin=Origin(file="shell.txt", line=1), detail=Call(tool="kubectl", command="kubectl get pods"))  # fmt: skip
        record.add_events("INC-1", [call], known_at=NOW)
        record.put_actions("INC-1", [TrackedAction(incident="INC-1", number=1, text="Add an alert", horizon="week")])
        record.put_reviews("INC-1", reviews_from("INC-1", NOW, (7, 30, 91, 182)))
    app = application(desk)
    over = Event()
    over.set()
    app.state.feed = Feed(store, over)  # so that streams end
    return app, secret


APP, SECRET = _filled()
_CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"negative_data_rejection": {"enabled": False}, "positive_data_acceptance": {"expected-statuses": ["2xx", 304, 400, 401, 403, 404, 406, 409, 412, 415, 421, 422, 428, 429]}}}
)  # fmt: skip
# Each request in process begins and ends the application, and one that was told to end is not ready.
SCHEMA = schemathesis.openapi.from_asgi("/api/v1/openapi.json", APP, config=_CONFIG).exclude(path="/readyz")


@SCHEMA.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
    """Ask three times of four for what is there."""
    del context
    path_parameters = path_parameters or {}
    if "incident" in path_parameters and len(str(path_parameters["incident"])) % 4:
        path_parameters["incident"] = "INC-1"
    if "number" in path_parameters and isinstance(path_parameters["number"], int) and path_parameters["number"] % 2:
        path_parameters["number"] = 1
    return path_parameters


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_answer_is_a_fault_or_undocumented(case: Any) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {SECRET}"})


class Story(SCHEMA.as_state_machine()):  # type: ignore[misc]
    """What one operation answers is asked of the next: an incident is opened, told of, changed, read."""

    def get_call_kwargs(self, case: Any) -> dict[str, Any]:
        del case
        return {"headers": {"Authorization": f"Bearer {SECRET}"}}


class TestStory(Story.TestCase):  # type: ignore[misc,name-defined]
    settings = settings(max_examples=8, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck))
