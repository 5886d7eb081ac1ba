"""A struct as the JSON schema that a model must keep to, to the letter.

Strict mode takes a subset of JSON Schema: an object at the root, every property required, none besides, no
defaults. https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec


@cache
def strict_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Returns the struct's schema. What the model may leave out is given as nullable by the struct itself."""
    root = msgspec.json.schema(kind)
    parts = {name: _strict(part) for name, part in root.pop("$defs").items()}
    own: dict[str, Any] = parts.pop(root["$ref"].rpartition("/")[2])
    return own | {"$defs": parts} if parts else own


def _strict(part: Any) -> Any:
    if isinstance(part, list):
        return [_strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return {"$ref": part["$ref"]}
    schema = {name: _strict(value) for name, value in part.items() if name not in ("default", "title")}
    if "properties" in schema:
        schema |= {"required": list(schema["properties"]), "additionalProperties": False}
    elif "enum" in schema:
        schema.setdefault("type", "string" if isinstance(schema["enum"][0], str) else "integer")
    return schema
