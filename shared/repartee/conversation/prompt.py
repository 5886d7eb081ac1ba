"""What the model is given: instructions that never change, what was said, what is known, what is asked now.

In this order, because a provider caches a request's front: up to the newest history it is as it was before.
"""

from __future__ import annotations

import msgspec

from repartee.conversation.message import Side


class Line(msgspec.Struct, frozen=True):
    """One entry of the conversation as the model reads it."""

    side: Side
    text: str


class Prompt(msgspec.Struct, frozen=True):
    """A request for one reply."""

    instructions: str
    history: tuple[Line, ...]
    context: str
    asked: tuple[Line, ...]


class Usage(msgspec.Struct, frozen=True):
    """Tokens that a model call took. `cached` is the part of `input` that the provider had seen before."""

    input: int = 0
    output: int = 0
    cached: int = 0
