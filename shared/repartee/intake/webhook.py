"""The webhook: verify, parse, control, keep, wake. It answers within milliseconds and never thinks.

A signed update that cannot be read is acknowledged: a 4xx would make the platform send it again, for a day,
and hold back what comes after it. It is left as a dead letter without its text, and raises an alarm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from hashlib import blake2b

import msgspec

from repartee.domain.command import IssuedCommand
from repartee.domain.control import AnswerMode, Control
from repartee.domain.engagement import EngagementSign
from repartee.domain.feedback import Feedback
from repartee.domain.http import HttpRequest, HttpResponse, encode_json, error_response
from repartee.domain.merging import supplement_id
from repartee.domain.message import Incoming, Message
from repartee.domain.proposal import ReceivedPress
from repartee.errors import BackendError, InvalidPayload, PayloadTooLarge, RequestRejected
from repartee.intake.audience import LATEST_MESSAGES, is_said_to_others, may_name_person
from repartee.intake.combine import completes_earlier, is_album_part
from repartee.intake.command_confirmation import on_local_clock
from repartee.intake.command_parsing import parse_command
from repartee.intake.handover_intake import HandoverIntake
from repartee.intake.message_keeper import MessageKeeper, WakingBeside
from repartee.intake.person_limits import PersonLimits
from repartee.language.choosing import choose_language
from repartee.ports import Inbox, ProposalStore, Records, Wakes
from repartee.ports.channels import ParsedRequest, Receiver
from repartee.ports.logging import Logger

MAX_BODY_BYTES = 1024 * 1024
"""Bytes. No platform sends an event of more."""

EDIT_MENTION_SECONDS = 3600.0
"""Seconds after a message within which an edit may still call the assistant."""


class Webhook:
    """Takes in what the platforms post, one receiver a route. `count_metric` is told of redeliveries and of
    updates that cannot be read. Clients of ours are told what is wrong with what they send
    (`acknowledge_unreadable` is False), platforms are not."""

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
        acknowledge_unreadable: bool = True,
        person_limits: PersonLimits | None = None,
        team: HandoverIntake | None = None,
        note_sign: Callable[[EngagementSign], None] = lambda sign: None,
        clock: Callable[[], float] = time.time,
        waking_beside: WakingBeside | None = None,
    ) -> None:
        self._team, self._note_sign = team, note_sign
        self._acknowledge_unreadable = acknowledge_unreadable
        self._receivers, self._inbox, self._records, self._wakes = receivers, inbox, records, wakes
        self._logger, self._count_metric, self._proposals = logger, count_metric, proposals
        self._person_limits = person_limits
        self._keeper = MessageKeeper(inbox, wakes, logger, count_metric, clock, quiet_seconds, waking_beside)

    def handle_request(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request: 2xx when what it brought is safe or cannot be read, 4xx when it is not
        signed, 503 when the platform should send it again."""
        self._logger.set_correlation_id(request.correlation)
        try:
            return self._process_request(request)
        except RequestRejected as refusal:
            return self.refuse_request(refusal)
        except BackendError as failure:
            self._logger.error("request_failed", backend=failure.backend, reason=str(failure))
            return HttpResponse(503, encode_json({"error": "not kept, send it again"}))

    def refuse_request(self, refusal: RequestRejected) -> HttpResponse:
        """Logs that a request is refused, and returns the answer to it."""
        self._logger.warning("request_refused", status=refusal.status, reason=str(refusal))
        return error_response(refusal)

    def _process_request(self, request: HttpRequest) -> HttpResponse:
        receiver = self._receivers.get(request.path)
        if receiver is None:
            return HttpResponse(404, encode_json({"error": f"nothing listens at {request.path}"}))
        if not self._acknowledge_unreadable:
            _check_size(request)
        receiver.verify(request)
        try:
            _check_size(request)
            arrived = receiver.parse(request)
        except (InvalidPayload, PayloadTooLarge) as problem:
            if not self._acknowledge_unreadable:
                raise
            self._keep_unreadable(request, str(problem))
            return HttpResponse(200, "{}")
        return self._take_in(arrived, request)

    def _take_in(self, arrived: ParsedRequest, request: HttpRequest) -> HttpResponse:
        answer = "".join([self._execute_command(issued) for issued in arrived.commands])
        answer += "".join([self._decide_press(pressed) for pressed in arrived.presses])
        answer += self._take_in_team(arrived)
        for message in arrived.messages:
            self._accept_message(message)
        for feedback in arrived.feedback:
            self._keep_feedback(feedback)
        for sign in arrived.signs:
            self._note_sign(sign)
        for problem in arrived.unreadable_parts:
            self._keep_unreadable(request, problem)
        for reason in arrived.delivery_failures:
            self._logger.warning("message_undelivered", reason=reason)
        if arrived.ignored_reason:
            self._logger.info("event_ignored", reason=arrived.ignored_reason)
        return HttpResponse(200, answer or arrived.response_body or "{}", arrived.content_type)

    def _keep_unreadable(self, request: HttpRequest, reason: str) -> None:
        """Leaves a dead letter that says which update it was, by the hash of its bytes, and what is wrong."""
        update = blake2b(request.body, digest_size=16).hexdigest()
        self._wakes.dead_letter(request.path, [update], reason)
        self._count_metric("UnreadableUpdates")
        self._logger.error("update_unreadable", path=request.path, update=update, reason=reason)

    def _decide_press(self, received: ReceivedPress) -> str:
        """Writes a decision at once, and wakes its chat, where the turn carries it out. The answer to it, for
        a platform that wants one: what decides nothing is then told by that alone."""
        verdict = self._proposals.record_decision(received.press)
        self._logger.info("press_decided", subject=received.press.proposal_id, verdict=verdict)
        if verdict == "taken" or not received.acknowledge:
            self._accept_message(received.message)
        return received.acknowledge(verdict) if received.acknowledge else ""

    def _take_in_team(self, arrived: ParsedRequest) -> str:
        """Carries out what members pressed on the team's cards, and keeps what they wrote in the business's
        own app, and the receipts of what they wrote here. Returns the answer to the presses."""
        if self._team is None:
            return ""
        answers = [self._team.press(press) for press in arrived.handover_presses]
        notices = [notice for _, notice in answers if notice]
        for action in (*notices, *map(self._team.take_echo, arrived.echoes), *arrived.receipts):
            self._keeper.keep(action)
        return "".join(answer for answer, _ in answers)

    def _redirect_to_customer(self, message: Incoming) -> bool:
        """Keeps what a member wrote for a customer in that one's chat. False for any other message."""
        if self._team is None or not isinstance(message, Message) or message.revises:
            return False
        actions = self._team.redirect(message)
        for action in actions or ():
            self._keeper.keep(action)
        return actions is not None

    def _accept_message(self, message: Incoming) -> None:
        if self._redirect_to_customer(message):
            return
        if isinstance(message, Message) and message.revises:
            self._accept_revision(message)
            return
        text = message.text if isinstance(message, Message) else ""
        language = choose_language(platform=message.language, text=text)
        message = msgspec.structs.replace(message, language=language)
        accepted = self._accept_words(message) if isinstance(message, Message) else message
        if accepted is None:
            self._logger.info("message_ignored", chat=message.chat, reason="said to others")
            return
        self._keeper.take_in(accepted, self._limit_person, likely=self._is_likely_within(accepted))

    def _is_likely_within(self, message: Incoming) -> bool:
        limits = self._person_limits
        return limits is None or limits.is_likely_within(message.sender)

    def _limit_person(self, message: Incoming) -> Incoming | None:
        """Returns the message as it is kept. None after the one at which its sender is told, once, that they
        write more than is answered. What was kept before is woken again, and commands always count."""
        limits = self._person_limits
        if limits is None or not isinstance(message, Message) or message.overheard or message.command:
            return message
        verdict = limits.judge(message)
        if verdict == "within" or self._inbox.find_said(message.chat, [message.id]):
            return message
        self._count_metric("MessagesOverLimit")
        self._logger.warning("message_over_limit", chat=message.chat, told=verdict == "first_over")
        return msgspec.structs.replace(message, is_over_limit=True) if verdict == "first_over" else None

    def _accept_revision(self, revision: Message) -> None:
        """Changes what was said. What is answered already is changed in the stores too, by a turn that says
        nothing; what is said to the assistant only since an edit, within an hour, is said then."""
        if self._team and self._team.is_team_message(revision):
            self._logger.info("message_ignored", chat=revision.chat, reason="an edit below a team's card")
            return
        if not revision.is_deletion:
            command = parse_command(revision.text, sent=revision.sent)
            revision = msgspec.structs.replace(revision, command=command)
        known = self._inbox.revise(revision)
        if revision.is_deletion:  # what a later telling of it brought along goes too
            more = msgspec.structs.replace(revision, revises=supplement_id(revision.revises))
            known = "answered" if "answered" in (self._inbox.revise(more), known) else known
        self._logger.info("message_revised", chat=revision.chat, message_id=revision.revises, known=known)
        if known == "waiting":
            self._execute_revised_command(revision)
        elif known == "unknown" and _calls_by_edit(revision):
            begun = msgspec.structs.replace(revision, id=revision.revises, revises="", keeps_files=False)
            self._accept_message(begun)
        elif known == "answered" or self._inbox.participates(revision.chat):  # it may be read in its thread
            self._keeper.keep(msgspec.structs.replace(revision, overheard=True))

    def _execute_revised_command(self, revision: Message) -> None:
        """Executes the command that a message has become which still waits."""
        command = revision.command if revision.addressed else None
        if issued := msgspec.structs.replace(revision, command=command).issue_command():
            self._execute_command(issued)

    def _accept_words(self, message: Message) -> Message | None:
        """Returns the message as it is kept: with its command, which is executed at once, or as overheard.
        None where it is said to others and not filed."""
        if message.overheard or not message.addressed:
            control = self._records.read_control(message.room, message.chat)
            if message.overheard or not self._takes_part(message, control.answers):
                return self._keep_overheard(message, control)
            if self._is_said_to_others(message, control.answers):
                return msgspec.structs.replace(message, overheard=True)
        command = parse_command(message.text, sent=message.sent)
        unread = message.is_thread_unread and not self._inbox.participates(message.chat)
        message = msgspec.structs.replace(message, command=command, is_thread_unread=unread)
        if issued := message.issue_command():
            self._execute_command(issued)
        return message

    def _takes_part(self, message: Message, answers: AnswerMode) -> bool:
        """Returns whether what does not mention the assistant may be said to it, as the room wants it."""
        return answers == "all" or (answers == "thread" and self._inbox.participates(message.chat))

    def _is_said_to_others(self, message: Message, answers: AnswerMode) -> bool:
        """Returns whether a message that does not mention the assistant is for another person. A command
        never is."""
        if parse_command(message.text, sent=message.sent) and not message.mentions:
            return False
        names = self._records.read_names(message.room) if may_name_person(message.text) else {}
        latest = self._inbox.list_latest(message.chat, LATEST_MESSAGES)
        known = [one.name for one in names.values()]
        return is_said_to_others(message, latest, known, may_be_statement=answers == "all")

    def _keep_overheard(self, message: Message, control: Control) -> Message | None:
        """Returns a message that is said to others, as it is kept: to be filed, or as a part of one that is
        said to the assistant. None if it is neither."""
        in_album = is_album_part(message)
        is_filed = control.active_meeting(message.room, message.sent) is not None
        if not in_album and is_filed:
            return msgspec.structs.replace(message, overheard=True)
        if completes_earlier(message, self._inbox.list_open):
            return msgspec.structs.replace(message, overheard=False, addressed=True)
        return msgspec.structs.replace(message, overheard=True) if in_album else None

    def _keep_feedback(self, feedback: Feedback) -> None:
        kept = self._inbox.save_feedback(feedback)
        if kept:
            self._count_metric(feedback.metric_name)
        self._logger.info("feedback_given", chat=feedback.chat, turn=feedback.turn, kept=kept)

    def _execute_command(self, issued: IssuedCommand) -> str:
        """Carries out a command at once, so that it does not queue behind what it must stop. Returns the
        answer to it, for a platform that wants one. Only that, and a mute that ends at an hour of the
        person's clock, need to know the person."""
        asks = issued.acknowledge or issued.command.is_local_time
        state = self._records.read_chat_state(issued.scope, issued.chat, issued.issued_by) if asks else None
        profile = state.whole_profile if state else {}
        issued = on_local_clock(issued, profile)
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
        return issued.acknowledge(issued, profile) if issued.acknowledge else ""


def _check_size(request: HttpRequest) -> None:
    if len(request.body) > MAX_BODY_BYTES:
        raise PayloadTooLarge(f"the body has more than {MAX_BODY_BYTES} bytes")


def _calls_by_edit(revision: Message) -> bool:
    """Returns whether what its author has just edited is said to the assistant: one that was said to others
    before, or never came."""
    is_recent = revision.received - revision.sent < EDIT_MENTION_SECONDS
    return is_recent and revision.addressed and not revision.is_deletion
