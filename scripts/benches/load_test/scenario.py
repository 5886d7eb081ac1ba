"""Plans what people write in a run of the load bench, and what goes wrong. The same seed gives the same."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Platform = Literal["slack", "telegram", "whatsapp"]
PLATFORM_WEIGHTS: dict[Platform, int] = {"slack": 2, "telegram": 4, "whatsapp": 4}
"""Slack's one workspace takes 20 streams and 50 updates a minute, so fewer chats are there."""

MESSAGES_PER_CHAT = (1, 2, 3, 4, 5)
MESSAGES_PER_CHAT_WEIGHTS = (1, 1, 2, 3, 3)
"""The mean is 3.6 messages."""

BURST_GAP_SECONDS = 0.2, 2.0
"""Seconds between the messages of a burst, at least and at most."""

BURST_SHARE, REDELIVERED_SHARE, LONG_REPLY_SHARE = 0.5, 0.05, 0.02
TOKEN_PREFIX, TOKEN_LETTERS = "zq", 6
ARRIVAL_SECONDS_PER_CHAT = 0.3
HOT_CHAT_MESSAGES_PER_SECOND = 0.25
"""Fifteen a minute: of more than `PERSON_RATE` (20) the product answers none, and says so."""

LONG_REPLY_WORDS = "at length"

OutageKind = Literal["model", "slack", "telegram", "whatsapp", "table", "queue", "messages"]


@dataclass(frozen=True)
class Outage:
    """A backend that fails from `at` on, seconds after the run began, for so many seconds."""

    backend: OutageKind
    at: float
    seconds: float


@dataclass(frozen=True)
class LoadMessage:
    """One message of a person: when it is posted (seconds after the run began), and whether again. Its token
    is what the reply must name."""

    chat: int
    number: int
    platform: Platform
    token: str
    due: float
    is_redelivered: bool
    is_long: bool

    @property
    def text(self) -> str:
        how = f", {LONG_REPLY_WORDS}" if self.is_long else ""
        return f"{self.token}: where do we stand with the plan for the spring{how}?"


@dataclass(frozen=True)
class LoadScenario:
    """One run. Times are seconds after the run began; `sweep_every` is a minute where it is not shortened."""

    chats: int
    seconds: float
    seed: int = 1
    turn_workers: int = 64
    webhook_workers: int = 2
    kills: int = 0
    kills_began: float = 5.0
    kill_every: float = 1.0
    freezes: tuple[float, ...] = ()
    freeze_seconds: float = 25.0
    outages: tuple[Outage, ...] = ()
    hot_chat_messages: int = 0
    old_messages: int = 0
    lost_wakes_share: float = 0.01
    doubled_wakes_share: float = 0.01
    loses_wakes_of_sweep: bool = True
    gap_seconds: tuple[float, float] = (5.0, 20.0)
    """Seconds between the messages of a chat that are no burst, at least and at most."""
    sweep_every: float = 60.0
    slack_redelivers_after: tuple[float, ...] = (1.0, 60.0, 300.0)
    drain_seconds: float = 1200.0
    """Seconds after the last message in which everything must be answered."""


def short_scenario(seed: int = 1) -> LoadScenario:
    """Returns the run of continuous integration: about a minute of messages, all that can go wrong in it.

    What keeps exchanges from being persisted comes first: they are found a minute later. A wake of the sweep
    that is lost would make it two."""
    outages: tuple[OutageKind, ...] = ("messages", "table", "model", "telegram", "whatsapp", "slack", "queue")
    return LoadScenario(
        chats=100,
        seconds=30.0,
        seed=seed,
        gap_seconds=(3.0, 8.0),
        turn_workers=24,
        kills=10,
        kills_began=4.0,
        kill_every=1.5,
        freezes=(6.0,),
        outages=tuple(Outage(name, 8.0 + 4.0 * n, 3.0) for n, name in enumerate(outages)),
        hot_chat_messages=12,
        sweep_every=5.0,
        loses_wakes_of_sweep=False,
        slack_redelivers_after=(1.0, 6.0, 15.0, 30.0),
        drain_seconds=240.0,
    )


def full_scenario(chats: int, seed: int = 1) -> LoadScenario:
    """Returns a run of that many chats: a kill a second for a minute, and the model out for one minute."""
    seconds = max(120.0, chats * ARRIVAL_SECONDS_PER_CHAT)
    middle = seconds / 2
    return LoadScenario(
        chats=chats,
        seconds=seconds,
        seed=seed,
        kills=60,
        kills_began=middle - 60,
        freezes=(middle - 50, middle - 20, middle + 20),
        outages=(Outage("model", middle - 30, 60.0), Outage("table", middle + 45, 5.0)),
        hot_chat_messages=int(seconds * HOT_CHAT_MESSAGES_PER_SECOND),
        old_messages=20_000,
    )


def calm_scenario(chats: int, seed: int = 1) -> LoadScenario:
    """Returns a run in which nothing goes wrong, for what a message costs."""
    full = full_scenario(chats, seed)
    return replace(full, kills=0, freezes=(), outages=(), lost_wakes_share=0.0, doubled_wakes_share=0.0)


def plan_messages(scenario: LoadScenario) -> list[LoadMessage]:
    """Returns all messages of the run, by the time at which they are posted. Chat 0 is the hot one, and it is
    the one with old messages."""
    chance = random.Random(scenario.seed)
    planned = list(_plan_hot_chat(scenario, chance))
    for chat in range(1, scenario.chats):
        planned += _plan_chat(scenario, chat, chance)
    return sorted(planned, key=lambda message: message.due)


def _plan_hot_chat(scenario: LoadScenario, chance: random.Random) -> Iterator[LoadMessage]:
    count = max(1, scenario.hot_chat_messages)
    for number in range(count):
        due = scenario.seconds * (number + chance.random()) / count
        yield _plan_message(0, number, "telegram", due, chance)


def _plan_chat(scenario: LoadScenario, chat: int, chance: random.Random) -> Iterator[LoadMessage]:
    platform = chance.choices(list(PLATFORM_WEIGHTS), list(PLATFORM_WEIGHTS.values()))[0]
    count = chance.choices(MESSAGES_PER_CHAT, MESSAGES_PER_CHAT_WEIGHTS)[0]
    is_burst = chance.random() < BURST_SHARE
    due = chance.uniform(0.0, scenario.seconds)
    for number in range(count):
        yield _plan_message(chat, number, platform, due, chance)
        due += chance.uniform(*(BURST_GAP_SECONDS if is_burst else scenario.gap_seconds))


def _plan_message(
    chat: int, number: int, platform: Platform, due: float, chance: random.Random
) -> LoadMessage:
    return LoadMessage(
        chat,
        number,
        platform,
        TOKEN_PREFIX + _letters(chat * 1000 + number),
        due,
        chance.random() < REDELIVERED_SHARE,
        chance.random() < LONG_REPLY_SHARE,
    )


def _letters(number: int) -> str:
    """Writes the number in letters, so that nothing takes it for a telephone number."""
    found = ""
    for _ in range(TOKEN_LETTERS):
        number, digit = divmod(number, 26)
        found = string.ascii_lowercase[digit] + found
    return found
