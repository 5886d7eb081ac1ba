"""The webhook: verify, parse, control, keep, wake. It answers within milliseconds and never thinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from repartee.domain.command import IssuedCommand, parse_command
from repartee.domain.feedback import Feedback
from repartee.domain.http import HttpRequest, HttpResponse, encode_json, error_response
from repartee.domain.message import Incoming, Message
from repartee.domain.proposal import ReceivedPress
from repartee.errors import BackendError, PayloadTooLarge, RequestRejected
from repartee.intake.debounce import wake_delay
from repartee.ports import Inbox, ProposalStore, Records, Wakes
from repartee.ports.channels import Receiver
from repartee.ports.logging import Logger

MAX_BODY_BYTES = 1024 * 1024
"""Bytes. No platform sends an event of more."""


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
        """Returns the answer to a request: 2xx when what it brought is safe, 4xx when it is refused, 503 when
        the platform should send it again."""
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
        accepted = self._accept_words(message) if isinstance(message, Message) else message
        if accepted is None:
            self._logger.info("message_ignored", chat=message.chat, reason="said to others")
            return
        kept = self._inbox.put(accepted)
        if kept.is_open:
            delay = wake_delay(accepted, self._quiet_seconds)
            self._wakes.send(accepted.chat, delay, accepted.correlation)
        if not kept.is_new:
            self._count_metric("Redeliveries")
        self._logger.info(
            "message_kept", chat=accepted.chat, message_id=accepted.id, new=kept.is_new, open=kept.is_open
        )

    def _accept_words(self, message: Message) -> Message | None:
        """Returns the message as it is kept: with its command, which is executed at once, or as overheard.
        None where it is said to others and not filed."""
        if message.overheard or not (message.addressed or self._inbox.participates(message.chat)):
            return msgspec.structs.replace(message, overheard=True) if self._is_filed(message) else None
        message = msgspec.structs.replace(message, command=parse_command(message.text))
        if issued := message.issue_command():
            self._execute_command(issued)
        return message

    def _is_filed(self, message: Message) -> bool:
        """Returns whether what is said to others is filed, because of a meeting or while the assistant is
        quiet."""
        control = self._records.read_control(message.room, message.chat)
        return control.active_meeting(message.room, message.sent) is not None

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
        else:
            self._records.mute(
                issued.scope,
                issued.issued_at + order.duration_seconds if order.duration_seconds else 0.0,
                issued.issued_at,
            )
        self._logger.info("order_carried_out", order=order.action, place=issued.scope)
