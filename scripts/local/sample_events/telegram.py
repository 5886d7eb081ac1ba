"""Telegram's sample updates: made fresh, and with the secret token that Telegram sends along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local import sample_files

WEBHOOK_PATH = "/telegram/webhook"


def is_update(event: Mapping[str, Any]) -> bool:
    """Whether this is what Telegram posts."""
    return "update_id" in event


def sign_headers(secret: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}


def refresh_update(update: dict[str, Any], at: float, say: str = "", topic: str = "") -> None:
    """Gives the update a time and ids of its own, so that it is not a redelivery. `say` is what the person
    says, `topic` is where."""
    update["update_id"] = int(at * 1000) % 2**31
    message = update.get("message")
    if not message:
        return
    named = "ephemeral_message_id" if "ephemeral_message_id" in message else "message_id"
    message[named], message["date"] = int(at * 1000) % 2**30, int(at)
    if say:
        _replace_text(message, say)
    if topic:
        message |= {"message_thread_id": int(topic), "is_topic_message": True}


def to_standin_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """What a person says in a chat, as the stand-in wants to know it."""
    return {
        "chat_id": message["chat"]["id"],
        "user": message.get("from", {}).get("id", 0),
        "text": message.get("text") or message.get("caption") or "",
        "id": message["message_id"] or message.get("ephemeral_message_id", 0),
        "ephemeral": "ephemeral_message_id" in message,
        "topic": message.get("message_thread_id", 0) if message.get("is_topic_message") else 0,
        "files": sample_files.telegram_files(message),
    }


def _replace_text(message: dict[str, Any], say: str) -> None:
    """The mention stays, if there is one: it is said to the same assistant."""
    mentioned = any(mark["type"] == "mention" for mark in message.pop("entities", []))
    name = next((word for word in message.get("text", "").split() if word.startswith("@")), "")
    message["text"] = f"{name} {say}" if mentioned else say
    if mentioned:
        message["entities"] = [{"type": "mention", "offset": 0, "length": len(name)}]
