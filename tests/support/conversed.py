"""The whole of Repartee in one process and on one clock that moves only when somebody waits.

Wiring, channels, plans and stores are the real ones; the platforms are their stand-ins, the messages store is
SQLite, inbox, records and queue are those in memory, and the models say what the conversation wrote for them.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from aws_lambda_powertools import Logger

from local.latency import Latencies, Slowed, SlowedSmallModel
from local.minilm import installed
from local.odoo_company import DATABASE, LINKED
from local.odoo_standin import OdooStandIn
from local.slack_standin import TOKEN as SLACK_TOKEN
from local.slack_standin import SlackStandIn
from local.telegram_standin import BOT, TelegramStandIn
from local.telegram_standin import TOKEN as TELEGRAM_TOKEN
from local.vectors import FolderVectors
from repartee.assistants.office.erp import Clerk
from repartee.channels.slack.api import SlackApi
from repartee.channels.telegram.api import TelegramApi
from repartee.conversation import spending
from repartee.conversation.answer import AnswerChat
from repartee.conversation.hangup import Hangup
from repartee.conversation.prompt import Call, Prompt, Usage
from repartee.conversation.turn import Turn
from repartee.conversation.watch import Watch
from repartee.errors import Rejected, Unreachable
from repartee.plan import Pool
from repartee.platforms import Platform
from repartee.ports import (
    A,
    Account,
    Attachments,
    Coaching,
    Embedder,
    Erp,
    Events,
    Inbox,
    Knowledge,
    Media,
    Memories,
    Messages,
    Model,
    Pictures,
    Proposals,
    Rates,
    Records,
    SmallModel,
    Transcriber,
    Vector,
    Vectors,
    Wakes,
    Workouts,
)
from repartee.stores.odoo import OdooClient, OdooErp
from repartee.wiring import Wiring
from support.caches import cache as cache_folder
from tests.support.ears import CommentEars
from tests.support.memory import MemoryInbox, MemoryRecords, MemoryWakes
from tests.support.odoo import MemoryAccounts, OdooWire
from tests.support.pictures import MemoryPictures
from tests.support.proposals import MemoryProposals
from tests.support.slack import SlackWire
from tests.support.telegram import TelegramWire
from tests.support.training import MemoryCoaching, MemoryWorkouts
from tests.support.virtual_time import VirtualPool, VirtualTime
from tests.support.web import MemoryEvents, MemoryRates
from tests.support.world import StillWatch

BEGAN = 1_789_041_600.0
"""Thursday, 10 September 2026, 12:00 UTC."""

SECRETS = {
    "SLACK_SIGNING_SECRET": "slack-secret",
    "SLACK_BOT_TOKEN": SLACK_TOKEN,
    "TELEGRAM_WEBHOOK_SECRET": "telegram-secret",
    "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
    "TELEGRAM_BOT_USERNAME": str(BOT["username"]),
    "OPENAI_API_KEY": "nobody asks for it",
    "DEAD_LETTERS_QUEUE_URL": "http://127.0.0.1/dead",
}
SERIAL = {True: {}, False: {"PARALLEL_ENABLED": "false"}}

FIRST_TOKEN = 0.35
PIECE = 0.02
"""Seconds that the model thinks before its first piece, and before each other."""


P = TypeVar("P")


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model says next, and the tools that it then asks for, by name and arguments."""

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()


class Backends:
    """How the ports behave: which are `down` (`messages`, `records.standing`), and how slow a call is."""

    def __init__(self, slow: Mapping[str, float], sleep: Callable[[float], None]) -> None:
        self.down: set[str] = set()
        self.latencies = Latencies(slow, sleep)

    def before(self, name: str, port: P) -> P:
        """The port, behind its faults and its latencies."""
        return cast("P", Slowed(name, Broken(name, port, self.down), self.latencies))


class Broken:
    """A port whose calls fail as long as it is down."""

    def __init__(self, name: str, port: Any, down: set[str]) -> None:
        self._name, self._port, self._down = name, port, down

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._port, method)

        def checked(*arguments: Any, **named: Any) -> Any:
            if self._down & {self._name, f"{self._name}.{method}"}:
                raise Unreachable(self._name, "down")
            return call(*arguments, **named)

        return checked


