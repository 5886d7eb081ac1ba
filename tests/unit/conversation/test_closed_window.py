"""A customer in WhatsApp who has not written for a day: what a person says then costs one template."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from repartee.domain.message import Attachment
from tests.support.crashing_desk_world import CrashingDeskWorld

Act = Callable[[CrashingDeskWorld], object]

TEMPLATE = "[back_again]"
ONLY_TEMPLATE = "Not sent: the customer wrote more than 24 hours ago. Only the approved template went out."
ASKED_BEFORE = (
    "Not sent: the customer has not written since the approved template went out, which is not sent twice."
)
NO_TEMPLATE = "Not sent: the customer wrote more than 24 hours ago, and no approved template is set up."
PHOTO = Attachment(id="F1", kind="image", mime="image/png", name="lamp.png")


def begin(template: str = "back_again") -> CrashingDeskWorld:
    """A customer waits for a person, and has not written for a day."""
    world = CrashingDeskWorld()
    world.template = (template, "en_US")
    message = world.ask_in_whatsapp("Where is my parcel?")
    world.run_until_quiet()
    world.open_handover(message)
    world.run_until_quiet()
    world.pass_time(25 * 3600.0)
    world.whatsapp.posts.clear()
    return world


@pytest.fixture
def world() -> CrashingDeskWorld:
    return begin()


def sent_texts(world: CrashingDeskWorld) -> list[str]:
    """Returns what the customer got since the window was closed."""
    sent = sum(one["method"] == "send" for one in world.whatsapp.posts)
    return world.visible_texts()[-sent:] if sent else []


def answer_without_take(world: CrashingDeskWorld) -> None:
    world.write_as_member("It has arrived.")


def answer_after_take(world: CrashingDeskWorld) -> None:
    world.press("take")
    world.run_until_quiet()
    world.write_as_member("It has arrived.")


@pytest.mark.parametrize("answer", [answer_without_take, answer_after_take])
def test_who_answers_sends_one_template(world: CrashingDeskWorld, answer: Act) -> None:
    """With the press on Take or without: that a person is here is no reason for a template of its own."""
    answer(world)
    world.run_until_quiet()

    assert sent_texts(world) == [TEMPLATE]
    assert world.thread_texts() == [ONLY_TEMPLATE]
    assert world.handover.state == "person"


def test_the_template_is_sent_again_when_the_customer_has_written(world: CrashingDeskWorld) -> None:
    """Once for each time that they let a day go by, however much a member writes; who writes within the day
    reaches them."""
    for text in ("It has arrived.", "Are you there?"):
        world.write_as_member(text)
        world.run_until_quiet()
    assert (sent_texts(world), world.thread_texts()) == ([TEMPLATE], [ONLY_TEMPLATE, ASKED_BEFORE])

    world.ask_in_whatsapp("Yes?")
    world.write_as_member("It has arrived.")
    world.run_until_quiet()
    world.pass_time(25 * 3600.0)
    world.write_as_member("Have you got it?")
    world.run_until_quiet()

    assert sent_texts(world) == [TEMPLATE, "It has arrived.", TEMPLATE]
    assert world.thread_texts()[-1] == ONLY_TEMPLATE


def test_another_member_who_takes_it_anew_sends_no_second_template(world: CrashingDeskWorld) -> None:
    """What was given back and is answered by a person again is still the same silence of the customer."""
    world.write_as_member("It has arrived.")
    world.press("give_back")
    world.run_until_quiet()
    world.write_as_member("Are you there?")
    world.run_until_quiet()

    assert sent_texts(world) == [TEMPLATE]


@pytest.mark.parametrize("end", ["give_back", "resolve"])
def test_the_end_is_told_by_no_template(world: CrashingDeskWorld, end: str) -> None:
    """Nor is the customer asked for an opinion that they did not hear of: a number is no answer to it."""
    world.press("take")
    world.press(end)  # type: ignore[arg-type]
    world.run_until_quiet()
    assert sent_texts(world) == []

    world.give_opinion("5")
    assert world.handover.rating == 0


def test_a_file_alone_is_not_lost_in_silence(world: CrashingDeskWorld) -> None:
    """The member is told that it did not go out, as they are told of words; no other system is told that it
    did."""
    world.files["F1"] = b"png"
    world.write_as_member("", attachments=(PHOTO,))
    world.run_until_quiet()

    assert sent_texts(world) == [TEMPLATE]
    assert world.thread_texts() == [ONLY_TEMPLATE]


def test_without_a_template_nothing_goes_out() -> None:
    """The member is told so each time."""
    world = begin(template="")
    world.write_as_member("It has arrived.")
    world.write_as_member("Are you there?")
    world.run_until_quiet()

    assert sent_texts(world) == []
    assert world.thread_texts() == [NO_TEMPLATE, NO_TEMPLATE]


def passed_points() -> list[str]:
    world = begin()
    world.write_as_member("It has arrived.")
    return world.run_worker().passed


@pytest.mark.parametrize("point", range(1, len(passed_points()) + 1))
def test_a_worker_that_dies_sends_no_second_template(point: int) -> None:
    """At each point, but between the call and the write of the id that it brought: WhatsApp cannot be asked
    what was sent. The member is told once what went out, and later words send none."""
    points = passed_points()
    world = begin()
    world.write_as_member("It has arrived.")

    world.run_worker({point: None})
    world.run_until_quiet()
    world.write_as_member("Are you there?")
    world.run_until_quiet()

    is_gap = 0 <= point - 1 - points.index("after whatsapp.messages") <= 1
    assert sent_texts(world) == [TEMPLATE] * (2 if is_gap else 1), points[point - 1]
    assert world.thread_texts() == [ONLY_TEMPLATE, ASKED_BEFORE], points[point - 1]


def answer_late() -> CrashingDeskWorld:
    """The assistant's answer waits for a worker, a day long."""
    world = CrashingDeskWorld()
    world.template = ("back_again", "en_US")
    world.ask_in_whatsapp("Where is my parcel?")
    world.pass_time(25 * 3600.0)
    return world


