"""What a platform delivers again does not use up its sender's share of a minute."""

from __future__ import annotations

from repartee.intake.person_limits import PersonLimits
from tests.support.inbox_builders import make_message
from tests.support.memory_web_stores import MemoryRates


def test_a_message_that_is_delivered_again_is_counted_once() -> None:
    """Slack sends an event again after each broken connection: all of its messages are taken in."""
    limits = PersonLimits(MemoryRates(lambda: 0.0), 3, 1000, lambda: 0.0)

    for _ in range(4):
        for number in range(3):
            assert limits.judge(make_message(id=str(number))) == "within"

    assert [limits.judge(make_message(id=str(number))) for number in (7, 8)] == ["within", "first_over"]
