"""A conversation that somebody opens, and replies that the platform's own button stops."""

from __future__ import annotations

import pytest

from repartee.conversation.speech import WITHHELD
from tests.support.world import CHANNEL, ROOM, World

THREAD = "1788999999.000001"
CHAT = f"{ROOM}:{THREAD}"


@pytest.fixture
def world() -> World:
    world = World()
    world.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def test_who_opens_a_conversation_is_shown_what_to_ask(world: World) -> None:
    """Nothing is said, no model is asked, and nothing is remembered or left open."""
    world.ask("", THREAD, opens=True)

    world.work()

    assert len(world.slack.seen(CHANNEL)["prompts"]) == 3
    assert world.visible() == []
    assert not world.model_calls
    assert not world.said
    assert world.inbox.waiting(CHAT).messages == ()
    assert world.inbox.waiting(CHAT).exchanges == ()


def test_what_is_asked_after_an_opening_is_answered(world: World) -> None:
    """Both may wait together: the opening is no part of the question."""
    world.ask("where?", THREAD)
    world.ask("", THREAD, opens=True)

    world.work()

    assert world.visible() == ["Re: <where?> "]
    assert [message.text for message in world.prompts[0].asked] == ["where?"]


def test_where_nothing_can_be_suggested_nothing_is_lost(world: World) -> None:
    """The opening is closed all the same."""
    world.token = "xoxb-old"
    world.ask("", THREAD, opens=True)

    world.work()

    assert world.inbox.waiting(CHAT).messages == ()
    assert not world.wakes.letters


def test_the_platforms_stop_button_ends_the_reply(world: World) -> None:
    """What is visible stays, and says so; the model is not listened to any further."""
    heard: list[int] = []

    def press() -> None:
        heard.append(len(heard))
        own = [message for message in world.slack.seen(CHANNEL)["messages"] if message["streaming"]]
        if own and len(heard) == 2:
            world.slack.end_stream(CHANNEL, own[0]["ts"], "stopped_by_user")

    world.between_pieces = press
    for number in range(6):
        world.ask(f"question {number}", THREAD)

    world.work()

    (visible,) = world.visible()
    assert visible.endswith(WITHHELD["stopped"])
    assert len(heard) < 6
    assert world.inbox.waiting(CHAT).messages == ()


def test_the_sign_goes_when_nothing_is_said(world: World) -> None:
    """Somebody stops the reply after it was known that the room may hear it, and before its first word."""
    twin = World()
    twin.ask("where?", THREAD)
    known = twin.work().passed.index("after records.standing") + 1
    world.ask("where?", THREAD)

    world.work({known: lambda: world.records.stop(CHAT, world.now)})

    assert world.visible() == []
    (call,) = world.slack.posts
    assert (call["method"], call["arguments"]["status"]) == ("assistant.threads.setStatus", "")
