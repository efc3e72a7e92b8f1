from __future__ import annotations

from pathlib import Path

import pytest

from afteraction.assembly import load_settings
from afteraction.assembly.collect_settings import Collect
from afteraction.assembly.collecting import open_fetchers
from afteraction.errors import BadSettings, UsageError
from afteraction.fetch.collectors import FETCHERS

ROOT = Path(__file__).resolve().parents[3]
EVERY = """
[collect.kubernetes]
url = "https://kubernetes.invalid"
[collect.prometheus]
url = "https://prometheus.invalid/"
user = "me"
[collect.alertmanager]
url = "https://alertmanager.invalid"
[collect.loki]
url = "https://loki.invalid"
tenant = "shop"
[collect.slack]
[collect.pagerduty]
[collect.github]
repositories = ["shop/orders"]
[collect.gitlab]
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "afteraction.toml").write_text(EVERY)
    return tmp_path


def test_every_collector_has_settings_and_stands_in_the_how_to() -> None:
    names = {kind.name for kind in FETCHERS}
    assert names == set(Collect.model_fields)
    page = (ROOT / "docs" / "how-to" / "collect.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in names)


@pytest.mark.usefixtures("place")
def test_the_collectors_that_are_set_up_are_opened_what_vanishes_first_first() -> None:
    with open_fetchers(load_settings()) as fetchers:
        assert [one.name for one in fetchers] == [kind.name for kind in FETCHERS]
    with open_fetchers(load_settings(), ["github", "kubernetes"]) as fetchers:
        assert [one.name for one in fetchers] == ["kubernetes", "github"]
    with pytest.raises(UsageError, match=r"no \[collect\.nagios\]"), open_fetchers(load_settings(), ["nagios"]):
        pass


def test_a_token_comes_from_the_variable_or_the_file_and_never_shows(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "token").write_text("from-the-file\n")
    (place / "afteraction.toml").write_text('[collect.github]\ntoken_file = "token"\n')
    (found,) = load_settings().collectors
    assert found.token == "from-the-file"
    monkeypatch.setenv("AFTERACTION_GITHUB_TOKEN", "from-the-variable")
    (found,) = load_settings().collectors
    assert found.token == "from-the-variable"
    assert "from-the" not in repr(found)


def test_a_token_in_the_settings_is_refused(place: Path) -> None:
    (place / "afteraction.toml").write_text('[collect.github]\ntoken = "hush"\n')
    with pytest.raises(BadSettings, match=r"collect\.github\.token") as refused:
        load_settings()
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("repository", ["orders", "shop/orders/x", "/orders", "shop/"])
def test_a_repository_that_is_none_is_told(place: Path, repository: str) -> None:
    (place / "afteraction.toml").write_text(f'[collect.github]\nrepositories = ["{repository}"]\n')
    with pytest.raises(BadSettings, match="OWNER/NAME"), open_fetchers(load_settings()):
        pass


@pytest.mark.parametrize("url", ["http://[::1", "http://", "x", "http://a b/", "https://u:hush@h/", "htp://u:hush@h/"])
def test_an_address_that_is_none_is_told(place: Path, url: str) -> None:
    (place / "afteraction.toml").write_text(f'[collect.loki]\nurl = "{url}"\n')
    with pytest.raises(BadSettings, match=r"collect\.loki\.url") as refused:
        load_settings()
    assert "hush" not in str(refused.value)


def test_certificates_that_cannot_be_read_are_told(place: Path) -> None:
    (place / "afteraction.toml").write_text('[collect.loki]\nurl = "https://x.invalid"\nca_file = "nowhere.pem"\n')
    with pytest.raises(BadSettings, match=r"collect\.loki\.ca_file"), open_fetchers(load_settings()):
        pass
