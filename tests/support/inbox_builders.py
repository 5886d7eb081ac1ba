"""Builders of messages and exchanges."""

from __future__ import annotations

from typing import Any

from repartee.domain.message import Exchange, Message

ROOM_ID = "slack:T1:C1"
CHAT_ID = f"{ROOM_ID}:1789000000.000100"


def make_message(
    text: str = "hello", *, id: str = "1", chat: str = CHAT_ID, room: str = ROOM_ID, **more: Any
) -> Message:
    """A message that was sent at the second that its id is, and received a moment later."""
    sent = more.pop("sent", float(id))
    return Message(
        id=id,
        chat=chat,
        room=room,
        channel="slack",
        sender="slack:T1:U1",
        text=text,
        sent=sent,
        received=more.pop("received", sent + 0.5),
        correlation=f"request-{id}",
        platform=more.pop(
            "platform", {"channel": "C1", "thread": id, "user": "U1", "team": "T1", "self": "UBOT"}
        ),
        **more,
    )


def make_exchange(turn: str = "t1", *messages: Message, reply: str = "hi", at: float = 100.0) -> Exchange:
    """What a turn said about the messages."""
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
