"""Outages of the model and of the platform are waited out: nobody is told that there is no answer."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from repartee.errors import (
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    QuotaExceeded,
    Throttled,
    Unavailable,
)
from repartee.language.texts import APOLOGY, DELAYED
from repartee.plan import Outcome, StepFailed
from repartee.turn.failures import MAX_OUTAGE_SECONDS, MAX_WAIT_SECONDS, find_cause, wait_seconds
from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld

THREAD = "1788999999.000001"
CHAT = f"{ROOM_ID}:{THREAD}"
CHATS = 6

MODEL_ERRORS: dict[str, Exception] = {
    "500": Unavailable("openai", "HTTP 500"),
    "502": Unavailable("openai", "HTTP 502"),
    "429": Throttled("openai", "rate_limit_exceeded", retry_after=7.0),
    "429 without a time": Throttled("openai", "rate_limit_exceeded"),
    "a timeout": DeadlineExceeded("openai", "ReadTimeout"),
}


@pytest.fixture
def world() -> CrashingWorld:
    world = CrashingWorld()
    for thread in threads():
        world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=thread)
    return world


def threads() -> list[str]:
    return [f"178899999{number}.000001" for number in range(CHATS)]


def live_until(world: CrashingWorld, seconds: float) -> None:
    """A worker is there for every wake, for so long."""
    until = world.now + seconds
    while world.now < until:
        while world.now < until and world.wakes.visible_receipts():
            world.run_worker()
        world.pass_time(1.0)


def answers(world: CrashingWorld) -> list[str]:
    return [text for text in world.visible_texts() if text != DELAYED]


@pytest.mark.parametrize("seconds", [20.0, 120.0, 600.0])
@pytest.mark.parametrize("kind", MODEL_ERRORS)
def test_an_outage_of_the_model_is_waited_out(world: CrashingWorld, seconds: float, kind: str) -> None:
    """Everybody is answered once when it is over, without an apology, and there is no dead letter."""
    world.model_error = MODEL_ERRORS[kind]
    for thread in threads():
        world.ask_question(f"what of {thread}?", thread)

    live_until(world, seconds)
    world.model_error = None
    live_until(world, MAX_WAIT_SECONDS + 30.0)

    assert sorted(answers(world)) == sorted(f"Re: <what of {thread}?> " for thread in threads())
    assert not world.wakes.dead_lettered
    assert not world.inbox.open
    assert not world.inbox.failed


@pytest.mark.parametrize("seconds", [20.0, 120.0, 600.0])
@pytest.mark.parametrize("kind", ["500", "502", "429", "timeout", "no connection"])
def test_an_outage_of_the_platform_is_waited_out(
    world: CrashingWorld, seconds: float, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where the platform does not take what is said."""
    with monkeypatch.context() as outage:
        outage.setattr("tests.support.crashing_world.SlackWire.handle_request", failing_platform(kind))
        for thread in threads():
            world.now += 0.01
            world.ask_question(f"what of {thread}?", thread)
        live_until(world, seconds)
    live_until(world, MAX_WAIT_SECONDS + 60.0)

    assert sorted(world.visible_texts()) == sorted(f"Re: <what of {thread}?> " for thread in threads())
    assert not world.wakes.dead_lettered
    assert not world.inbox.open


def failing_platform(kind: str) -> Callable[[object, httpx2.Request], httpx2.Response]:
    def answer(self: object, request: httpx2.Request) -> httpx2.Response:
        if kind == "timeout":
            raise httpx2.ReadTimeout("as ordered")
        if kind == "no connection":
            raise httpx2.ConnectError("as ordered")
        headers = {"Retry-After": "7"} if kind == "429" else {}
        return httpx2.Response(int(kind), headers=headers, text="<html>out of order</html>")

    return answer


def test_who_waits_is_told_once(world: CrashingWorld) -> None:
    """Not for a hiccup, once when it takes longer, and the answer is a message of its own."""
    world.model_error = MODEL_ERRORS["500"]
    world.ask_question("where?", THREAD)
    world.run_worker()
    assert world.visible_texts() == []

    live_until(world, 300.0)
    assert world.visible_texts() == [DELAYED]
    world.model_error = None
    live_until(world, MAX_WAIT_SECONDS + 30.0)

    assert world.visible_texts() == [DELAYED, "Re: <where?> "]


