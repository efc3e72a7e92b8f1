"""The live collectors: one module per product, listed by hand in the order in which they are asked.

What vanishes first comes first: a cluster forgets its events within the hour, a pager forgets nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from afteraction.fetch.alertmanager import Alertmanager
from afteraction.fetch.github import GitHub
from afteraction.fetch.gitlab import GitLab
from afteraction.fetch.kubernetes import Kubernetes
from afteraction.fetch.loki import Loki
from afteraction.fetch.pagerduty import PagerDuty
from afteraction.fetch.prometheus import Prometheus
from afteraction.fetch.slack import Slack
from afteraction.model.collecting import CollectorSettings
from afteraction.ports.fetcher import Fetcher

FETCHERS = (Kubernetes, Alertmanager, Prometheus, Loki, Slack, PagerDuty, GitHub, GitLab)


@contextmanager
def opened(settings: CollectorSettings, allow: tuple[str, ...]) -> Iterator[Fetcher]:
    """Open the collector that settings are for. Raises BadSettings, and MissingExtra where a package is needed."""
    kind = next(one for one in FETCHERS if one.name == settings.name)
    with kind.connect(settings, allow) as client:
        yield kind(settings, client)
