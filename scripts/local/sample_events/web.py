"""Sample messages of web clients: made fresh, and with a bearer token, which is what signs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

CHAT_PATH = "/chat"

OPTIONAL_FIELDS = {"attachments", "conversation", "decision", "id", "text"}


def is_message(event: Mapping[str, Any]) -> bool:
    """Whether this is what a web client posts."""
    return bool(event) and event.keys() <= OPTIONAL_FIELDS


def bearer_headers(token: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}


def refresh_message(
    message: dict[str, Any], new_id: Callable[[], str], say: str = "", conversation: str = ""
) -> None:
    """Gives the message an id of its own, if it has one, so that it is not the same again. `say` is what the
    person says, `conversation` is where."""
    if "id" in message:
        message["id"] = new_id()
    if say:
        message["text"] = say
    if conversation:
        message["conversation"] = conversation
