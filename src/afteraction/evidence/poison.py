"""One record that fails again and again while others of its kind go through: the poison in a queue or file.

In: the incident as seen and the log's records. Out: an outside cause with points and citations, or nothing. A record is
known by its name: the number or id that the failing lines share and that nobody spoke of before. Refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from afteraction.evidence.complaints import BAD_LEVEL
from afteraction.evidence.records import Record
from afteraction.evidence.seen import Seen
from afteraction.evidence.weights import Weights
from afteraction.evidence.world import Outside, first_hurt
from afteraction.model.finding import FindingKind, SuspectKind

_LABELLED = re.compile(
    r"\b(offset|record|message|msg|order|row|event|document|object|seq|entry|item|payload|key|tag|job|task|[a-z]+_id|id)[\w.]*"
    r"\s*[=:#]?\s*[\"']?([\w-]*\d[\w-]{3,}|[\w-]{3,}\d[\w-]*)",
    re.IGNORECASE,
)
"""What a consumer calls the thing it works on, and its name, which is long enough to be one thing's own."""
_BARE = re.compile(
    r"(?<![\w.:/-])(?<!port )(?<!line )(?<!pid )([A-Za-z]{1,6}[-_#]\d{4,}|\d{5,}|[0-9a-f]{8}-[0-9a-f-]{27})(?![\w.:/-])(?! ?(?:ms|s|bytes|[kmg]i?b)\b)"
)
"""A name without a label, which only counts where the line says that something cannot be read."""
_QUEUED = frozenset(
    ["offset", "message", "msg", "record", "seq", "payload", "document", "entry", "row", "tag", "job", "task"]
)
"""What waits in a queue or file and is taken once; a customer, an order or an event for sale is spoken of for other reasons."""
_FEW, _OFTEN = 3, 10
"""Times that one record fails before it is a suspect: where it cannot be read, and where nothing says why."""
_UNREADABLE = re.compile(
    r"unmarshal|pars(e|ing)|decod|deseriali|invalid (character|utf|payload|record|json)|malformed|poison|dead.?letter|corrupt|"
    r"unexpected token|cannot convert|truncated|checksum", re.IGNORECASE
)  # fmt: skip


def bad_record(seen: Seen, records: Sequence[Record], worth: Weights) -> Outside | None:
    """Name the record that fails most, where it cannot be read or nearly nothing else fails."""
    begun = -float("inf") if seen.onset is None else seen.onset - seen.slack
    failing = [r for r in records if r.level in BAD_LEVEL and (r.at is None or r.at >= begun)]
    named: dict[str, list[Record]] = {}
    for record in failing:
        for name in _names(record.text):
            named.setdefault(name, []).append(record)
    if not named:
        return None
    name, told = max(
        named.items(), key=lambda item: (len(item[1]), _is_queued(item[0], item[1][0].text), len(item[0]), item[0])
    )
    at_home = [r for r in failing if r.service == told[0].service]
    unreadable = sum(bool(_UNREADABLE.search(r.text)) for r in told) >= len(told) / 2
    alone = _is_queued(name, told[0].text) and len(told) >= _OFTEN and len(told) >= 0.8 * len(at_home)
    if len(told) < _FEW or not (unreadable or alone) or _spoken_of_anyway(name, told, records, begun):
        return None
    out = Outside(
        name="bad-record", ref=f"external/record-{name}", kind=SuspectKind.EXTERNAL, service=told[0].service or first_hurt(seen),
        look_next=f"the record {name} at its source; park it and let the consumer go on",
    )  # fmt: skip
    why = f"{len(told)} times the same record {name} fails: {told[0].text[:120]}"
    out.weigh(worth.bad_record, why, FindingKind.LOG, told[0].origin)
    if alone or (unreadable and len(told) >= 0.8 * len(at_home)):
        out.weigh(worth.bad_record_alone, "nearly nothing else fails there", FindingKind.LOG, told[-1].origin)
    return out


def _names(text: str) -> set[str]:
    found = {match[2] for match in _LABELLED.finditer(text)}
    return found | set(_BARE.findall(text)) if _UNREADABLE.search(text) else found


def _is_queued(name: str, text: str) -> bool:
    return any(found[2] == name and found[1].lower() in _QUEUED for found in _LABELLED.finditer(text))


def _spoken_of_anyway(name: str, told: Sequence[Record], records: Sequence[Record], begun: float) -> bool:
    """Whether lines without a failure named it before it failed too: then it is busy and not bad."""
    first = min((r.at for r in told if r.at is not None), default=begun)
    before = sum(
        name in r.text for r in records if r.level not in BAD_LEVEL and (r.at is None or r.at < min(begun, first))
    )
    return 5 * before >= len(told)
