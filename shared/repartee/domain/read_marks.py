"""Marks by which a customer's platform tells that a member's message was read.

A mark is the id of the member's message in the customer's chat. It goes out with what is relayed, and comes
back with the platform's receipt: nothing is stored for it, and receipts of other messages have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

READ_MARK_KEY = "read_mark"
"""Of `Arrival.platform`: the mark of what is sent to this address, where it has one."""

READ_MARK = re.compile(r"team-[\w.-]{1,200}")


def make_member_message_id(room: str, id: str) -> str:
    """Returns the id that a member's message has in the customer's chat."""
    return f"team-{room}-{id}".replace(":", "-")


def is_read_mark(text: object) -> bool:
    """Returns whether a platform handed back the mark of a member's message."""
    return isinstance(text, str) and bool(READ_MARK.fullmatch(text))


def find_member_message(mark: str, rooms: Iterable[str]) -> tuple[str, str] | None:
    """Returns the room of the team and the id there of the message with this mark. None where it was written
    in no such room."""
    for room in rooms:
        beginning = make_member_message_id(room, "")
        if mark.startswith(beginning):
            return room, mark.removeprefix(beginning)
    return None
