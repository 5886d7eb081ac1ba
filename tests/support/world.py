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

from local.slack_standin import BOT_USER, TEAM, TOKEN, SlackStandIn
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.deliver import SlackReplies
from repartee.conversation.answer import AnswerChat, Chats
from repartee.conversation.hangup import Hangup
from repartee.conversation.limits import Limits
from repartee.conversation.means import Assistant, Means
from repartee.conversation.memory import Memory
from repartee.conversation.message import Exchange, Message, Said, Side
from repartee.conversation.prompt import Call, Prompt, Usage
from repartee.conversation.reply import Replies
from repartee.conversation.sweep import FORGOTTEN_AFTER, Sweep
from repartee.conversation.turn import Turn
from repartee.conversation.veil import Veils, clear
from repartee.conversation.watch import Watch
from repartee.errors import ReplyBroken, Unreachable
from repartee.plan import Pool
from repartee.ports import Vector
from tests.support.memory import MemoryInbox, MemoryRecords, MemoryWakes
from tests.support.office import office
from tests.support.slack import SlackWire

CHANNEL = "C0GENERAL"
ROOM = f"slack:{TEAM}:{CHANNEL}"

SILENT = Logger(service="test", level="CRITICAL")


class Killed(BaseException):
    """The worker's process is gone. Nothing of ours may catch it."""


class Life:
    """One worker's life: at which point it ends, and what happens at others."""

    def __init__(self, interruptions: dict[int, Callable[[], None] | None]) -> None:
        self._interruptions = interruptions
        self._points = itertools.count(1)
        self.dead = False
        self.passed: list[str] = []

    def point(self, name: str) -> None:
        """Passes a point of the way. A dead worker passes none."""
        if self.dead:
            raise Killed
        number = next(self._points)
        self.passed.append(name)
        if number in self._interruptions:
            happens = self._interruptions[number]
            if happens is None:
                self.dead = True
                raise Killed
            happens()


class Tapped:
    """A port whose every call is a point before, and a point after."""

    def __init__(self, port: Any, name: str, life: Life, broken: set[str]) -> None:
        self._port, self._name, self._life, self._broken = port, name, life, broken

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._port, method)

        def tapped(*arguments: Any, **named: Any) -> Any:
            self._life.point(f"before {self._name}.{method}")
            if self._broken & {self._name, f"{self._name}.{method}"}:
                raise Unreachable(self._name, "broken")
            result = call(*arguments, **named)
            self._life.point(f"after {self._name}.{method}")
            return result

        return tapped


class TappedSlack(httpx2.BaseTransport):
    """The way to Slack: a call may be killed before it is sent, or after Slack has carried it out."""

    def __init__(self, slack: SlackStandIn, life: Life, broken: set[str]) -> None:
        self._wire, self._life, self._broken = SlackWire(slack), life, broken

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        method = request.url.path.rpartition("/")[2]
        self._life.point(f"before slack.{method}")
        if self._broken & {"slack", f"slack.{method}"}:
            raise httpx2.ConnectError("broken")
        answer = self._wire.handle_request(request)
        self._life.point(f"after slack.{method}")
        return answer


