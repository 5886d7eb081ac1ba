"""A whole Repartee in one thread and on one clock, in which anything may happen at any point of the way.

The domain, the delivery and Slack's client are the real ones; inbox, records and queue are those in memory,
Slack is its stand-in. Every call that leaves the process is a *point*: before it and after it a test may kill
the worker, or let the world go on meanwhile.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from typing import Any

import httpx2
import msgspec
from aws_lambda_powertools import Logger

from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.replies import SlackReplySender
from repartee.domain.budget import Budget
from repartee.domain.message import Exchange, Incoming, Message, Side, StoredMessage
from repartee.domain.prompt import Prompt, ToolCall
from repartee.domain.redactor import RedactorFactory, no_redaction
from repartee.domain.usage import Usage
from repartee.errors import IncompleteReply, InvalidArgument, Unavailable
from repartee.intake.guarded_wakes import GuardedWakes
from repartee.ports import Vector
from repartee.ports.cancellation import CancelToken
from repartee.ports.channels import ReplySender
from repartee.turn.assistant import Assistant
from repartee.turn.dependencies import CollectEvents, TurnDependencies, collect_no_events
from repartee.turn.handed_over import RelayFactory
from repartee.turn.heartbeat import MAX_CONTROL_AGE_SECONDS, Heartbeat
from repartee.turn.persist import ExchangePersister
from repartee.turn.received_wake import ReceivedWake
from repartee.turn.sweep import REWAKE_SECONDS, STALE_AFTER_SECONDS, Sweep
from repartee.turn.turn import Turn
from repartee.turn.worker import ChatWorker
from repartee.wiring.platforms import WhatsAppPlatform
from standins.slack.posts import BOT_USER_ID, TEAM_ID
from standins.slack.server import BOT_TOKEN, SlackStandIn
from tests.support.executors import pool_without_threads
from tests.support.inbox_builders import change_arrival, label_of, parse_intake
from tests.support.memory_stores import MemoryInbox, MemoryRecords, MemoryWakes
from tests.support.office_assistant import make_office_assistant
from tests.support.slack_channel import SlackWire

CHANNEL_ID = "C0GENERAL"
ROOM_ID = f"slack:{TEAM_ID}:{CHANNEL_ID}"

SILENT_LOGGER = Logger(service="test", level="CRITICAL")


class WorkerKilled(BaseException):
    """The worker's process is gone. Nothing of ours may catch it."""


class WorkerLife:
    """One worker's life: at which point it ends, and what happens at others."""

    def __init__(
        self,
        interruptions: dict[int, Callable[[], None] | None],
        at_each_point: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._interruptions, self._at_each_point = interruptions, at_each_point
        self._points = itertools.count(1)
        self.dead = False
        self.passed: list[str] = []

    def pass_point(self, name: str) -> None:
        """Passes a point of the way. A dead worker passes none."""
        if self.dead:
            raise WorkerKilled
        number = next(self._points)
        self.passed.append(name)
        self._at_each_point(name)
        if number in self._interruptions:
            happens = self._interruptions[number]
            if happens is None:
                self.dead = True
                raise WorkerKilled
            happens()


class InterruptiblePort:
    """A port whose every call is a point before, and a point after."""

    def __init__(self, port: Any, name: str, life: WorkerLife, broken: set[str]) -> None:
        self._port, self._name, self._life, self._broken = port, name, life, broken

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._port, method)

        def tapped(*arguments: Any, **named: Any) -> Any:
            self._life.pass_point(f"before {self._name}.{method}")
            if self._broken & {self._name, f"{self._name}.{method}"}:
                raise Unavailable(self._name, "broken")
            if f"refused {self._name}.{method}" in self._broken:
                raise InvalidArgument(self._name, "ValidationException")
            result = call(*arguments, **named)
            self._life.pass_point(f"after {self._name}.{method}")
            return result

        return tapped


class InterruptibleSlack(httpx2.BaseTransport):
    """The way to Slack: a call may be killed before it is sent, or after Slack has carried it out. A channel
    is gone of which `broken` has `gone <channel>`."""

    def __init__(self, slack: SlackStandIn, life: WorkerLife, broken: set[str]) -> None:
        self._wire, self._life, self._broken = SlackWire(slack), life, broken

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        method = request.url.path.rpartition("/")[2]
        self._life.pass_point(f"before slack.{method}")
        if self._broken & {"slack", f"slack.{method}"}:
            raise httpx2.ConnectError("broken")
        sent = request.read()
        if any(
            one.startswith("gone ") and one.removeprefix("gone ").encode() in sent for one in self._broken
        ):
            return httpx2.Response(200, json={"ok": False, "error": "channel_not_found"})
        answer = self._wire.handle_request(request)
        self._life.pass_point(f"after slack.{method}")
        return answer


