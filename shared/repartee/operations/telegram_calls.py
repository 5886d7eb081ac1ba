"""Calls of Telegram's Bot API, and how a bot of Repartee is registered with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repartee.operations.http_calls import HttpAnswer, call_http

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


def call_telegram(
    api_url: str, token: str, method: str, arguments: Mapping[str, Any] | None = None
) -> HttpAnswer:
    """Returns the answer of a method of the Bot API. Raises OSError, whose text has no token."""
    try:
        return call_http(f"{api_url.rstrip('/')}/bot{token}/{method}", arguments or {})
    except OSError as error:
        raise OSError(str(getattr(error, "reason", error)).replace(token, "…")) from None
