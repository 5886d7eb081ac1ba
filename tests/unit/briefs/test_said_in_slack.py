"""Reminders are said at the top of a channel, in a muted one too, and once after a lost answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.domain.brief import Address
from repartee.domain.reminder import Reminder, ReminderWake
from repartee.domain.schedule import Schedule
from repartee.wiring import brief_stores, briefs
from standins.slack.posts import BOT_USER_ID
from tests.support.memory_briefs import MemoryBriefRuns, MemoryReminders
from tests.support.scenario_wiring import ScenarioWiring

ROOM, PERSON = "slack:T0BUTLER:C0LISBON", "slack:T0BUTLER:U0ADA"


class RemindedChannel:
    """A channel in which a reminder is due now, behind the real sending side."""

    def __init__(self, folder: Path) -> None:
        self.parts = ScenarioWiring(folder, {}, True, ASSISTANT="office")
        self.parts.put(brief_stores.brief_runs, MemoryBriefRuns())
        self.parts.put(briefs.reminder_queue, MemoryReminders())
        platform = {"channel": "C0LISBON", "thread": "", "user": "U0ADA", "self": BOT_USER_ID}
        now = self.parts.clock()
        self.reminder = Reminder(
            id="r1",
            person=PERSON,
            address=Address(channel="slack", chat=ROOM, room=ROOM, platform=platform, language="en"),
            schedule=Schedule(period="once", day="2026-01-01"),
            timezone="UTC",
            text="Fill in the timesheets, <!channel>",
            created_at=now - 60,
            due_at=now,
        )
        self.parts.get(brief_stores.reminders).put_reminder(self.reminder)

    def say(self) -> list[str]:
        wake = ReminderWake(PERSON, "r1", self.reminder.due_at)
        return self.parts.get(briefs.reminder_teller).say_all({"m1": wake}, self.parts.clock() + 25)

    @property
    def texts(self) -> list[str]:
        seen = self.parts.slack_standin.visible_channel("C0LISBON")["messages"]
        return [str(one["text"]) for one in seen]


@pytest.fixture
def channel(tmp_path: Path) -> RemindedChannel:
    return RemindedChannel(tmp_path / "reminded")


@pytest.mark.parametrize("muted", [False, True])
def test_a_reminder_is_said_in_a_muted_channel_too(channel: RemindedChannel, muted: bool) -> None:
    """A person asked for it, as for an alarm; it calls nobody but with their words."""
    if muted:
        channel.parts.stored_records.mute(ROOM, channel.parts.clock() + 3600, channel.parts.clock())

    assert channel.say() == []
    assert channel.texts == ["Reminder: Fill in the timesheets, <\u200b!channel>"]


@pytest.mark.parametrize("trouble", ["lost", "late"])
def test_a_lost_answer_leaves_one_reminder(channel: RemindedChannel, trouble: str) -> None:
    """The message that Slack took is found at the top of the channel by its run."""
    channel.parts.slack_wire.trouble["chat.postMessage"] = [trouble]
    first = channel.say()
    channel.parts.time.sleep(30)
    second = channel.say()

    assert [*first, *second] in ([], ["m1"])
    assert len(channel.texts) == 1
