"""Looks up what came along with a message and is not its sender's own, as steps that any plan can take.

A platform may tell of what is answered nothing but its id. It is looked up then, beside all else that a turn
gathers; where nothing is to be looked up the steps take no time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec

from repartee.domain.message import Attachment, ContextPart, Exchange, Message, Person

LOOKUP_TIMEOUT_SECONDS = 1.0

FindSaid = Callable[[str, Collection[str]], Mapping[str, Message | Exchange]]
"""`Inbox.find_said`."""

FoundSources = Mapping[str, Message | Exchange]

NOTHING_FOUND: FoundSources = {}


def find_context_sources(incoming: tuple[Message, ...], find_said: FindSaid) -> FoundSources:
    """Finds what was said under the ids that the messages point at, where nothing but the id is known."""
    wanted: dict[str, set[str]] = {}
    for message in incoming:
        ids = {part.message_id for part in message.context if _must_be_found(part)}
        if ids:
            wanted.setdefault(message.chat, set()).update(ids)
    found: dict[str, Message | Exchange] = {}
    for chat, chat_ids in wanted.items():
        found |= find_said(chat, chat_ids)
    return found


def complete_context(incoming: tuple[Message, ...], context_sources: FoundSources) -> tuple[Message, ...]:
    """The messages with what was looked up in its place."""
    return tuple(
        msgspec.structs.replace(
            message, context=tuple(_complete_part(part, context_sources) for part in message.context)
        )
        if message.context
        else message
        for message in incoming
    )


def all_attachments(message: Message) -> Iterator[Attachment]:
    """The message's own attachments, then those of what came along, each once."""
    parts: Sequence[Sequence[Attachment]] = [part.attachments for part in message.context]
    seen: set[str] = set()
    for attachment in (*message.attachments, *(one for part in parts for one in part)):
        if attachment.id not in seen:
            seen.add(attachment.id)
            yield attachment


def _must_be_found(part: ContextPart) -> bool:
    return bool(part.message_id) and not (part.text.strip() or part.attachments)


def _complete_part(part: ContextPart, sources: FoundSources) -> ContextPart:
    found = sources.get(part.message_id) if _must_be_found(part) else None
    if isinstance(found, Exchange):
        return msgspec.structs.replace(
            part, by_assistant=True, text=found.reply, sent=part.sent or found.answered_at
        )
    if isinstance(found, Message):
        author = Person(found.sender, part.author.name or found.sender_name)
        return msgspec.structs.replace(
            part,
            author=author,
            text=found.text,
            attachments=found.attachments,
            sent=part.sent or found.sent,
        )
    return part
