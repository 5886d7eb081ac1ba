"""The buttons under our messages, and what they are called when somebody presses them."""

from __future__ import annotations

from typing import Any

APPROVE, DECLINE = "repartee_approve", "repartee_decline"
STOP = "repartee_stop"
FEEDBACK = "repartee_feedback"


def feedback(turn: str) -> dict[str, Any]:
    """Thumbs up and down. https://docs.slack.dev/reference/block-kit/blocks/context-actions-block"""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": FEEDBACK,
                "positive_button": _thumb("👍", f"good:{turn}", "This answer helped"),
                "negative_button": _thumb("👎", f"bad:{turn}", "This answer did not help"),
            }
        ],
    }


def stop() -> dict[str, Any]:
    """A button that ends the reply under which it stands."""
    return {"type": "actions", "elements": [_button("Stop", STOP, "stop")]}


def decision(subject: str) -> dict[str, Any]:
    """Approve and decline, where a person must decide on the subject."""
    return {
        "type": "actions",
        "elements": [
            _button("Approve", APPROVE, subject) | {"style": "primary"},
            _button("Decline", DECLINE, subject) | {"style": "danger"},
        ],
    }


def _button(text: str, action: str, value: str) -> dict[str, Any]:
    return {"type": "button", "text": _plain(text), "action_id": action, "value": value}


def _thumb(text: str, value: str, label: str) -> dict[str, Any]:
    return {"text": _plain(text), "value": value, "accessibility_label": label}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
