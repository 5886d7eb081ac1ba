"""Telegram's ids as ours: messages, chats, people."""

from __future__ import annotations

from repartee.channels.telegram.payloads import TelegramButtonMessage, TelegramChat, TelegramMessage
from repartee.errors import InvalidPayload


def message_id(number: int) -> str:
    """A message's id, such that ids sort as the messages were sent, within a second too."""
    return f"{number:010}"


def chat_id(chat: TelegramChat, topic: str = "") -> str:
    """Returns our id of a chat, or of one topic of it."""
    return f"telegram:{chat.id}:{topic}" if topic else f"telegram:{chat.id}"


def platform_address(message: TelegramMessage | TelegramButtonMessage) -> dict[str, str]:
    """Returns the chat, topic and message that a reply to this message is sent to."""
    place = {"chat": str(message.chat.id), "type": message.chat.type, "message": str(message.message_id)}
    return {**place, "topic": message.topic_id} if message.topic_id else place


def sender_id(message: TelegramMessage) -> int:
    """A person; or the group in whose name an administrator writes."""
    sender = message.sender_chat or message.from_
    if sender is None or not sender.id:
        raise InvalidPayload("a message from nobody")
    return sender.id
