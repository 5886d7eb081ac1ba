"""One message told of twice: what the later telling knows more.

Slack tells of one post as `app_mention` and as `message`, in either order, and the first may be without
files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from repartee.domain.message import Attachment, ContextPart, Exchange, Message, workspace_of


def merge_deliveries(known: Message, later: Message) -> Message:
    """The message with all that the two tell. Its words and its time stay those that were first known."""
    return msgspec.structs.replace(
        known,
        text=known.text or later.text,
        **_sender_fields(known, later),
        sender_name=known.sender_name or later.sender_name,
        addressed=known.addressed or later.addressed,
        mentioned=known.mentioned or later.mentioned,
        overheard=known.overheard and later.overheard,
        is_thread_unread=known.is_thread_unread or later.is_thread_unread,
        mentions=tuple(dict.fromkeys((*known.mentions, *later.mentions))),
        attachments=(*known.attachments, *_missing_attachments(known, later)),
        context=(*known.context, *_missing_parts(known.context, later.context)),
    )


def supplement_of(known: Message, later: Message) -> Message | None:
    """Returns what the later telling brings along more, as a message of its own, which asks the same
    again: for a message that is answered by now, or being answered. None where nothing came along."""
    attachments = tuple(_missing_attachments(known, later))
    context = tuple(_missing_parts(known.context, later.context))
    if known.overheard or not (attachments or context):
        return None
    return msgspec.structs.replace(
        later,
        id=supplement_id(known.id),
        attachments=attachments,
        context=context,
        is_thread_unread=False,
        overheard=False,
    )


def supplement_id(id: str) -> str:
    """Returns the id of what a later telling of that message brought along."""
    return f"{id}-more"


def as_revision(message: Message, id: str, *, keeps_files: bool = False) -> Message:
    """Returns the change, under that id, by which the author gives the message the words that it has here."""
    return msgspec.structs.replace(message, id=id, revises=message.id, keeps_files=keeps_files)


def as_deletion(message: Message, id: str) -> Message:
    """Returns the change, under that id, by which the author deletes the message. It holds no word of it."""
    return msgspec.structs.replace(erase_words(message), id=id, revises=message.id, is_deletion=True)


def erase_from_exchange(exchange: Exchange, ids: Collection[str]) -> Exchange:
    """Returns the exchange without what these messages said and brought; without its reply, too, where that
    answered nothing else."""
    messages = tuple(
        erase_words(one) if isinstance(one, Message) and one.id in ids else one for one in exchange.messages
    )
    is_answer_to_others = any(
        not isinstance(one, Message) or (one.has_content and not one.overheard) for one in messages
    )
    reply = exchange.reply if is_answer_to_others else ""
    return msgspec.structs.replace(exchange, messages=messages, reply=reply)


def erase_words(message: Message) -> Message:
    """Returns the message without what it said and brought."""
    return msgspec.structs.replace(message, text="", command=None, attachments=(), context=(), mentions=())


def apply_revision(known: Message, revision: Message) -> Message:
    """The message with its new words, and what it was to the assistant. Of a deleted one nothing is left."""
    if revision.is_deletion:
        return erase_words(known)
    return msgspec.structs.replace(
        known,
        text=revision.text,
        command=None if known.overheard else revision.command,
        attachments=known.attachments if revision.keeps_files else revision.attachments,
        context=revision.context or known.context,
        mentions=revision.mentions,
    )


def _sender_fields(known: Message, later: Message) -> dict[str, Any]:
    """Who sent it. One event of a person from another company tells their workspace, and the other may
    not: it is then taken for the room's own."""
    is_from_elsewhere = workspace_of(later.sender) != workspace_of(later.room)
    told = later if known.sender != later.sender and is_from_elsewhere else known
    return {"sender": told.sender, "platform": told.platform}


def _missing_attachments(known: Message, later: Message) -> Iterable[Attachment]:
    told = {one.id for one in known.attachments}
    return (one for one in later.attachments if one.id not in told)


def _missing_parts(known: tuple[ContextPart, ...], later: tuple[ContextPart, ...]) -> Iterable[ContextPart]:
    return (part for part in later if part not in known)
