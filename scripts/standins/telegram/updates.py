"""How the stand-in for Telegram hands out updates: by getUpdates, or to a webhook that is set."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standins.telegram.arguments import TelegramError

SECRET_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,256}")
COMMAND_PATTERN = re.compile(r"[a-z0-9_]{1,32}")
MAX_UPDATES = 100
MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION_CHARS = 256
DEFAULT_UPDATES = ["message", "edited_message", "callback_query"]


@dataclass
class TelegramUpdates:
    """The bot's waiting updates, its webhook and its commands. An update waits until a later one is asked
    for; while a webhook is set, none is handed out."""

    waiting: list[dict[str, Any]] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    commands: list[dict[str, str]] = field(default_factory=list)
    last_error: str = ""

    def add(self, update: dict[str, Any]) -> None:
        """A person did something."""
        self.waiting.append(update)

    def fetch(self, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Returns what waits from the offset on, and forgets what is before."""
        if self.webhook.get("url"):
            problem = "can't use getUpdates method while webhook is active; use deleteWebhook first"
            raise TelegramError(409, f"Conflict: {problem}")
        offset, limit = int(arguments.get("offset") or 0), int(arguments.get("limit") or MAX_UPDATES)
        self.waiting = [update for update in self.waiting if update["update_id"] >= offset]
        return self.waiting[: min(limit, MAX_UPDATES)]

    def set_webhook(self, arguments: Mapping[str, Any]) -> bool:
        """Sets the webhook, or removes it where the address is empty."""
        url = str(arguments.get("url", ""))
        if url and not url.startswith("https://"):
            raise TelegramError(400, "bad webhook: An HTTPS URL must be provided for webhook")
        secret = str(arguments.get("secret_token", ""))
        if secret and not SECRET_PATTERN.fullmatch(secret):
            raise TelegramError(400, "secret token contains unallowed characters")
        allowed = parse_list(arguments, "allowed_updates") or DEFAULT_UPDATES
        self.webhook = {"url": url, "allowed_updates": allowed, "secret_token": secret}
        return True

    def describe_webhook(self) -> dict[str, Any]:
        """Returns the webhook as getWebhookInfo tells it: without its secret."""
        shown = {name: value for name, value in self.webhook.items() if name != "secret_token"}
        failed = {"last_error_message": self.last_error} if self.last_error else {}
        counted = {"has_custom_certificate": False, "pending_update_count": len(self.waiting)}
        return {"url": "", **counted, **shown, **failed}


def parse_commands(arguments: Mapping[str, Any]) -> list[dict[str, str]]:
    """Returns the commands that a bot is to offer."""
    commands = parse_list(arguments, "commands")
    if len(commands) > MAX_COMMANDS:
        raise TelegramError(400, "BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not COMMAND_PATTERN.fullmatch(str(one.get("command", ""))):
            raise TelegramError(400, "BOT_COMMAND_INVALID")
        if not 1 <= len(str(one.get("description", ""))) <= MAX_COMMAND_DESCRIPTION_CHARS:
            raise TelegramError(400, "BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def parse_list(arguments: Mapping[str, Any], name: str) -> list[Any]:
    """Returns an argument that is a list, empty if it is not given."""
    value = arguments.get(name) or []
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise TelegramError(400, f"can't parse {name} JSON object") from None
    if not isinstance(value, list):
        raise TelegramError(400, f"array expected as {name}")
    return value
