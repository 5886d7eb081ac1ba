"""Shows what the steps of a turn returned and what the model was given, shortened, redacted as configured."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from repartee.services.openai.request import ReplyRequest

if TYPE_CHECKING:
    from local.answered_turn import AnsweredTurn
    from repartee.domain.redactor import Redactor

MAX_VALUE_CHARS = 160
MAX_PROMPT_CHARS = 700
"""Characters of one text of the prompt that are shown on a terminal."""


def list_values(answered: AnsweredTurn, redactor: Redactor) -> dict[str, str]:
    """Returns what each step returned, by its name. Steps that returned nothing are left out."""
    values = {
        outcome.name: describe_value(outcome.value)
        for outcome in answered.report.outcomes
        if outcome.value is not None
    }
    redacted = redactor.redact_all(list(values.values()))
    return {name: _shorten(text, MAX_VALUE_CHARS) for name, text in zip(values, redacted, strict=True)}


def list_prompts(answered: AnsweredTurn) -> list[dict[str, Any]]:
    """Returns what the model was given, answer by answer: the instructions, and the input items of the
    Responses API. It is redacted already, as the model's own requests are."""
    return [_prompt_items(ReplyRequest(answer.prompt).arguments()) for answer in answered.way.answers()]


def render_values(answered: AnsweredTurn, redactor: Redactor) -> RenderableType:
    """Shows both on a terminal."""
    lines = [Text("What each step returned", "bold")]
    lines += [
        Text(f"{name}: ", "cyan").append(text, "dim")
        for name, text in list_values(answered, redactor).items()
    ]
    for number, prompt in enumerate(list_prompts(answered), 1):
        lines += [Text(f"\nWhat the model was given, request {number}", "bold")]
        lines += [
            Text(f"{role}: ", "cyan").append(_shorten(text, MAX_PROMPT_CHARS), "dim")
            for role, text in _prompt_lines(prompt)
        ]
    return Padding(Group(*lines), (0, 0, 1, 2))


def describe_value(value: Any) -> str:
    """Describes a step's value as JSON, or by its type where it is no data."""
    if isinstance(value, array):
        return f"{len(value)} numbers"
    try:
        return json.dumps(msgspec.to_builtins(value, enc_hook=_name_type), ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return type(value).__name__


def _name_type(value: Any) -> str:
    return f"{len(value)} numbers" if isinstance(value, array) else type(value).__name__


def _prompt_items(arguments: Mapping[str, Any]) -> dict[str, Any]:
    tools = arguments["tools"] if isinstance(arguments["tools"], list) else []
    return {
        "instructions": arguments["instructions"],
        "input": arguments["input"],
        "tools": [tool["name"] for tool in tools],
    }


def _prompt_lines(prompt: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "instructions", prompt["instructions"]
    for item in prompt["input"]:
        role = str(item.get("role") or item.get("type"))
        yield role, _item_text(item)
    if prompt["tools"]:
        yield "tools", ", ".join(prompt["tools"])


def _item_text(item: Mapping[str, Any]) -> str:
    content = item.get("content")
    if isinstance(content, list):
        return " ".join(part.get("text") or f"[{part['type']}]" for part in content)
    if content is None:
        return str(item.get("output") or f"{item.get('name', '')} {item.get('arguments', '')}")
    return str(content)


def _shorten(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[:characters]}… ({len(text):,} characters)"