class ScriptedModels:
    """`ports.Model` and `ports.SmallModel` that say what is written for them. `given` is what was asked.

    Without a word for it the model repeats the question, and the small model talks nonsense.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self.script: deque[Answer] = deque()
        self.small: dict[str, Any] = {}
        self.given: list[Prompt] = []
        self.analysed: list[tuple[str, str, str]] = []

    def stream(
        self, prompt: Prompt, hangup: Hangup | None = None
    ) -> Generator[str | Call | Usage, None, None]:
        self.given.append(prompt)
        words = Answer("Re: " + " ".join(line.text for line in prompt.asked))
        answer = self.script.popleft() if self.script else words
        self._sleep(FIRST_TOKEN)
        for start in range(0, len(answer.text), 7):
            yield answer.text[start : start + 7]
            self._sleep(PIECE)
        if not prompt.final:
            for number, (name, arguments) in enumerate(answer.calls):
                written = msgspec.json.encode(arguments).decode()
                yield Call(f"call_{len(self.given)}_{number}", name, written)
        yield Usage(1000, 100, 0, "scripted-reply")

    def write(self, instructions: str, text: str, limit: int = 120) -> str:
        self.analysed.append(("write", instructions, text))
        return str(self._said("write"))

    def analyse(self, instructions: str, text: str, answer: type[A]) -> A:
        self.analysed.append((answer.__name__, instructions, text))
        try:
            return msgspec.convert(self._said(answer.__name__), answer)
        except msgspec.ValidationError as error:
            raise Rejected("model", f"an analysis that cannot be read ({error})") from None

    def _said(self, what: str) -> Any:
        """What is written for it; of a list, the next each time."""
        spending.note(Usage(100, 10, 0, "scripted-small"))
        said = self.small.get(what)
        if isinstance(said, list):
            said = said.pop(0) if said else None
        if said is None:
            raise Rejected("model", "nonsense")
        return said


class LocalEmbedder:
    """`ports.Embedder` with real embeddings."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [_embedded(text or " ") for text in texts]


@cache
def _embedded(text: str) -> Vector:
    return tuple(map(float, installed().embed(text)))


