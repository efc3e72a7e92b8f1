"""The text form of a post-mortem: render and parse, bound by laws.

`parse(render(pm)).post_mortem == pm` for every post-mortem, an empty one renders to the template byte for byte, and
rendering what was parsed keeps every paragraph that a person added.
"""

from __future__ import annotations

from afteraction.markdown.document import Parsed, parse, render

__all__ = ["Parsed", "parse", "render"]
