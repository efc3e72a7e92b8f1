"""The sources: one module per format, each a pure function from raw bytes to a reading.

`SOURCES` lists them by hand, in the order in which `afteraction sources` shows them; a test fails when a module of this
folder is missing here, or when two sources claim one sample.
"""

from __future__ import annotations

from afteraction.model.reading import Source

SOURCES: tuple[Source, ...] = ()
