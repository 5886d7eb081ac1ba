"""What the model is given: instructions that stay the same at the front, then what was said."""

from __future__ import annotations

import msgspec

from repartee.conversation.message import Side


class Line(msgspec.Struct, frozen=True):
    """One entry of the conversation as the model reads it."""

    side: Side
    text: str


class Prompt(msgspec.Struct, frozen=True):
    """A request for one reply. `instructions` is stable between turns, so that providers can cache it."""

    instructions: str
    lines: tuple[Line, ...]
