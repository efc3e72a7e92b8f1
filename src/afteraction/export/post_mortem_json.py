"""The JSON form of a post-mortem and its JSON Schema, both made from the model's dataclasses.

A post-mortem comes in and JSON text goes out, and back; the schema's descriptions are the questions that the template's
fields ask. Refused with `BadDocument`: text that is no JSON, unknown keys, values of a wrong type or without a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json as json_value

from afteraction.errors import BadDocument
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.value import spec_of

_SHOWN = 5
"""How many errors a refusal names; a file of another kind would fill the screen."""


class _Envelope(BaseModel):
    """Carries the setting that unknown keys are refused down to the dataclasses, which know no pydantic."""

    model_config = ConfigDict(extra="forbid")

    post_mortem: PostMortem


@cache
def _adapter() -> TypeAdapter[PostMortem]:
    return TypeAdapter(PostMortem)


def to_json(pm: PostMortem) -> str:
    """Return `pm` as JSON text, indented by two, every field present, with a final newline."""
    return _adapter().dump_json(pm, indent=2).decode() + "\n"


def from_json(text: str) -> PostMortem:
    """Read what `to_json` wrote; fields that are left out are blank.

    Raises:
        BadDocument: when the text is no JSON or does not fit the schema; the message names the places.
    """
    try:
        return _Envelope.model_validate({"post_mortem": json_value(text)}).post_mortem
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        places = [f"{'.'.join(str(part) for part in e['loc'][1:]) or 'document'}: {e['msg']}" for e in found]
        more = f" (and {len(places) - _SHOWN} more)" if len(places) > _SHOWN else ""
        raise BadDocument(f"this is no post-mortem in JSON: {'; '.join(places[:_SHOWN])}{more}") from error
    except ValueError as error:
        raise BadDocument(f"this is no JSON: {error}") from error


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the JSON form; descriptions are labels and questions of the template."""
    made = _Envelope.model_json_schema()
    parts: dict[str, Any] = made["$defs"]
    for cls in _classes(PostMortem, set()):
        for declared in fields(cls):
            described = parts[cls.__name__]["properties"][declared.name]
            described.pop("title", None)
            spec = spec_of(declared)
            if spec is not None and (spec.label or spec.question):
                described["description"] = f"{spec.label}: {spec.question}" if spec.question else spec.label
    root = parts.pop(PostMortem.__name__)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **root,
        "title": "Post-mortem",
        "$defs": dict(sorted(parts.items())),
    }


def _classes(cls: type, seen: set[type]) -> Iterator[type]:
    """Walk over the dataclasses that `cls` is made of."""
    if cls in seen or not is_dataclass(cls):
        return
    seen.add(cls)
    yield cls
    for hint in get_type_hints(cls).values():
        for inner in (hint, *get_args(hint)):
            if isinstance(inner, type):
                yield from _classes(inner, seen)
