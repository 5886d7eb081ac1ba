"""Registers Telegram's webhook and commands."""

from __future__ import annotations

from repartee.operations.telegram_calls import ALLOWED_UPDATES, COMMANDS, WEBHOOK_PATH, call_telegram


class TelegramRefused(Exception):
    """Telegram did not take what was registered; the text has its own words."""


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
