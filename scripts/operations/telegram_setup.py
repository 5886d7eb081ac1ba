"""Telegram's webhook and commands: registers them, and says how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operations.http_calls import HttpAnswer, call_http

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "stopped_message_generation",
    "my_chat_member",
    "message_reaction",
)
WEBHOOK_PATH = "/telegram/webhook"
COMMANDS = {
    "help": "what I can do",
    "mute": "be quiet here; /mute 2h for two hours",
    "unmute": "speak again",
    "stop": "end what you are writing",
}


class TelegramRefused(Exception):
    """Telegram did not take what was registered; the text has its own words."""


def call_telegram(
    api_url: str, token: str, method: str, arguments: Mapping[str, Any] | None = None
) -> HttpAnswer:
    """Returns the answer of a method of the Bot API. Raises OSError, whose text has no token."""
    try:
        return call_http(f"{api_url.rstrip('/')}/bot{token}/{method}", arguments or {})
    except OSError as error:
        raise OSError(str(getattr(error, "reason", error)).replace(token, "…")) from None


def register_webhook(api_url: str, token: str, secret: str, url: str) -> None:
    """Tells Telegram where to post, with which secret, and which commands to offer. Repeating it changes
    nothing. Raises TelegramRefused and OSError."""
    webhook = {
        "url": url.rstrip("/") + WEBHOOK_PATH,
        "secret_token": secret,
        "allowed_updates": list(ALLOWED_UPDATES),
    }
    commands = [{"command": name, "description": about} for name, about in COMMANDS.items()]
    for method, arguments in (("setWebhook", webhook), ("setMyCommands", {"commands": commands})):
        answer = call_telegram(api_url, token, method, arguments)
        if not answer.body.get("ok"):
            raise TelegramRefused(f"{method}: {answer.body.get('description', answer.status)}")
