"""A team in a Telegram group with topics: each customer has one, which outlives the hand-over and a crash."""

from __future__ import annotations

import pytest

from repartee.domain.handover import TeamCard
from tests.support.crashing_forum_world import TEAM_ROOM, CrashingForumWorld
from tests.support.crashing_whatsapp_world import ROOM_ID

QUESTION, ANSWER = "Where is my parcel?", "It left this morning."
LINK_POINTS = ("before handovers.link", "after handovers.link")
UNNOTED_TOPIC = ("after telegram.createForumTopic", *LINK_POINTS, "before handovers.save_thread")
UNNOTED_CARD = ("after telegram.sendMessage", *LINK_POINTS, "before handovers.save_card")
"""The points at which a topic was made, or a card was sent, and is not noted yet."""


def hand_over(*, can_manage_topics: bool = True) -> CrashingForumWorld:
    """A customer who was answered, and now waits for a person."""
    world = CrashingForumWorld(can_manage_topics=can_manage_topics)
    message = world.ask_in_whatsapp(QUESTION)
    world.run_until_quiet()
    world.open_handover(message)
    return world


def take(world: CrashingForumWorld) -> int:
    """A member takes the conversation. Returns its topic."""
    world.run_until_quiet()
    world.press("take")
    world.run_until_quiet()
    return int(world.topics()[0]["id"])


def texts_in(world: CrashingForumWorld, topic: int) -> list[str]:
    return [one["text"] for one in world.messages_in(topic)]


def test_a_customer_has_a_topic_in_which_all_is_said() -> None:
    """The card stands in a topic with the customer's name; what is written there reaches the customer without
    being a reply to anything, what the customer writes appears there, and a note stays inside."""
    world = hand_over()
    topic = take(world)

    assert world.write_in_topic(ANSWER, topic)
    world.write_in_topic("// SECRET", topic)
    world.run_until_quiet()
    world.ask_in_whatsapp("Thank you!")
    world.run_until_quiet()

    assert [one["name"] for one in world.topics()] == ["Eva · whatsapp"]
    assert [card["topic"] for card in world.cards()] == [topic]
    assert ANSWER in world.visible_texts()
    assert "SECRET" not in "".join(world.visible_texts())
    assert texts_in(world, topic)[-1].endswith("Thank you!")
    assert not world.write_in_topic("Lunch?", topic + 1000)


def test_a_topic_is_closed_when_done_and_opened_again() -> None:
    """Done closes the customer's topic; handed over again, the same one is opened, with a new card."""
    world = hand_over()
    topic = take(world)
    world.press("resolve")
    world.run_until_quiet()
    assert [one["closed"] for one in world.topics()] == [True]

    world.pass_time(60.0)
    world.open_handover()
    world.run_until_quiet()

    assert [(one["id"], one["closed"]) for one in world.topics()] == [(topic, False)]
    assert [card["topic"] for card in world.cards()] == [topic, topic]
    assert world.write_in_topic(ANSWER, topic)


def test_a_press_on_an_earlier_card_changes_nothing() -> None:
    """Both cards stand in one topic: the buttons of the first are about a hand-over that is over."""
    world = hand_over()
    take(world)
    former = world.handover.id
    world.press("resolve")
    world.run_until_quiet()
    world.pass_time(60.0)
    world.open_handover()
    world.run_until_quiet()

    world.press("resolve", handover_id=former)

    assert world.handover.state == "waiting"


def test_without_the_right_the_card_stands_in_the_group() -> None:
    """A bot that may not manage topics posts its card as in a group without them, to be replied to."""
    world = hand_over(can_manage_topics=False)
    world.run_until_quiet()

    assert world.topics() == []
    assert [card["topic"] for card in world.cards()] == [0]
    assert world.handover.card.chat.startswith(f"{TEAM_ROOM}#")


