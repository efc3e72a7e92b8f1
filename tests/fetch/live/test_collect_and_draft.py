from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from afteraction.cli import main


class Desk:
    """A folder with its settings and its record."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def run(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == code, done.stderr
        return done

    def settings(self, text: str) -> None:
        (self.place / "afteraction.toml").write_text(text)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/record.db")
    monkeypatch.setattr("afteraction.network.client.TRIES", 1)
    return Desk(tmp_path)


def test_an_incident_is_collected_from_real_monitoring_and_the_draft_shows_what_was_found(
    desk: Desk, monitoring: Any
) -> None:
    desk.settings(
        f'[collect.prometheus]\nurl = "{monitoring.prometheus}"\n[collect.alertmanager]\nurl = "{monitoring.alertmanager}"\n'
    )
    began = monitoring.began.strftime("%Y-%m-%dT%H:%M:%SZ")
    desk.run("incident", "new", "Checkouts fail", "--id", "INC-7", "--service", "checkout", "--at", began)

    planned = desk.run("collect", "--incident", "INC-7", "--dry-run").stdout
    assert "rate, errors, latency, saturation of checkout" in planned
    assert json.loads(desk.run("material", "list", "INC-7", "--json").stdout) == []

    done = desk.run("collect", "--incident", "INC-7", "--json")
    files = {one["name"]: one for one in json.loads(done.stdout)}
    assert "collected/prometheus/checkout/http_requests_total-rate.json" in files
    assert {one["source"] for one in files.values()} == {"prometheus-range", "alertmanager"}
    assert all(one["command"].startswith("GET http://127.0.0.1:") for one in files.values())

    drafted = json.loads(desk.run("draft", "--incident", "INC-7", "--json").stdout)
    fired = [event for event in drafted["events"] if event["kind"] == "alert_firing"]
    assert any("checkouts fail" in event["text"] for event in fired), drafted["events"]
    assert any(event["origin"]["file"].startswith("collected/alertmanager/") for event in fired)
    found = [finding for finding in drafted["findings"] if finding["kind"] == "metric"]
    assert any("http_requests_total" in finding["summary"] for finding in found), [
        one["summary"] for one in drafted["findings"]
    ]
    assert "checkout" in json.dumps(drafted["suspects"])
    assert desk.run("export", "INC-7", "--to", "md").stdout.count("collected/prometheus/") > 0


def test_collecting_again_keeps_nothing_twice_and_the_draft_reads_the_latest_only(
    desk: Desk, monitoring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.settings(f'[collect.prometheus]\nurl = "{monitoring.prometheus}"\n')
    began = monitoring.began.strftime("%Y-%m-%dT%H:%M:%SZ")
    desk.run("incident", "new", "Checkouts fail", "--id", "INC-7", "--service", "checkout", "--at", began)
    end = (monitoring.began + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    window = ("--since", began, "--until", end)
    first = desk.run("collect", "--incident", "INC-7", *window).stderr
    again = desk.run("collect", "--incident", "INC-7", *window).stderr
    assert " 0 of them new" not in first
    assert " 0 of them new" in again or " 1 of them new" in again, "only the alerts as they are now may differ"
    desk.run("collect", "--incident", "INC-7")
    later = datetime.now(UTC) + timedelta(seconds=20)
    monkeypatch.setattr("afteraction.assembly.record.now", lambda: later)
    desk.run("collect", "--incident", "INC-7")
    names = [one["name"] for one in json.loads(desk.run("material", "list", "INC-7", "--json").stdout)]
    twice = "collected/prometheus/checkout/http_requests_total-rate.json"
    assert names.count(twice) == 2
    drafted = json.loads(desk.run("draft", "--incident", "INC-7", "--json", "--no-save").stdout)
    assert [one["file"] for one in drafted["sources"]].count(twice) == 1


def test_a_collector_that_is_down_costs_only_what_it_would_have_brought(desk: Desk, monitoring: Any) -> None:
    desk.settings(
        f'[collect.prometheus]\nurl = "{monitoring.prometheus}"\n[collect.loki]\nurl = "http://127.0.0.1:9"\n'
    )
    desk.run("incident", "new", "Checkouts fail", "--id", "INC-7", "--service", "checkout")
    done = desk.run("collect", "--incident", "INC-7", code=1)
    assert "loki" in done.stderr
    assert "collected/prometheus/" in done.stdout


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("", "no collector is set up"),
        ('[collect.prometheus]\nurl = "ftp://x"', "collect.prometheus.url"),
        ('[collect.prometheus]\nurl = "http://me:hush@x"', "secrets come from a variable"),
        ("[collect.prometheus]", "collect.prometheus.url"),
        ('[collect.github]\nbefore = "soon"', "collect.github.before"),
        ('[collect.loki]\nurl = "http://x"\ntoken_file = "nowhere"', "collect.loki.token_file"),
        ('[outgoing]\nallow = ["10.0.0.0/99"]', "outgoing.allow"),
        ("[collect.nagios]", "collect.nagios"),
    ],
)
def test_settings_that_cannot_be_used_are_told(desk: Desk, settings: str, told: str) -> None:
    desk.settings("")
    desk.run("incident", "new", "Checkouts fail", "--id", "INC-7")
    desk.settings(settings)
    said = desk.run("collect", "--incident", "INC-7", code=2).stderr
    assert told in said
    assert "hush" not in said


def test_an_incident_that_the_record_does_not_hold_is_told(desk: Desk) -> None:
    desk.settings('[collect.prometheus]\nurl = "http://x.invalid"')
    assert "no incident INC-9" in desk.run("collect", "--incident", "INC-9", code=2).stderr


def test_the_scheduled_work_collects_while_an_incident_runs_and_stops_some_time_after(
    desk: Desk, monitoring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.settings(f'collect_minutes = 15\n[collect.alertmanager]\nurl = "{monitoring.alertmanager}"\n')
    began = monitoring.began.strftime("%Y-%m-%dT%H:%M:%SZ")
    desk.run("incident", "new", "Checkouts fail", "--id", "INC-7", "--service", "checkout", "--at", began)

    def waiting() -> list[str]:
        return [job["name"] for job in json.loads(desk.run("work", "--list", "--json").stdout)]

    def later(minutes: int) -> None:
        now = datetime.now(UTC) + timedelta(minutes=minutes)
        monkeypatch.setattr("afteraction.assembly.worker.now", lambda: now)
        desk.run("work")

    desk.run("work")
    (kept,) = json.loads(desk.run("material", "list", "INC-7", "--json").stdout)
    assert kept["source"] == "alertmanager"
    assert "collect INC-7" in waiting()
    desk.run("incident", "status", "INC-7", "--status", "resolved")
    later(20)
    assert "collect INC-7" in waiting()
    later(40)
    assert "collect INC-7" not in waiting()
