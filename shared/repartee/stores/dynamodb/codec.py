"""Turns messages and exchanges into attributes of an item, and back. `wire` says what must stay as it is."""

from __future__ import annotations

from typing import Any

import msgspec

from repartee.domain.command import Command
from repartee.domain.message import (
    Arrival,
    Attachment,
    ButtonPress,
    ContextPart,
    Exchange,
    Incoming,
    Message,
    Opening,
    Person,
    TeamAction,
)
from repartee.domain.stored_size import fit_exchange, fit_message
from repartee.intake.command_parsing import parse_command
from repartee.stores.dynamodb.items import Item, decode_payload, number_attribute, payload_attributes
from repartee.stores.dynamodb.wire import (
    FORMAT_VERSION,
    WireAttachment,
    WireCommand,
    WireContextPart,
    WireExchange,
    WireMessage,
    WirePerson,
)

MESSAGE_KEY_PREFIX = "message#"
"""The beginning of the sort key of a message; all else that is open is an exchange."""


def message_attributes(message: Incoming) -> dict[str, Any]:
    """Returns the message as attributes of its item, in which it fits."""
    return _versioned(message_to_wire(fit_message(message)))


def exchange_attributes(exchange: Exchange) -> dict[str, Any]:
    """Returns the exchange as attributes of its item, in which it fits."""
    sent = {"sent_ids": {"SS": list(exchange.reply_ids)}} if exchange.reply_ids else {}
    return _versioned(exchange_to_wire(fit_exchange(exchange))) | sent


def decode_message(item: Item) -> Incoming:
    """Returns the message that an item was written with, by whichever version."""
    return message_from_wire(decode_payload(item, WireMessage))


def decode_exchange(item: Item) -> Exchange:
    """Returns the exchange that an item was written with, by whichever version."""
    return exchange_from_wire(decode_payload(item, WireExchange))


def _versioned(wire: WireMessage | WireExchange) -> dict[str, Any]:
    return {"payload": payload_attributes(wire), "format": number_attribute(FORMAT_VERSION)}


def message_to_wire(message: Incoming) -> WireMessage:
    """Returns the message as it is stored."""
    common = {name: getattr(message, name) for name in Arrival.__struct_fields__ if name != "sender_name"}
    common |= {"name": message.sender_name, "v": FORMAT_VERSION}
    if isinstance(message, Opening):
        return WireMessage(**common, text="", opens=True)
    if isinstance(message, ButtonPress):
        return WireMessage(**common, text="", decides=message.proposal_id, approves=message.approved)
    if isinstance(message, TeamAction):
        attached = tuple(map(_attachment_to_wire, message.attachments))
        return WireMessage(**common, text=message.text, attachments=attached, team=message.kind)
    return WireMessage(
        **common,
        text=message.text,
        addressed=message.addressed,
        mentioned=message.mentioned,
        overheard=message.overheard,
        command=_command_to_wire(message.command),
        reply_to=message.reply_to,
        mentions=tuple(person.id for person in message.mentions),
        people=tuple(map(_person_to_wire, message.mentions)),
        attachments=tuple(map(_attachment_to_wire, message.attachments)),
        context=tuple(map(_context_to_wire, message.context)),
        unread=message.is_thread_unread,
        revises=message.revises,
        deletes=message.is_deletion,
        keeps_files=message.keeps_files,
        over_limit=message.is_over_limit,
    )


def message_from_wire(wire: WireMessage) -> Incoming:
    """Returns the message that is stored so, by whichever version."""
    common = {name: getattr(wire, name) for name in Arrival.__struct_fields__ if name != "sender_name"}
    common["sender_name"] = wire.name
    if wire.opens:
        return Opening(**common)
    if wire.decides:
        return ButtonPress(**common, proposal_id=wire.decides, approved=wire.approves)
    if wire.team:
        return _team_action_from_wire(wire, common)
    people = wire.people or tuple(map(WirePerson, wire.mentions))
    return Message(
        **common,
        text=wire.text,
        addressed=wire.addressed,
        mentioned=wire.mentioned,
        overheard=wire.overheard,
        command=_command_from_wire(wire),
        reply_to=wire.reply_to,
        mentions=tuple(map(_person_from_wire, people)),
        attachments=tuple(map(_attachment_from_wire, wire.attachments)),
        context=tuple(map(_context_from_wire, wire.context)),
        is_thread_unread=wire.unread,
        revises=wire.revises,
        is_deletion=wire.deletes,
        keeps_files=wire.keeps_files,
        is_over_limit=wire.over_limit,
    )


