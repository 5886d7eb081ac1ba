"""How often a reply may grow, and how it finds its pace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.pacer import Pacer
from repartee.domain.reply import ActiveMessage, ActiveMessages


class Clock:
    """Time that passes when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_call_is_due_at_once_and_the_next_after_its_time() -> None:
    """Nobody waits for the first word."""
    clock = Clock()
    pace = Pacer(0.5, clock)
    assert pace.is_due

    pace.record_call()

    assert pace.wait_seconds == 0.5
    clock.now += 0.5
    assert pace.wait_seconds == 0


def test_a_refusal_is_waited_out() -> None:
    """What the platform says is waited for; where it says nothing, twice as long as before."""
    clock = Clock()
    pace = Pacer(1.0, clock)

    pace.record_throttled(30.0)
    assert pace.wait_seconds == 30.0

    pace.record_throttled(None)
    assert pace.wait_seconds == 4.0


@given(st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=1, max_size=30))
def test_the_pace_is_never_faster_than_allowed_and_never_dies(refusals: list[int | None]) -> None:
    """However often it is refused, a call is due again soon after the platform's own time."""
    clock = Clock()
    pace = Pacer(0.5, clock)
    for after in refusals:
        pace.record_throttled(after)
        assert 0.5 <= pace.wait_seconds <= max(after or 0, 0.5 * Pacer.MAX_SLOWDOWN_FACTOR)
        clock.now += pace.wait_seconds
        assert pace.is_due


def test_it_finds_back_to_its_pace() -> None:
    """When nothing is refused any more it becomes as fast as it was, step by step."""
    clock = Clock()
    pace = Pacer(1.0, clock)
    for _ in range(5):
        pace.record_throttled(None)

    waits = []
    for _ in range(40):
        pace.record_call()
        waits.append(pace.wait_seconds)

    assert waits == sorted(waits, reverse=True)
    assert waits[-1] == 1.0


def test_those_who_share_a_limit_leave_each_other_room() -> None:
    """Growing waits for its part of the limit; what cannot be left out keeps its distance alone."""
    clock = Clock()
    pace = Pacer(
        1.0,
        clock,
        compute_share=lambda crowd: 2.0 * len(crowd.messages),
        compute_spacing=lambda crowd: 0.1 * len(crowd.messages),
    )
    pace.record_call()
    assert (pace.wait_seconds, pace.mandatory_wait_seconds) == (1.0, 0.0)

    pace.share_with(
        ActiveMessages(tuple(ActiveMessage(key=key, kind="", started_at=0, ends_at=200) for key in "abc"))
    )

    assert pace.wait_seconds == pytest.approx(6.0)
    assert pace.mandatory_wait_seconds == pytest.approx(0.3)


def test_nothing_is_sent_before_the_platform_takes_it_again() -> None:
    """Neither what may wait nor what must come."""
    clock = Clock()
    pace = Pacer(1.0, clock)

    pace.record_throttled(30.0)

    assert pace.mandatory_wait_seconds == pace.wait_seconds == 30.0
