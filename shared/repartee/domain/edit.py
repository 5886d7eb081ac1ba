"""Changes of messages that arrived earlier: people edit what they have sent."""

from __future__ import annotations

import msgspec

from repartee.domain.message import Incoming, Message


class MessageEdit(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it reads since it was edited.

    `may_begin`: a message that is not known yet is taken in as a new one, for it may call the assistant only
    since the edit.
    """

    message: Message
    may_begin: bool = False


def apply_edit(earlier: Incoming, edit: MessageEdit) -> Incoming:
    """The earlier message with the words of the edit. The files of an album stay. A command was executed when
    it was given, and an edit gives none. What is no message, as the press of a button, stays as it is."""
    now = edit.message
    if not isinstance(earlier, Message):
        return earlier
    attachments = now.attachments if len(earlier.attachments) <= 1 else earlier.attachments
    return msgspec.structs.replace(
        earlier,
        text=now.text,
        command=None,
        context=now.context or earlier.context,
        mentioned=now.mentioned or earlier.mentioned,
        mentions=now.mentions,
        attachments=attachments or earlier.attachments,
    )
