"""Calls have room for their frames at every depth."""

from __future__ import annotations

import resource
from collections.abc import Callable

import pytest

from repartee.frame_stack import call_with_stack_room

DEPTHS = range(300)
MAX_FAULTS = 500
"""Pages that the system may hand over for other reasons meanwhile."""


def count_page_faults(work: Callable[[], object]) -> int:
    """Returns how many pages the system handed over while the work was done."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    work()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def call_leaves() -> None:
    """Calls in a loop, as what compiles regular expressions does."""
    for _ in range(500):
        leaf()


def leaf(first: int = 1, second: int = 2, third: int = 3) -> int:
    return first + second + third


def call_at_depth(depth: int) -> None:
    """Calls in a loop below so many frames."""
    if depth:
        call_at_depth(depth - 1)
    else:
        call_leaves()


def call_at_all_depths() -> None:
    for depth in DEPTHS:
        call_at_depth(depth)


def test_calls_with_room_take_no_memory_again_and_again() -> None:
    """Whatever the depth of the loop."""
    call_with_stack_room(lambda: call_at_depth(max(DEPTHS)))

    assert count_page_faults(lambda: call_with_stack_room(call_at_all_depths)) < MAX_FAULTS


def test_calls_without_room_do() -> None:
    """When this fails, the interpreter has mended it: take `frame_stack.py` out."""
    assert count_page_faults(call_at_all_depths) > MAX_FAULTS


def test_a_result_and_an_error_come_back() -> None:
    """A call with room is a call."""
    assert call_with_stack_room(lambda: 5) == 5
    with pytest.raises(ValueError, match="five"):
        call_with_stack_room(lambda: int("five"))