def _team_action_from_wire(wire: WireMessage, common: dict[str, Any]) -> TeamAction:
    attached = tuple(map(_attachment_from_wire, wire.attachments))
    return msgspec.convert(
        {**common, "kind": wire.team, "text": wire.text, "attachments": attached}, TeamAction
    )


def exchange_to_wire(exchange: Exchange) -> WireExchange:
    """Returns the exchange as it is stored."""
    return WireExchange(
        turn=exchange.turn,
        chat=exchange.chat,
        room=exchange.room,
        assistant=exchange.assistant,
        messages=tuple(map(message_to_wire, exchange.messages)),
        reply=exchange.reply,
        at=exchange.answered_at,
        sent_ids=exchange.reply_ids,
        lanes=exchange.endpoints,
        v=FORMAT_VERSION,
    )


def exchange_from_wire(wire: WireExchange) -> Exchange:
    """Returns the exchange that is stored so, by whichever version."""
    return Exchange(
        turn=wire.turn,
        chat=wire.chat,
        room=wire.room,
        assistant=wire.assistant,
        messages=tuple(map(message_from_wire, wire.messages)),
        reply=wire.reply,
        answered_at=wire.at,
        reply_ids=wire.sent_ids,
        endpoints=wire.lanes,
    )


def _command_to_wire(command: Command | None) -> WireCommand | None:
    if command is None:
        return None
    return WireCommand(command.action, command.duration_seconds, command.is_local_time, command.answers)


def _command_from_wire(wire: WireMessage) -> Command | None:
    """Returns the command. Version 1 has it in the text alone, and reads it there again each time."""
    if wire.v < FORMAT_VERSION:
        return None if wire.overheard else parse_command(wire.text, sent=wire.sent)
    if wire.command is None:
        return None
    return msgspec.convert(
        {
            "action": wire.command.action,
            "duration_seconds": wire.command.seconds,
            "is_local_time": wire.command.local,
            "answers": wire.command.answers,
        },
        Command,
    )


def _person_to_wire(person: Person) -> WirePerson:
    return WirePerson(person.id, person.name)


def _person_from_wire(person: WirePerson) -> Person:
    return Person(person.id, person.name)


def _attachment_to_wire(attachment: Attachment) -> WireAttachment:
    return WireAttachment(
        kind="file" if attachment.kind == "video" else attachment.kind,
        id=attachment.id,
        name=attachment.name,
        mime=attachment.mime,
        size=attachment.size,
        source=attachment.download_ref,
        film=attachment.kind == "video",
    )


def _attachment_from_wire(wire: WireAttachment) -> Attachment:
    return Attachment(
        kind="video" if wire.film else wire.kind,
        id=wire.id,
        name=wire.name,
        mime=wire.mime,
        size=wire.size,
        download_ref=wire.source,
    )


def _context_to_wire(part: ContextPart) -> WireContextPart:
    return WireContextPart(
        kind=part.kind,
        author=_person_to_wire(part.author),
        ours=part.by_assistant,
        sent=part.sent,
        text=part.text,
        attachments=tuple(map(_attachment_to_wire, part.attachments)),
        message=part.message_id,
    )


def _context_from_wire(wire: WireContextPart) -> ContextPart:
    return ContextPart(
        kind=wire.kind,
        author=_person_from_wire(wire.author),
        by_assistant=wire.ours,
        sent=wire.sent,
        text=wire.text,
        attachments=tuple(map(_attachment_from_wire, wire.attachments)),
        message_id=wire.message,
    )
