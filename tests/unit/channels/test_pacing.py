"""How often a reply may grow, and how it finds its pace."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.pacing import Pace


class Clock:
    """Time that passes when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_call_is_due_at_once_and_the_next_after_its_time() -> None:
    """Nobody waits for the first word."""
    clock = Clock()
    pace = Pace(0.5, clock)
    assert pace.due

    pace.made()

    assert pace.wait == 0.5
    clock.now += 0.5
    assert pace.wait == 0


def test_a_refusal_is_waited_out() -> None:
    """What the platform says is waited for; where it says nothing, twice as long as before."""
    clock = Clock()
    pace = Pace(1.0, clock)

    pace.refused(30.0)
    assert pace.wait == 30.0

    pace.refused(None)
    assert pace.wait == 4.0


@given(st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=1, max_size=30))
def test_the_pace_is_never_faster_than_allowed_and_never_dies(refusals: list[int | None]) -> None:
    """However often it is refused, a call is due again soon after the platform's own time."""
    clock = Clock()
    pace = Pace(0.5, clock)
    for after in refusals:
        pace.refused(after)
        assert 0.5 <= pace.wait <= max(after or 0, 0.5 * Pace.SLOWEST)
        clock.now += pace.wait
        assert pace.due


def test_it_finds_back_to_its_pace() -> None:
    """When nothing is refused any more it becomes as fast as it was, step by step."""
    clock = Clock()
    pace = Pace(1.0, clock)
    for _ in range(5):
        pace.refused(None)

    waits = []
    for _ in range(40):
        pace.made()
        waits.append(pace.wait)

    assert waits == sorted(waits, reverse=True)
    assert waits[-1] == 1.0
