"""The Responses API's answers, as far as we read them.

Several servers speak this API and none of them sends every field: what is missing, `null` or of another type
is read as nothing, unless the answer makes no sense without it.

https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from repartee.domain.prompt import ToolCall
from repartee.domain.usage import Usage

MAX_OUTPUT_TOKENS = "max_output_tokens"
"""The reason of a response that met the limit on its tokens."""

NO_ARGUMENTS = "{}"
"""A call's arguments where the model wrote none."""


class Part(msgspec.Struct):
    """A part of a message: `output_text` with a text, or a `refusal`."""

    type: str = ""
    text: str | None = None
    refusal: str | None = None


class Item(msgspec.Struct):
    """One item of a response: a message, a call of a tool, a stretch of reasoning."""

    type: str = ""
    id: str | None = None
    status: str | None = None
    phase: str | None = None
    content: list[Part] | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: msgspec.Raw = msgspec.Raw()

    @property
    def text(self) -> str:
        """The text of a message, or its refusal."""
        return "".join(part.text or part.refusal or "" for part in self.content or ())


class Reason(msgspec.Struct):
    """Why a response is incomplete."""

    reason: str | None = None


class Response(msgspec.Struct):
    """A response: what it holds, what it took, how it ended."""

    status: str | None = None
    model: str | None = None
    usage: Any = None
    incomplete_details: Reason | None = None
    output: list[msgspec.Raw] | None = None

    @property
    def taken(self) -> Usage:
        """The tokens that it took, 0 where the server does not count them."""
        usage = self.usage if isinstance(self.usage, dict) else {}
        details = usage.get("input_tokens_details")
        cached = _count(details, "cached_tokens") if isinstance(details, dict) else 0
        tokens = _count(usage, "input_tokens"), _count(usage, "output_tokens")
        return Usage(*tokens, cached, self.model or "")

    def reason(self, limit: int = 0) -> str:
        """Returns why it is incomplete, empty where it is not. A server may end at the limit and not say
        so."""
        if self.incomplete_details and self.incomplete_details.reason:
            return self.incomplete_details.reason
        met = self.status == "incomplete" or 0 < limit <= self.taken.output_tokens
        return MAX_OUTPUT_TOKENS if met else ""


RESPONSE = msgspec.json.Decoder(Response)
OUTPUT_ITEM = msgspec.json.Decoder(Item)
"""Made with the module: msgspec may crash where threads make the decoder of one type at the same time."""


def call_of(item: Item, thoughts: Sequence[msgspec.Raw], number: int) -> ToolCall:
    """Returns a function call as ours. Some servers send its arguments as an object instead of as text, none
    at all, or no id; one is made then."""
    id = item.call_id or item.id or f"call_{number}"
    return ToolCall(id, item.name or "", _arguments(item.arguments), tuple(thoughts))


def _arguments(raw: msgspec.Raw) -> str:
    text = bytes(raw).decode() or NO_ARGUMENTS
    if text.startswith('"'):
        text = msgspec.json.decode(text, type=str)
    return NO_ARGUMENTS if text.strip() in ("", "null") else text


def _count(usage: dict[str, Any], name: str) -> int:
    value = usage.get(name)
    return max(0, int(value)) if isinstance(value, (int, float)) else 0
