"""A turn: one answer to one or more open messages. Gather, reply, close."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import msgspec

from repartee.domain import usage
from repartee.domain.command import ANSWERS_MESSAGES, Command
from repartee.domain.control import ReplyStopped, SuppressionReason
from repartee.domain.message import ButtonPress, Exchange, Incoming, Message
from repartee.domain.post_reply import PostReplyTask
from repartee.domain.prompt import Prompt
from repartee.domain.proposal import Proposal
from repartee.domain.redactor import redacting_in
from repartee.domain.reply import Image
from repartee.domain.usage import Usage
from repartee.errors import BackendError, LeaseLost, log_fields
from repartee.plan import Outcome, Pool, Run, settle
from repartee.ports import ChatState
from repartee.ports.channels import ReplySender
from repartee.privacy.redacted_models import redact_prompt
from repartee.turn.assistant import Assistant, TurnInputs
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.lease import Lease
from repartee.turn.reply_writer import ReplyWriter
from repartee.turn.tool_loop import ToolLoop

MAX_TURN_ATTEMPTS = 3
"""How often a turn is tried before its messages are given up."""

GATHER_TIMEOUT_SECONDS = 20.0
"""Seconds for the whole plan. Its steps have shorter times of their own."""

POST_REPLY_TIMEOUT_SECONDS = 10.0
"""Seconds for what must be done after the reply was written."""

NOTHING_TO_DECIDE_MESSAGE = "There is nothing to decide here any more."


class Timeline(msgspec.Struct):
    """When what happened, in epoch seconds; 0 if it did not."""

    received_at: float
    started_at: float
    gathered_at: float = 0.0
    first_text_at: float = 0.0
    replied_at: float = 0.0
    closed_at: float = 0.0


class Turn:
    """One turn, from the claim to the close. Owns what is gathered and said in it."""

    def __init__(
        self,
        dependencies: TurnDependencies,
        lease: Lease,
        heartbeat: Heartbeat,
        assistant: Assistant,
        sender: ReplySender,
        incoming: tuple[Incoming, ...],
        unpersisted_exchanges: tuple[Exchange, ...],
        parallel: bool,
        *,
        deadline: float,
    ) -> None:
        self._dependencies, self._lease, self._heartbeat, self.assistant = (
            dependencies,
            lease,
            heartbeat,
            assistant,
        )
        self._sender, self.incoming, self._unpersisted_exchanges, self.parallel = (
            sender,
            incoming,
            unpersisted_exchanges,
            parallel,
        )
        self._addressed_messages = tuple(
            message for message in incoming if isinstance(message, Message) and not message.overheard
        )
        self._answerable_messages = _select_answerable(self._addressed_messages)
        self._presses = tuple(message for message in incoming if isinstance(message, ButtonPress))
        newest = (self._answerable_messages or incoming)[-1]
        self._writer = ReplyWriter(sender, newest, lease, heartbeat, dependencies.clock, deadline)
        self._post_reply_tasks: tuple[PostReplyTask, ...] = ()
        self._images: tuple[Image, ...] = ()
        self._proposals: dict[str, Proposal] = {}
        self.timeline = Timeline(received_at=incoming[-1].received, started_at=dependencies.clock())
        self.outcomes: tuple[Outcome, ...] = ()
        self.usages: list[Usage] = []
        self._suppression: SuppressionReason = ""
        self._budget_refusal = ""
        self.reply = ""
        self.failure_reason = ""

    @property
    def id(self) -> str:
        return self._lease.turn

    @property
    def pool(self) -> Pool:
        return self._dependencies.pool

    @property
    def attempts(self) -> int:
        return self._lease.attempts

    @property
    def inputs(self) -> dict[str, Any]:
        """What goes into the plan."""
        own = TurnInputs(
            turn_id=self._lease.turn,
            incoming=self._answerable_messages,
            find_said=self._dependencies.inbox.find_said,
            prompt_tokens=self._dependencies.prompt_tokens,
            unpersisted_exchanges=(*self._unpersisted_exchanges, *self._unanswered_exchanges()),
            show_typing=self._show_typing,
            show_status=self._writer.show_status,
            show_proposal=self._stage_proposal,
        )
        return self.assistant.plan_inputs(own)

    @property
    def usage(self) -> Usage:
        """The tokens that the turn took, of whichever models."""
        parts = ("input_tokens", "output_tokens", "cached_tokens")
        return Usage(*(sum(getattr(one, part) for one in self.usages) for part in parts))

    def run(self) -> Exchange:
        """Answers, and closes. Raises what made it fail, so that it is tried again."""
        with usage.collect() as self.usages, redacting_in(self.incoming[-1].room):
            if self._lease.phase == "delivered":
                self.reply = self._lease.visible.text
            elif all(isinstance(message, Message) and message.overheard for message in self.incoming):
                pass  # said to others: it is only remembered
            elif not self._addressed_messages and not self._presses:
                self._writer.greet()
            elif orders := self._lone_commands():
                self._confirm_command(orders[-1])
            else:
                self._answer_messages()
        return self._close_turn()

    def fail(self, reason: str) -> Exchange:
        """Apologises once, in the place of the reply, and closes the messages as failed."""
        try:
            self._writer.send_apology()
            self.reply = self._writer.text
        except LeaseLost:
            raise
        except Exception as failure:  # noqa: BLE001 - what cannot be said is left unsaid; the dead letter tells
            self._dependencies.logger.warning("apology_not_said", turn=self.id, **log_fields(failure))
        self._dependencies.wakes.dead_letter(
            self._lease.chat, [message.id for message in self.incoming], reason
        )
        return self._close_turn(failed=reason)

    def _lone_commands(self) -> list[Command]:
        """The orders, if they leave nothing to answer. The webhook has carried them out."""
        orders = [message.command for message in self._addressed_messages if message.command]
        return orders if not self._answerable_messages and not self._presses else []

    def _unanswered_exchanges(self) -> tuple[Exchange, ...]:
        """What was said that is not to be answered: it is known, as if it had been in a turn before."""
        besides = tuple(
            one for one in self.incoming if isinstance(one, Message) and one not in self._answerable_messages
        )
        return (self._make_exchange(besides),) if besides else ()

    def _confirm_command(self, command: Command) -> None:
        if words := _confirmation_text(command):
            self._writer.confirm_command(words)
            self._mark_delivered()

    def _answer_messages(self) -> None:
        decided = [self._resolve_press(message) for message in self._presses]
        prompt = self._run_plan() if self._answerable_messages else None
        told = "\n\n".join(words for words in (*decided, self._budget_refusal) if words)
        if told or prompt is not None:
            self._write_reply(told, prompt)
        else:
            self._writer.abort(self._suppression)
            self._mark_delivered()

    def _resolve_press(self, message: ButtonPress) -> str:
        carry_out = self.assistant.resolve_press
        return carry_out(message) if carry_out else NOTHING_TO_DECIDE_MESSAGE

    def _run_plan(self) -> Prompt | None:
        """Runs the plan. None when it turns out that the assistant must be quiet."""
        run = self.assistant.graph.start(
            self.inputs,
            pool=self._dependencies.pool,
            parallel=self.parallel,
            deadline=GATHER_TIMEOUT_SECONDS,
            clock=self._dependencies.monotonic,
        )
        try:
            return self._collect_prompt(run)
        finally:
            self.outcomes = run.close()
            self.timeline.gathered_at = self._dependencies.clock()

    def _collect_prompt(self, run: Run) -> Prompt | None:
        for outcome in run.until_ready():
            if outcome.name == "chat_state" and self._is_refused(outcome.value):
                return None
        self._post_reply_tasks = tuple(run.values.get("post_reply_tasks") or ())
        self._images = tuple(run.values.get("reply_images") or ())
        heard = {message.id: message for message in run.values.get("transcribed") or ()}
        self.incoming = tuple(heard.get(message.id, message) for message in self.incoming)
        return redact_prompt(run.values["prompt"], self._dependencies.redactor_for(self.incoming[-1].room))

    def _show_typing(self, state: ChatState) -> None:
        """Shows that an answer is on its way, if the room may hear it."""
        if not self._suppression_reason(state):
            self._writer.show_typing()

    def _is_refused(self, state: ChatState) -> bool:
        """Whether somebody objects to an answer, or nothing may be spent here any more. Notes which."""
        self._suppression = self._suppression_reason(state)
        if not self._suppression:
            self._budget_refusal = self._dependencies.budget.refusal_message(
                state.room_usage, state.workspace_usage
            )
        return bool(self._suppression or self._budget_refusal)

    def _suppression_reason(self, state: ChatState) -> SuppressionReason:
        return state.control.suppression_reason(self.incoming, self._dependencies.clock())

    def record_usage(self) -> None:
        """Counts what this attempt took, where there are limits. What cannot be counted is not."""
        spent = self._dependencies.price_usage(self.usages)
        if not (self._dependencies.budget and spent.tokens):
            return
        try:
            self._dependencies.records.add_usage(f"{self.id}.{self.attempts}", self.incoming[-1].room, spent)
        except BackendError as failure:
            self._dependencies.logger.warning("spending_not_counted", turn=self.id, reason=str(failure))

    def _write_reply(self, decision_text: str, prompt: Prompt | None) -> None:
        """Says what was decided, and what the model answers."""
        talk = ToolLoop(
            self._dependencies.model,
            self._dependencies.pool,
            self.parallel,
            self._writer.show_status,
            self._heartbeat.cancel_token,
            elapsed=lambda: self._dependencies.clock() - self.timeline.started_at,
            clock=self._dependencies.monotonic,
        )
        try:
            self._writer.write_reply(_reply_pieces(decision_text, talk, prompt), self._run_post_reply_tasks)
        finally:
            self.usages += talk.usages
            self.outcomes += tuple(talk.outcomes)
            self.timeline.first_text_at = self._writer.first_text_at
        if not self._writer.suppressed:
            self._send_images()
            self._send_proposals()
        self._mark_delivered()

    def _run_post_reply_tasks(self) -> str:
        """Does what is left to do, all at once, and gives the words for what failed."""
        duties, self._post_reply_tasks = self._post_reply_tasks, ()
        outcomes = settle(
            [duty.run for duty in duties],
            pool=self._dependencies.pool,
            max_concurrency=None if self.parallel else 1,
            timeout=POST_REPLY_TIMEOUT_SECONDS,
            clock=self._dependencies.monotonic,
        )
        undone = [duty for duty, outcome in zip(duties, outcomes, strict=True) if outcome.error]
        for duty in undone:
            self._dependencies.logger.warning("duty_not_done", turn=self.id, duty=duty.name)
        told = dict.fromkeys(duty.failure_message for duty in undone if duty.failure_message)
        return "".join(f"\n\n{words}" for words in told)

    def _send_images(self) -> None:
        """Sends the pictures that go with the reply."""
        for picture in self._images:
            try:
                self._sender.send_image(self._answerable_messages[-1], self.id, picture)
            except BackendError as failure:
                self._dependencies.logger.warning("picture_not_sent", turn=self.id, reason=str(failure))

    def _stage_proposal(self, proposal: Proposal) -> None:
        """Notes what is to be shown after the reply. Tools that run at the same time may propose."""
        self._proposals[proposal.id] = proposal

    def _send_proposals(self) -> None:
        """Shows what was proposed, unless somebody objects by now."""
        if not self._proposals:
            return
        try:
            self._heartbeat.refresh()
        except ReplyStopped:
            return
        for proposal in self._proposals.values():
            self._sender.send_proposal(self._answerable_messages[-1], proposal)

    def _mark_delivered(self) -> None:
        self.reply = self._writer.text
        self.timeline.replied_at = self._dependencies.clock()
        self._lease.mark_delivered(self.reply)

    def _close_turn(self, failed: str = "") -> Exchange:
        exchange = self._make_exchange(self.incoming)
        self._lease.close(exchange, failed)
        self.failure_reason = failed
        self.timeline.closed_at = self._dependencies.clock()
        return exchange

    def _make_exchange(self, messages: tuple[Incoming, ...]) -> Exchange:
        return Exchange(
            turn=self._lease.turn,
            chat=self._lease.chat,
            room=self.incoming[-1].room,
            assistant=self.assistant.name,
            messages=messages,
            reply=self.reply,
            answered_at=self._dependencies.clock(),
            reply_ids=self._sender.list_reply_ids(self._lease.visible) if self.reply else (),
        )


def _select_answerable(addressed: tuple[Message, ...]) -> tuple[Message, ...]:
    """Of what was said to the assistant what wants an answer: no order, and nothing before a stop."""
    stops = (at for at, one in enumerate(addressed) if one.command and one.command.action == "stop")
    return tuple(message for message in addressed[max(stops, default=0) :] if not message.command)


def _reply_pieces(
    decision_text: str, tool_loop: ToolLoop, prompt: Prompt | None
) -> Generator[str, None, None]:
    if decision_text:
        yield decision_text + ("\n\n" if prompt else "")
    if prompt:
        yield from tool_loop.run(prompt)


def _confirmation_text(command: Command) -> str:
    known = {"stop": "", "unmute": "I am back.", "answers": ANSWERS_MESSAGES[command.answers]}
    if command.action in known:
        return known[command.action]
    return "I will be quiet here. Say `unmute` to me when you want me back."
