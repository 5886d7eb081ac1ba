"""The contract of `ports.Rates`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from repartee.ports import RateLimiter
from tests.contract.conftest import PassingClock

MINUTE = 60.0


def test_so_many_are_admitted_and_no_more(rates: RateLimiter) -> None:
    """The limit holds within a stretch of time, and who is too fast is told when the next begins."""
    waits = [rates.admit("web:ada", 3, MINUTE) for _ in range(5)]

    assert waits[:3] == [0.0] * 3
    assert all(0 < wait <= MINUTE for wait in waits[3:])


def test_the_next_stretch_begins_anew(rates: RateLimiter, passing: PassingClock) -> None:
    """After the time that was told one is admitted again."""
    rates.admit("web:ada", 1, MINUTE)

    passing.now += rates.admit("web:ada", 1, MINUTE)

    assert rates.admit("web:ada", 1, MINUTE) == 0.0


def test_everybody_is_counted_alone(rates: RateLimiter) -> None:
    """What one person does is not held against another."""
    rates.admit("web:ada", 1, MINUTE)

    assert rates.admit("web:ben", 1, MINUTE) == 0.0


def test_at_once(rates: RateLimiter) -> None:
    """Of many at the same time exactly as many are admitted as may be."""
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: rates.admit("web:ada", 5, MINUTE), range(20)))

    assert waits.count(0.0) == 5


def test_an_event_counts_once(rates: RateLimiter) -> None:
    """What a platform delivers again is admitted again, also when nothing more is, and uses up nothing."""
    first = [rates.admit("web:ada", 2, MINUTE, event="a") for _ in range(3)]
    others = [rates.admit("web:ada", 2, MINUTE, event=event) for event in ("b", "c", "b", "a")]

    assert first == [0.0] * 3
    assert [wait > 0 for wait in others] == [False, True, False, False]


def test_an_event_of_the_next_stretch_counts_anew(rates: RateLimiter, passing: PassingClock) -> None:
    """Each stretch knows its own."""
    rates.admit("web:ada", 1, MINUTE, event="a")
    passing.now += MINUTE

    assert rates.admit("web:ada", 1, MINUTE, event="a") == 0.0
    assert rates.admit("web:ada", 1, MINUTE, event="b") > 0
