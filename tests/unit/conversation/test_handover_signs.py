"""Signs both ways while a person has the conversation: typing and read marks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.crashing_desk_world import TEAM_CHANNEL, CrashingDeskWorld
from tests.support.memory_handovers import BO

IS_HERE = "A person from our team is here for you now."


@pytest.fixture
def world() -> CrashingDeskWorld:
    """A customer in WhatsApp was answered, and waits for a person."""
    world = CrashingDeskWorld()
    message = world.ask_in_whatsapp("Where is my parcel?")
    world.run_until_quiet()
    world.open_handover(message)
    world.run_until_quiet()
    world.whatsapp.posts.clear()
    return world


def calls_to_customer(world: CrashingDeskWorld) -> list[str]:
    """Returns what WhatsApp was asked since a person is waited for: texts, and `typing` after which message
    was read."""
    return [_describe_call(one["arguments"]) for one in world.whatsapp.posts]


def _describe_call(arguments: dict[str, Any]) -> str:
    if arguments.get("typing_indicator") == {"type": "text"}:
        return f"{arguments['status']} {arguments['message_id']}, typing"
    return str(arguments["text"]["body"])


def test_typing_is_seen_before_what_a_person_says(world: CrashingDeskWorld) -> None:
    """When it is taken and before each message, with the customer's latest message as read."""
    world.press("take")
    world.run_until_quiet()
    world.ask_in_whatsapp("Hello?")
    world.write_as_member("It left the depot.")
    world.write_as_member("By five.")
    world.run_until_quiet()

    assert calls_to_customer(world) == [
        "read wamid.1, typing",
        IS_HERE,
        "read wamid.2, typing",
        "It left the depot.",
        "read wamid.2, typing",
        "By five.",
    ]


def test_notes_and_what_the_assistant_says_show_no_typing(world: CrashingDeskWorld) -> None:
    """Neither a note, nor a request to the assistant, nor the end of the hand-over."""
    world.press("take")
    world.run_until_quiet()
    world.whatsapp.posts.clear()

    world.write_as_member("// she is furious")
    world.write_as_member("look at this", mentions=(BO,))
    world.write_as_member("suggest", mentioned=True)
    world.press("give_back")
    world.run_until_quiet()

    assert not [one for one in calls_to_customer(world) if "typing" in one]


@pytest.mark.parametrize("trouble", ["down", 131000, "late"])
def test_a_sign_that_fails_costs_nothing(world: CrashingDeskWorld, trouble: str | int) -> None:
    """The words arrive, once, and the team is told of no failure."""
    world.wire.trouble["type"] = [trouble, trouble]
    world.press("take")
    world.write_as_member("It left the depot.")
    world.run_until_quiet()

    assert world.visible_texts()[-2:] == [IS_HERE, "It left the depot."]
    assert world.thread_texts() == []


def test_after_the_window_nothing_is_shown(world: CrashingDeskWorld) -> None:
    """Where words are not sent no typing is seen, and the template has no mark."""
    world.press("take")
    world.run_until_quiet()
    world.whatsapp.posts.clear()
    world.pass_time(25 * 3600.0)

    world.write_as_member("It has arrived.")
    world.run_until_quiet()

    assert [one["method"] for one in world.whatsapp.posts] == []


def test_the_team_sees_once_that_a_message_was_read(world: CrashingDeskWorld) -> None:
    """On the member's own message, although WhatsApp tells it again before and after; not on the others."""
    world.press("take")
    world.write_as_member("It left the depot.")
    world.write_as_member("By five.")
    world.run_until_quiet()
    none, first, _ = world.sent_marks()
    said = world.visible_texts()

    world.tell_read(first)
    world.tell_read(first)
    world.run_until_quiet()
    world.tell_read(first)
    world.run_until_quiet()

    assert none is None
    assert world.reactions() == {"It left the depot.": ["eyes"], "By five.": []}
    calls = [one["arguments"] for one in world.slack.posts if one["method"] == "reactions.add"]
    assert len(calls) == 1
    assert (world.visible_texts(), world.thread_texts()) == (said, [])


def test_a_receipt_after_the_conversation_was_given_back_is_shown_too(world: CrashingDeskWorld) -> None:
    """The customer may read it later, and the assistant answers nothing to that."""
    world.press("take")
    world.write_as_member("It left the depot.")
    world.press("resolve")
    world.run_until_quiet()
    asked, said = world.model_calls.copy(), world.visible_texts()

    world.tell_read(world.sent_marks()[1])
    world.run_until_quiet()

    assert world.reactions() == {"It left the depot.": ["eyes"]}
    assert (world.model_calls, world.visible_texts()) == (asked, said)


@pytest.mark.parametrize(
    "mark", [None, "campaign-7", {"id": 1}, "team-slack-T0BUTLER-C0OTHER-1789000000.000100", "team-", 17]
)
def test_receipts_of_other_messages_show_nothing(world: CrashingDeskWorld, mark: object) -> None:
    """Those of the assistant, of another program on the number, and of a room that is not the team's."""
    world.press("take")
    world.run_until_quiet()
    posts = len(world.slack.posts)

    world.tell_read(mark)
    world.run_until_quiet()

    assert len(world.slack.posts) == posts


def test_a_reaction_that_fails_costs_nothing(world: CrashingDeskWorld) -> None:
    """The conversation goes on, no one is told of a failure, and nothing is a dead letter."""
    world.press("take")
    world.write_as_member("It left the depot.")
    world.run_until_quiet()
    world.broken.add("slack.reactions.add")

    world.tell_read(world.sent_marks()[1])
    world.ask_in_whatsapp("Thank you!")
    world.run_until_quiet()

    assert [text.partition(": ")[2] for text in world.thread_texts(TEAM_CHANNEL)] == ["Thank you!"]
    assert world.wakes.dead_lettered == []
