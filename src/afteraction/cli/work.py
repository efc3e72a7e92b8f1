"""`afteraction work`: the scheduled work of the record, by hand or in a process of its own."""

from __future__ import annotations

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from afteraction.assembly.worker import Worker


@click.command()
@click.option("--list", "listed", is_flag=True, help="List what waits instead of doing it.")
@click.option("--forever", is_flag=True, help="Go on until told to end.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def work(*, listed: bool, forever: bool, as_json: bool) -> None:
    """Do the scheduled work that is due: reminders, recurrence checks, collections, tidying.

    `afteraction serve` does it by itself; several processes may do it at the same time.
    """
    from afteraction.assembly import load_settings
    from afteraction.assembly.record import open_material, open_record
    from afteraction.assembly.worker import Worker
    from afteraction.cli.record_options import show

    settings = load_settings()
    store = open_record(settings)
    try:
        if listed:
            with store.begin() as record:
                waiting = record.jobs(waiting=True)
            columns = (
                ("runs", lambda j: f"{j.run_at:%Y-%m-%d %H:%M:%S}"), ("kind", lambda j: j.kind), ("name", lambda j: j.name),
                ("failures", lambda j: j.failures), ("error", lambda j: j.error[:80]),
            )  # fmt: skip
            show(waiting, columns, as_json=as_json)
            return
        worker = Worker(store, open_material(settings), settings)
        if forever:
            _until_told(worker)
            return
        click.echo(f"{worker.once()} jobs begun", err=True)
    finally:
        store.close()


def _until_told(worker: Worker) -> None:
    import signal
    from threading import Event

    ended = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    worker.start()
    ended.wait()
    worker.stop()
