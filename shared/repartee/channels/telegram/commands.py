"""The bot's commands: carried out at once, and answered with the webhook's own answer.

https://core.telegram.org/bots/api#making-requests-when-getting-updates
"""

from __future__ import annotations

from typing import Any

import msgspec

from repartee.channels.telegram.ids import ephemeral_arguments, platform_address
from repartee.channels.telegram.mentions import TelegramCommand
from repartee.channels.telegram.payloads import TelegramMessage
from repartee.domain.command import IssuedCommand, parse_command
from repartee.ports.channels import ParsedRequest

HELP_TEXT = """\
Write to me, or send a voice message, a photo or a document, and I answer.
In a group, mention me or reply to me.

/mute: I am quiet here; /mute 2h: for two hours (also 30m, 1d, 1w)
/unmute: I speak again
/stop: I end what I am writing
/help: this"""

GREETING_TEXT = "Hello! " + HELP_TEXT

MUTED_TEXT = "I will be quiet here. /unmute when you want me back."
UNMUTED_TEXT = "I am back."


def handle_command(
    command: TelegramCommand, message: TelegramMessage, issued: IssuedCommand
) -> ParsedRequest | None:
    """What a command brings: an order and what is said to it. None if there is no such command.

    `given` says by whom, where and when; its order is the command's.
    """
    if command.name in ("start", "help"):
        text = GREETING_TEXT if command.name == "start" else HELP_TEXT
        return ParsedRequest(response_body=send_message_answer(text, message))
    if command.name not in ("mute", "unmute", "stop"):
        return None
    order = parse_command(f"{command.name} {command.arguments}".strip())
    if order is None:
        return ParsedRequest(response_body=send_message_answer(HELP_TEXT, message))
    answer = {
        "mute": send_message_answer(MUTED_TEXT, message),
        "unmute": send_message_answer(UNMUTED_TEXT, message),
    }.get(order.action, "")
    return ParsedRequest(commands=(msgspec.structs.replace(issued, command=order),), response_body=answer)


def send_message_answer(text: str, message: TelegramMessage) -> str:
    """A call of `sendMessage` as the answer to a webhook."""
    call: dict[str, Any] = {"method": "sendMessage", "chat_id": message.chat.id, "text": text}
    if message.topic_id:
        call["message_thread_id"] = message.message_thread_id
    call |= ephemeral_arguments(platform_address(message))
    return msgspec.json.encode(call).decode()
