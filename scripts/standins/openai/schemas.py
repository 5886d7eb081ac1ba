"""Checks a JSON schema against the rules of strict mode, with the API's error texts.

https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
"""

from __future__ import annotations

from typing import Any

KEYWORDS = frozenset(
    [
        "$defs",
        "$ref",
        "additionalProperties",
        "anyOf",
        "const",
        "description",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "items",
        "maxItems",
        "maximum",
        "minItems",
        "minimum",
        "multipleOf",
        "pattern",
        "properties",
        "required",
        "type",
    ]
)
DEEPEST, MOST_PROPERTIES = 10, 5_000


def problem(schema: Any) -> str:
    """Returns why the API would refuse the schema in strict mode, in its words. Empty if it would not."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        found = schema.get("type") if isinstance(schema, dict) else None
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{found}\"'."
    return _problem(schema, (), schema.get("$defs", {}))


def _problem(part: Any, at: tuple[str, ...], parts: dict[str, Any]) -> str:
    if not isinstance(part, dict):
        return f"In context={at!r}, schema must be an object."
    if len(at) > 2 * DEEPEST:
        return f"schema exceeds the maximum nesting depth of {DEEPEST}."
    if "$ref" in part:
        return _reference(part, at, parts)
    return _itself(part, at) or _inside(part, at, parts)


def _itself(part: dict[str, Any], at: tuple[str, ...]) -> str:
    if unknown := sorted(part.keys() - KEYWORDS):
        return f"In context={at!r}, '{unknown[0]}' is not permitted."
    if not part.keys() & {"type", "anyOf", "const"}:
        return f"In context={at!r}, schema must have a 'type' key."
    return _object(part, at) if part.get("type") == "object" else ""


def _inside(part: dict[str, Any], at: tuple[str, ...], parts: dict[str, Any]) -> str:
    inside = [
        *(("properties", name, one) for name, one in part.get("properties", {}).items()),
        *(("anyOf", str(number), one) for number, one in enumerate(part.get("anyOf", ()))),
        *(("$defs", name, one) for name, one in part.get("$defs", {}).items()),
        *(("items", "", one) for one in [part.get("items")] if one is not None),
    ]
    return next(filter(None, (_problem(one, (*at, kind, name), parts) for kind, name, one in inside)), "")


def _reference(part: dict[str, Any], at: tuple[str, ...], parts: dict[str, Any]) -> str:
    if len(part) > 1:
        return f"In context={at!r}, $ref cannot have keywords {sorted(part.keys() - {'$ref'})}."
    name = str(part["$ref"]).removeprefix("#/$defs/")
    return "" if name in parts else f"In context={at!r}, reference to component '{name}' was not found."


def _object(part: dict[str, Any], at: tuple[str, ...]) -> str:
    if part.get("additionalProperties") is not False:
        return f"In context={at!r}, 'additionalProperties' is required to be supplied and to be false."
    missing = [name for name in part.get("properties", {}) if name not in part.get("required", ())]
    if missing:
        return (
            f"In context={at!r}, 'required' is required to be supplied and to be an array including every "
            f"key in properties. Missing '{missing[0]}'."
        )
    return ""