def test_what_is_said_goes_on_below_the_card_once_the_topic_was_deleted() -> None:
    """A member deletes the topic: the customer's next message is seen in the group, and can be answered."""
    world = hand_over()
    topic = take(world)
    world.telegram.handle_call(
        "deleteForumTopic",
        "7001:local-standin",
        {"chat_id": int(TEAM_ROOM.split(":")[1]), "message_thread_id": topic},
    )

    world.ask_in_whatsapp("Hello?")
    world.run_until_quiet()

    shown = world.messages_in(0)[-1]
    assert shown["text"].endswith("Hello?")
    assert world.handovers.find_linked(f"{TEAM_ROOM}#{shown['id']:010}") == ROOM_ID


def test_a_deleted_topic_is_made_again_for_the_next_hand_over() -> None:
    """The customer is handed over again after a member deleted the topic: a new one has the card."""
    world = hand_over()
    topic = take(world)
    world.press("resolve")
    world.run_until_quiet()
    arguments = {"chat_id": int(TEAM_ROOM.split(":")[1]), "message_thread_id": topic}
    world.telegram.handle_call("deleteForumTopic", "7001:local-standin", arguments)

    world.pass_time(60.0)
    world.open_handover()
    world.run_until_quiet()

    assert [one["id"] for one in world.topics()] == [world.cards()[-1]["topic"]]
    assert world.handover.threads == {TEAM_ROOM: world.handover.card.chat}


POINTS = [
    pytest.param(number, name, id=f"{number}-{name.replace(' ', '-')}")
    for number, name in enumerate(hand_over().run_worker().passed, 1)
]


@pytest.mark.parametrize("point,name", POINTS)
def test_a_worker_dies_while_it_opens_a_topic(point: int, name: str) -> None:
    """One topic has the card and the conversation. Another, empty one is left only where the worker died
    before it had noted the first; the card is seen twice only where it died before it had noted that."""
    world = hand_over()

    world.run_worker({point: None})
    world.run_until_quiet()

    used = [one["id"] for one in world.topics() if world.messages_in(one["id"])]
    assert len(used) == 1
    assert len(world.topics()) == 1 or (name in UNNOTED_TOPIC and len(world.topics()) == 2)
    assert len(world.cards()) == 1 or (name in UNNOTED_CARD and len(world.cards()) == 2)
    assert world.handover.card != TeamCard()
    assert world.write_in_topic(ANSWER, used[0])
    world.run_until_quiet()
    assert ANSWER in world.visible_texts()


@pytest.mark.parametrize("point", range(1, 30))
def test_a_worker_dies_while_it_closes_a_topic(point: int) -> None:
    """The topic is closed, the customer is told once that it is done, and nothing waits."""
    world = hand_over()
    take(world)
    world.press("resolve")

    world.run_worker({point: None})
    world.run_until_quiet()

    assert [one["closed"] for one in world.topics()] == [True]
    assert len(world.cards()) == 1
    assert not world.inbox.open


MAX_CUSTOMER_TEXT = "x" * 4096
"""The longest text that WhatsApp lets a customer send: with their name before it, it fills two messages."""


@pytest.mark.parametrize("part", [0, 1])
def test_an_answer_to_any_part_of_a_long_text_is_passed_on(part: int) -> None:
    """In a group without topics a long text of a customer is seen in two messages below the card: a reply to
    the first reaches the customer, as one to the last does."""
    world = hand_over(can_manage_topics=False)
    world.run_until_quiet()
    before = len(world.messages_in(0))
    world.ask_in_whatsapp(MAX_CUSTOMER_TEXT)
    world.run_until_quiet()
    parts = world.messages_in(0)[before:]
    assert len(parts) == 2

    answered = f"{parts[part]['id']:010}"
    assert world.write_in_topic(ANSWER, 0, chat=TEAM_ROOM, threaded=False, reply_to=answered)
    world.run_until_quiet()

    assert world.visible_texts()[-1] == ANSWER
    assert world.handover.state == "person"
