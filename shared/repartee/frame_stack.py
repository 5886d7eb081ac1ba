"""Calls a function with room for all the frames below it.

CPython keeps the frames of a thread in chunks of 16 kB, and gives a chunk back to the system when its last
frame has returned. Where a loop calls across the end of a chunk, each call maps memory and unmaps it again:
modules that compile regular expressions while they are imported then take up to ten times as long, and at
which depth of imports that happens is chance. A frame that is larger than a chunk gets a chunk of its own
size (`push_chunk` in Python/pystate.c), and what it calls runs in the rest of it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

FRAME_SLOTS_NUMBER = 70_000
"""Slots of 8 bytes of the large frame. The chunk is the next power of two, 1 MB, so that more than 400 kB are
left. Pages that no frame reaches are never taken from the system."""


def _call(function: Callable[[], Any]) -> Any:
    return function()


call_with_stack_room: Callable[[Callable[[], Any]], Any] = FunctionType(
    _call.__code__.replace(co_stacksize=FRAME_SLOTS_NUMBER), globals(), "call_with_stack_room"
)
"""Calls a function without arguments, and returns what it returns. For what a process does once, at its
start."""
