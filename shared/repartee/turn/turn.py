"""A turn: one answer to one or more open messages. Gather, reply, close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from repartee.domain import usage
from repartee.domain.command import IssuedCommand
from repartee.domain.control import SuppressionReason
from repartee.domain.message import ButtonPress, Exchange, Incoming, Message
from repartee.domain.prompt import Prompt
from repartee.domain.redactor import redacting_in
from repartee.domain.usage import Usage
from repartee.errors import BackendError, LeaseLost, log_fields
from repartee.language import texts
from repartee.plan import Outcome, Pool, Run
from repartee.ports import ChatState
from repartee.ports.channels import ReplySender
from repartee.privacy.redacted_models import redact_prompt
from repartee.turn import command_reply
from repartee.turn.assistant import Assistant, TurnInputs
from repartee.turn.conversation_language import ConversationLanguage
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.failures import is_passing
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.kept_reply import reply_to_keep
from repartee.turn.lease import Lease
from repartee.turn.recording_consent import RecordingConsent
from repartee.turn.reply_extras import ReplyExtras
from repartee.turn.reply_writer import ReplyWriter
from repartee.turn.timeline import Timeline
from repartee.turn.tool_loop import ToolLoop, reply_pieces
from repartee.turn.turn_record import close_with_record

MAX_TURN_ATTEMPTS = 3
"""How often a turn is tried before its messages are given up."""

GATHER_TIMEOUT_SECONDS = 20.0
"""Seconds for the whole plan. Its steps have shorter times of their own."""


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
        woken_at: float = 0.0,
    ) -> None:
        self._dependencies, self._lease, self._heartbeat = dependencies, lease, heartbeat
        self.assistant, self._sender, self.incoming = assistant, sender, incoming
        self._unpersisted_exchanges, self.parallel = unpersisted_exchanges, parallel
        self._addressed_messages = tuple(
            message for message in incoming if isinstance(message, Message) and not message.overheard
        )
        self._answerable_messages = command_reply.select_answerable(self._addressed_messages)
        self._presses = tuple(message for message in incoming if isinstance(message, ButtonPress))
        self._newest = (self._answerable_messages or incoming)[-1]
        self._writer = ReplyWriter(sender, self._newest, lease, heartbeat, dependencies.clock, deadline)
        self._extras = ReplyExtras(dependencies, sender, heartbeat, lease.turn, parallel=parallel)
        self.timeline = Timeline(incoming[-1].received, dependencies.clock(), woken_at)
        self.outcomes: tuple[Outcome, ...] = ()
        self.usages: list[Usage] = []
        self._suppression: SuppressionReason = ""
        self._budget_refusal = ""
        self._plan_started_at = 0.0
        self.reply = self.failure_reason = ""
        self.consent = RecordingConsent(dependencies.records, lease.chat, dependencies.clock)
        self.talk: ToolLoop | None = None
        earlier = [message for exchange in unpersisted_exchanges for message in exchange.messages]
        self._language = ConversationLanguage((*earlier, *incoming, self._newest), dependencies.records)
        self._writer.use_language(self._language.code)

    @property
    def id(self) -> str:
        return self._lease.turn

    @property
    def _asked(self) -> Message:
        """The message that is answered, with the language that is spoken."""
        return msgspec.structs.replace(self._answerable_messages[-1], language=self._language.code)

    @property
    def pool(self) -> Pool:
        return self._dependencies.pool

    @property
    def attempts(self) -> int:
        return self._lease.attempts

    @property
    def inputs(self) -> dict[str, Any]:
        """Returns the inputs of the plan."""
        own = TurnInputs(
            turn_id=self._lease.turn,
            incoming=self._answerable_messages,
            find_said=self._dependencies.inbox.find_said,
            prompt_tokens=self._dependencies.prompt_tokens,
            unpersisted_exchanges=(*self._unpersisted_exchanges, *self._unanswered_exchanges()),
            show_typing=self._show_typing,
            show_status=self._writer.show_status,
            show_proposal=self._extras.stage_proposal,
        )
        return self.assistant.plan_inputs(own)

    @property
    def usage(self) -> Usage:
        """The tokens that the turn took, of whichever models."""
        return usage.total(self.usages)

    def run(self) -> Exchange:
        """Answers, and closes. Raises what made it fail, so that it is tried again."""
        with usage.collect() as self.usages, redacting_in(self.incoming[-1].room):
            if self._lease.phase == "delivered":
                self.reply = self._lease.visible.text
            elif all(isinstance(message, Message) and message.overheard for message in self.incoming):
                pass  # said to others: it is only remembered
            elif not self._addressed_messages and not self._presses:
                self._writer.greet()
            elif commands := self._lone_commands:
                self._confirm_command(commands[-1])
            else:
                self._answer_messages()
        return self._close_turn()

    def end_typing(self) -> None:
        """Lets nothing of this turn show any more that an answer is on its way."""
        self._writer.end_typing()

    def announce_delay(self) -> bool:
        """Tells who waits for an answer that it takes longer, and says whether they were told."""
        return bool(self._answerable_messages) and self._writer.announce_delay()

    def fail(self, reason: str, insists: bool = True, apologizes: bool = True) -> Exchange:
        """Apologises once, in the place of the reply, and closes the messages as failed. If it `insists`, it
        raises what will pass and keeps the apology from being said. A reply that was said stands."""
        if self._lease.phase == "delivered":
            self.reply = self._lease.visible.text
        elif apologizes:
            self._apologize(insists)
        self._dependencies.wakes.dead_letter(
            self._lease.chat, [message.id for message in self.incoming], reason
        )
        return self._close_turn(failed=reason)

    def _apologize(self, insists: bool) -> None:
        try:
            self._writer.send_apology()
            self.reply = self._writer.text
        except LeaseLost:
            raise
        except Exception as failure:  # what cannot be said is left unsaid; the dead letter tells
            if insists and is_passing(failure):
                raise
            self._dependencies.logger.warning("apology_not_said", turn=self.id, **log_fields(failure))

    @property
    def _lone_commands(self) -> list[IssuedCommand]:
        return command_reply.lone_commands(self._addressed_messages, self._answerable_messages, self._presses)

    def _unanswered_exchanges(self) -> tuple[Exchange, ...]:
        """Returns the messages that are not to be answered, as if they had been in a turn before."""
        besides = tuple(
            one for one in self.incoming if isinstance(one, Message) and one not in self._answerable_messages
        )
        return (self._make_exchange(besides),) if besides else ()

    def _use_profile(self, profile: Mapping[str, str]) -> None:
        """Speaks the person's language from now on."""
        self._language.use_profile(profile)
        self._newest = msgspec.structs.replace(self._newest, language=self._language.code)
        self._writer.use_language(self._language.code)

    def _confirm_command(self, issued: IssuedCommand) -> None:
        profile = command_reply.read_issuer_profile(issued, self._newest.room, self._dependencies.records)
        self._use_profile(profile)
        if words := command_reply.confirmation_of(issued, profile, self._language.code):
            self._writer.confirm_command(words)
            self._mark_delivered()

    def _answer_messages(self) -> None:
        decided = [self._resolve_press(message) for message in self._presses]
        if any(decided):
            self._lease.mark_private()
        prompt = self._run_plan() if self._answerable_messages else None
        told = "\n\n".join(
            self._language.translate(words)
            for words in (
                *decided,
                self.consent.notice,
                self._budget_refusal,
                command_reply.over_limit_notice(self._addressed_messages),
            )
            if words
        )
        if told or prompt is not None:
            self._write_reply(told, prompt)
            self._language.remember(self._newest.sender)
        else:
            self._writer.abort(self._suppression)
            self._mark_delivered()

    def _resolve_press(self, message: ButtonPress) -> str:
        carry_out = self.assistant.resolve_press
        return carry_out(message) if carry_out else self._language.translate(texts.NOTHING_TO_DECIDE)

    def _run_plan(self) -> Prompt | None:
        """Runs the plan. None when it turns out that the assistant must be quiet."""
        self._plan_started_at = self._dependencies.clock()
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
            if outcome.name == "chat_state":
                self._heartbeat.note_control(outcome.value.control, self._plan_started_at)
                self._use_profile(outcome.value.whole_profile)
                self.consent.use_state(outcome.value)
                if self._is_refused(outcome.value):
                    return None
        self._extras.tasks = tuple(run.values.get("post_reply_tasks") or ())
        self._extras.images = tuple(run.values.get("reply_images") or ())
        heard = {message.id: message for message in run.values.get("transcribed") or ()}
        self.incoming = tuple(heard.get(message.id, message) for message in self.incoming)
        return redact_prompt(run.values["prompt"], self._dependencies.redactor_for(self.incoming[-1].room))

    def _show_typing(self, state: ChatState) -> None:
        """Shows that an answer is on its way, if the room may hear it."""
        if not self._suppression_reason(state):
            self._writer.show_typing()

    def _is_refused(self, state: ChatState) -> bool:
        """Whether a person objects to an answer, or nothing may be spent here any more. Notes which."""
        self._suppression = self._suppression_reason(state)
        if not self._suppression:
            place = self._dependencies.budget.exhausted_place(state.room_usage, state.workspace_usage)
            self._budget_refusal = command_reply.budget_notice(place)
        return bool(self._suppression or self._budget_refusal)

    def _suppression_reason(self, state: ChatState) -> SuppressionReason:
        return state.control.suppression_reason(self.incoming, self._dependencies.clock())

    def record_usage(self) -> None:
        """Counts what this attempt took, where there are limits. What cannot be counted is not."""
        spent = self._dependencies.price_usage(self.usages)
        if not ((self._dependencies.budget or self.assistant.counts_usage) and spent.tokens):
            return
        try:
            self._dependencies.records.add_usage(self._lease.attempt_id, self.incoming[-1].room, spent)
        except BackendError as failure:
            self._dependencies.logger.warning("spending_not_counted", turn=self.id, reason=str(failure))

    def _write_reply(self, decision_text: str, prompt: Prompt | None) -> None:
        """Says what was decided, and what the model answers."""
        self._show_missed_typing()
        talk = self.talk = ToolLoop(
            self._dependencies.model,
            self._dependencies.pool,
            self.parallel,
            self._writer.show_status,
            self._heartbeat.cancel_token,
            elapsed=lambda: self._dependencies.clock() - self.timeline.started_at,
            clock=self._dependencies.monotonic,
            on_own_rights=self._lease.mark_private,
        )
        try:
            self._writer.write_reply(
                reply_pieces(decision_text, talk, prompt),
                lambda: self._extras.run_tasks(self._language.translate),
            )
        finally:
            self.usages += talk.usages
            self.outcomes += tuple(talk.outcomes)
            self.timeline.first_token_at = self._writer.first_token_at
            self.timeline.first_text_at = self._writer.first_text_at
        if prompt and not self._writer.suppressed:
            self._extras.send(self._asked)
        self._mark_delivered()
        self.consent.note_told(is_said=not self._writer.suppressed)

    def _show_missed_typing(self) -> None:
        """Shows that an answer is on its way, where the plan was done before its step got to that."""
        if "show_typing" in self.assistant.graph.inputs and not self._writer.is_typing_shown:
            self._dependencies.run_in_background(self._writer.show_typing_ignoring_errors)

    def _mark_delivered(self) -> None:
        self.reply = self._writer.text
        self.timeline.replied_at = self._dependencies.clock()
        self._lease.mark_delivered(self.reply, may_wait=self._sender.finds_lost_messages)

    def _close_turn(self, failed: str = "") -> Exchange:
        exchange = self._make_exchange(self.incoming)
        exchange = close_with_record(self, self._lease, exchange, failed, self._dependencies)
        self.failure_reason = failed
        self.timeline.closed_at = self._dependencies.clock()
        return exchange

    def _make_exchange(self, messages: tuple[Incoming, ...]) -> Exchange:
        return Exchange(
            turn=self._lease.turn,
            chat=self._lease.chat,
            room=self.incoming[-1].room,
            assistant=self.assistant.name,
            messages=tuple(one.without_address() for one in messages),
            reply=reply_to_keep(self.reply, self.incoming[-1].room, self._lease.visible),
            answered_at=self._dependencies.clock(),
            reply_ids=self._sender.list_reply_ids(self._lease.visible) if self.reply else (),
        )
