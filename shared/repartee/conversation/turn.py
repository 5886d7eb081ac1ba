"""A turn: one answer to one or more open messages. Gather, reply, close."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import msgspec
from aws_lambda_powertools import Logger

from repartee.conversation.control import Order, order_in
from repartee.conversation.lease import Clock, Lease
from repartee.conversation.message import Exchange, Message
from repartee.conversation.prompt import Prompt, Usage
from repartee.conversation.reply import Replies, Reply
from repartee.conversation.watch import Halted, Watch
from repartee.errors import BackendError, ReplyBroken
from repartee.plan import Graph, Outcome, Pool, Run
from repartee.ports import Inbox, Model, Records, Standing, Wakes

ATTEMPTS = 3
"""How often a turn is tried before its messages are given up."""

GATHER_WITHIN = 20.0
"""Seconds for the whole plan. Its steps have shorter times of their own."""

APOLOGY = "Sorry, I could not answer this. Please ask me again in a moment."
BROKEN_OFF = "\n\n_(My answer broke off here. Please ask me again.)_"
WITHHELD = {"muted": "\n\n_(I was muted.)_", "stopped": "\n\n_(Stopped.)_"}


class Assistant(msgspec.Struct, frozen=True):
    """An assistant: its plan, whose targets are `standing` and `prompt`, and the ports that go into it beside
    the turn's own: `asked` (the messages), `recent` (the exchanges that are not yet remembered), and `sign`,
    which shows that an answer is on its way."""

    name: str
    graph: Graph
    ports: Mapping[str, Any]


class Means(msgspec.Struct, frozen=True):
    """What turns work with."""

    inbox: Inbox
    records: Records
    wakes: Wakes
    model: Model
    pool: Pool
    clock: Clock
    new_id: Callable[[], str]
    logger: Logger


class Timeline(msgspec.Struct):
    """When what happened, in epoch seconds; 0 if it did not."""

    received: float
    began: float
    gathered: float = 0.0
    first_text: float = 0.0
    replied: float = 0.0
    closed: float = 0.0


class Turn:
    """One turn, from the claim to the close. Owns what is gathered and said in it."""

    def __init__(
        self,
        means: Means,
        lease: Lease,
        watch: Watch,
        assistant: Assistant,
        replies: Replies,
        asked: tuple[Message, ...],
        recent: tuple[Exchange, ...],
        parallel: bool,
        *,
        until: float,
    ) -> None:
        self._until = until
        self._means, self._lease, self._watch, self.assistant = means, lease, watch, assistant
        self._replies, self.asked, self._recent, self.parallel = replies, asked, recent, parallel
        self._said = tuple(message for message in asked if not message.opens)
        self.timeline = Timeline(received=asked[-1].received, began=means.clock())
        self.outcomes: tuple[Outcome, ...] = ()
        self.usage = Usage()
        self.reply = ""
        self.failed = ""

    @property
    def id(self) -> str:
        return self._lease.turn

    @property
    def pool(self) -> Pool:
        return self._means.pool

    @property
    def attempts(self) -> int:
        return self._lease.attempts

    @property
    def inputs(self) -> dict[str, Any]:
        """What goes into the plan."""
        own = {"asked": self._said, "recent": self._recent, "sign": self._sign}
        return {**self.assistant.ports, **own}

    def take(self) -> Exchange:
        """Answers, and closes. Raises what made it fail, so that it is tried again."""
        if self._lease.phase == "delivered":
            self.reply = self._lease.shown.text
        elif not self._said:
            self._replies.welcome(self.asked[-1])
        elif not self._only_orders():
            self._answer()
        return self._close()

    def give_up(self, reason: str) -> Exchange:
        """Apologises once, in the place of the reply, and closes the messages as failed."""
        try:
            self._watch.look()
            self._apologise()
        except (BackendError, Halted):
            pass  # what cannot be said is left unsaid; the dead letter tells
        self._means.wakes.bury(self._lease.chat, [message.id for message in self.asked], reason)
        return self._close(failed=reason)

    def _answer(self) -> None:
        prompt = self._gather()
        if prompt is not None:
            self._say(prompt)

    def _gather(self) -> Prompt | None:
        """Runs the plan. None when it turns out that the assistant must be quiet."""
        run = self.assistant.graph.start(
            self.inputs, pool=self._means.pool, parallel=self.parallel, deadline=GATHER_WITHIN
        )
        try:
            return self._gathered(run)
        finally:
            self.outcomes = run.close()
            self.timeline.gathered = self._means.clock()

    def _gathered(self, run: Run) -> Prompt | None:
        for outcome in run.until_ready():
            if outcome.name == "standing" and self._quiet(outcome.value):
                return None
        prompt: Prompt = run.values["prompt"]
        return prompt

    def _sign(self, standing: Standing) -> None:
        """Shows that an answer is on its way, if the room may hear it."""
        if not self._quiet(standing):
            self._replies.sign(self._said[-1])

    def _quiet(self, standing: Standing) -> bool:
        control = standing.control
        return control.muted(self._means.clock()) or any(control.stops(message) for message in self.asked)

    def _say(self, prompt: Prompt) -> None:
        """Streams the model's answer into the chat, for as long as nobody objects."""
        reply = self._open()
        try:
            with closing(self._means.model.stream(prompt)) as pieces:
                for piece in pieces:
                    if isinstance(piece, Usage):
                        self.usage = piece
                    else:
                        self._add(reply, piece)
            self._watch.look()
            reply.finish()
        except Halted as halted:
            if reply.begun:
                reply.cut(WITHHELD[halted.why])
            else:
                self._replies.unsign(self._said[-1])
        self._delivered(reply)

    def _open(self) -> Reply:
        """The reply, or what an earlier attempt has begun of it. Notes the intent to send it."""
        newest = (self._said or self.asked)[-1]
        reply = self._replies.open(newest, self._lease.turn, self._lease.shown, self._lease.show)
        self._lease.intend()
        return reply

    def _add(self, reply: Reply, piece: str) -> None:
        """Shows another piece. Before the first, the intent to send must be written, and nobody object."""
        if self._means.clock() > self._until:
            raise ReplyBroken("the turn's time is over")
        if self.timeline.first_text:
            clear = self._watch.clear()
            if clear:
                reply.among(self._watch.crowd)
            reply.add(piece, send=clear)
            return
        self._lease.flush()
        self._watch.look()
        reply.add(piece)
        self.timeline.first_text = self._means.clock()

    def _delivered(self, reply: Reply) -> None:
        self.reply = reply.text if reply.begun else ""
        self.timeline.replied = self._means.clock()
        self._lease.deliver(self.reply)

    def _only_orders(self) -> bool:
        """Whether all that was said are orders, which the webhook has carried out. Confirms them."""
        orders = [order_in(message.text) for message in self._said]
        if not all(orders):
            return False
        confirmation = _confirmation(orders[-1])
        if confirmation:
            reply = self._open()
            self._lease.flush()
            reply.add(confirmation)
            reply.finish()
            self._delivered(reply)
        return True

    def _apologise(self) -> None:
        reply = self._open()
        self._lease.flush()
        said = self._lease.shown.text.removesuffix(BROKEN_OFF)
        if said not in ("", APOLOGY):
            reply.add(said)
            reply.cut(BROKEN_OFF)
        else:
            reply.add(APOLOGY)
            reply.finish()
        self.reply = reply.text

    def _close(self, failed: str = "") -> Exchange:
        exchange = Exchange(
            turn=self._lease.turn,
            chat=self._lease.chat,
            room=self.asked[-1].room,
            assistant=self.assistant.name,
            messages=self.asked,
            reply=self.reply,
            at=self._means.clock(),
        )
        self._lease.close(exchange, failed)
        self.failed = failed
        self.timeline.closed = self._means.clock()
        return exchange


def _confirmation(order: Order | None) -> str:
    if order is None or order.act == "stop":
        return ""
    if order.act == "unmute":
        return "I am back."
    return "I will be quiet here. Say `unmute` to me when you want me back."
