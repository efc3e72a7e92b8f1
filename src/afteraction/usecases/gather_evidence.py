"""Evidence alone, without a document: material and perhaps a baseline become a verdict with ranked suspects."""

from __future__ import annotations

from afteraction.errors import UsageError
from afteraction.evidence.investigate import investigate
from afteraction.formats.secrets import Masker, mask_value
from afteraction.formats.stamps import parse_stamp
from afteraction.model.finding import Investigation, Window
from afteraction.model.reading import Material
from afteraction.ports import Progress


def parse_window(text: str, zone: str) -> Window:
    """Read `FROM..TO`; times without a zone are in `zone`. Raises UsageError when it is not two ordered times."""
    first, dots, last = text.partition("..")
    start, end = parse_stamp(first.strip(), zone=zone), parse_stamp(last.strip(), zone=zone)
    if not dots or start is None or end is None or start.at >= end.at:
        raise UsageError(f"{text!r} is no window; write two times with two dots between, the earlier first")
    return Window(start=start.at, end=end.at)


def gather_evidence(
    material: Material, *, window: Window | None, baseline: Material | None, masker: Masker, progress: Progress
) -> Investigation:
    """Investigate `material`, with secrets masked in whatever it quotes."""
    progress("looking for evidence")
    return mask_value(investigate(material, window=window, baseline=baseline), masker)
