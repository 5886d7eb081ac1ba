"""The bot's commands: carried out at once, and answered with the webhook's own answer.

https://core.telegram.org/bots/api#making-requests-when-getting-updates
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from repartee.channels.telegram.ids import ephemeral_arguments, platform_address
from repartee.channels.telegram.mentions import TelegramCommand
from repartee.channels.telegram.payloads import TelegramMessage
from repartee.domain.command import IssuedCommand
from repartee.intake.command_confirmation import confirmation_text
from repartee.intake.command_parsing import parse_command
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.language.choosing import choose_language
from repartee.ports.channels import ParsedRequest


def handle_command(
    command: TelegramCommand, message: TelegramMessage, issued: IssuedCommand
) -> ParsedRequest | None:
    """Returns the reply to a command: help, or the command to carry out. None if there is no such command.

    `issued` says by whom, where and when.
    """
    language = choose_language(platform=user_language(message), text=command.arguments)
    help_text = translate(texts.TELEGRAM_HELP, language)
    if command.name == "start":
        greeting = f"{translate(texts.GREETING, language)} {help_text}"
        return ParsedRequest(response_body=send_message_answer(greeting, message))
    if command.name == "help":
        return ParsedRequest(response_body=send_message_answer(help_text, message))
    if command.name not in ("mute", "unmute", "stop"):
        return None
    typed = f"{command.name} {command.arguments}".strip()
    order = parse_command(typed, sent=issued.issued_at)
    if order is None:
        return ParsedRequest(response_body=send_message_answer(help_text, message))
    issued = msgspec.structs.replace(
        issued, command=order, text=typed, acknowledge=partial(_acknowledge_command, message)
    )
    return ParsedRequest(commands=(issued,))


def user_language(message: TelegramMessage) -> str:
    """The language of the sender's app, as Telegram tells it."""
    return message.from_.language_code if message.from_ else ""


def _acknowledge_command(message: TelegramMessage, issued: IssuedCommand, profile: Mapping[str, str]) -> str:
    """Returns the answer to a command that was carried out, empty if there is none."""
    language = choose_language(profile=profile, platform=user_language(message), text=issued.text)
    text = confirmation_text(issued, profile, language, unmute_command="/unmute")
    return send_message_answer(text, message) if text else ""


def send_message_answer(text: str, message: TelegramMessage) -> str:
    """A call of `sendMessage` as the answer to a webhook."""
    call: dict[str, Any] = {"method": "sendMessage", "chat_id": message.chat.id, "text": text}
    if message.topic_id:
        call["message_thread_id"] = message.message_thread_id
    call |= ephemeral_arguments(platform_address(message))
    return msgspec.json.encode(call).decode()
