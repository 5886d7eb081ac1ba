"""Decides whether a Telegram message says anything, who said it, and what of it is known by name alone."""

from __future__ import annotations

import msgspec

from repartee.channels.telegram.attachments import parse_attachments
from repartee.channels.telegram.content_text import (
    describe_content,
    describe_unknown,
    is_service_message,
)
from repartee.channels.telegram.payloads import TelegramMessage, clean_name
from repartee.domain.http import decode_json
from repartee.domain.message import Arrival, Incoming, Message, Opening


def ignore_reason(message: TelegramMessage) -> str:
    """Returns why a message is not something that a person said, empty if it is."""
    if message.is_automatic_forward:
        return "a channel's post"
    if message.from_ and message.from_.is_bot and not message.sender_chat:
        return "said by a bot"
    return ""


def opening_or_message(message: Message) -> Incoming:
    """Returns the message; or the opening of a conversation, if it only calls the bot by its name."""
    if message.text or message.attachments or message.context:
        return message
    return Opening(**{name: getattr(message, name) for name in Arrival.__struct_fields__})


def empty_reason(message: TelegramMessage, body: bytes) -> str:
    """Returns why nothing is said in a message: it tells what happened there, or holds nothing known."""
    if _has_content(message):
        return ""
    fields = _field_names(body)
    if is_service_message(fields):
        return "a service message"
    return "" if describe_unknown(fields) else "nothing that can be answered"


def _has_content(message: TelegramMessage) -> bool:
    return bool(
        message.text_or_caption
        or any(parse_attachments(message))
        or describe_content(message)
        or message.external_reply
        or message.replied_message
    )


def describe_unread(message: TelegramMessage, body: bytes) -> str:
    """Returns the contents that are known by name alone. They are looked for where nothing else was found."""
    return "" if _has_content(message) else describe_unknown(_field_names(body))


def _field_names(body: bytes) -> dict[str, msgspec.Raw]:
    return decode_json(body, dict[str, msgspec.Raw])


def sender_name(message: TelegramMessage) -> str:
    """Returns how its sender is called."""
    if message.sender_chat:
        return clean_name(message.sender_chat.title or "")
    return message.from_.display_name if message.from_ else ""
