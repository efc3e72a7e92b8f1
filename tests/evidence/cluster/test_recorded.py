"""What kubectl printed to those who looked is judged like a file of it, up to the change that mended it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from afteraction.evidence.cluster.recorded import objects_in_calls
from afteraction.evidence.investigate import investigate
from afteraction.model.event import Call, Effect, Event, EventKind
from afteraction.model.finding import SuspectKind, Verdict
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Material

AT = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
PODS = """NAME                     READY   STATUS             RESTARTS   AGE
cart-6f5b7c9d8-x2jkp     0/1     ImagePullBackOff   0          5m
web-6f5b7c9d8-b7rtn      1/1     Running            0          3d
"""


def call(minute: int, command: str, result: str, *, changes: bool = False, line: int = 1, **more: object) -> Event:
    detail = Call(
        tool=command.split(maxsplit=1)[0] if command else "pods_list", command=command, result=result,
        effect=Effect.STATE_CHANGING if changes else Effect.DIAGNOSTIC, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    origin = Origin(file="typescript", line=line, line_end=line + result.count("\n"))
    return Event(
        at=AT + timedelta(minutes=minute), precision=Precision.SECOND, kind=EventKind.COMMAND, text=command, source="terminal",
        origin=origin, detail=detail,
    )  # fmt: skip


def names(*events: Event) -> list[str]:
    return [found.name for found in objects_in_calls(events) if found.kind == "Pod"]


def test_the_pods_that_a_command_printed_are_objects_with_their_lines() -> None:
    pods = [o for o in objects_in_calls([call(0, "kubectl get pods -n shop", PODS, line=10)]) if o.kind == "Pod"]
    assert [(o.name, o.namespace, o.origin.line) for o in pods] == [
        ("cart-6f5b7c9d8-x2jkp", "shop", 12),
        ("web-6f5b7c9d8-b7rtn", "shop", 13),
    ]
    assert {o.seen_at for o in pods} == {AT}


def test_what_a_tool_printed_without_a_command_is_read_too() -> None:
    assert names(call(0, "", PODS)) == ["cart-6f5b7c9d8-x2jkp", "web-6f5b7c9d8-b7rtn"]


def test_what_was_printed_after_the_change_that_mended_it_is_left_out() -> None:
    mended = call(2, "kubectl rollout undo deploy/cart", "deployment.apps/cart rolled back", changes=True)
    failed = call(4, "kubectl scale deploy/cart --replicas=2", "", changes=True, is_error=True)
    later = call(3, "kubectl get pods", PODS.replace("ImagePullBackOff", "Running").replace("0/1", "1/1"))
    assert len(names(call(1, "kubectl get pods", PODS), mended, later, failed)) == 2


def test_other_commands_and_files_are_no_state_of_the_cluster() -> None:
    manifest = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: planned\n"
    assert names(call(0, "cat pod.yaml", manifest), call(1, "kubectl logs cart", PODS), call(2, "ls", "a b")) == []


def test_a_session_alone_is_enough_for_a_suspect() -> None:
    answer = investigate(Material(events=(call(0, "kubectl get pods -n shop", PODS, line=10),)))
    assert answer.verdict is Verdict.SUSPECT
    assert (answer.suspects[0].kind, answer.suspects[0].ref) == (SuspectKind.RESOURCE, "app/cart")
    cited = [f for f in answer.findings if f.id in answer.suspects[0].evidence]
    assert {(c.file, c.line) for f in cited for c in f.citations} == {("typescript", 12)}
