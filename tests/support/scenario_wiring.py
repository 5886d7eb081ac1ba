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

from local.latency import InjectedLatencies, SlowPort, SlowSmallModel
from local.vector_folder import FolderVectors
from repartee.assistants.office.erp import ErpToolset
from repartee.channels.slack.api import SlackApi
from repartee.channels.telegram.api import TelegramApi
from repartee.domain import usage
from repartee.domain.prompt import Prompt, ToolCall
from repartee.domain.usage import Usage
from repartee.errors import InvalidArgument, Unavailable
from repartee.plan import Pool
from repartee.ports import (
    AnswerT,
    AttachmentDownloader,
    CoachRecords,
    EarlierImageStore,
    Embedder,
    Erp,
    ErpAccount,
    Inbox,
    Knowledge,
    LanguageModel,
    MediaStore,
    MemoryStore,
    MessageStore,
    ProposalStore,
    RateLimiter,
    Records,
    SmallModel,
    Transcriber,
    Vector,
    VectorCache,
    Wakes,
    WebEventLog,
    WorkoutStore,
)
from repartee.ports.cancellation import CancelToken
from repartee.services.odoo import OdooClient, OdooErp
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.turn import Turn
from repartee.turn.worker import ReceivedWake
from repartee.wiring import Wiring
from repartee.wiring.platforms import Platform
from standins.odoo.company import DATABASE, LINKED_USERS
from standins.odoo.server import OdooStandIn
from standins.openai.minilm import load_installed_model
from standins.slack.server import BOT_TOKEN as SLACK_TOKEN
from standins.slack.server import SlackStandIn
from standins.telegram.server import BOT_PROFILE, TelegramStandIn
from standins.telegram.server import BOT_TOKEN as TELEGRAM_TOKEN
from support.caches import cache_folder
from tests.support.crashing_world import SynchronousHeartbeat
from tests.support.fake_transcriber import CommentTranscriber
from tests.support.memory_images import MemoryPictures
from tests.support.memory_proposals import MemoryProposals
from tests.support.memory_stores import MemoryInbox, MemoryRecords, MemoryWakes
from tests.support.memory_web_stores import MemoryEvents, MemoryRates
from tests.support.memory_workouts import MemoryCoaching, MemoryWorkouts
from tests.support.odoo_company import MemoryAccounts, OdooWire
from tests.support.slack_channel import SlackWire
from tests.support.telegram_chat import TelegramWire
from tests.support.virtual_time import VirtualPool, VirtualTime

STARTED_AT = 1_789_041_600.0
"""Thursday, 10 September 2026, 12:00 UTC."""

SECRETS = {
    "SLACK_SIGNING_SECRET": "slack-secret",
    "SLACK_BOT_TOKEN": SLACK_TOKEN,
    "TELEGRAM_WEBHOOK_SECRET": "telegram-secret",
    "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
    "TELEGRAM_BOT_USERNAME": str(BOT_PROFILE["username"]),
    "OPENAI_API_KEY": "nobody asks for it",
    "DEAD_LETTERS_QUEUE_URL": "http://127.0.0.1/dead",
}
SETTINGS_BY_MODE = {True: {}, False: {"PARALLEL_ENABLED": "false"}}

FIRST_TOKEN_SECONDS = 0.35
PIECE_SECONDS = 0.02
"""Seconds that the model thinks before its first piece, and before each other."""


P = TypeVar("P")


class ScriptedAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model says next, and the tools that it then asks for, by name and arguments."""

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()


class FaultyBackends:
    """How the ports behave: which are `down` (`messages`, `records.standing`), and how slow a call is."""

    def __init__(self, slow: Mapping[str, float], sleep: Callable[[float], None]) -> None:
        self.down: set[str] = set()
        self.latencies = InjectedLatencies(slow, sleep)

    def wrap_port(self, name: str, port: P) -> P:
        """The port, behind its faults and its latencies."""
        return cast("P", SlowPort(name, BrokenPort(name, port, self.down), self.latencies))


class BrokenPort:
    """A port whose calls fail as long as it is down."""

    def __init__(self, name: str, port: Any, down: set[str]) -> None:
        self._name, self._port, self._down = name, port, down

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._port, method)

        def checked(*arguments: Any, **named: Any) -> Any:
            if self._down & {self._name, f"{self._name}.{method}"}:
                raise Unavailable(self._name, "down")
            return call(*arguments, **named)

        return checked


class ScriptedModels:
    """`ports.Model` and `ports.SmallModel` that say what is written for them. `given` is what was asked.

    Without a word for it the model repeats the question, and the small model talks nonsense.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self.script: deque[ScriptedAnswer] = deque()
        self.small: dict[str, Any] = {}
        self.given: list[Prompt] = []
        self.analysed: list[tuple[str, str, str]] = []

    def stream(
        self, prompt: Prompt, hangup: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        self.given.append(prompt)
        words = ScriptedAnswer("Re: " + " ".join(line.text for line in prompt.incoming))
        answer = self.script.popleft() if self.script else words
        self._sleep(FIRST_TOKEN_SECONDS)
        for start in range(0, len(answer.text), 7):
            yield answer.text[start : start + 7]
            self._sleep(PIECE_SECONDS)
        if not prompt.must_answer:
            for number, (name, arguments) in enumerate(answer.calls):
                written = msgspec.json.encode(arguments).decode()
                yield ToolCall(f"call_{len(self.given)}_{number}", name, written)
        yield Usage(1000, 100, 0, "scripted-reply")

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        self.analysed.append(("write", instructions, text))
        return str(self._scripted_answer("write"))

    def extract(self, instructions: str, text: str, answer_type: type[AnswerT]) -> AnswerT:
        self.analysed.append((answer_type.__name__, instructions, text))
        try:
            return msgspec.convert(self._scripted_answer(answer_type.__name__), answer_type)
        except msgspec.ValidationError as error:
            raise InvalidArgument("model", f"an analysis that cannot be read ({error})") from None

    def _scripted_answer(self, what: str) -> Any:
        """What is written for it; of a list, the next each time."""
        usage.record(Usage(100, 10, 0, "scripted-small"))
        said = self.small.get(what)
        if isinstance(said, list):
            said = said.pop(0) if said else None
        if said is None:
            raise InvalidArgument("model", "nonsense")
        return said


class LocalEmbedder:
    """`ports.Embedder` with real embeddings."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [_embed_text(text or " ") for text in texts]


@cache
def _embed_text(text: str) -> Vector:
    return tuple(map(float, load_installed_model().embed(text)))


class ScenarioWiring(Wiring):
    """The parts. `turns` are those that were closed, in order."""

    def __init__(self, folder: Path, slow: Mapping[str, float], parallel: bool, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        sqlite = {"SQLITE_PATH": str(folder / "messages.sqlite")}
        super().__init__({**SECRETS, **sqlite, **SETTINGS_BY_MODE[parallel], **settings})
        self.time = VirtualTime()
        self.backends = FaultyBackends(slow, self.time.sleep)
        self.models = ScriptedModels(self.time.sleep)
        self.turns: list[Turn] = []
        self.logger = Logger(service=f"conversation-{next(_numbers)}", level="CRITICAL")

    def clock(self) -> float:
        return STARTED_AT + self.time.clock()

    def monotonic(self) -> float:
        return self.time.clock()

    def sleep(self, seconds: float, /) -> None:  # type: ignore[override]
        self.time.sleep(seconds)

    @property
    def background(self) -> Callable[[Callable[[], None]], object]:
        return lambda work: work()

    @property
    def heartbeat_type(self) -> type[Heartbeat]:
        return SynchronousHeartbeat

    def emit_turn_metrics(self, turn: Turn) -> None:
        self.turns.append(turn)

    def emit_count(self, name: str, number: int = 1) -> None:
        """Nobody counts."""

    def answer_all_wakes(self) -> None:
        """Answers every chat that is woken, until nobody is; wakes that come later are waited for."""
        for _ in range(50):
            if not self.queue.queued:
                return
            self._wait_for_a_wake()
            receipt = self.queue.visible_receipts()[0]
            letter = self.queue.queued[receipt]
            letter.visible_at = self.clock() + 300
            order = ReceivedWake(letter.chat, receipt, self.clock() + 270, letter.correlation)
            if not self.chat_worker.answer_all([order]):
                self.queue.delete_wake(receipt)
        raise AssertionError("there is always somebody to answer")

    def _wait_for_a_wake(self) -> None:
        soonest = min(letter.visible_at for letter in self.queue.queued.values())
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
    def stored_records(self) -> MemoryRecords:
        """The records, as nothing is in the way to them."""
        return MemoryRecords(self.clock)

    @cached_property
    def stored_inbox(self) -> MemoryInbox:
        """The inbox, as nothing is in the way to it."""
        return MemoryInbox()

    @cached_property
    def inbox(self) -> Inbox:
        return self.backends.wrap_port("inbox", self.stored_inbox)

    @cached_property
    def records(self) -> Records:
        return self.backends.wrap_port("records", self.stored_records)

    @cached_property
    def stored_workouts(self) -> MemoryWorkouts:
        """The workouts, as nothing is in the way to them."""
        return MemoryWorkouts()

    @cached_property
    def stored_coaching(self) -> MemoryCoaching:
        """The coach's records, as nothing is in the way to them."""
        return MemoryCoaching(self.stored_records)

    @cached_property
    def workouts(self) -> WorkoutStore:
        return self.backends.wrap_port("workouts", self.stored_workouts)

    @cached_property
    def coaching(self) -> CoachRecords:
        return self.backends.wrap_port("coaching", self.stored_coaching)

    @cached_property
    def knowledge(self) -> Knowledge:
        return self.backends.wrap_port("knowledge", super().knowledge)

    @cached_property
    def memories(self) -> MemoryStore:
        return self.backends.wrap_port("memories", super().memories)

    @cached_property
    def odoo(self) -> OdooStandIn:
        """The company's Odoo, which is used where the settings name one."""
        return OdooStandIn()

    @cached_property
    def erp(self) -> Erp:
        accounts = {person: ErpAccount(user.login, user.keys[0]) for person, user in LINKED_USERS.items()}
        client = OdooClient(self.settings.odoo_url, DATABASE, transport=OdooWire(self.odoo))
        erp = OdooErp(client, MemoryAccounts(accounts), None, self.monotonic)
        return self.backends.wrap_port("erp", erp)

    @cached_property
    def erp_toolset(self) -> ErpToolset | None:
        clerk = super().erp_toolset
        return self.backends.wrap_port("erp_toolset", clerk) if clerk else None

    @cached_property
    def stored_proposals(self) -> MemoryProposals:
        """The proposals, as nothing is in the way to them."""
        return MemoryProposals()

    @cached_property
    def proposals(self) -> ProposalStore:
        return self.backends.wrap_port("proposals", self.stored_proposals)

    @cached_property
    def events(self) -> WebEventLog:
        return self.backends.wrap_port("events", MemoryEvents(self.clock))

    @cached_property
    def rates(self) -> RateLimiter:
        return self.backends.wrap_port("rates", MemoryRates(self.clock))

    @cached_property
    def wakes(self) -> Wakes:
        return self.backends.wrap_port("wakes", self.queue)

    @cached_property
    def messages(self) -> MessageStore:
        return self.backends.wrap_port("messages", super().messages)

    @cached_property
    def model(self) -> LanguageModel:
        return self.backends.wrap_port("model", self.models)

    @cached_property
    def small_model(self) -> SmallModel:
        small = BrokenPort("small", self.models, self.backends.down)
        return cast("SmallModel", SlowSmallModel(small, self.backends.latencies))

    @cached_property
    def embedder(self) -> Embedder:
        return self.backends.wrap_port("embedder", LocalEmbedder())

    @cached_property
    def attachments(self) -> AttachmentDownloader:
        return self.backends.wrap_port("attachments", super().attachments)

    @cached_property
    def transcriber(self) -> Transcriber:
        return self.backends.wrap_port("transcriber", CommentTranscriber())

    @cached_property
    def media(self) -> MediaStore:
        return self.backends.wrap_port("media", super().media)

    @cached_property
    def earlier_image_store(self) -> EarlierImageStore:
        return self.backends.wrap_port("pictures", MemoryPictures(self.clock))

    @cached_property
    def vectors(self) -> VectorCache:
        return FolderVectors(cache_folder() / "vectors")

    @cached_property
    def aws_clients(self) -> Any:
        raise AssertionError("give Conversed what is in memory instead of what is at AWS")


_numbers = itertools.count()
