"""The webhook: verify, parse, control, keep, wake. It answers within milliseconds and never thinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from repartee.domain.command import IssuedCommand, parse_command
from repartee.domain.control import AnswerMode
from repartee.domain.feedback import Feedback
from repartee.domain.http import HttpRequest, HttpResponse, encode_json, error_response
from repartee.domain.message import Incoming, Message
from repartee.domain.proposal import ReceivedPress
from repartee.errors import BackendError, PayloadTooLarge, RequestRejected
from repartee.intake.audience import LATEST_MESSAGES, is_said_to_others, may_name_somebody
from repartee.intake.debounce import wake_delay
from repartee.ports import Inbox, ProposalStore, Records, Wakes
from repartee.ports.channels import Receiver
from repartee.ports.logging import Logger

MAX_BODY_BYTES = 1024 * 1024
"""Bytes. No platform sends an event of more."""

EDIT_MENTION_SECONDS = 3600.0
"""Seconds after a message within which an edit may still call the assistant."""


class Webhook:
    """Takes in what the platforms post, one receiver a route. `count` is told of redeliveries."""

    def __init__(
        self,
        receivers: Mapping[str, Receiver],
        inbox: Inbox,
        records: Records,
        wakes: Wakes,
        logger: Logger,
        count_metric: Callable[[str], None],
        proposals: ProposalStore,
        quiet_seconds: Mapping[str, float] = {},
    ) -> None:
        self._receivers, self._inbox, self._records, self._wakes = receivers, inbox, records, wakes
        self._logger, self._count_metric, self._proposals = logger, count_metric, proposals
        self._quiet_seconds = quiet_seconds

    def handle_request(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request: 2xx when what it brought is safe, 4xx when it is refused, 503 when the
        platform should send it again."""
        self._logger.set_correlation_id(request.correlation)
        try:
            return self._process_request(request)
        except RequestRejected as refusal:
            self._logger.warning("request_refused", status=refusal.status, reason=str(refusal))
            return error_response(refusal)
        except BackendError as failure:
            self._logger.error("request_failed", backend=failure.backend, reason=str(failure))
            return HttpResponse(503, encode_json({"error": "not kept, send it again"}))

    def _process_request(self, request: HttpRequest) -> HttpResponse:
        receiver = self._receivers.get(request.path)
        if receiver is None:
            return HttpResponse(404, encode_json({"error": f"nothing listens at {request.path}"}))
        if len(request.body) > MAX_BODY_BYTES:
            raise PayloadTooLarge(f"the body has more than {MAX_BODY_BYTES} bytes")
        receiver.verify(request)
        arrived = receiver.parse(request)
        for given in arrived.commands:
            self._execute_command(given)
        answer = "".join([self._decide_press(pressed) for pressed in arrived.presses])
        for message in arrived.messages:
            self._accept_message(message)
        for feedback in arrived.feedback:
            self._keep_feedback(feedback)
        for reason in arrived.delivery_failures:
            self._logger.warning("message_undelivered", reason=reason)
        if arrived.ignored_reason:
            self._logger.info("event_ignored", reason=arrived.ignored_reason)
        return HttpResponse(200, answer or arrived.response_body or "{}", arrived.content_type)

    def _decide_press(self, received: ReceivedPress) -> str:
        """Writes a decision at once, and wakes its chat, where the turn carries it out. The answer to it, for
        a platform that wants one: what decides nothing is then told by that alone."""
        verdict = self._proposals.record_decision(received.press)
        self._logger.info("press_decided", subject=received.press.proposal_id, verdict=verdict)
        if verdict == "taken" or not received.acknowledge:
            self._accept_message(received.message)
        return received.acknowledge(verdict) if received.acknowledge else ""

    def _accept_message(self, message: Incoming) -> None:
        if isinstance(message, Message) and message.revises:
            self._accept_revision(message)
            return
        accepted = self._accept_words(message) if isinstance(message, Message) else message
        if accepted is None:
            self._logger.info("message_ignored", chat=message.chat, reason="said to others")
            return
        self._keep(accepted)

    def _keep(self, message: Incoming) -> None:
        """Keeps a message, and wakes its chat. What came too late for its turn is a message of its own."""
        kept = self._inbox.put(message)
        if kept.is_open:
            self._wakes.send(message.chat, wake_delay(message, self._quiet_seconds), message.correlation)
        if not kept.is_new:
            self._count_metric("Redeliveries")
        self._logger.info(
            "message_kept", chat=message.chat, message_id=message.id, new=kept.is_new, open=kept.is_open
        )
        if kept.supplement:
            self._keep(kept.supplement)

    def _accept_revision(self, revision: Message) -> None:
        """Changes what was said. What is answered already is changed in the stores too, by a turn that says
        nothing; who mentions the assistant only in an edit, within an hour, has said it then."""
        known = self._inbox.revise(revision)
        self._logger.info("message_revised", chat=revision.chat, message_id=revision.revises, known=known)
        if known == "waiting":
            self._execute_revised_command(revision)
        elif known == "unknown" and _calls_by_edit(revision):
            self._accept_message(msgspec.structs.replace(revision, id=revision.revises, revises=""))
        elif known == "answered" or self._inbox.participates(
            revision.chat
        ):  # it may have been read in its thread
            self._keep(msgspec.structs.replace(revision, overheard=True))

    def _execute_revised_command(self, revision: Message) -> None:
        """Executes the command that a message has become which still waits."""
        command = parse_command(revision.text) if revision.addressed and not revision.is_deletion else None
        if issued := msgspec.structs.replace(revision, command=command).issue_command():
            self._execute_command(issued)

    def _accept_words(self, message: Message) -> Message | None:
        """The message as it is kept: with its command, which is executed at once, or as overheard. None where
        it is said to others and not filed."""
        if message.overheard or not message.addressed:
            control = self._records.read_control(message.room, message.chat)
            answers = control.answers
            if message.overheard or not self._takes_part(message, answers):
                is_filed = control.active_meeting(message.room, message.sent) is not None
                return msgspec.structs.replace(message, overheard=True) if is_filed else None
            if self._is_said_to_others(message, answers):
                return msgspec.structs.replace(message, overheard=True)
        command = parse_command(message.text)
        unread = message.is_thread_unread and not self._inbox.participates(message.chat)
        message = msgspec.structs.replace(message, command=command, is_thread_unread=unread)
        if issued := message.issue_command():
            self._execute_command(issued)
        return message

    def _takes_part(self, message: Message, answers: AnswerMode) -> bool:
        """Whether what does not mention the assistant may be said to it, as the room wants it."""
        return answers == "all" or (answers == "thread" and self._inbox.participates(message.chat))

    def _is_said_to_others(self, message: Message, answers: AnswerMode) -> bool:
        """Whether a message that does not mention the assistant is for somebody else. A command never is."""
        if parse_command(message.text) and not message.mentions:
            return False
        names = self._records.read_names(message.room) if may_name_somebody(message.text) else {}
        latest = self._inbox.list_latest(message.chat, LATEST_MESSAGES)
        known = [one.name for one in names.values()]
        return is_said_to_others(message, latest, known, may_be_statement=answers == "all")

    def _keep_feedback(self, feedback: Feedback) -> None:
        kept = self._inbox.save_feedback(feedback)
        if kept:
            self._count_metric(feedback.metric_name)
        self._logger.info("feedback_given", chat=feedback.chat, turn=feedback.turn, kept=kept)

    def _execute_command(self, issued: IssuedCommand) -> None:
        """Orders do not queue behind what they must stop."""
        order = issued.command
        if order.action == "stop":
            self._records.stop(issued.chat, issued.issued_at)
        elif order.action == "answers":
            self._records.set_answers(issued.room, order.answers, issued.issued_at)
        else:
            self._records.mute(
                issued.scope,
                issued.issued_at + order.duration_seconds if order.duration_seconds else 0.0,
                issued.issued_at,
            )
        self._logger.info("order_carried_out", order=order.action, place=issued.scope)


def _calls_by_edit(revision: Message) -> bool:
    """Whether the author has just added a mention of the assistant to what was said to others."""
    is_recent = revision.received - revision.sent < EDIT_MENTION_SECONDS
    return is_recent and revision.mentioned and not revision.is_deletion