class CrashingWorld:
    """The chat, the queue, and its workers."""

    def __init__(self) -> None:
        self.now = 1_789_000_000.0
        self.ids = (f"{number:016x}" for number in itertools.count(1))
        self.inbox = MemoryInbox()
        self.records = MemoryRecords(self.clock)
        self.wakes = MemoryWakes(self.clock)
        self.intake_wakes = GuardedWakes(self.wakes, self.clock, self.inbox)
        self.slack = SlackStandIn(self.clock)
        self.said: dict[str, StoredMessage] = {}
        self.turns: list[Turn] = []
        self.counts: dict[str, int] = {}
        self.model_fails = 0
        self.beside: Callable[[Callable[[], None]], None] = lambda work: None
        self.model_error: Exception | None = None
        self.model_calls: Counter[str] = Counter()
        self.pool = pool_without_threads()
        self.watches: list[Heartbeat] = []
        self.broken: set[str] = set()
        self.parallel = True
        self.limits = Budget()
        self.veils: RedactorFactory = no_redaction
        self.masked = False
        self.token = BOT_TOKEN
        self.prompts: list[Prompt] = []
        self.answer_to: Callable[[str], str] = "<{}> ".format
        self.at_each_point: Callable[[str], None] = lambda name: None
        self.between_pieces: Callable[[], None] = lambda: None
        self.besides: Callable[[Exchange], None] = lambda exchange: None
        self.collect_events: CollectEvents = collect_no_events
        self.announce_events: Callable[[Exchange, WorkerLife], None] = lambda exchange, life: None
        self.assistant: Callable[[dict[str, Any]], Assistant] = make_office_assistant

    def clock(self) -> float:
        return self.now

    def pass_time(self, seconds: float) -> None:
        """Time goes by, and those who watch over a turn do what is due."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(self.now + 1.0, until)
            for watch in self.watches:
                watch.tick()

    def order_and_wait(self, order: Callable[[], None]) -> None:
        """Lets a person order something, and as much time pass as a look at what people order counts."""
        order()
        self.now += MAX_CONTROL_AGE_SECONDS + 0.1

    def run_worker(self, interruptions: dict[int, Callable[[], None] | None] | None = None) -> WorkerLife:
        """Receives a wake, if one is visible, and answers its chat."""
        life = WorkerLife(interruptions or {}, self.at_each_point)
        visible = self.wakes.visible_receipts()
        if not visible:
            return life
        receipt = visible[0]
        letter = self.wakes.queued[receipt]
        letter.visible_at = self.now + 300
        letter.receive_count += 1
        order = ReceivedWake(
            letter.chat,
            receipt,
            self.now + 270,
            letter.correlation,
            letter.successor_due,
            letter.message_id,
            letter.is_safety_net,
        )
        before = len(self.watches)
        try:
            if not self._make_worker(life).answer_all([order]):
                self.wakes.delete_wake(receipt)
        except WorkerKilled:
            pass
        del self.watches[before:]
        return life

    def ask_question(self, text: str, thread: str, **more: Any) -> Message:
        """A person says something, and its chat is woken."""
        self.now += 0.01
        message = parse_intake(msgspec.structs.replace(make_question(0, self.now, thread), text=text, **more))
        self.deliver(message, thread)
        return message

    def press_button(self, proposal_id: str, thread: str) -> None:
        """A person presses a button, and its chat is woken."""
        self.now += 0.01
        self.deliver(change_arrival(make_question(0, self.now, thread), proposal_id=proposal_id), thread)

    def open_conversation(self, thread: str) -> None:
        """A person opens a conversation, and says nothing."""
        self.now += 0.01
        self.deliver(change_arrival(make_question(0, self.now, thread), is_opening=True), thread)

    def deliver(self, message: Incoming, thread: str) -> None:
        """Takes an arrival in as the webhook does."""
        text = label_of(message)
        self.slack.add_person_message(CHANNEL_ID, "U0ADA", text, ts=message.id, thread_ts=thread)
        self.inbox.put(message)
        self.intake_wakes.send(message.chat, message_id=message.id)

    def run_sweep(self) -> int:
        return Sweep(
            self.inbox, self.wakes, self.clock, SILENT_LOGGER, self.counts.__setitem__
        ).wake_stale_chats()

    def run_until_quiet(self) -> None:
        """Everything goes well from now on: time passes until there is nothing left to do."""
        self.model_fails = 0
        quiet_seconds = 0.0
        for _ in range(1000):
            step = 5.0 if self.wakes.queued else STALE_AFTER_SECONDS
            self.pass_time(step)
            quiet_seconds = 0.0 if self.run_sweep() or self.wakes.queued else quiet_seconds + step
            if quiet_seconds > REWAKE_SECONDS + 2 * STALE_AFTER_SECONDS:
                return
            self.run_worker()
        raise AssertionError("there is always something left to do")

    def visible_texts(self) -> list[str]:
        """Returns the assistant's texts as people see them."""
        messages = self.slack.visible_channel(CHANNEL_ID)["messages"]
        return [message["text"] for message in messages if message["user"] == BOT_USER_ID]

    def _make_worker(self, life: WorkerLife) -> ChatWorker:
        def tapped(port: Any, name: str) -> Any:
            return InterruptiblePort(port, name, life, self.broken)

        inbox, records, wakes = (
            tapped(self.inbox, "inbox"),
            tapped(self.records, "records"),
            tapped(self.wakes, "wakes"),
        )
        messages, embedder = tapped(self, "messages"), tapped(self, "embedder")
        ports = {"records": records, "messages": messages, "embedder": embedder}
        office, senders = self.assistant(ports), self._reply_senders(life, records)
        return ChatWorker(
            TurnDependencies(
                inbox=inbox,
                records=records,
                wakes=wakes,
                model=self,
                pool=self.pool,
                clock=self.clock,
                new_id=lambda: next(self.ids),
                logger=SILENT_LOGGER,
                budget=self.limits,
                redactor_for=self.veils,
                uniform=lambda low, high: high,
                sleep=self.pass_time,
                run_in_background=lambda work: self.beside(work),  # noqa: PLW0108 - a test may replace it
                quiet_seconds={"whatsapp": WhatsAppPlatform.quiet_seconds},
                collect_events=self.collect_events,
                note_template_sent=lambda chat, at: self._note_template_sent(life, chat, at),
            ),
            ExchangePersister(
                inbox,
                messages,
                embedder,
                SILENT_LOGGER,
                self.besides,
                self.veils,
                store_redacted=self.masked,
                announce_events=lambda exchange: self.announce_events(exchange, life),
            ),
            senders,
            choose_assistant=lambda message: office,
            is_parallel=lambda chat: self.parallel,
            refresh_credentials=self._refresh_token,
            observe_turn=self.turns.append,
            heartbeat_factory=self._run_heartbeats,
            relays=self._make_relays(life, inbox, senders),
        )

    def _reply_senders(self, life: WorkerLife, records: Any) -> dict[str, ReplySender]:
        api = SlackApi(
            "http://slack/api/", lambda: self.token, InterruptibleSlack(self.slack, life, self.broken)
        )
        slack = SlackReplySender(api, records, self.clock, self.pass_time, lambda work: work())
        return {"slack": slack, "whatsapp": slack}

    def _make_relays(
        self, life: WorkerLife, inbox: Any, senders: dict[str, ReplySender]
    ) -> RelayFactory | None:
        """Returns no relays: this world has no team."""
        return None

    def _note_template_sent(self, life: WorkerLife, chat: str, at: float) -> None:
        """Notes nothing: this world has no team."""

    def _run_heartbeats(self, *arguments: Any, **named: Any) -> Heartbeat:
        watch = SynchronousHeartbeat(*arguments, **named)
        self.watches.append(watch)
        return watch

    def _refresh_token(self) -> None:
        """Finds the token that Slack accepts now."""
        if "secrets" in self.broken:
            raise Unavailable("secrets", "broken")
        self.token = BOT_TOKEN

    # The model, the embeddings and the messages store

    def stream(
        self, prompt: Prompt, hangup: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        """Says which questions it answers, slowly. A tool that it has it asks first."""
        self.model_calls[prompt.incoming[0].text] += not prompt.rounds
        self.prompts.append(prompt)
        if "model" in self.broken:
            raise Unavailable("model", "broken")
        if self.model_error:
            raise self.model_error
        if prompt.tools and not prompt.rounds:
            yield "Let me look."
            yield ToolCall("call-1", prompt.tools[0].name, "{}")
            yield Usage(1, 1)
            return
        yield "Re: "
        for line in prompt.incoming:
            self.pass_time(0.7)
            self.between_pieces()
            yield self.answer_to(line.text)
        if self.model_fails:
            self.model_fails -= 1
            raise IncompleteReply("as ordered")
        yield Usage(1, 1)

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [[float(len(text))] for text in texts]

    def list_newest(self, scope: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        found = [said for said in self.said.values() if scope in (said.chat, said.room) and said.side == side]
        return found[-limit:]

    def search(
        self, room: str, side: Side, text: str, vector: Vector | None, limit: int, asked_at: float = 0.0
    ) -> Sequence[StoredMessage]:
        return ()

    def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
        self.said.update((one.id, one) for one, _ in messages)

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        raise NotImplementedError

    def delete_all(self, *arguments: Any, **named: Any) -> None:
        raise NotImplementedError


class SynchronousHeartbeat(Heartbeat):
    """A watch that does what is due whenever the turn asks it, and has no thread of its own."""

    def __enter__(self) -> Heartbeat:
        self.tick()
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def check(self) -> bool:
        self.tick()
        return super().check()


def make_question(number: int, sent: float, thread: str) -> Message:
    """A person's message in a thread, whose text is unlike every other's."""
    return Message(
        id=f"{sent:.6f}",
        chat=f"{ROOM_ID}:{thread}",
        room=ROOM_ID,
        channel="slack",
        sender=f"slack:{TEAM_ID}:U0ADA",
        text=f"question {number}.",
        sent=sent,
        received=sent + 0.2,
        correlation=f"request-{number}",
        platform={
            "channel": CHANNEL_ID,
            "thread": thread,
            "user": "U0ADA",
            "team": TEAM_ID,
            "self": BOT_USER_ID,
        },
    )
