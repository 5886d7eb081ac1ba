"""Who reads the chat sees somebody typing for as long as a turn is at work, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.replies import TelegramReplySender
from repartee.errors import IncompleteReply, Unavailable
from repartee.ports.channels import ReplySender
from standins.telegram.server import BOT_TOKEN
from tests.support.crashing_telegram_world import CrashingTelegramWorld, InterruptibleTelegram
from tests.support.crashing_world import WorkerLife


class TypingWorld(CrashingTelegramWorld):
    """One process, whose timers the test sees."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: list[Callable[[], None]] = []
        self.sender: TelegramReplySender | None = None
        self.beside = lambda work: work()

    def _schedule(self, seconds: float, work: Callable[[], None]) -> Callable[[], object]:
        self.timers.append(work)
        return lambda: self.timers.remove(work) if work in self.timers else None

    def _reply_senders(self, life: WorkerLife, records: Any) -> dict[str, ReplySender]:
        api = TelegramApi("http://telegram", lambda: BOT_TOKEN, InterruptibleTelegram(self.wire, life))
        self.sender = self.sender or TelegramReplySender(
            api, records, self.clock, self.pass_time, lambda work: work(), self._schedule
        )
        return {"telegram": self.sender}


@pytest.fixture
def world() -> TypingWorld:
    return TypingWorld()


def typings(world: TypingWorld) -> int:
    return sum(call["method"] == "sendChatAction" for call in world.telegram.posts)


@pytest.mark.parametrize("error", [Unavailable("openai", "HTTP 500"), IncompleteReply("as ordered")])
def test_a_turn_that_fails_types_no_more(world: TypingWorld, error: Exception) -> None:
    """While it waits for its next attempt, too."""
    world.model_error = error
    world.ask_in_telegram("where?")

    world.run_worker()

    assert typings(world) == 1
    assert not world.timers


def test_a_turn_that_lost_its_lease_types_no_more(world: TypingWorld) -> None:
    """Another worker answers, and this process shows nobody typing afterwards."""
    message = world.ask_in_telegram("where?")

    def take_away() -> None:
        world.now += 25.0
        world.inbox.acquire_lease(message.chat, "another", world.now, world.now + 20.0)

    world.between_pieces = take_away
    world.run_worker()

    assert not world.timers


def test_a_turn_that_is_resumed_types_while_it_works(world: TypingWorld) -> None:
    """And stops with its reply."""
    world.model_error = Unavailable("openai", "HTTP 500")
    world.ask_in_telegram("where?")
    world.run_worker()
    world.model_error = None
    world.pass_time(5.0)

    world.run_worker()

    assert world.visible_texts()
    assert typings(world) == 2
    assert not world.timers
