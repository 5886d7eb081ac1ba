"""Orders about reminders that are unusual, or that come twice."""

from __future__ import annotations

import msgspec
import pytest

from repartee.briefs.notice import ParsedNotice
from repartee.briefs.orders import make_address
from tests.support.inbox_builders import make_message
from tests.support.memory_briefs import ADA
from tests.support.reminder_world import DIRECT, ORDER, PROFILE, ReminderWorld


@pytest.fixture
def world() -> ReminderWorld:
    return ReminderWorld()


def test_several_are_cancelled_by_one_order(world: ReminderWorld) -> None:
    """Those that the order names ("stop the reminders about rent"), and no other."""
    for text in ("pay the rent", "call mum", "rent a car"):
        world.order(msgspec.structs.replace(ORDER, text=text))
    told = world.order(ParsedNotice(act="cancel_reminder", numbers=(1, 3)))

    assert '"pay the rent"' in told or '"rent a car"' in told
    assert len(world.reminders.kept) == 1
    assert "not clear which" in world.order(ParsedNotice(act="cancel_reminder", numbers=(1, 7)))
    assert len(world.reminders.kept) == 1


def test_an_order_that_is_answered_again_is_kept_once(world: ReminderWorld) -> None:
    """A worker that died after it was kept leaves it to the next, which keeps the same one."""
    made = make_message("remind me", id="m9", chat=DIRECT, sent=world.now)
    message = msgspec.structs.replace(made, room=DIRECT, sender=ADA)
    told = {world.book.carry_out(ORDER, message, PROFILE, make_address(message)) for _ in range(2)}

    assert len(told) == 1
    assert world.only.text == "call the landlord"


def test_minutes_count_from_when_they_were_said(world: ReminderWorld) -> None:
    """A message that waited for three minutes is not said three minutes late; one that waited too long is
    said at once."""
    made = make_message("remind me", id="m9", chat=DIRECT, sent=world.now)
    message = msgspec.structs.replace(made, room=DIRECT, sender=ADA)
    world.now += 180
    tea = ParsedNotice(act="remind", text="tea", minutes=4)
    world.book.carry_out(tea, message, PROFILE, make_address(message))
    assert world.only.due_at == message.sent + 240

    world.now += 600
    world.book.carry_out(tea, message, PROFILE, make_address(message))
    assert world.only.due_at == world.now


def test_a_rhythm_that_cannot_be_kept_is_said(world: ReminderWorld) -> None:
    """It is not kept as something else ("every two hours"): the person is told what there is."""
    told = world.order(ParsedNotice(act="remind", text="drink", period="other"))

    assert "in a rhythm that you do not know" in told
    assert "Nothing was done" in told
    assert world.reminders.kept == {}


def test_who_wrote_today_is_reminded_in_whatsapp(world: ReminderWorld) -> None:
    """The order may be older than the day in which they may be written to freely: what they wrote since
    counts, though they never had a brief."""
    world.order(ORDER)
    assert world.store.engagements[ADA].wrote_at == world.now
    address = msgspec.structs.replace(world.only.address, channel="whatsapp")
    world.reminders.put_reminder(msgspec.structs.replace(world.only, address=address))
    due = world.only.due_at
    world.store.note_engaged(ADA, "answer", due - 60)
    world.now = due
    world.say(world.wake)

    assert world.messages[-1].sent == due - 60
