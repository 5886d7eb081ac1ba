"""WhatsApp's webhook: who posted a batch, and which messages it brings.

A batch has entries, these have changes, and those have messages: all of them are real. One that cannot be
read is told and costs no other; if nothing else came with it the whole is refused. Edited and deleted
messages are known and ignored: the answer that was given stands. So are reactions, and what groups say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b

from repartee.channels.whatsapp.attached import attached
from repartee.channels.whatsapp.pressed import decision
from repartee.channels.whatsapp.signature import Accepted, SignedByMeta
from repartee.channels.whatsapp.updates import (
    Change,
    Contact,
    Entry,
    Envelope,
    Problem,
    Sent,
    Status,
    Value,
)
from repartee.channels.whatsapp.words import words
from repartee.conversation.message import Message
from repartee.conversation.proposal import Pressed
from repartee.conversation.webhook import Arrived, Request, decoded
from repartee.errors import Malformed

IGNORED = {
    "edit": "a message was edited",
    "reaction": "a reaction",
    "request_welcome": "a chat was opened",
    "revoke": "a message was deleted",
    "system": "somebody changed their number or id",
    "unsupported": "a kind of message that WhatsApp does not hand out",
    "unknown": "a kind of message that WhatsApp does not hand out",
}
"""Messages that are known and bring nothing to answer, by their type."""

UNSAID = {"video": "a film without words", "sticker": "a sticker that moves"}
"""Why nothing can be answered in a message of these types."""

TOLD = {"sent", "delivered", "read", "played", "deleted"}
"""What becomes of a message when all is well."""


@dataclass
class Batch:
    """What is found in a batch while it is read."""

    messages: list[Message] = field(default_factory=list)
    pressed: list[Pressed] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What cannot be read within the block costs nothing beside it."""
        try:
            yield
        except Malformed as problem:
            self.broken.append(str(problem))

    def arrived(self) -> Arrived:
        """All of it. Raises `Malformed` if something was broken and nothing was brought beside it."""
        if self.broken and not (self.messages or self.pressed or self.undelivered):
            raise Malformed(self.broken[0])
        return Arrived(
            messages=self.messages,
            pressed=self.pressed,
            undelivered=self.undelivered,
            ignored="; ".join(dict.fromkeys((*self.ignored, *self.broken))),
        )


class WhatsAppWebhook(SignedByMeta):
    """`webhook.Receiver` for WhatsApp.

    `number` is the id of the business's number that the assistant answers; where none is said it answers all
    that post here.
    """

    def __init__(
        self, secrets: Accepted, tokens: Accepted, refresh: Callable[[], bool], number: Callable[[], str]
    ) -> None:
        super().__init__(secrets, tokens, refresh)
        self._number = number

    def parse(self, request: Request) -> Arrived:
        if request.method == "GET":
            return Arrived(answer=request.query.get("hub.challenge", ""), type="text/plain")
        envelope, batch = decoded(request.body, Envelope), Batch()
        if envelope.object != "whatsapp_business_account":
            return Arrived(ignored="not about WhatsApp")
        for change in _changes(envelope, batch):
            with batch.apart():
                self._read(change, request, batch)
        return batch.arrived()

    def _read(self, change: Change, request: Request, batch: Batch) -> None:
        if change.field != "messages":
            batch.ignored.append("not about messages")
            return
        value = decoded(bytes(change.value), Value)
        if self._number() not in ("", value.metadata.phone_number_id):
            batch.ignored.append("said to another number")
            return
        for raw in value.messages or ():
            with batch.apart():
                self._said(decoded(bytes(raw), Sent), value, request, batch)
        for raw in value.statuses or ():
            with batch.apart():
                _became(decoded(bytes(raw), Status), batch)
        for raw in value.errors or ():
            with batch.apart():
                batch.undelivered.append(f"the account has a problem: {decoded(bytes(raw), Problem).code}")

    def _said(self, sent: Sent, value: Value, request: Request, batch: Batch) -> None:
        if why := IGNORED.get(sent.type) or ("said in a group" if sent.group_id else ""):
            batch.ignored.append(why)
            return
        message = _message(sent, value, request, order=len(batch.messages))
        if pressed := decision(sent.chosen, message):
            batch.pressed.append(pressed)
        elif message.text or message.attachments:
            batch.messages.append(message)
        else:
            batch.ignored.append(UNSAID.get(sent.type, "nothing that can be answered"))


def _changes(envelope: Envelope, batch: Batch) -> Iterator[Change]:
    for raw_entry in envelope.entry:
        with batch.apart():
            for raw_change in decoded(bytes(raw_entry), Entry).changes:
                with batch.apart():
                    yield decoded(bytes(raw_change), Change)


def _message(sent: Sent, value: Value, request: Request, order: int) -> Message:
    number, contact = value.metadata.phone_number_id, value.contact(sent.from_, sent.from_user_id)
    room = f"whatsapp:{number}:{_person(sent, contact)}"
    return Message(
        id=known_as(sent.id),
        chat=room,
        room=room,
        channel="whatsapp",
        sender=f"whatsapp:{_person(sent, contact)}",
        text=words(sent),
        sent=_when(int(sent.timestamp), request.at, order),
        received=request.at,
        correlation=request.correlation,
        name=contact.name,
        reply_to=known_as(sent.context.id) if sent.context and sent.context.id else "",
        attachments=tuple(attached(sent, number)),
        platform={"number": number, "message": sent.id, **_address(sent, contact)},
    )


def known_as(wamid: str) -> str:
    """What we call a message: WhatsApp's own id says in base64 whose it is, and a telephone number must not
    be in logs."""
    return blake2b(wamid.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _person(sent: Sent, contact: Contact) -> str:
    """The id within the business; the number of somebody of whom nothing else is known."""
    person = sent.from_user_id or contact.user_id or sent.from_ or contact.wa_id
    if not person:
        raise Malformed("a message from nobody")
    return person


def _address(sent: Sent, contact: Contact) -> dict[str, str]:
    """Where the answer goes: to the number where it is known, which every version of the API takes."""
    if to := sent.from_ or contact.wa_id:
        return {"to": to}
    return {"recipient": sent.from_user_id or contact.user_id or ""}


def _when(second: int, received: float, order: int) -> float:
    """When it was sent. WhatsApp tells the second; within it messages keep the order in which they came."""
    late = max(0.0, received - second) + order / 1000
    return second + late / (1.0 + late)


def _became(status: Status, batch: Batch) -> None:
    """What became of a message of ours. Whose it was is not told."""
    if status.status in TOLD:
        batch.ignored.append("what became of a message")
        return
    codes = ", ".join(str(problem.code) for problem in status.errors or ()) or "for no reason"
    batch.undelivered.append(f"a message was not delivered: {codes}")
