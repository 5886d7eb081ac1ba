"""A turn: one answer to one or more open messages. Gather, reply, close."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import msgspec

from repartee.conversation import spending
from repartee.conversation.control import Objection, Order, order_in
from repartee.conversation.lease import Lease
from repartee.conversation.means import Assistant, Duty, Means
from repartee.conversation.message import Exchange, Message
from repartee.conversation.prompt import Prompt, Usage
from repartee.conversation.proposal import Proposal
from repartee.conversation.reply import Picture, Replies
from repartee.conversation.speech import Speech
from repartee.conversation.talk import Talk
from repartee.conversation.veiled import covered
from repartee.conversation.watch import Halted, Watch
from repartee.errors import BackendError, LeaseLost, told
from repartee.plan import Outcome, Pool, Run, settle
from repartee.ports import Standing

ATTEMPTS = 3
"""How often a turn is tried before its messages are given up."""

GATHER_WITHIN = 20.0
"""Seconds for the whole plan. Its steps have shorter times of their own."""

DUTIES_TAKE = 10.0
"""Seconds for what must be done after the reply was written."""

NOTHING_TO_DECIDE = "There is nothing to decide here any more."


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
        self._means, self._lease, self._watch, self.assistant = means, lease, watch, assistant
        self._replies, self.asked, self._recent, self.parallel = replies, asked, recent, parallel
        self._told = tuple(message for message in asked if message.speaks and not message.overheard)
        self._said = _to_answer(self._told)
        self._decisions = tuple(message for message in asked if message.decides)
        newest = (self._said or asked)[-1]
        self._speech = Speech(replies, newest, lease, watch, means.clock, until)
        self._afterwards: tuple[Duty, ...] = ()
        self._pictures: tuple[Picture, ...] = ()
        self._proposals: dict[str, Proposal] = {}
        self.timeline = Timeline(received=asked[-1].received, began=means.clock())
        self.outcomes: tuple[Outcome, ...] = ()
        self.spent: list[Usage] = []
        self._objection: Objection = ""
        self._refusal = ""
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
        own = {
            "turn": self._lease.turn,
            "asked": self._said,
            "recent": (*self._recent, *self._besides()),
            "sign": self._sign,
            "tell": self._speech.tell,
            "propose": self._note_proposal,
        }
        known = self.assistant.graph.inputs
        return {name: value for name, value in {**self.assistant.ports, **own}.items() if name in known}

    @property
    def usage(self) -> Usage:
        """The tokens that the turn took, of whichever models."""
        parts = ("input", "output", "cached")
        return Usage(*(sum(getattr(one, part) for one in self.spent) for part in parts))

    def take(self) -> Exchange:
        """Answers, and closes. Raises what made it fail, so that it is tried again."""
        with spending.counted() as self.spent:
            if self._lease.phase == "delivered":
                self.reply = self._lease.shown.text
            elif all(message.overheard for message in self.asked):
                pass  # said to others: it is only remembered
            elif not self._told and not self._decisions:
                self._speech.welcome()
            elif orders := self._only_orders():
                self._confirm(orders[-1])
            else:
                self._answer()
        return self._close()

    def give_up(self, reason: str) -> Exchange:
        """Apologises once, in the place of the reply, and closes the messages as failed."""
        try:
            self._speech.apologise()
            self.reply = self._speech.text
        except LeaseLost:
            raise
        except Exception as failure:  # noqa: BLE001 - what cannot be said is left unsaid; the dead letter tells
            self._means.logger.warning("apology_not_said", turn=self.id, **told(failure))
        self._means.wakes.bury(self._lease.chat, [message.id for message in self.asked], reason)
        return self._close(failed=reason)

    def _only_orders(self) -> list[Order]:
        """The orders, if they leave nothing to answer. The webhook has carried them out."""
        orders = [order for message in self._told if (order := order_in(message.text))]
        return orders if not self._said and not self._decisions else []

    def _besides(self) -> tuple[Exchange, ...]:
        """What was said that is not to be answered: it is known, as if it had been in a turn before."""
        besides = tuple(one for one in self.asked if one.speaks and one not in self._said)
        return (self._exchange(besides),) if besides else ()

    def _confirm(self, order: Order) -> None:
        if words := _confirmation(order):
            self._speech.confirm(words)
            self._delivered()

    def _answer(self) -> None:
        decided = [self._decided(message) for message in self._decisions]
        prompt = self._gather() if self._said else None
        told = "\n\n".join(words for words in (*decided, self._refusal) if words)
        if told or prompt is not None:
            self._say(told, prompt)
        else:
            self._speech.leave_off(self._objection)
            self._delivered()

    def _decided(self, message: Message) -> str:
        carry_out = self.assistant.decided
        return carry_out(message) if carry_out else NOTHING_TO_DECIDE

    def _gather(self) -> Prompt | None:
        """Runs the plan. None when it turns out that the assistant must be quiet."""
        run = self.assistant.graph.start(
            self.inputs,
            pool=self._means.pool,
            parallel=self.parallel,
            deadline=GATHER_WITHIN,
            clock=self._means.monotonic,
        )
        try:
            return self._gathered(run)
        finally:
            self.outcomes = run.close()
            self.timeline.gathered = self._means.clock()

    def _gathered(self, run: Run) -> Prompt | None:
        for outcome in run.until_ready():
            if outcome.name == "standing" and self._ends(outcome.value):
                return None
        self._afterwards = tuple(run.values.get("afterwards") or ())
        self._pictures = tuple(run.values.get("pictures") or ())
        heard = {message.id: message for message in run.values.get("heard") or ()}
        self.asked = tuple(heard.get(message.id, message) for message in self.asked)
        return covered(run.values["prompt"], self._means.veils(self.asked[-1].room))

    def _sign(self, standing: Standing) -> None:
        """Shows that an answer is on its way, if the room may hear it."""
        if not self._objects(standing):
            self._speech.sign()

    def _ends(self, standing: Standing) -> bool:
        """Whether somebody objects to an answer, or nothing may be spent here any more. Notes which."""
        self._objection = self._objects(standing)
        if not self._objection:
            self._refusal = self._means.limits.refusal(standing.room, standing.workspace)
        return bool(self._objection or self._refusal)

    def _objects(self, standing: Standing) -> Objection:
        return standing.control.objection(self.asked, self._means.clock())

    def account(self) -> None:
        """Counts what this attempt took, where there are limits. What cannot be counted is not."""
        spent = self._means.spent(self.spent)
        if not (self._means.limits and spent.tokens):
            return
        try:
            self._means.records.spend(f"{self.id}.{self.attempts}", self.asked[-1].room, spent)
        except BackendError as failure:
            self._means.logger.warning("spending_not_counted", turn=self.id, reason=str(failure))

    def _say(self, decided: str, prompt: Prompt | None) -> None:
        """Says what was decided, and what the model answers."""
        talk = Talk(
            self._means.model,
            self._means.pool,
            self.parallel,
            self._speech.tell,
            self._watch.hangup,
            elapsed=lambda: self._means.clock() - self.timeline.began,
            clock=self._means.monotonic,
        )
        try:
            self._speech.say(_pieces(decided, talk, prompt), self._do_duties)
        finally:
            self.spent += talk.used
            self.outcomes += tuple(talk.outcomes)
            self.timeline.first_text = self._speech.first_text
        if not self._speech.withheld:
            self._attach()
            self._propose()
        self._delivered()

    def _do_duties(self) -> str:
        """Does what is left to do, all at once, and gives the words for what failed."""
        duties, self._afterwards = self._afterwards, ()
        outcomes = settle(
            [duty.run for duty in duties],
            pool=self._means.pool,
            at_once=None if self.parallel else 1,
            timeout=DUTIES_TAKE,
            clock=self._means.monotonic,
        )
        undone = [duty for duty, outcome in zip(duties, outcomes, strict=True) if outcome.error]
        for duty in undone:
            self._means.logger.warning("duty_not_done", turn=self.id, duty=duty.name)
        return "".join(f"\n\n{words}" for words in dict.fromkeys(duty.failed for duty in undone))

    def _attach(self) -> None:
        """Sends the pictures that go with the reply."""
        for picture in self._pictures:
            try:
                self._replies.attach(self._said[-1], self.id, picture)
            except BackendError as failure:
                self._means.logger.warning("picture_not_sent", turn=self.id, reason=str(failure))

    def _note_proposal(self, proposal: Proposal) -> None:
        """Notes what is to be shown after the reply. Tools that run at the same time may propose."""
        self._proposals[proposal.subject] = proposal

    def _propose(self) -> None:
        """Shows what was proposed, unless somebody objects by now."""
        if not self._proposals:
            return
        try:
            self._watch.look()
        except Halted:
            return
        for proposal in self._proposals.values():
            self._replies.propose(self._said[-1], proposal)

    def _delivered(self) -> None:
        self.reply = self._speech.text
        self.timeline.replied = self._means.clock()
        self._lease.deliver(self.reply)

    def _close(self, failed: str = "") -> Exchange:
        exchange = self._exchange(self.asked)
        self._lease.close(exchange, failed)
        self.failed = failed
        self.timeline.closed = self._means.clock()
        return exchange

    def _exchange(self, messages: tuple[Message, ...]) -> Exchange:
        return Exchange(
            turn=self._lease.turn,
            chat=self._lease.chat,
            room=self.asked[-1].room,
            assistant=self.assistant.name,
            messages=messages,
            reply=self.reply,
            at=self._means.clock(),
        )


def _to_answer(told: tuple[Message, ...]) -> tuple[Message, ...]:
    """Of what was said to the assistant what wants an answer: no order, and nothing before a stop."""
    orders = [order_in(message.text) for message in told]
    since = max((at for at, order in enumerate(orders) if order and order.act == "stop"), default=0)
    return tuple(message for message, order in zip(told[since:], orders[since:], strict=True) if not order)


def _pieces(decided: str, talk: Talk, prompt: Prompt | None) -> Generator[str, None, None]:
    if decided:
        yield decided + ("\n\n" if prompt else "")
    if prompt:
        yield from talk.about(prompt)


def _confirmation(order: Order) -> str:
    if order.act == "stop":
        return ""
    if order.act == "unmute":
        return "I am back."
    return "I will be quiet here. Say `unmute` to me when you want me back."
