"""The addresses of a turn that passes on: the customer's, and a member's message as its channel knows it."""

from __future__ import annotations

import msgspec

from repartee.domain.handover import Handover, TeamCard
from repartee.domain.message import Message, TeamAction
from repartee.domain.read_marks import READ_MARK_KEY, is_read_mark
from repartee.domain.relayed import mark_relayed
from repartee.ports import Inbox

MAX_SEARCHED_MESSAGES = 30
"""Messages among which the customer's latest is looked for, by which they are reached."""


def find_customer_address(inbox: Inbox, handover: Handover, action: TeamAction) -> Message:
    """Returns the customer's latest message, or one as they would have sent it, with whose words are passed
    on to it. What a member wrote goes there with its mark."""
    latest = inbox.list_latest(action.chat, MAX_SEARCHED_MESSAGES)
    own = [one for one in latest if one.platform]
    address = mark_relayed(
        own[-1] if own else _describe_customer(handover, action),
        "member" if action.kind == "message" else "desk",
    )
    if action.kind != "message" or not is_read_mark(action.id):
        return address
    marked = {**address.platform, READ_MARK_KEY: action.id}
    return msgspec.structs.replace(address, platform=marked)


def _describe_customer(handover: Handover, action: TeamAction) -> Message:
    customer = handover.customer
    return Message(
        id=action.id,
        chat=action.chat,
        room=customer.room,
        channel=customer.channel,
        sender=customer.person.id,
        text="",
        sent=customer.wrote_at,
        received=customer.wrote_at,
        language=customer.language,
        platform=customer.address,
    )


def as_member_message(card: TeamCard, action: TeamAction) -> Message:
    """Returns a member's message as its own channel knows it, by which its files are fetched."""
    return Message(
        id=action.id,
        chat=card.chat,
        room=card.room,
        channel=card.room.partition(":")[0],
        sender=action.sender,
        text=action.text,
        sent=action.sent,
        received=action.received,
        platform=action.platform,
        attachments=action.attachments,
    )
