"""Decides which addresses an outgoing request may go to: a host and its resolved addresses go in, a refusal or nothing comes out.

Public addresses are open. Private, link-local, loopback and other special ones are refused unless the settings list them
(`[outgoing] allow`), or the host is the one that an administrator wrote down as a collector's address. The addresses at which
clouds tell a machine its credentials are refused even then, until they are listed by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from afteraction.errors import BadSettings, NotReached

_PORTS = {"http": 80, "https": 443}
Address = IPv4Address | IPv6Address

METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Google Cloud, Azure, DigitalOcean, OpenStack and others
        "169.254.170.2",  # AWS: credentials of a container's task
        "169.254.170.23",  # AWS: credentials of a pod
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",  # Google Cloud
        "100.100.100.200",  # Alibaba Cloud
        "192.0.0.192",  # Oracle Cloud
        "168.63.129.16",  # Azure's host agent; a public address by its number
    )
)
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""NAT64: the last four bytes are the IPv4 address that is reached."""


class Guard:
    """Knows the rules. `allow` holds networks, addresses, host names and `*.suffixes`; `url` is a collector's own address."""

    def __init__(self, allow: Iterable[str] = (), *, url: str = "") -> None:
        own = urlsplit(url)
        self._own = (_plain(own.hostname or ""), own.port or _PORTS.get(own.scheme, 0))
        self._names: set[str] = set()
        self._suffixes: list[str] = []
        self._networks = []
        for text in allow:
            try:
                self._networks.append(ip_network(text.strip(), strict=False))
            except ValueError:
                name = _plain(text)
                if not name or "/" in name or " " in name:
                    raise BadSettings(
                        f"outgoing.allow: {text!r} is neither a network, an address nor a host name"
                    ) from None
                if name.startswith("*."):
                    self._suffixes.append(name[1:])
                else:
                    self._names.add(name)

    def check(self, host: str, addresses: Sequence[str], port: int = 0) -> None:
        """Refuse a host if any of the addresses that its name stands for is refused.

        Raises:
            NotReached: naming the host, the address and the setting that would allow it.
        """
        name = _plain(host)
        listed = name in self._names or any(name.endswith(suffix) for suffix in self._suffixes)
        for text in addresses:
            address = _reached(ip_address(text.partition("%")[0]))
            if address in METADATA:
                if not self._by_itself(address, name):
                    raise NotReached(
                        f"{host} is {address}, where a cloud hands out credentials; it is reached only if "
                        f'"{address}" itself stands in `[outgoing] allow`'
                    )
            elif not (_public(address) or listed or (name, port) == self._own or self._in_network(address)):
                raise NotReached(
                    f"{host} is {address}, which is no public address; if it is meant, list the host or its network in "
                    "`[outgoing] allow` of the settings"
                )

    def _by_itself(self, address: Address, name: str) -> bool:
        """Whether one address is listed, as such or as the name that was asked for; a network around it is not enough."""
        alone = any(network.num_addresses == 1 and address in network for network in self._networks)
        return alone or name in self._names

    def _in_network(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _plain(host: str) -> str:
    return host.strip().strip("[]").rstrip(".").lower()


def _reached(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one that only carries it, since that is where the packets arrive."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _TRANSLATED or (int(address) >> 32 == 0 and int(address) > 1):  # the latter: `::127.0.0.1`
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
"""Never routed outside; Python before 3.12 takes it for public."""


def _public(address: Address) -> bool:
    if address in _LOCAL_NAT64:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not (isinstance(address, IPv6Address) and address.is_site_local)
    )
