"""Builders of messages and exchanges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from repartee.domain.message import Arrival, ButtonPress, Exchange, Incoming, Message, Opening
from repartee.intake.command_parsing import parse_command

ROOM_ID = "slack:T1:C1"
CHAT_ID = f"{ROOM_ID}:1789000000.000100"


def make_message(
    text: str = "hello", *, id: str = "1", chat: str = CHAT_ID, room: str = ROOM_ID, **more: Any
) -> Message:
    """A message that was sent at the second that its id is, and received a moment later."""
    sent = more.pop("sent", None)
    sent = float(id) if sent is None else sent
    return parse_intake(
        Message(
            id=id,
            chat=chat,
            room=room,
            channel=more.pop("channel", "slack"),
            sender="slack:T1:U1",
            text=text,
            sent=sent,
            received=more.pop("received", sent + 0.5),
            correlation=more.pop("correlation", f"request-{id}"),
            platform=more.pop(
                "platform", {"channel": "C1", "thread": id, "user": "U1", "team": "T1", "self": "UBOT"}
            ),
            **more,
        )
    )


def parse_intake(message: Message) -> Message:
    """The message as the webhook keeps it: with its command, unless it is said to others."""
    command = None if message.overheard else parse_command(message.text, sent=message.sent)
    return msgspec.structs.replace(message, command=command)


def change_arrival(
    message: Message, *, proposal_id: str = "", is_opening: bool = False, **changes: Any
) -> Incoming:
    """The message with these changes; or the press of a button, or the opening, that comes in its place."""
    changed = msgspec.structs.replace(message, **changes)
    if proposal_id:
        return changed.to_press(proposal_id, approved=True, id=changed.id, sent=changed.sent)
    if is_opening:
        return Opening(**{name: getattr(changed, name) for name in Arrival.__struct_fields__})
    return parse_intake(changed)


def only_messages(arrived: Iterable[Incoming]) -> list[Message]:
    """Those of what arrived in which people say something."""
    return [one for one in arrived if isinstance(one, Message)]


def label_of(arrived: Incoming) -> str:
    """By what a test tells what arrived from all else: a message's text, a press's proposal."""
    if isinstance(arrived, ButtonPress):
        return arrived.proposal_id
    return arrived.text if isinstance(arrived, Message) else ""


def make_exchange(turn: str = "t1", *messages: Incoming, reply: str = "hi", at: float = 100.0) -> Exchange:
    """Builds the exchange of a turn that answered the messages."""
    asked = messages or (make_message(),)
    return Exchange(
        turn=turn,
        chat=asked[-1].chat,
        room=asked[-1].room,
        assistant="office",
        messages=asked,
        reply=reply,
        answered_at=at,
    )
