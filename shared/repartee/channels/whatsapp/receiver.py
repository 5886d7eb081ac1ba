"""WhatsApp's webhook: who posted a batch, and which messages it brings.

A batch has entries, these have changes, and those have messages: all of them are real. One that cannot be
read is told and costs no other. An edited or deleted message changes what is kept of it; the answer to it
stands. Reactions, and what groups say, are known and ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from repartee.channels.whatsapp.attachments import parse_attachments
from repartee.channels.whatsapp.buttons import parse_decision
from repartee.channels.whatsapp.context import is_forwarded, parse_context
from repartee.channels.whatsapp.echoes import ECHOES_FIELD, parse_echo
from repartee.channels.whatsapp.ids import message_id, person_id, recipient_address
from repartee.channels.whatsapp.message_text import message_text
from repartee.channels.whatsapp.payloads import (
    WhatsAppChange,
    WhatsAppChangeValue,
    WhatsAppEntry,
    WhatsAppEnvelope,
    WhatsAppMessage,
    WhatsAppProblem,
    WhatsAppStatus,
)
from repartee.channels.whatsapp.receipts import parse_receipt
from repartee.channels.whatsapp.signature import AcceptedValues, MetaSignatureVerifier
from repartee.domain.engagement import EngagementSign
from repartee.domain.handover import TeamEcho
from repartee.domain.http import HttpRequest, decode_json
from repartee.domain.merging import as_deletion, as_revision
from repartee.domain.message import Message, Person, TeamAction
from repartee.domain.proposal import ReceivedPress
from repartee.errors import InvalidPayload
from repartee.ports.channels import ParsedRequest
from repartee.privacy.identifiers import IdentifierHasher

IGNORED_MESSAGE_TYPES = {
    "reaction": "a reaction",
    "request_welcome": "a chat was opened",
    "system": "a person changed their number or id",
}
"""Messages that are known and bring nothing to answer, by their type."""

EDIT_TYPES = {"edit", "message_edit", "edited_message"}
"""Kinds of `unsupported` messages that are edits of earlier ones: Meta does not always hand these out."""

NORMAL_STATUSES = {"sent", "delivered", "read", "played", "deleted"}
"""The statuses of a message when all is well."""


@dataclass
class WhatsAppBatch:
    """The contents found in a batch while it is read."""

    messages: list[Message] = field(default_factory=list)
    pressed: list[ReceivedPress] = field(default_factory=list)
    echoes: list[TeamEcho] = field(default_factory=list)
    receipts: list[TeamAction] = field(default_factory=list)
    signs: list[EngagementSign] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)

    @contextmanager
    def collect_malformed(self) -> Iterator[None]:
        """Notes a part that cannot be read within the block, so that it costs nothing beside it."""
        try:
            yield
        except InvalidPayload as problem:
            self.malformed.append(str(problem))

    def to_parsed_request(self) -> ParsedRequest:
        """All of it. Raises `InvalidPayload` if something was broken and nothing was brought beside it."""
        if self.malformed and not (
            self.messages or self.pressed or self.undelivered or self.echoes or self.receipts or self.signs
        ):
            raise InvalidPayload(self.malformed[0])
        return ParsedRequest(
            messages=self.messages,
            presses=self.pressed,
            echoes=self.echoes,
            receipts=self.receipts,
            signs=self.signs,
            delivery_failures=self.undelivered,
            ignored_reason="; ".join(dict.fromkeys(self.ignored)),
            unreadable_parts=tuple(dict.fromkeys(self.malformed)),
        )


class WhatsAppReceiver(MetaSignatureVerifier):
    """`webhook.Receiver` for WhatsApp.

    `number` is the id of the business's number that the assistant answers; where none is said it answers all
    that post here.
    """

    def __init__(
        self,
        secrets: AcceptedValues,
        verify_tokens: AcceptedValues,
        refresh: Callable[[], bool],
        phone_number_id: Callable[[], str],
        identifiers: IdentifierHasher,
    ) -> None:
        super().__init__(secrets, verify_tokens, refresh)
        self._number, self._identifiers = phone_number_id, identifiers

    def parse(self, request: HttpRequest) -> ParsedRequest:
        if request.method == "GET":
            return ParsedRequest(
                response_body=request.query.get("hub.challenge", ""), content_type="text/plain"
            )
        envelope, batch = decode_json(request.body, WhatsAppEnvelope), WhatsAppBatch()
        if envelope.object != "whatsapp_business_account":
            return ParsedRequest(ignored_reason="not about WhatsApp")
        for change in _decode_changes(envelope, batch):
            with batch.collect_malformed():
                self._parse_change(change, request, batch)
        return batch.to_parsed_request()

    def _parse_change(self, change: WhatsAppChange, request: HttpRequest, batch: WhatsAppBatch) -> None:
        if change.field not in ("messages", ECHOES_FIELD):
            batch.ignored.append("not about messages")
            return
        value = decode_json(bytes(change.value), WhatsAppChangeValue)
        if self._number() not in ("", value.metadata.phone_number_id):
            batch.ignored.append("said to another number")
            return
        for raw in value.messages or ():
            with batch.collect_malformed():
                self._parse_message(decode_json(bytes(raw), WhatsAppMessage), value, request, batch)
        for raw in value.message_echoes or ():
            with batch.collect_malformed():
                batch.echoes.append(parse_echo(bytes(raw), value, request, self._identifiers))
        for raw in value.statuses or ():
            with batch.collect_malformed():
                status = decode_json(bytes(raw), WhatsAppStatus)
                if status.status == "read" and (sign := self._make_reading_sign(status, request)):
                    batch.signs.append(sign)
                batch.receipts.extend(parse_receipt(status, value, request, self._identifiers))
                _record_status(status, batch)
        for raw in value.errors or ():
            with batch.collect_malformed():
                batch.undelivered.append(
                    f"the account has a problem: {decode_json(bytes(raw), WhatsAppProblem).code}"
                )

    def _parse_message(
        self, payload: WhatsAppMessage, value: WhatsAppChangeValue, request: HttpRequest, batch: WhatsAppBatch
    ) -> None:
        if payload.reaction and payload.reaction.emoji and not payload.group_id:
            contact = value.find_contact(payload.from_, payload.from_user_id)
            person = f"whatsapp:{person_id(payload, contact, self._identifiers)}"
            batch.signs.append(EngagementSign(person, "reaction", request.received_at))
        if why := _ignore_reason(payload):
            batch.ignored.append(why)
            return
        if payload.revoke:
            batch.messages.append(self._build_deletion(payload, value, request, batch))
            return
        if payload.edit:
            batch.messages.append(self._build_edit(payload, value, request, batch))
            return
        message = self._build_message(payload, value, request, batch_index=len(batch.messages))
        if pressed := parse_decision(payload.choice, message):
            batch.pressed.append(pressed)
        elif message.text or message.attachments or message.context:
            batch.messages.append(message)
        else:
            batch.ignored.append("nothing that can be answered")

    def _make_reading_sign(self, status: WhatsAppStatus, request: HttpRequest) -> EngagementSign | None:
        """Returns the sign that a person has opened what was said to them. None where nobody is named."""
        person = status.recipient_user_id or status.recipient_id
        if not person:
            return None
        hashed = self._identifiers.hash_personal_id("whatsapp", person)
        return EngagementSign(f"whatsapp:{hashed}", "open", request.received_at)

    def _build_deletion(
        self,
        payload: WhatsAppMessage,
        value: WhatsAppChangeValue,
        request: HttpRequest,
        batch: WhatsAppBatch,
    ) -> Message:
        """The change by which its author takes an earlier message back."""
        if payload.revoke is None:
            raise InvalidPayload("a deletion without what it deletes")
        earlier = msgspec.structs.replace(payload, id=payload.revoke.original_message_id)
        message = self._build_message(earlier, value, request, batch_index=len(batch.messages))
        return as_deletion(message, f"{message.id}-deleted")

    def _build_edit(
        self,
        payload: WhatsAppMessage,
        value: WhatsAppChangeValue,
        request: HttpRequest,
        batch: WhatsAppBatch,
    ) -> Message:
        """The change by which its author gives an earlier message other words. Its files have no ids then."""
        edit = payload.edit
        if edit is None:
            raise InvalidPayload("an edit without what it changes")
        same = {"id": edit.original_message_id, "timestamp": payload.timestamp}
        people = {"from": payload.from_, "from_user_id": payload.from_user_id}
        written = msgspec.json.encode({**edit.message, **same, **people})
        now = decode_json(written, WhatsAppMessage)
        message = self._build_message(now, value, request, batch_index=len(batch.messages))
        return as_revision(message, f"{message.id}-edited-{message_id(payload.id)}", keeps_files=True)

    def _build_message(
        self, payload: WhatsAppMessage, value: WhatsAppChangeValue, request: HttpRequest, batch_index: int
    ) -> Message:
        number, contact = (
            value.metadata.phone_number_id,
            value.find_contact(payload.from_, payload.from_user_id),
        )
        person = person_id(payload, contact, self._identifiers)
        room, sender = f"whatsapp:{number}:{person}", Person(f"whatsapp:{person}", contact.display_name)
        forwarded = is_forwarded(payload)
        return Message(
            id=message_id(payload.id),
            chat=room,
            room=room,
            channel="whatsapp",
            sender=sender.id,
            text="" if forwarded else message_text(payload),
            sent=_sent_at(int(payload.timestamp), request.received_at, batch_index),
            received=request.received_at,
            correlation=request.correlation,
            sender_name=sender.name,
            reply_to=message_id(payload.context.id) if payload.context and payload.context.id else "",
            attachments=() if forwarded else tuple(parse_attachments(payload, number)),
            context=tuple(parse_context(payload, value.metadata, sender)),
            platform={"number": number, "message": payload.id, **recipient_address(payload, contact)},
        )


def _ignore_reason(payload: WhatsAppMessage) -> str:
    """Why a message is not something that a person said to the assistant, empty if it is."""
    if payload.unsupported and payload.unsupported.type in EDIT_TYPES:
        return "a message was edited, and WhatsApp does not say how"
    return IGNORED_MESSAGE_TYPES.get(payload.type) or ("said in a group" if payload.group_id else "")


def _decode_changes(envelope: WhatsAppEnvelope, batch: WhatsAppBatch) -> Iterator[WhatsAppChange]:
    for raw_entry in envelope.entry:
        with batch.collect_malformed():
            for raw_change in decode_json(bytes(raw_entry), WhatsAppEntry).changes:
                with batch.collect_malformed():
                    yield decode_json(bytes(raw_change), WhatsAppChange)


def _sent_at(second: int, received: float, batch_index: int) -> float:
    """When it was sent. WhatsApp tells the second; within it messages keep the order in which they came."""
    late = max(0.0, received - second) + batch_index / 1000
    return second + late / (1.0 + late)


def _record_status(status: WhatsAppStatus, batch: WhatsAppBatch) -> None:
    """Records the fate of a message of ours. Whose it was is not logged."""
    if status.status in NORMAL_STATUSES:
        batch.ignored.append("what became of a message")
        return
    codes = ", ".join(str(problem.code) for problem in status.errors or ()) or "for no reason"
    batch.undelivered.append(f"a message was not delivered: {codes}")
