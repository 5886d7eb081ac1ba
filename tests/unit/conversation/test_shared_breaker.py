"""What keeps failing some workers is left alone by the others, and tried by one of them after a while."""

from __future__ import annotations

import pytest

from repartee.domain.backend_failures import COOLDOWN_SECONDS, MIN_FAILURES, PROBE_SECONDS
from repartee.errors import DeadlineExceeded, Throttled, Unavailable
from repartee.language.texts import DELAYED
from repartee.turn.failures import MAX_KNOWN_OUTAGE_WAIT_SECONDS
from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld

CHATS = 40
OUTAGE_SECONDS = 120.0


def threads() -> list[str]:
    return [f"17889999{number:02d}.000001" for number in range(CHATS)]


@pytest.fixture
def world() -> CrashingWorld:
    world = CrashingWorld()
    for thread in threads():
        world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=thread)
    return world


def ask_everywhere(world: CrashingWorld) -> None:
    for thread in threads():
        world.ask_question(f"what of {thread}?", thread)


def live_until(world: CrashingWorld, seconds: float) -> None:
    """A worker is there for every wake, for so long."""
    until = world.now + seconds
    while world.now < until:
        while world.now < until and world.wakes.visible_receipts():
            world.run_worker()
        world.pass_time(1.0)


def answers(world: CrashingWorld) -> list[str]:
    return sorted(text for text in world.visible_texts() if text != DELAYED)


def all_answers() -> list[str]:
    return sorted(f"Re: <what of {thread}?> " for thread in threads())


@pytest.mark.parametrize(
    "error",
    [Unavailable("openai", "HTTP 500"), DeadlineExceeded("openai", "timeout"), Throttled("openai", "429")],
)
def test_a_model_that_is_down_is_asked_by_few(world: CrashingWorld, error: Exception) -> None:
    """Of forty chats three find it out, and then one worker tries it every ten seconds. All chats are
    answered within a minute when it is over, and each person was told once."""
    world.model_error = error
    ask_everywhere(world)
    live_until(world, OUTAGE_SECONDS)
    asked = len(world.prompts)
    delayed = world.visible_texts().count(DELAYED)
    world.model_error = None
    live_until(world, MAX_KNOWN_OUTAGE_WAIT_SECONDS + 2 * COOLDOWN_SECONDS + CHATS)

    assert asked <= MIN_FAILURES + OUTAGE_SECONDS / COOLDOWN_SECONDS
    assert delayed == CHATS
    assert answers(world) == all_answers()
    assert world.visible_texts().count(DELAYED) == CHATS
    assert not world.wakes.dead_lettered
    assert not world.inbox.open


def test_chats_that_wait_for_a_model_have_one_wake_each(world: CrashingWorld) -> None:
    """In an outage of two minutes a chat is looked at every 45 s, and each look takes one wake, which
    finds out before anything is gathered. What people write meanwhile takes none, where no look is due."""
    world.model_error = Unavailable("openai", "HTTP 500")
    ask_everywhere(world)
    live_until(world, 30.0)
    before = world.wakes.sent
    ask_everywhere(world)
    written = world.wakes.sent - before
    live_until(world, OUTAGE_SECONDS)
    waiting = world.wakes.sent - before
    world.model_error = None
    live_until(world, MAX_KNOWN_OUTAGE_WAIT_SECONDS + 2 * COOLDOWN_SECONDS + 2 * CHATS)

    assert written <= CHATS / 4
    assert waiting <= CHATS * OUTAGE_SECONDS / 45.0
    assert answers(world) == sorted(2 * all_answers())
    assert not world.inbox.open
    assert not world.wakes.dead_lettered


def test_a_platform_that_is_down_costs_few_answers_of_the_model(world: CrashingWorld) -> None:
    """What nobody can be shown is not asked for."""
    world.broken = {"slack"}
    ask_everywhere(world)
    live_until(world, OUTAGE_SECONDS)
    asked = len(world.prompts)
    world.broken = set()
    live_until(world, MAX_KNOWN_OUTAGE_WAIT_SECONDS + 2 * COOLDOWN_SECONDS + CHATS)

    assert asked <= MIN_FAILURES + OUTAGE_SECONDS / COOLDOWN_SECONDS
    assert answers(world) == all_answers()
    assert not world.wakes.dead_lettered


def test_a_model_that_says_when_is_asked_by_nobody_before(world: CrashingWorld) -> None:
    """`Retry-After` of a few holds for all."""
    world.model_error = Throttled("openai", "rate_limit_exceeded", retry_after=90.0)
    ask_everywhere(world)

    live_until(world, 80.0)

    assert len(world.prompts) == MIN_FAILURES


def test_failures_between_answers_stop_nobody(world: CrashingWorld) -> None:
    """Only failures in a row count: a model that fails now and then is asked each time."""
    failing = Unavailable("openai", "HTTP 500")
    for number, thread in enumerate(threads()):
        world.model_error = failing if number % 2 else None
        world.ask_question("where?", thread)
        world.run_worker()

    assert len(world.prompts) == CHATS


def test_a_limit_of_a_platform_is_no_outage(world: CrashingWorld) -> None:
    """It is one chat's or one workspace's, and paced apart."""
    for _ in range(10):
        world.records.report_failure("telegram", "telegram:1", 0.0)

    ask_everywhere(world)
    live_until(world, 60.0)

    assert answers(world) == all_answers()


def test_a_worker_that_dies_while_it_tries_is_replaced(world: CrashingWorld) -> None:
    """Another one tries when its time is over."""
    world.model_error = Unavailable("openai", "HTTP 500")
    for thread in threads()[:MIN_FAILURES]:
        world.ask_question("where?", thread)
        world.run_worker()
    world.pass_time(COOLDOWN_SECONDS)
    assert world.records.begin_probe("openai", ROOM_ID, world.now + PROBE_SECONDS)
    world.model_error = None
    asked = len(world.prompts)

    live_until(world, PROBE_SECONDS - 1)
    assert len(world.prompts) == asked
    live_until(world, MAX_KNOWN_OUTAGE_WAIT_SECONDS + COOLDOWN_SECONDS)

    assert answers(world) == ["Re: <where?> "] * MIN_FAILURES


def test_records_that_are_down_stop_nobody(world: CrashingWorld) -> None:
    """What cannot be known or noted costs a try, and never an answer."""
    world.broken = {"records.report_failure", "records.report_success", "records.begin_probe"}
    world.model_error = Unavailable("openai", "HTTP 500")
    ask_everywhere(world)
    live_until(world, 20.0)
    world.model_error = None

    live_until(world, 150.0)

    assert answers(world) == all_answers()


def test_while_the_table_is_away_the_wakes_in_reserve_are_enough(world: CrashingWorld) -> None:
    """A chat whose lease cannot be taken is looked at when the second wake comes that its message sent."""
    ask_everywhere(world)
    before = world.wakes.sent
    world.broken = {"inbox"}
    live_until(world, 1.0)
    meanwhile = world.wakes.sent - before
    world.broken = set()
    live_until(world, 30.0 + 2 * CHATS)

    assert not meanwhile
    assert answers(world) == all_answers()
    assert not world.inbox.open
