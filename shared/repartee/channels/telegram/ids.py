"""Telegram's ids as ours: messages, chats, people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repartee.channels.telegram.payloads import (
    TelegramButtonMessage,
    TelegramCallbackQuery,
    TelegramChat,
    TelegramMessage,
)
from repartee.errors import InvalidPayload


def message_id(number: int) -> str:
    """A message's id, such that ids sort as the messages were sent, within a second too."""
    return f"{number:010}"


def chat_id(chat: TelegramChat, topic: str = "") -> str:
    """Returns our id of a chat, or of one topic of it."""
    return f"telegram:{chat.id}:{topic}" if topic else f"telegram:{chat.id}"


def ephemeral_chat(room: str, person: int) -> str:
    """The chat and the room of what one person and the bot alone see within a group: nothing of it is read
    where the others see the answer."""
    return f"{room}:e{person}"


def platform_address(message: TelegramMessage | TelegramButtonMessage) -> dict[str, str]:
    """Where a message is answered (`Message.platform`): its `chat`, the chat's `type`, its own number
    (`message`), the `topic`, and the `receiver` if it is ephemeral. `album` names the album that it is in."""
    place = {"chat": str(message.chat.id), "type": message.chat.type, "message": str(message.number)}
    if message.topic_id:
        place["topic"] = message.topic_id
    if isinstance(message, TelegramMessage) and message.ephemeral_message_id:
        place["receiver"] = str(sender_id(message))
    if isinstance(message, TelegramMessage) and message.media_group_id:
        place["album"] = message.media_group_id
    return place


def press_address(callback: TelegramCallbackQuery, under: TelegramButtonMessage) -> dict[str, str]:
    """Where the press of a button is answered: `pressed` is the message that the button is under. Under an
    ephemeral message the `callback` allows the answer."""
    place = platform_address(under) | {"pressed": str(under.number)}
    if under.ephemeral_message_id:
        place |= {"receiver": str(callback.from_.id), "callback": callback.id}
    return place


def ephemeral_arguments(address: Mapping[str, str]) -> dict[str, Any]:
    """The arguments that show a message to its receiver alone. Nothing for one that all see.

    A bot that is no administrator may answer within 15 seconds, in reply to the ephemeral message or to the
    press of a button.
    """
    if "receiver" not in address:
        return {}
    receiver: dict[str, Any] = {"receiver_user_id": int(address["receiver"])}
    if "callback" in address:
        return {"ephemeral_message_parameters": receiver | {"callback_query_id": address["callback"]}}
    answered = {"ephemeral_message_id": int(address["message"])}
    return {"ephemeral_message_parameters": receiver, "reply_parameters": answered}


def sender_id(message: TelegramMessage) -> int:
    """A person; or the group in whose name an administrator writes."""
    sender = message.sender_chat or message.from_
    if sender is None or not sender.id:
        raise InvalidPayload("a message from nobody")
    return sender.id
