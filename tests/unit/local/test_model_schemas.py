"""The stand-in refuses the schemas that the API refuses, in its words."""

from __future__ import annotations

from typing import Any

import pytest

from standins.openai.schemas import problem

NAME = {"type": "string"}


def of(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def test_a_schema_that_is_closed_and_whole_is_taken() -> None:
    """Every property required, none besides, at every depth."""
    assert problem(of(name=NAME, lines={"type": "array", "items": of(text=NAME)})) == ""


@pytest.mark.parametrize(
    "schema,says",
    [
        ({"type": "array", "items": NAME}, 'type: "object"\''),
        ({"type": "object", "properties": {}}, "'additionalProperties' is required"),
        (of(name=NAME) | {"required": []}, "Missing 'name'"),
        (of(lines={"type": "array", "items": {"type": "object"}}), "'additionalProperties' is required"),
        (of(name={"description": "untyped"}), "must have a 'type' key"),
        (of(name=NAME | {"default": "x"}), "'default' is not permitted"),
        (of(one={"$ref": "#/$defs/Other"}), "'Other' was not found"),
        (of(one={"$ref": "#/$defs/Other", "description": "it"}), "$ref cannot have keywords"),
    ],
)
def test_what_strict_mode_does_not_take_is_named(schema: dict[str, Any], says: str) -> None:
    """With the place where it is wrong."""
    assert says in problem(schema)
