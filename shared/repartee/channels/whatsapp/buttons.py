"""Buttons under a message, and what they are called when somebody presses them.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages
"""

from __future__ import annotations

from typing import Any

from repartee.channels.whatsapp.forms import texts

APPROVE, DECLINE = "approve:", "decline:"
"""How the ids of buttons begin; the proposal's follows."""

LONGEST_BODY = 1024
"""Characters of the text above buttons."""


def decision(summary: str, subject: str) -> dict[str, Any]:
    """A text with Approve and Decline below it. What is too long for it is cut off."""
    text = next(texts(summary))
    body = text if len(text) <= LONGEST_BODY else text[: LONGEST_BODY - 1] + "…"
    buttons = [_button(APPROVE + subject, "Approve"), _button(DECLINE + subject, "Decline")]
    action = {"buttons": buttons}
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": body}, "action": action},
    }


def decided(id: str) -> tuple[str, bool]:
    """The proposal that a button decides on, and how; empty for a button that decides nothing."""
    for kind in (APPROVE, DECLINE):
        if id.startswith(kind):
            return id.removeprefix(kind), kind == APPROVE
    return "", False


def _button(id: str, title: str) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": id, "title": title}}
