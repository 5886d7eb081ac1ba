"""A request that waits for what a member writes: it hears of this process at once, and never waits without an
end."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from repartee.channels.web.chat_component import COMPONENT_FOLDER
from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.live_follower import MIN_LOOK_SECONDS, LiveFollower, NextRequest
from repartee.channels.web.live_log import LiveLog
from repartee.channels.web.reply_follower import HEARTBEAT_SECONDS, StreamHeartbeat
from repartee.domain.handover import Handover
from repartee.errors import DeadlineExceeded
from repartee.language.catalogue import LANGUAGES
from repartee.ports import WebEvent
from tests.support.memory_handovers import MemoryHandovers
from tests.support.memory_stores import MemoryRecords
from tests.support.memory_web_stores import MemoryEvents

CHAT = "web:ada:main"
NOW = 1_789_000_000.0


def clock() -> float:
    return NOW


class Conversation:
    """A conversation whose pages wait up to a minute for news."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.events, self.hub = MemoryEvents(clock), EventHub(clock)
        self.live = LiveLog(self.events, self.hub)
        self.handovers: Any = MemoryHandovers(MemoryRecords(clock))
        self.follower = LiveFollower(
            self.events, self.handovers, self.hub, clock, 60.0, monotonic, read_seconds=0.1
        )

    async def follow(self) -> list[object]:
        """Returns all that a request gets until its end."""
        first = await self.follower.look(CHAT, "")
        return [step async for step in self.follower.follow_chat(CHAT, "", first)]

    async def wait_for_event(self) -> WebEvent:
        """Returns the first event that a request gets."""
        first = await self.follower.look(CHAT, "")
        async for step in self.follower.follow_chat(CHAT, "", first):
            if isinstance(step, WebEvent):
                return step
        raise AssertionError("there was none")


def test_what_is_written_in_this_process_is_there_at_once() -> None:
    """Without another look that is due."""

    async def write_while_waiting() -> float:
        conversation = Conversation()
        waiting = asyncio.create_task(conversation.wait_for_event())
        await asyncio.sleep(MIN_LOOK_SECONDS / 5)
        began = time.monotonic()
        await asyncio.to_thread(conversation.live.append, CHAT, "message", ["{}"])
        await waiting
        return time.monotonic() - began

    assert min(asyncio.run(write_while_waiting()) for _ in range(3)) < MIN_LOOK_SECONDS / 2


def test_a_request_ends_and_says_meanwhile_that_it_lives() -> None:
    """After its time it tells when to come back."""
    seconds = iter(float(second) for second in range(0, 10_000, 9))
    conversation = Conversation(lambda: next(seconds))

    steps = asyncio.run(asyncio.wait_for(conversation.follow(), 10.0))

    assert isinstance(steps[-1], NextRequest)
    assert 1 <= sum(isinstance(one, StreamHeartbeat) for one in steps) <= 60 / HEARTBEAT_SECONDS


def test_a_store_that_hangs_is_given_up() -> None:
    """In the first look the page is told to come back; later the answer ends."""
    conversation = Conversation()
    free = threading.Event()

    def hang(chat: str) -> Handover:
        free.wait(20.0)
        return Handover()

    async def look() -> object:
        first = await conversation.follower.look(CHAT, "")
        conversation.handovers.read = hang
        steps = [step async for step in conversation.follower.follow_chat(CHAT, "", first)]
        with pytest.raises(DeadlineExceeded):
            await conversation.follower.look(CHAT, "")
        return steps[-1]

    try:
        assert isinstance(asyncio.run(asyncio.wait_for(look(), 5.0)), NextRequest)
    finally:
        free.set()


def test_the_component_has_each_word_in_each_language() -> None:
    """A word that is missing would be shown as undefined."""
    code = (COMPONENT_FOLDER / "repartee-chat.js").read_text()
    rows = {
        row[1]: re.findall(r'"[^"]+"', row[2])
        for row in re.finditer(r"^  (\w\w): \[(.*)\],$", code, re.MULTILINE)
    }
    names = re.search(r"const WORDS = \[(.*)\];", code)

    assert names
    assert rows.keys() == set(LANGUAGES)
    assert {len(words) for words in rows.values()} == {names[1].count(",") + 1}
