"""The simulation of queue and workers, and the calculation of what more conversations need."""

from __future__ import annotations

from typing import Any

import pytest

from benches.load_test.scenario import LoadScenario, Outage
from simulation.__main__ import compare_run
from simulation.capacity import DayLoad, list_needs, price_month
from simulation.queue_model import MeasuredTimes, QueueModel, SimulatedRun

ONE_SECOND = MeasuredTimes(turn=[1.0], idle=[0.05], start=[2.0])
CALM = LoadScenario(chats=50, seconds=100.0, turn_workers=8)


def simulate(**changes: Any) -> SimulatedRun:
    """Runs the calm scenario with what is different."""
    known = {name: getattr(CALM, name) for name in CALM.__dataclass_fields__}
    return QueueModel(LoadScenario(**(known | changes)), ONE_SECOND).run()


def test_with_workers_enough_a_message_waits_for_its_own_turn() -> None:
    """Without a backlog nearly every wait is that of one turn, or of the turn before it in the chat."""
    assert simulate().p95_seconds <= 2.1


def test_with_one_worker_messages_wait_for_each_other() -> None:
    """One worker of a second a turn is behind at once."""
    assert simulate(turn_workers=1).p95_seconds > 5 * simulate().p95_seconds


def test_a_killed_worker_costs_its_chat_a_lease() -> None:
    """The chat of a worker that died is answered when its lease has ended."""
    killed = simulate(kills=5, kills_began=20.0)

    assert max(killed.waits) >= 20.0
    assert len(killed.waits) > 0


def test_an_outage_is_waited_out() -> None:
    """What an outage stops is answered after it, and nothing is left."""
    stopped = simulate(outages=(Outage("model", 30.0, 20.0),))

    assert max(stopped.waits) >= 15.0
    assert stopped.seconds >= 50.0


def test_the_same_seed_gives_the_same_run() -> None:
    """Nothing but the seed decides what is drawn."""
    assert simulate(kills=3).waits == simulate(kills=3).waits


def measured_run() -> dict[str, Any]:
    """A run as the load bench tells it, with plain numbers."""
    return {
        "scenario": {"chats": 50, "seconds": 100.0},
        "messages_a_second": 1.5,
        "waits_ms": {"all, until the reply is whole": {"p95": 1500.0}, "closing": {"p50": 0.0}},
        "worker_seconds": {"turn": [1.0], "idle": [0.05], "start": [2.0]},
        "costs": {
            "write_units_a_message": 10.0,
            "read_units_a_message": 2.0,
            "operations_a_message": {"SendMessageBatch": 1.0, "Query": 2.0},
        },
        "wakes": {"a_message": 1.0},
        "cpu_ms": {"webhook, a message": 5.0},
    }


def test_a_run_is_compared_in_throughput_and_wait() -> None:
    """The deviation is a share of what was measured."""
    for _, measured, simulated, deviation in compare_run("50 chats", measured_run()):
        assert deviation == pytest.approx(simulated / measured - 1)


def test_a_million_conversations_need_hundreds_of_workers() -> None:
    """At the peak a million conversations a day are 125 messages a second, each six seconds of a worker."""
    needs = {need.what: need for need in list_needs(DayLoad(1_000_000), measured_run(), 6.0)}

    assert needs["turn: concurrent workers"].needed == 750
    assert needs["table: write units a second"].needed == pytest.approx(1250)
    assert needs["one Telegram bot: messages a second"].share > 1


def test_the_bill_grows_with_the_conversations() -> None:
    """Ten times as many conversations cost ten times as much of each service."""
    prices = dict.fromkeys(
        (
            "api_request",
            "lambda_gb_second_arm64",
            "lambda_request",
            "sqs_request",
            "dynamodb_write",
            "dynamodb_read",
        ),
        1e-6,
    )
    small, large = (price_month(DayLoad(count), measured_run(), prices, 6.0) for count in (1_000, 10_000))

    assert large == pytest.approx({name: 10 * dollars for name, dollars in small.items()})
