"""A turn makes few calls: what was read or written once is not read or written again."""

from __future__ import annotations

import pytest

from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld

THREAD = "1788999999.000001"
CHAT = f"{ROOM_ID}:{THREAD}"


@pytest.fixture
def world() -> CrashingWorld:
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def calls(passed: list[str], *ports: str) -> list[str]:
    """The calls of these ports, in order."""
    begun = [name.removeprefix("before ") for name in passed if name.startswith("before ")]
    return [name for name in begun if name.partition(".")[0] in ports]


def test_a_message_alone_is_claimed_with_the_lease(world: CrashingWorld) -> None:
    """One write takes both, and the close says that there is nothing more: nobody looks again."""
    world.ask_question("one", THREAD)

    life = world.run_worker()

    assert calls(life.passed, "inbox", "wakes") == [
        "inbox.acquire_lease",
        "inbox.list_open",
        "inbox.close_turn",
        "inbox.mark_persisted",
    ]


def test_of_several_messages_the_claim_is_written(world: CrashingWorld) -> None:
    """The wake is about one of them."""
    world.ask_question("one", THREAD)
    world.ask_question("two", THREAD)

    life = world.run_worker()

    assert calls(life.passed, "inbox").count("inbox.write_lease") == 1
    assert world.visible_texts() == ["Re: <one> <two> "]


def test_a_wake_that_comes_in_case_reads_once(world: CrashingWorld) -> None:
    """The successor of an answered message finds nothing, and writes nothing."""
    world.ask_question("one", THREAD)
    world.run_worker()
    world.pass_time(22.0)

    life = world.run_worker()

    assert calls(life.passed, "inbox", "records", "wakes") == ["inbox.list_open"]
    assert not world.wakes.queued


def test_what_comes_meanwhile_is_told_to_the_holder(world: CrashingWorld) -> None:
    """The worker that finds the chat held knocks, and the one that holds it answers that, too."""
    world.ask_question("one", THREAD)
    lives: list[list[str]] = []

    def ask_again() -> None:
        world.between_pieces = lambda: None
        world.ask_question("two", THREAD)
        world.wakes.send(
            CHAT, successor_due=world.now + 20.0
        )  # by a process that took in nothing of the chat before
        watches, world.watches = world.watches, []
        lives.append(world.run_worker().passed)
        world.watches = watches

    world.between_pieces = ask_again
    world.run_worker()

    assert calls(lives[0], "inbox", "wakes") == ["inbox.acquire_lease", "inbox.knock"]
    assert world.visible_texts() == ["Re: <one> ", "Re: <two> "]


def test_a_wake_that_is_about_an_answered_message_leaves_nothing(world: CrashingWorld) -> None:
    """Delivered twice, it claims what is not open any more, and gives the chat back."""
    asked = world.ask_question("one", THREAD)
    world.run_worker()
    world.wakes.send(CHAT, message_id=asked.id)

    world.run_worker()

    assert world.visible_texts() == ["Re: <one> "]
    lease = world.inbox.acquire_lease(CHAT, "next", world.now, world.now + 20)
    assert (lease.turn, lease.messages) == ("next", ())


def test_a_worker_that_dies_with_a_later_message_keeps_the_order(world: CrashingWorld) -> None:
    """Its wake was about the second of two; it dies with the lease. The next answers both, in order."""
    first = world.ask_question("one", THREAD)
    second = world.ask_question("two", THREAD)
    for receipt, letter in list(world.wakes.queued.items()):
        if letter.message_id == first.id:
            world.wakes.delete_wake(receipt)
    twin = world.inbox.acquire_lease(CHAT, "died", world.now, world.now + 20, message_id=second.id)
    assert twin.messages == (second.id,)
    world.pass_time(21.0)

    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <one> <two> "]
    (exchange,) = world.inbox.exchanges.values()
    assert (exchange.turn, [one.id for one in exchange.messages]) == ("died", [first.id, second.id])
