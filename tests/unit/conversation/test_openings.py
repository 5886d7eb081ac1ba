"""A conversation that somebody opens, and replies that the platform's own button stops."""

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


def test_who_opens_a_conversation_is_shown_what_to_ask(world: CrashingWorld) -> None:
    """Nothing is said, no model is asked, and nothing is remembered or left open."""
    world.open_conversation(THREAD)

    world.run_worker()

    assert len(world.slack.visible_channel(CHANNEL_ID)["prompts"]) == 3
    assert world.visible_texts() == []
    assert not world.model_calls
    assert not world.said
    assert world.inbox.list_open(CHAT).messages == ()
    assert world.inbox.list_open(CHAT).exchanges == ()


def test_what_is_asked_after_an_opening_is_answered(world: CrashingWorld) -> None:
    """Both may wait together: the opening is no part of the question."""
    world.ask_question("where?", THREAD)
    world.open_conversation(THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <where?> "]
    assert [message.text for message in world.prompts[0].incoming] == ["where?"]


def test_where_nothing_can_be_suggested_nothing_is_lost(world: CrashingWorld) -> None:
    """The opening is closed all the same."""
    world.token = "xoxb-old"
    world.open_conversation(THREAD)

    world.run_worker()

    assert world.inbox.list_open(CHAT).messages == ()
    assert [wake.visible_at - world.now > 20 for wake in world.wakes.queued.values()] == [True]


def test_the_platforms_stop_button_ends_the_reply(world: CrashingWorld) -> None:
    """What is visible stays, and says so; the model is not listened to any further."""
    heard: list[int] = []

    def press() -> None:
        heard.append(len(heard))
        own = [
            message for message in world.slack.visible_channel(CHANNEL_ID)["messages"] if message["streaming"]
        ]
        if own and len(heard) == 2:
            world.slack.end_stream(CHANNEL_ID, own[0]["ts"], "stopped_by_user")

    world.between_pieces = press
    for number in range(6):
        world.ask_question(f"question {number}", THREAD)

    world.run_worker()

    (visible,) = world.visible_texts()
    assert visible.endswith("\n\n_(Stopped.)_")
    assert len(heard) < 6
    assert world.inbox.list_open(CHAT).messages == ()


def test_the_sign_goes_when_nothing_is_said(world: CrashingWorld) -> None:
    """Somebody stops the reply after it was known that the room may hear it, and before its first word."""
    twin = CrashingWorld()
    twin.ask_question("where?", THREAD)
    known = twin.run_worker().passed.index("after records.read_chat_state") + 1
    world.ask_question("where?", THREAD)

    world.run_worker({known: lambda: world.order_and_wait(lambda: world.records.stop(CHAT, world.now))})

    assert world.visible_texts() == []
    (call,) = world.slack.posts
    assert (call["method"], call["arguments"]["status"]) == ("assistant.threads.setStatus", "")
