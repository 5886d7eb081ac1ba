"""The whole of Repartee in one process and on one clock that moves only when a thread waits.

Wiring, channels, plans and stores are the real ones; the platforms are their stand-ins, the messages store is
SQLite, inbox, records and queue are those in memory, and the models say what the conversation wrote for them.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from aws_lambda_powertools import Logger

from local.latency import InjectedLatencies, SlowPort, SlowSmallModel
from local.local_wiring import with_slow_erp
from local.vector_folder import SHIPPED_ROUTES_FOLDER, FolderVectors
from repartee.channels.slack.api import SlackApi
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.domain import usage
from repartee.domain.prompt import Prompt, ToolCall
from repartee.domain.usage import Usage
from repartee.errors import InvalidArgument, Unavailable
from repartee.ports import (
    AnswerT,
    Erp,
    ErpAccount,
    SmallModel,
    Vector,
)
from repartee.ports.cancellation import CancelToken
from repartee.services.odoo import OdooClient, OdooErp
from repartee.turn.assistant import Assistant
from repartee.turn.received_wake import ReceivedWake
from repartee.turn.turn import Turn
from repartee.wiring import (
    Wiring,
    WiringPart,
    assistants,
    brief_stores,
    channels,
    functions,
    platforms,
    process,
    services,
    stores,
)
from standins.odoo.company import DATABASE, LINKED_USERS
from standins.odoo.server import OdooStandIn
from standins.openai.arguments import EMBEDDING_MODEL
from standins.openai.local_embeddings import load_local_model
from standins.slack.server import BOT_TOKEN as SLACK_TOKEN
from standins.slack.server import SlackStandIn
from standins.telegram.posts import BOT_PROFILE
from standins.telegram.server import BOT_TOKEN as TELEGRAM_TOKEN
from standins.telegram.server import TelegramStandIn
from standins.whatsapp.server import ACCESS_TOKEN, PHONE_NUMBER_ID, WhatsAppStandIn
from support.caches import cache_folder
from tests.support.crashing_world import SynchronousHeartbeat
from tests.support.fake_transcriber import CommentTranscriber
from tests.support.memory_briefs import MemoryBriefs, MemoryOrderLog, MemoryReminders
from tests.support.memory_desk import MemoryDesk
from tests.support.memory_handovers import MemoryHandovers
from tests.support.memory_images import MemoryPictures
from tests.support.memory_proposals import MemoryProposals
from tests.support.memory_stores import MemoryChatMoves, MemoryInbox, MemoryRecords, MemoryWakes
from tests.support.memory_web_stores import MemoryEvents, MemoryRates, MemoryStreamSlots
from tests.support.memory_workouts import MemoryCoaching, MemoryWorkouts
from tests.support.odoo_company import MemoryAccounts, OdooWire
from tests.support.slack_channel import SlackWire
from tests.support.telegram_chat import TelegramWire
from tests.support.virtual_time import VirtualPool, VirtualTime
from tests.support.whatsapp_chat import WhatsAppWire

STARTED_AT = 1_789_041_600.0
"""Thursday, 10 September 2026, 12:00 UTC."""

SECRETS = {
    "SLACK_SIGNING_SECRET": "slack-secret",
    "SLACK_BOT_TOKEN": SLACK_TOKEN,
    "TELEGRAM_WEBHOOK_SECRET": "telegram-secret",
    "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
    "TELEGRAM_BOT_USERNAME": str(BOT_PROFILE["username"]),
    "WHATSAPP_APP_SECRET": "whatsapp-secret",
    "WHATSAPP_VERIFY_TOKEN": "whatsapp-word",
    "WHATSAPP_ACCESS_TOKEN": ACCESS_TOKEN,
    "WHATSAPP_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
    "OPENAI_API_KEY": "nobody asks for it",
    "EMBEDDING_MODEL": EMBEDDING_MODEL,
    "PERSON_ID_KEY": "a key for tests",
    "DEAD_LETTERS_QUEUE_URL": "http://127.0.0.1/dead",
}
SETTINGS_BY_MODE = {True: {}, False: {"PARALLEL_ENABLED": "false"}}

FIRST_TOKEN_SECONDS = 0.35
PIECE_SECONDS = 0.02
"""Seconds that the model thinks before its first piece, and before each other."""


P = TypeVar("P")


class ScriptedAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model's next answer, and the tools that it calls, by name and arguments."""

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
        """Returns the answer that is scripted for the request; of a list, the next each time."""
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
    return tuple(map(float, load_local_model().embed(text)))


