"""Several messages that a person sent in one go are one message: albums, and pastes that a client has split.

Telegram posts each file of an album by itself, with the album's id, and each part of a long paste by itself,
with nothing that tells it. In a group only one of them may call the assistant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from repartee.domain.message import ContextPart, Incoming, Message
from repartee.ports import OpenItems

SPLIT_CHARS = {"telegram": 4096, "whatsapp": 4096}
"""UTF-16 units at which a channel's clients split what is pasted."""

SPLIT_SHARE = 0.85
"""The share of that length from which a message may be the first part. Clients split at a line's end where
they can: parts of 3,600 to 3,900 were seen (openclaw/openclaw#26237, #26249)."""

MAX_SPLIT_GAP_SECONDS = 3.0
"""Seconds within which the parts of one paste arrive: 56 ms were seen (adolfousier/opencrabs#950)."""


def may_be_split(message: Message) -> bool:
    """Whether a message is so long that its client may have split it and sends more."""
    limit = SPLIT_CHARS.get(message.channel, 0)
    return bool(limit) and _utf16_length(message.text) >= limit * SPLIT_SHARE


def is_album_part(message: Message) -> bool:
    """Whether a message is a file of an album without words of its own. What it holds may be put into words,
    in brackets."""
    own_words = [line for line in message.text.splitlines() if not (line[:1] == "[" and line[-1:] == "]")]
    return "album" in message.platform and not own_words


def completes_earlier(message: Message, list_open: Callable[[str], OpenItems]) -> bool:
    """Whether a message that calls nobody is a part of one that was said to the assistant and waits for its
    answer: a file of its album, or the next part of its paste."""
    album, channel = "album" in message.platform, message.channel
    if not album and (channel not in SPLIT_CHARS or not message.text or message.context or message.reply_to):
        return False
    own = [one for one in list_open(message.chat).messages if one.sender == message.sender]
    said = [one for one in own if isinstance(one, Message) and one.addressed]
    if album:
        return any(_belongs_to(one, message) for one in said)
    return bool(said) and own[-1] is said[-1] and _goes_on(said[-1], message)


def combine_messages(arrived: Sequence[Incoming]) -> tuple[Incoming, ...]:
    """Joins the messages of one album or one paste. `arrived` has the oldest first; a joined message has the
    id of its first, and is said to the assistant if any of them is."""
    groups: list[list[Incoming]] = []
    for one in arrived:
        group = next((group for group in groups if _belongs_to(group[-1], one)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return tuple(_combine(group) for group in groups)


def _belongs_to(last: Incoming, one: Incoming) -> bool:
    if not (isinstance(last, Message) and isinstance(one, Message)) or last.sender != one.sender:
        return False
    album = one.platform.get("album", "")
    return last.platform.get("album", "") == album if album else _goes_on(last, one)


def _goes_on(earlier: Message, later: Message) -> bool:
    """Whether the later message may be the next part of a paste."""
    plain = not (later.attachments or later.context) and bool(later.text)
    return plain and may_be_split(earlier) and later.received - earlier.received <= MAX_SPLIT_GAP_SECONDS


def _combine(parts: Sequence[Incoming]) -> Incoming:
    group = [one for one in parts if isinstance(one, Message)]
    if len(group) < 2:
        return parts[0]
    called = next((one for one in group if one.addressed and one.text), None)
    called = called or next((one for one in group if one.addressed), group[0])
    text = _join_texts(group)
    return msgspec.structs.replace(
        called,
        id=group[0].id,
        sent=group[0].sent,
        received=max(one.received for one in group),
        text=text,
        command=called.command if text == called.text else None,
        overheard=all(one.overheard for one in group),
        mentioned=any(one.mentioned for one in group),
        mentions=tuple(person for one in group for person in one.mentions),
        attachments=tuple(file for one in group for file in one.attachments),
        context=_unique_context(group),
    )


def _join_texts(group: Sequence[Message]) -> str:
    """The texts in their order. A part that is exactly as long as a message can be was cut within a word."""
    text = ""
    for message in group:
        cut = text and _utf16_length(text) % SPLIT_CHARS.get(message.channel, 1) == 0
        text += message.text if not text or cut or not message.text else f"\n{message.text}"
    return text


def _unique_context(group: Sequence[Message]) -> tuple[ContextPart, ...]:
    """Lists the context of a group once: each file of an album replies to the same message."""
    parts: list[ContextPart] = []
    for part in (part for one in group for part in one.context):
        if part not in parts:
            parts.append(part)
    return tuple(parts)


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
