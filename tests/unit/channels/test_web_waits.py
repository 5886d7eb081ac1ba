"""A web client never waits without an end, whatever the store, the threads and the plan do."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import WebMessageIds
from repartee.channels.web.reply_follower import MAX_CONCURRENT_READS, ReplyFollower, StreamHeartbeat
from repartee.ports import AnswerStatus, WebEvent
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld
from tests.support.memory_web_stores import MemoryEvents

PLACE = WebMessageIds("web:ada:main", "m-1", "main.m-1")
THREAD = "1788999999.000001"


class HangingInbox:
    """Of `ports.Inbox` what a follower reads. While it hangs it answers nobody."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.reads = 0

    def read_answer_status(self, chat: str, id: str) -> AnswerStatus:
        self.reads += 1
        self.free.wait(20.0)
        return AnswerStatus(is_open=True)


def make_follower(inbox: Any, hub: EventHub, monotonic: Any = time.monotonic) -> ReplyFollower:
    return ReplyFollower(inbox, MemoryEvents(lambda: 0.0), hub, monotonic, read_seconds=0.1)


async def read_first(follower: ReplyFollower) -> object:
    async for followed in follower.follow_reply(PLACE, ""):
        return followed
    return None


def test_a_store_that_hangs_holds_up_no_event_of_this_process() -> None:
    """What is written here is shown although a look into the store never returns."""
    inbox = HangingInbox()

    async def read() -> object:
        hub = EventHub(lambda: 1.0)
        reading = asyncio.create_task(read_first(make_follower(inbox, hub)))
        await asyncio.sleep(0.05)
        hub.publish("web:ada:main#m-1", "delta", "one")
        return await asyncio.wait_for(reading, 3.0)

    try:
        found = asyncio.run(asyncio.wait_for(read(), 5.0))
    finally:
        inbox.free.set()

    assert isinstance(found, WebEvent)
    assert found.text == "one"


def test_looks_that_hang_use_up_nobody_elses_threads() -> None:
    """However many readers there are: they hear that the stream is alive, and other work has its threads."""
    inbox = HangingInbox()
    clock = iter(float(seconds) for seconds in range(0, 100_000, 11))
    readers = MAX_CONCURRENT_READS + 5

    async def read() -> list[object]:
        follower = make_follower(inbox, EventHub(lambda: 1.0), lambda: next(clock))
        reading = [asyncio.create_task(read_first(follower)) for _ in range(readers)]
        assert await asyncio.to_thread(lambda: "served") == "served"
        return await asyncio.gather(*reading)

    try:
        found = asyncio.run(asyncio.wait_for(read(), 10.0))
    finally:
        inbox.free.set()

    assert all(isinstance(one, StreamHeartbeat) or one is None for one in found)


def test_a_sign_is_shown_although_the_plan_was_done_before_it() -> None:
    """The step that shows it is given up as soon as the prompt is known; the turn shows it then, before the
    model has said a word."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.beside = lambda work: work()
    asked_after: list[list[str]] = []
    world.between_pieces = lambda: asked_after.append([call["method"] for call in world.slack.posts])
    world.ask_question("where?", THREAD)

    world.run_worker()

    assert asked_after[0][0] == "assistant.threads.setStatus"
    assert world.visible_texts() == ["Re: <where?> "]