def write_after_late_answer(world: CrashingDeskWorld) -> None:
    """A member takes the conversation that the assistant had, and writes."""
    world.open_handover(world.inbox.list_latest(world.customer_chat, 1)[0])
    world.run_until_quiet()
    world.write_as_member("It has arrived.")
    world.run_until_quiet()


def test_the_assistants_own_template_counts() -> None:
    """A customer whom the assistant's late answer has asked to write again is not asked once more by a
    member; after they have written, and let another day go by, they are."""
    world = answer_late()
    world.run_until_quiet()
    assert sent_texts(world) == [TEMPLATE]
    write_after_late_answer(world)
    assert (sent_texts(world), world.thread_texts()) == ([TEMPLATE], [ASKED_BEFORE])

    world.ask_in_whatsapp("Yes?")
    world.run_until_quiet()
    world.pass_time(25 * 3600.0)
    world.write_as_member("Are you there?")
    world.run_until_quiet()

    assert sent_texts(world) == [TEMPLATE] * 2
    assert world.thread_texts()[-1] == ONLY_TEMPLATE


def late_points() -> list[str]:
    return answer_late().run_worker().passed


@pytest.mark.parametrize("point", range(1, len(late_points()) + 1))
def test_a_worker_that_dies_at_the_assistants_template(point: int) -> None:
    """At each point, but between the call and the write of the id that it brought: the customer gets one
    template, and the member's words bring no other."""
    points = late_points()
    world = answer_late()

    world.run_worker({point: None})
    world.run_until_quiet()
    write_after_late_answer(world)

    is_gap = 0 <= point - 1 - points.index("after whatsapp.messages") <= 1
    assert sent_texts(world) == [TEMPLATE] * (2 if is_gap else 1), points[point - 1]
    assert world.thread_texts() == [ASKED_BEFORE], points[point - 1]


@pytest.mark.parametrize("point", range(1, len(late_points()) + 1))
def test_a_member_takes_it_where_the_assistants_worker_died(point: int) -> None:
    """At each point, before another worker goes on: what the assistant had sent counts, and what it had not
    is sent by the member's words."""
    points = late_points()
    world = answer_late()
    message = world.inbox.list_latest(world.customer_chat, 1)[0]

    world.run_worker({point: None})
    world.open_handover(message, message_id="")
    world.press("take")
    world.run_until_quiet()
    world.write_as_member("It has arrived.")
    world.run_until_quiet()
    world.write_as_member("Are you there?")
    world.run_until_quiet()

    is_gap = 0 <= point - 1 - points.index("after whatsapp.messages") <= 1
    assert len(sent_texts(world)) <= (2 if is_gap else 1), points[point - 1]
    assert set(sent_texts(world)) == {TEMPLATE}, points[point - 1]
    assert world.thread_texts()[-1] == ASKED_BEFORE