class Conversed(Wiring):
    """The parts. `turns` are those that were closed, in order."""

    def __init__(self, folder: Path, slow: Mapping[str, float], parallel: bool, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        sqlite = {"SQLITE_PATH": str(folder / "messages.sqlite")}
        super().__init__({**SECRETS, **sqlite, **SERIAL[parallel], **settings})
        self.time = VirtualTime()
        self.backends = Backends(slow, self.time.sleep)
        self.models = ScriptedModels(self.time.sleep)
        self.turns: list[Turn] = []
        self.logger = Logger(service=f"conversation-{next(_numbers)}", level="CRITICAL")

    def clock(self) -> float:
        return BEGAN + self.time.clock()

    def monotonic(self) -> float:
        return self.time.clock()

    def sleep(self, seconds: float, /) -> None:  # type: ignore[override]
        self.time.sleep(seconds)

    @property
    def background(self) -> Callable[[Callable[[], None]], object]:
        return lambda work: work()

    @property
    def watching(self) -> type[Watch]:
        return StillWatch

    def observe(self, turn: Turn) -> None:
        self.turns.append(turn)

    def count(self, name: str, number: int = 1) -> None:
        """Nobody counts."""

    def work(self) -> None:
        """Answers every chat that is woken, until nobody is; wakes that come later are waited for."""
        for _ in range(50):
            if not self.queue.letters:
                return
            self._wait_for_a_wake()
            receipt = self.queue.visible()[0]
            letter = self.queue.letters[receipt]
            letter.visible = self.clock() + 300
            order = AnswerChat(letter.chat, receipt, self.clock() + 270, letter.correlation)
            if not self.chats.answer_all([order]):
                self.queue.delete(receipt)
        raise AssertionError("there is always somebody to answer")

    def _wait_for_a_wake(self) -> None:
        soonest = min(letter.visible for letter in self.queue.letters.values())
        self.time.sleep(max(0.0, soonest - self.clock()))

    # The platforms

    @cached_property
    def slack_standin(self) -> SlackStandIn:
        return SlackStandIn(self.clock)

    @cached_property
    def telegram_standin(self) -> TelegramStandIn:
        return TelegramStandIn(self.clock)

    @cached_property
    def slack(self) -> SlackApi:
        return SlackApi("http://slack/api/", lambda: SLACK_TOKEN, SlackWire(self.slack_standin))

    @cached_property
    def telegram(self) -> TelegramApi:
        return TelegramApi("http://telegram", lambda: TELEGRAM_TOKEN, TelegramWire(self.telegram_standin))

    @cached_property
    def platforms(self) -> tuple[Platform, ...]:
        """Those of the settings, whose calls go to the stand-ins."""
        made, wires = super().platforms, {"slack": self.slack, "telegram": self.telegram}
        for platform in made:
            if platform.name in wires:
                vars(platform)["_api"] = wires[platform.name]
        return made

    # Stores and services

    @cached_property
    def pool(self) -> Pool:
        return VirtualPool(self.time)  # type: ignore[return-value]

    @cached_property
    def queue(self) -> MemoryWakes:
        return MemoryWakes(self.clock)

    @cached_property
    def kept(self) -> MemoryRecords:
        """The records, as nothing is in the way to them."""
        return MemoryRecords(self.clock)

    @cached_property
    def inbox(self) -> Inbox:
        return self.backends.before("inbox", MemoryInbox())

    @cached_property
    def records(self) -> Records:
        return self.backends.before("records", self.kept)

    @cached_property
    def trained(self) -> MemoryWorkouts:
        """The workouts, as nothing is in the way to them."""
        return MemoryWorkouts()

    @cached_property
    def coached(self) -> MemoryCoaching:
        """The coach's records, as nothing is in the way to them."""
        return MemoryCoaching(self.kept)

    @cached_property
    def workouts(self) -> Workouts:
        return self.backends.before("workouts", self.trained)

    @cached_property
    def coaching(self) -> Coaching:
        return self.backends.before("coaching", self.coached)

    @cached_property
    def knowledge(self) -> Knowledge:
        return self.backends.before("knowledge", super().knowledge)

    @cached_property
    def memories(self) -> Memories:
        return self.backends.before("memories", super().memories)

    @cached_property
    def odoo(self) -> OdooStandIn:
        """The company's Odoo, which is used where the settings name one."""
        return OdooStandIn()

    @cached_property
    def erp(self) -> Erp:
        accounts = {person: Account(user.login, user.keys[0]) for person, user in LINKED.items()}
        client = OdooClient(self.settings.odoo_url, DATABASE, transport=OdooWire(self.odoo))
        erp = OdooErp(client, MemoryAccounts(accounts), None, self.monotonic)
        return self.backends.before("erp", erp)

    @cached_property
    def clerk(self) -> Clerk | None:
        clerk = super().clerk
        return self.backends.before("clerk", clerk) if clerk else None

    @cached_property
    def proposals(self) -> Proposals:
        return self.backends.before("proposals", MemoryProposals())

    @cached_property
    def events(self) -> Events:
        return self.backends.before("events", MemoryEvents(self.clock))

    @cached_property
    def rates(self) -> Rates:
        return self.backends.before("rates", MemoryRates(self.clock))

    @cached_property
    def wakes(self) -> Wakes:
        return self.backends.before("wakes", self.queue)

    @cached_property
    def messages(self) -> Messages:
        return self.backends.before("messages", super().messages)

    @cached_property
    def model(self) -> Model:
        return self.backends.before("model", self.models)

    @cached_property
    def small(self) -> SmallModel:
        small = Broken("small", self.models, self.backends.down)
        return cast("SmallModel", SlowedSmallModel(small, self.backends.latencies))

    @cached_property
    def embedder(self) -> Embedder:
        return self.backends.before("embedder", LocalEmbedder())

    @cached_property
    def attachments(self) -> Attachments:
        return self.backends.before("attachments", super().attachments)

    @cached_property
    def transcriber(self) -> Transcriber:
        return self.backends.before("transcriber", CommentEars())

    @cached_property
    def media(self) -> Media:
        return self.backends.before("media", super().media)

    @cached_property
    def pictures(self) -> Pictures:
        return self.backends.before("pictures", MemoryPictures(self.clock))

    @cached_property
    def vectors(self) -> Vectors:
        return FolderVectors(cache_folder() / "vectors")

    @cached_property
    def aws(self) -> Any:
        raise AssertionError("give Conversed what is in memory instead of what is at AWS")


_numbers = itertools.count()
