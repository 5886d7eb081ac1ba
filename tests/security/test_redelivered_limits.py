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


def test_a_delivery_to_another_process_is_counted_once() -> None:
    """A chat of twenty messages a minute lost one whose neighbours were delivered twice: each of two
    processes had counted them."""
    rates = MemoryRates(lambda: 0.0)
    processes = [PersonLimits(rates, 20, 1000, lambda: 0.0) for _ in range(2)]

    verdicts = [process.judge(make_message(id=str(number))) for number in range(20) for process in processes]

    assert set(verdicts) == {"within"}
    assert [processes[1].judge(make_message(id=str(number))) for number in (20, 21, 22)] == [
        "within",
        "first_over",
        "over",
    ]


def test_a_refusal_that_is_delivered_again_is_the_same() -> None:
    """The message at which a person is told may reach a second process before the first has kept it."""
    rates = MemoryRates(lambda: 0.0)
    processes = [PersonLimits(rates, 1, 1000, lambda: 0.0) for _ in range(2)]
    for process in processes:
        process.judge(make_message(id="1"))
        process.judge(make_message(id="2"))

    assert [process.judge(make_message(id="3")) for process in processes] == ["first_over"] * 2
