"""An outage on DynamoDB Local and ElasticMQ, with several workers and real time: with shorter waits."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from repartee.domain import backend_failures
from repartee.errors import Unavailable
from repartee.language.texts import APOLOGY, DELAYED
from repartee.turn import attempts, backend_guard, failures
from tests.support import aws
from tests.support.crashing_world import CHANNEL_ID
from tests.support.served_world import ServedWorld

CHATS = 8
SCALE = 0.3
"""Of an outage of twenty seconds, and of all waits."""

OUTAGE_SECONDS = 20.0 * SCALE
MAX_RECOVERY_SECONDS = 60.0


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQS delays by whole seconds, so that the shortest waits are not shorter."""
    monkeypatch.setattr(failures, "MAX_WAIT_SECONDS", failures.MAX_WAIT_SECONDS * SCALE / 10)
    monkeypatch.setattr(failures, "MAX_KNOWN_OUTAGE_WAIT_SECONDS", 30.0 * SCALE / 4)
    monkeypatch.setattr(attempts, "ANNOUNCE_AFTER_SECONDS", failures.ANNOUNCE_AFTER_SECONDS * SCALE)
    for module in (backend_failures, backend_guard):
        monkeypatch.setattr(module, "COOLDOWN_SECONDS", 10.0 * SCALE)


@pytest.fixture
def world(dynamodb_local: str, elasticmq: str) -> ServedWorld:
    world = ServedWorld(aws.make_client("dynamodb", dynamodb_local), aws.make_client("sqs", elasticmq))
    for thread in threads():
        world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=thread)
    return world


def threads() -> list[str]:
    return [f"178899999{number}.000001" for number in range(CHATS)]


def break_model(world: ServedWorld) -> None:
    world.model_error = Unavailable("openai", "HTTP 500")


def break_slack(world: ServedWorld) -> None:
    world.broken.add("slack")


@pytest.mark.parametrize("break_backend", [break_model, break_slack])
def test_an_outage_of_20_seconds_on_real_servers(
    world: ServedWorld, break_backend: Callable[[ServedWorld], None]
) -> None:
    """All are answered once when it is over: no apology, no dead letter, nothing left. Who waits for the
    model is told once."""
    break_backend(world)
    with world.run_workers():
        for thread in threads():
            world.ask_question(f"what of {thread}?", thread)
        time.sleep(OUTAGE_SECONDS)
        world.model_error = None
        world.broken.clear()
        until = time.time() + MAX_RECOVERY_SECONDS
        while world.count_open_items() and time.time() < until:
            time.sleep(0.2)

    said = world.visible_texts()
    assert sorted(text for text in said if text != DELAYED) == sorted(
        f"Re: <what of {thread}?> " for thread in threads()
    )
    assert APOLOGY not in said
    assert said.count(DELAYED) == (CHATS if break_backend is break_model else 0)
    assert world.count_dead_letters() == 0
    assert world.count_open_items() == 0
