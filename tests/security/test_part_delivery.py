"""A reply in seven parts: none is said twice, and none after a person ended it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from repartee.channels.slack.surface import MAX_MESSAGE_CHARS as SLACK_CHARS
from repartee.channels.telegram.surface import MAX_MESSAGE_CHARS as TELEGRAM_CHARS
from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import log_id
from repartee.channels.web.replies import WebReplySender
from repartee.channels.whatsapp.surface import MAX_MESSAGE_CHARS as WHATSAPP_CHARS
from repartee.domain.message import Message
from repartee.ports.channels import ReplySender
from tests.support.crashing_telegram_world import CrashingTelegramWorld
from tests.support.crashing_whatsapp_world import CrashingWhatsAppWorld
from tests.support.crashing_world import CrashingWorld, WorkerLife
from tests.support.inbox_builders import make_message
from tests.support.memory_web_stores import MemoryEvents
from tests.support.telegram_chat import GROUP_CHAT_ID, PRIVATE_CHAT_ID

PARTS = 7
FROZEN_SECONDS = 31.0
"""Seconds that a worker stands still: more than its lease."""

CALL_SECONDS = 1.1

PART_SENT = {
    "after slack.chat.stopStream",
    "after slack.chat.update",
    "after telegram.sendMessage",
    "after telegram.sendRichMessage",
    "after whatsapp.messages",
}


def take_time_for_calls(world: CrashingWorld) -> None:
    """Lets each call that says something take longer than a look at the commands counts."""

    def take_time(name: str) -> None:
        if name in PART_SENT:
            world.now += CALL_SECONDS

    world.at_each_point = take_time


def write_seven_parts(world: CrashingWorld, chars: int) -> None:
    """Lets the model answer with a text that fills seven messages of so many characters."""
    parts = [f"Part {n}. " + "word " * (chars * 9 // 50) + "end." for n in range(1, PARTS + 1)]
    world.answer_to = lambda question: "\n\n".join(parts)
    take_time_for_calls(world)


def ask_in_slack() -> CrashingWorld:
    world = CrashingWorld()
    write_seven_parts(world, SLACK_CHARS)
    world.ask_question("When do you open?", "1788999999.000001")
    return world


def ask_in_telegram(chat: int = PRIVATE_CHAT_ID) -> CrashingWorld:
    world = CrashingTelegramWorld(chat)
    write_seven_parts(world, TELEGRAM_CHARS)
    world.ask_in_telegram("When do you open?")
    return world


def ask_in_telegram_group() -> CrashingWorld:
    return ask_in_telegram(GROUP_CHAT_ID)


def ask_in_whatsapp() -> CrashingWorld:
    world = CrashingWhatsAppWorld()
    write_seven_parts(world, WHATSAPP_CHARS)
    world.ask_in_whatsapp("When do you open?")
    return world


Ask = Callable[[], CrashingWorld]

on_each_channel = pytest.mark.parametrize(
    "ask", [ask_in_slack, ask_in_telegram, ask_in_telegram_group, ask_in_whatsapp]
)


def whole_reply(ask: Ask) -> list[str]:
    """The parts when all goes well."""
    world = ask()
    world.run_worker()
    parts = world.visible_texts()
    assert len(parts) == PARTS
    return parts


def after_part_two(world: CrashingWorld, happens: Callable[[], None]) -> None:
    """Lets it happen once, when two parts are visible, and that they are is written where it cannot be looked
    up."""
    take_time, sent, happened = world.at_each_point, 0, False

    def count(name: str) -> None:
        nonlocal sent, happened
        take_time(name)
        sent += name in PART_SENT
        is_known = name == "after inbox.write_lease" or name.startswith("after slack.")
        if sent >= 2 and is_known and not happened:
            happened = True
            happens()

    world.at_each_point = count


@on_each_channel
def test_a_worker_that_was_frozen_says_nothing_that_another_says(ask: Ask) -> None:
    """It stands still for 31 seconds after the second part; another goes on, and each part is seen once."""
    world, whole, met = ask(), whole_reply(ask), []

    def freeze() -> None:
        met.append(len(world.visible_texts()))
        world.now += FROZEN_SECONDS
        beats, world.watches = world.watches, []
        world.run_worker()
        world.watches = beats

    after_part_two(world, freeze)
    world.run_worker()
    assert world.visible_texts() == whole

    world.run_until_quiet()
    assert world.visible_texts() == whole
    assert met[0] < len(whole)


@pytest.mark.parametrize("command", ["stop", "mute"])
@on_each_channel
def test_a_command_after_the_second_part_ends_the_reply(ask: Ask, command: str) -> None:
    """At most one more message is seen, and it may be the one that says why the reply ends."""
    world, seen = ask(), []
    chat = next(iter(world.wakes.queued.values())).chat

    def order() -> None:
        seen.append(len(world.visible_texts()))
        if command == "stop":
            world.records.stop(chat, world.now)
        else:
            world.records.mute(chat, world.now + 3600.0, world.now)

    after_part_two(world, order)
    world.run_worker()
    world.run_until_quiet()

    assert seen[0] in (2, 3)
    assert len(world.visible_texts()) <= seen[0] + 1


class WebWorld(CrashingWorld):
    """A chat on the web, whose reader sees the events that are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.events = MemoryEvents(self.clock)

    def ask_on_the_web(self) -> Message:
        """A person asks, and the chat is woken."""
        message = make_message("When?", channel="web", sent=self.now, received=self.now)
        self.inbox.put(message)
        self.wakes.send(message.chat)
        return message

    def visible_text(self, message: Message) -> str:
        """Returns the reply as its reader sees it."""
        text = ""
        for event in self.events.read_after(log_id(message.chat, message.id), ""):
            text = event.text if event.kind == "replaced" else text
            text += event.text if event.kind == "delta" else ""
        return text

    def _reply_senders(self, life: WorkerLife, records: Any) -> dict[str, ReplySender]:
        hub = EventHub(self.clock)
        return {"web": WebReplySender(self.events, hub, self.clock, self.pass_time)}


def test_a_worker_that_was_frozen_says_nothing_more_on_the_web() -> None:
    """It stands still in the middle of its reply; another says it whole, and once."""
    world = WebWorld()
    frozen: list[bool] = []
    message = world.ask_on_the_web()

    def freeze() -> None:
        if not frozen:
            frozen.append(True)
            world.now += FROZEN_SECONDS
            beats, world.watches = world.watches, []
            world.run_worker()
            world.watches = beats
            assert world.visible_text(message) == "Re: <When?> "

    world.between_pieces = freeze
    world.run_worker()
    world.run_until_quiet()

    assert frozen == [True]
    assert world.visible_text(message) == "Re: <When?> "


def test_a_stop_before_the_end_is_obeyed_on_the_web() -> None:
    """What was visible by then stays, with a note."""
    world = WebWorld()
    message = world.ask_on_the_web()

    def stop() -> None:
        world.records.stop(message.chat, world.now)
        world.now += CALL_SECONDS

    world.between_pieces = stop
    world.run_worker()
    world.run_until_quiet()

    assert world.visible_text(message) == "Re: \n\n_(Stopped.)_"
