"""What the use cases need of a language model: an answer to a question about evidence."""

from __future__ import annotations

from typing import Protocol


class Wording(Protocol):
    """Words what it is given. `name` is what the record calls its author."""

    name: str

    def __call__(self, instructions: str, evidence: str, /) -> str:
        """Return the model's answer, as it came.

        Raises:
            ModelUnavailable: when there is no answer in time.
        """
        ...