def test_nobody_is_told_who_wants_silence(world: CrashingWorld) -> None:
    """A mute counts for this, too."""
    world.model_error = MODEL_ERRORS["500"]
    world.ask_question("where?", THREAD)
    world.run_worker()
    world.records.mute(ROOM_ID, world.now + 3600, world.now)

    live_until(world, 300.0)

    assert world.visible_texts() == []


def test_a_backend_that_says_when_is_asked_then(world: CrashingWorld) -> None:
    """Not before `Retry-After` has passed, whatever wakes the chat meanwhile."""
    world.model_error = Throttled("openai", "rate_limit_exceeded", retry_after=90.0)
    world.ask_question("where?", THREAD)
    world.run_worker()
    asked = len(world.prompts)

    for _ in range(8):
        world.wakes.send(CHAT)
        live_until(world, 10.0)
    assert len(world.prompts) == asked
    live_until(world, 40.0)

    assert len(world.prompts) == asked + 1


def test_waits_grow_and_differ() -> None:
    """From two seconds to two minutes, anywhere in the second half of each."""
    down = Unavailable("openai", "HTTP 500")

    longest = [wait_seconds(failures, down, lambda low, high: high) for failures in range(1, 10)]
    shortest = [wait_seconds(failures, down, lambda low, high: low) for failures in range(1, 10)]

    assert longest == [2, 4, 8, 16, 32, 64, 120, 120, 120]
    assert shortest == [seconds / 2 for seconds in longest]


def test_an_outage_has_an_end(world: CrashingWorld) -> None:
    """After an hour the messages are given up with an apology, and the chat goes on."""
    world.model_error = MODEL_ERRORS["502"]
    message = world.ask_question("where?", THREAD)

    live_until(world, MAX_OUTAGE_SECONDS + 2 * MAX_WAIT_SECONDS)

    assert answers(world) == [APOLOGY]
    assert world.wakes.dead_lettered == [(CHAT, (message.id,), "Unavailable")]
    world.model_error = None
    world.ask_question("and now?", THREAD)
    live_until(world, 30.0)
    assert answers(world) == [APOLOGY, "Re: <and now?> "]


@pytest.mark.parametrize(
    "error",
    [
        QuotaExceeded("openai", "insufficient_quota"),
        InvalidArgument("openai", "content_filter"),
        NotFound("openai", "model_not_found"),
    ],
)
def test_what_is_refused_for_good_ends_at_once(world: CrashingWorld, error: Exception) -> None:
    """The model is asked once, and the person reads an apology."""
    world.model_error = error
    world.ask_question("where?", THREAD)

    live_until(world, 60.0)

    assert world.visible_texts() == [APOLOGY]
    assert len(world.prompts) == 1
    assert [reason for _, _, reason in world.wakes.dead_lettered] == [type(error).__name__]


def test_an_apology_is_said_when_it_can_be(world: CrashingWorld) -> None:
    """The platform is down while the model refuses for good: the apology comes when the platform is back."""
    world.model_error, world.broken = QuotaExceeded("openai", "insufficient_quota"), {"slack"}
    world.ask_question("where?", THREAD)
    live_until(world, 300.0)
    assert world.visible_texts() == []

    world.broken = set()
    live_until(world, MAX_WAIT_SECONDS + 30.0)

    assert world.visible_texts() == [APOLOGY]
    assert len(world.prompts) == 1
    assert len(world.wakes.dead_lettered) == 1


def test_an_outage_of_the_inbox_makes_no_dead_letters(world: CrashingWorld) -> None:
    """Wakes are sent anew: none is received so often that the queue gives it up."""
    world.ask_question("where?", THREAD)
    world.broken = {"inbox"}
    live_until(world, 600.0)
    assert max(letter.receive_count for letter in world.wakes.queued.values()) <= 1

    world.broken = set()
    live_until(world, 60.0)

    assert world.visible_texts() == ["Re: <where?> "]


def test_a_failed_step_is_known_by_what_its_backend_said() -> None:
    """Also where an error of ours hides it, in a step that was handed nothing by the one that failed."""
    denied = PermissionDenied("openai", "invalid_api_key")
    hidden = AttributeError("'NoneType' object has no attribute 'text'")
    failed = StepFailed("prompt", "error")
    failed.__cause__ = hidden
    outcomes = (
        Outcome("embedding", "failed", None, denied, 0.0, 1.0),
        Outcome("prompt", "failed", None, hidden, 0.0, 1.0),
    )

    assert find_cause(failed, outcomes) is denied
    assert find_cause(failed) is hidden
    hidden.__context__ = denied
    assert find_cause(failed) is denied
