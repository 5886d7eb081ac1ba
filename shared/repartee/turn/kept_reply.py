"""The part of a reply that is kept: where others read, nothing that was read with one person's rights."""

from __future__ import annotations

from repartee.domain.message import is_shared_room
from repartee.domain.reply import VisibleState

OWN_RIGHTS_PROMPT = (
    "(This was answered with the rights of the person who asked. It is not kept where others read: look it "
    "up again for the person who asks now.)"
)
"""Stands for such a reply in later prompts."""


def reply_to_keep(reply: str, room: str, visible: VisibleState) -> str:
    """Returns the reply as it is kept. It was given in the room; the memory of it is that person's alone."""
    return OWN_RIGHTS_PROMPT if reply and visible.is_private and is_shared_room(room) else reply
