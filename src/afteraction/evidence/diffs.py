"""What a change does, read from its files and its diff: words, numbers, names, and the mechanisms by which it could hurt.

In: paths and the text of a unified diff (several shapes, also without file headers). Out: a `Delta`. Nothing here knows
a service, a repository or an incident. Refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from afteraction.evidence.diff_lines import (
    IDENTIFIER,
    SAYS,
    Value,
    found_in,
    lines_of,
    literals_of,
    new_side,
    values_of,
)
from afteraction.evidence.mechanisms import HARD, Mechanism, by_lines, by_path, by_values, calls_in_a_loop_around
from afteraction.evidence.metrics.nature import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What a change does.

    `names` are whole identifiers of the changed lines, `words` their parts; `files` basenames;
    `functions` the functions named in hunk headers and changed lines; `literals` are names, paths and addresses that
    only the added lines have, `gone` those that only the removed ones have; `lines` are added ones that hold anything; `known` is False without a diff.
    """

    mechanisms: frozenset[Mechanism]
    values: tuple[Value, ...]
    names: frozenset[str]
    words: frozenset[str]
    files: frozenset[str]
    functions: frozenset[str]
    known: bool
    literals: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    lines: int = 0


_CONTRACT_PATH = re.compile(
    r"\.(proto|avsc|avdl|graphqls?|thrift|xsd|wsdl|fbs|capnp)$|(^|/)(openapi|swagger)[^/]*\.(ya?ml|json)$"
)
_FUNCTION = re.compile(
    r"\b(?:func|def|function|fn|void|public|private|class)\b[^(\n]*?([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\("
)
_REACH_PATH = re.compile(
    r"network_?-?polic|netpol|security_?-?groups?|firewall|iptables|authorization_?-?polic|peer_?-?authentication|virtual_?-?service|"
    r"destination_?-?rule|\bacls?\b", re.IGNORECASE
)  # fmt: skip
_REACH = re.compile(
    r"NetworkPolicy|SecurityGroup|security_group|cidr|ingress:|egress:|namespaceSelector|podSelector|source_ranges|AuthorizationPolicy|"
    r"PeerAuthentication"
)  # fmt: skip
_SCHEMA_PATH = re.compile(r"migrat|schema|\.sql$|flyway|liquibase|alembic", re.IGNORECASE)


def delta_of(files: Iterable[str], diff: str, title: str = "") -> Delta:
    """Read a change. Without a diff only the paths speak."""
    files = tuple(files)
    added, removed, context = lines_of(diff)
    # A line that only says or counts something will be among the symptoms without being their cause.
    changed = [line for line in (*added, *removed) if not SAYS.match(line)]
    names = frozenset(name for line in changed for name in IDENTIFIER.findall(line))
    mechanisms = by_path(files, added, removed)
    values = tuple(values_of(added, removed))
    if Mechanism.INERT not in mechanisms:
        mechanisms |= by_lines(added, removed, files, valued=bool(values))
    mechanisms |= by_values(values)
    if calls_in_a_loop_around(new_side(diff)):
        mechanisms.add(Mechanism.CALL_IN_LOOP)
    if any(map(_REACH_PATH.search, files)) or any(map(_REACH.search, changed)):
        mechanisms.add(Mechanism.REACH_CHANGED)
    if any(_CONTRACT_PATH.search(f) for f in files) and (added or removed):
        mechanisms.add(Mechanism.FORMAT_CHANGED)
    if any(_SCHEMA_PATH.search(f) for f in files) or re.search(r"\b(ALTER|CREATE|DROP)\s+(TABLE|COLUMN|INDEX)\b", diff):
        mechanisms.add(Mechanism.SCHEMA_CHANGED)
    functions = {f for line in [*context, *changed] for f in _FUNCTION.findall(line)}
    words = frozenset(w for name in names for w in words_of(name) if len(w) > 2)
    words |= frozenset(w for w in words_of(title) if len(w) > 3)
    return Delta(
        mechanisms=frozenset(mechanisms), values=values, names=names, words=words, known=bool(added or removed),
        files=frozenset(f.rsplit("/", 1)[-1] for f in files), functions=frozenset(functions),
        lines=sum(bool(line.strip()) for line in added), literals=frozenset(found_in(literals_of, added) - found_in(literals_of, removed)),
        gone=frozenset(found_in(literals_of, removed) - found_in(literals_of, added)),
    )  # fmt: skip


def restated(delta: Delta) -> bool:
    """Whether a change restates code and hides nothing hard in it."""
    return Mechanism.RESTRUCTURED in delta.mechanisms and not delta.mechanisms & HARD
