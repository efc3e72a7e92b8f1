from __future__ import annotations

import pytest

from afteraction.errors import BadSettings, NotReached
from afteraction.network.guard import METADATA, Guard

NOT_PUBLIC = [
    "10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "127.8.8.8", "0.0.0.0", "169.254.1.1", "100.64.0.1", "198.18.0.1",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1",
    "64:ff9b:1::7f00:1",
]  # fmt: skip
CARRIERS = [
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
]
"""IPv6 addresses that lead to an IPv4 address which is not public; the last one is Teredo."""


@pytest.mark.parametrize("address", [*NOT_PUBLIC, *CARRIERS])
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(NotReached, match="no public address"):
        Guard().check("somewhere.example", [address])


@pytest.mark.parametrize("address", ["8.8.8.8", "140.82.121.4", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_open(address: str) -> None:
    Guard().check("somewhere.example", [address])


def test_one_bad_address_among_good_ones_refuses_the_host() -> None:
    with pytest.raises(NotReached, match=r"10\.0\.0\.1"):
        Guard().check("somewhere.example", ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize("allow", ["10.0.0.0/8", "10.0.0.1", "metrics.internal", "*.internal", " Metrics.Internal. "])
def test_what_the_settings_list_is_reached(allow: str) -> None:
    Guard([allow]).check("metrics.internal", ["10.0.0.1"])


@pytest.mark.parametrize("host", ["other.example", "xinternal", "internal.example", "metrics.internal.example"])
def test_another_host_at_an_address_that_is_not_listed_is_refused(host: str) -> None:
    with pytest.raises(NotReached):
        Guard(["metrics.internal", "*.internal"]).check(host, ["10.0.0.1"])


def test_the_address_that_an_administrator_wrote_down_is_reached_and_no_other() -> None:
    guard = Guard(url="http://prometheus.shop.svc:9090/path")
    guard.check("Prometheus.shop.svc.", ["10.96.0.7"], 9090)
    for host, port in (("10.96.0.7", 9090), ("prometheus.shop.svc", 22), ("prometheus.shop.svc", 80)):
        with pytest.raises(NotReached):
            guard.check(host, ["10.96.0.7"], port)
    Guard(url="https://[fd00::7]").check("fd00::7", ["fd00::7"], 443)


@pytest.mark.parametrize("address", sorted(map(str, METADATA)))
def test_where_a_cloud_hands_out_credentials_is_refused_even_inside_a_listed_network(address: str) -> None:
    with pytest.raises(NotReached, match="credentials"):
        Guard(["0.0.0.0/0", "::/0", "*.internal"], url="http://logs.internal").check("logs.internal", [address], 80)
    Guard([address]).check("logs.internal", [address])


def test_metadata_behind_an_ipv6_form_is_refused() -> None:
    with pytest.raises(NotReached, match="credentials"):
        Guard(["::/0"]).check("logs.internal", ["::ffff:169.254.169.254"])


@pytest.mark.parametrize("text", ["", "10.0.0.0/99", "http://x/", "two words"])
def test_an_entry_that_is_nothing_is_told(text: str) -> None:
    with pytest.raises(BadSettings, match=r"outgoing\.allow"):
        Guard([text])