EMBEDDED_PORTS: dict[str, WiringPart[Any]] = {
    "messages": stores.messages,
    "knowledge": stores.knowledge,
    "desk_knowledge": stores.desk_knowledge,
    "memories": stores.memories,
    "media": stores.media,
    "attachments": channels.attachments,
}
"""The ports whose implementation is the wiring's own."""


class ScenarioWiring(Wiring):
    """The parts. `turns` are those that were closed, in order."""

    def __init__(self, folder: Path, slow: Mapping[str, float], parallel: bool, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        sqlite = {"SQLITE_PATH": str(folder / "messages.sqlite")}
        super().__init__({**SECRETS, **sqlite, **SETTINGS_BY_MODE[parallel], **settings})
        self.time = VirtualTime()
        self.backends = FaultyBackends(slow, self.time.sleep)
        self.turns: list[Turn] = []
        self.failed_wakes = 0
        self.slack_standin = SlackStandIn(self.clock)
        self.slack_wire = SlackWire(self.slack_standin)
        self.telegram_standin = TelegramStandIn(self.clock)
        self.whatsapp_standin = WhatsAppStandIn(self.clock)
        self.chat_moves = MemoryChatMoves()
        self.queue = MemoryWakes(self.clock)
        self.stored_records = MemoryRecords(self.clock)
        self.stored_inbox, self.stored_proposals = MemoryInbox(), MemoryProposals()
        self.stored_workouts = MemoryWorkouts()
        self.stored_coaching = MemoryCoaching(self.stored_records)
        self.stored_desk = MemoryDesk(self.stored_records, self.stored_coaching)
        self.stored_handovers = MemoryHandovers(self.stored_records, self.stored_inbox)
        self.odoo = OdooStandIn()
        self._put_process()
        self._put_platforms()
        self._put_stores()
        self._put_services()
        self.put_models(ScriptedModels(self.time.sleep))

    def clock(self) -> float:
        return STARTED_AT + self.time.clock()

    def _put_process(self) -> None:
        """Puts a process on the virtual clock, whose turns are kept."""
        silent = Logger(service=f"conversation-{next(_numbers)}", level="CRITICAL")
        pool: Any = VirtualPool(self.time)
        self.put(process.logger, silent)
        self.put(process.clock, self.clock)
        self.put(process.monotonic, self.time.clock)
        self.put(process.sleep, self.time.sleep)
        self.put(process.background, lambda work: work())
        self.put(process.heartbeat_type, SynchronousHeartbeat)
        self.put(process.pool, pool)
        self.put(process.count_metric, lambda name, number: None)
        self.put(functions.observe_turn, self.turns.append)

    def _put_platforms(self) -> None:
        """Puts clients of the platforms whose calls go to the stand-ins."""
        slack, telegram = self.slack_wire, TelegramWire(self.telegram_standin)
        self.put(platforms.slack_api, SlackApi("http://slack/api/", lambda: SLACK_TOKEN, slack))
        self.put(platforms.telegram_api, TelegramApi("http://telegram", lambda: TELEGRAM_TOKEN, telegram))
        whatsapp = WhatsAppWire(self.whatsapp_standin)
        graph = "https://graph.facebook.com/v25.0"
        self.put(platforms.whatsapp_api, WhatsAppApi(graph, lambda: ACCESS_TOKEN, whatsapp))

    def _put_stores(self) -> None:
        """Puts stores in memory or in SQLite, behind their faults and latencies."""
        wrap = self.backends.wrap_port
        self.put(stores.inbox, wrap("inbox", self.stored_inbox))
        self.put(stores.records, wrap("records", self.stored_records))
        self.put(stores.chat_moves, wrap("chat_moves", self.chat_moves))
        self.put(stores.workouts, wrap("workouts", self.stored_workouts))
        self.put(stores.coaching, wrap("coaching", self.stored_coaching))
        self.put(stores.desk_records, wrap("desk_records", self.stored_desk))
        self.put(stores.handovers, wrap("handovers", self.stored_handovers))
        self.put(stores.proposals, wrap("proposals", self.stored_proposals))
        self.put(brief_stores.briefs, wrap("briefs", MemoryBriefs()))
        self.put(brief_stores.reminders, wrap("reminders", MemoryReminders()))
        self.put(brief_stores.order_log, wrap("order_log", MemoryOrderLog(self.clock)))
        self.put(stores.events, wrap("events", MemoryEvents(self.clock)))
        self.put(stores.rates, wrap("rates", MemoryRates(self.clock)))
        self.put(stores.stream_slots, MemoryStreamSlots(self.clock))
        self.put(stores.wakes, wrap("wakes", self.queue))
        self.put(stores.earlier_image_store, wrap("pictures", MemoryPictures(self.clock)))
        self.put(stores.vectors, FolderVectors(cache_folder() / "vectors", SHIPPED_ROUTES_FOLDER))
        for name, port in EMBEDDED_PORTS.items():
            self.replace(port, partial(self._wrapped_port, name, port))

    def _wrapped_port(self, name: str, port: WiringPart[Any], wiring: Wiring) -> Any:
        return self.backends.wrap_port(name, port.make(wiring))

    def _put_services(self) -> None:
        """Puts local embeddings and the stand-in for Odoo."""
        wrap = self.backends.wrap_port
        self.put(services.embedder, wrap("embedder", LocalEmbedder()))
        self.put(services.transcriber, wrap("transcriber", CommentTranscriber()))
        self.replace(services.erp, self._make_erp)
        self.replace(assistants.assistants, self._make_assistants)

    def put_models(self, models: ScriptedModels) -> None:
        """Puts the scripted models, behind their faults and latencies."""
        self.models = models
        small = BrokenPort("small", models, self.backends.down)
        self.put(services.model, self.backends.wrap_port("model", models))
        self.put(services.small_model, cast("SmallModel", SlowSmallModel(small, self.backends.latencies)))

    def _make_erp(self, wiring: Wiring) -> Erp:
        accounts = {person: ErpAccount(user.login, user.keys[0]) for person, user in LINKED_USERS.items()}
        url = wiring.get(process.settings).odoo_url
        client = OdooClient(url, DATABASE, transport=OdooWire(self.odoo))
        erp: Erp = OdooErp(client, MemoryAccounts(accounts), None, self.time.clock)
        return self.backends.wrap_port("erp", erp)

    def _make_assistants(self, wiring: Wiring) -> Mapping[str, Assistant]:
        made = assistants.assistants.make(wiring)
        latencies = self.backends.latencies
        return {name: with_slow_erp(assistant, latencies) for name, assistant in made.items()}

    def answer_all_wakes(self, before_each: Callable[[], None] = lambda: None) -> None:
        """Answers every chat that is woken, until nobody is; wakes that come later are waited for.
        `before_each` is called before each is answered."""
        for _ in range(50):
            if not self.queue.queued:
                return
            self._wait_for_a_wake()
            before_each()
            receipt = self.queue.visible_receipts()[0]
            letter = self.queue.queued[receipt]
            letter.visible_at = self.clock() + 300
            order = ReceivedWake(
                letter.chat,
                receipt,
                self.clock() + 270,
                letter.correlation,
                letter.successor_due,
                letter.message_id,
                letter.is_safety_net,
            )
            if self.get(functions.chat_worker).answer_all([order]):
                self.failed_wakes += 1
            else:
                self.queue.delete_wake(receipt)
        raise AssertionError("there is always a person to answer")

    def _wait_for_a_wake(self) -> None:
        soonest = min(letter.visible_at for letter in self.queue.queued.values())
        self.time.sleep(max(0.0, soonest - self.clock()))


_numbers = itertools.count()