class World:
    """The chat, the queue, and whoever works."""

    def __init__(self) -> None:
        self.now = 1_789_000_000.0
        self.ids = (f"{number:016x}" for number in itertools.count(1))
        self.inbox = MemoryInbox()
        self.records = MemoryRecords(self.clock)
        self.wakes = MemoryWakes(self.clock)
        self.slack = SlackStandIn(self.clock)
        self.said: dict[str, Said] = {}
        self.turns: list[Turn] = []
        self.model_fails = 0
        self.model_calls: Counter[str] = Counter()
        self.pool = Pool(start_thread=_no_thread)
        self.watches: list[Watch] = []
        self.broken: set[str] = set()
        self.parallel = True
        self.limits = Limits()
        self.veils: Veils = clear
        self.masked = False
        self.token = TOKEN
        self.prompts: list[Prompt] = []
        self.between_pieces: Callable[[], None] = lambda: None
        self.besides: Callable[[Exchange], None] = lambda exchange: None
        self.assistant: Callable[[dict[str, Any]], Assistant] = office

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Time goes by, and those who watch over a turn do what is due."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(self.now + 1.0, until)
            for watch in self.watches:
                watch.beat()

    def work(self, interruptions: dict[int, Callable[[], None] | None] | None = None) -> Life:
        """Somebody receives a wake, if one is visible, and answers its chat."""
        life = Life(interruptions or {})
        visible = self.wakes.visible()
        if not visible:
            return life
        receipt = visible[0]
        letter = self.wakes.letters[receipt]
        letter.visible = self.now + 300
        letter.received += 1
        order = AnswerChat(letter.chat, receipt, self.now + 270, letter.correlation)
        before = len(self.watches)
        try:
            if not self._chats(life).answer_all([order]):
                self.wakes.delete(receipt)
        except Killed:
            pass
        del self.watches[before:]
        return life

    def ask(self, text: str, thread: str, **more: Any) -> Message:
        """A person says something, and its chat is woken."""
        self.now += 0.01
        message = msgspec.structs.replace(asked(0, self.now, thread), text=text, **more)
        self.slack.said(CHANNEL, "U0ADA", text, ts=message.id, thread_ts=thread)
        self.inbox.put(message)
        self.wakes.send(message.chat)
        return message

    def sweep(self) -> int:
        return Sweep(self.inbox, self.wakes, self.clock, SILENT, lambda name, number: None).sweep()

    def settle(self) -> None:
        """Everything goes well from now on: time passes until there is nothing left to do."""
        self.model_fails = 0
        quiet = 0
        for _ in range(400):
            self.sleep(5.0)
            quiet = 0 if self.sweep() or self.wakes.letters else quiet + 1
            if quiet * 5 > 2 * FORGOTTEN_AFTER:
                return
            self.work()
        raise AssertionError("there is always something left to do")

    def visible(self) -> list[str]:
        """What the assistant has said, as people see it."""
        messages = self.slack.seen(CHANNEL)["messages"]
        return [message["text"] for message in messages if message["user"] == BOT_USER]

    def _chats(self, life: Life) -> Chats:
        def tapped(port: Any, name: str) -> Any:
            return Tapped(port, name, life, self.broken)

        inbox, records, wakes = (
            tapped(self.inbox, "inbox"),
            tapped(self.records, "records"),
            tapped(self.wakes, "wakes"),
        )
        messages, embedder = tapped(self, "messages"), tapped(self, "embedder")
        ports = {"records": records, "messages": messages, "embedder": embedder}
        office = self.assistant(ports)
        return Chats(
            Means(
                inbox=inbox,
                records=records,
                wakes=wakes,
                model=self,
                pool=self.pool,
                clock=self.clock,
                new_id=lambda: next(self.ids),
                logger=SILENT,
                limits=self.limits,
                veils=self.veils,
            ),
            Memory(inbox, messages, embedder, SILENT, self.besides, self.veils, masked=self.masked),
            self._channels(life, records),
            choose=lambda message: office,
            parallel=lambda chat: self.parallel,
            refresh=self._refresh,
            observe=self.turns.append,
            watching=self._watch,
        )

    def _channels(self, life: Life, records: Any) -> dict[str, Replies]:
        api = SlackApi("http://slack/api/", lambda: self.token, TappedSlack(self.slack, life, self.broken))
        slack = SlackReplies(api, records, self.clock, self.sleep, lambda work: work())
        return {"slack": slack, "whatsapp": slack}

    def _watch(self, *arguments: Any, **named: Any) -> Watch:
        watch = StillWatch(*arguments, **named)
        self.watches.append(watch)
        return watch

    def _refresh(self) -> None:
        """Finds the token that Slack accepts now."""
        if "secrets" in self.broken:
            raise Unreachable("secrets", "broken")
        self.token = TOKEN

    # The model, the embeddings and the messages store

    def stream(
        self, prompt: Prompt, hangup: Hangup | None = None
    ) -> Generator[str | Call | Usage, None, None]:
        """Says which questions it answers, slowly. A tool that it has it asks first."""
        self.model_calls[prompt.asked[0].text] += not prompt.rounds
        self.prompts.append(prompt)
        if "model" in self.broken:
            raise Unreachable("model", "broken")
        if prompt.tools and not prompt.rounds:
            yield "Let me look."
            yield Call("call-1", prompt.tools[0].name, "{}")
            yield Usage(1, 1)
            return
        yield "Re: "
        for line in prompt.asked:
            self.sleep(0.7)
            self.between_pieces()
            yield f"<{line.text}> "
        if self.model_fails:
            self.model_fails -= 1
            raise ReplyBroken("as ordered")
        yield Usage(1, 1)

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [[float(len(text))] for text in texts]

    def newest(self, place: str, side: Side, limit: int) -> Sequence[Said]:
        found = [said for said in self.said.values() if place in (said.chat, said.room) and said.side == side]
        return found[-limit:]

    def relevant(self, room: str, side: Side, text: str, vector: Vector | None, limit: int) -> Sequence[Said]:
        return ()

    def put(self, said: Sequence[tuple[Said, Vector | None]]) -> None:
        self.said.update((one.id, one) for one, _ in said)

    def forget(self, *arguments: Any, **named: Any) -> None:
        raise NotImplementedError


class StillWatch(Watch):
    """A watch that does what is due whenever the turn asks it, and has no thread of its own."""

    def __enter__(self) -> Watch:
        self.beat()
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def clear(self) -> bool:
        self.beat()
        return super().clear()


def asked(number: int, sent: float, thread: str) -> Message:
    """A person's message in a thread, whose text is unlike every other's."""
    return Message(
        id=f"{sent:.6f}",
        chat=f"{ROOM}:{thread}",
        room=ROOM,
        channel="slack",
        sender=f"slack:{TEAM}:U0ADA",
        text=f"question {number}.",
        sent=sent,
        received=sent + 0.2,
        correlation=f"request-{number}",
        platform={
            "channel": CHANNEL,
            "thread": thread,
            "user": "U0ADA",
            "team": TEAM,
            "self": BOT_USER,
        },
    )


def _no_thread(serve: Callable[[], None]) -> None:
    raise RuntimeError("can't start new thread")
