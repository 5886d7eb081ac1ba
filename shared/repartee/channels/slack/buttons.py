"""The buttons under our messages, and what they are called when somebody presses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repartee.language import texts
from repartee.language.catalogue import translate

APPROVE_ACTION_ID, DECLINE_ACTION_ID = "repartee_approve", "repartee_decline"
STOP_ACTION_ID = "repartee_stop"
FEEDBACK_ACTION_ID = "repartee_feedback"
HANDOVER_ACTION_PREFIX = "repartee_handover_"


def feedback_block(turn: str, language: str) -> dict[str, Any]:
    """Thumbs up and down. https://docs.slack.dev/reference/block-kit/blocks/context-actions-block"""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": FEEDBACK_ACTION_ID,
                "positive_button": _feedback_element(
                    "👍", f"good:{turn}", translate(texts.ANSWER_HELPED, language)
                ),
                "negative_button": _feedback_element(
                    "👎", f"bad:{turn}", translate(texts.ANSWER_DID_NOT_HELP, language)
                ),
            }
        ],
    }


def stop_block(language: str) -> dict[str, Any]:
    """A button that ends the reply under which it stands."""
    return {
        "type": "actions",
        "elements": [_button_element(translate(texts.STOP, language), STOP_ACTION_ID, "stop")],
    }


def decision_block(proposal_id: str, language: str) -> dict[str, Any]:
    """Approve and decline, where a person must decide on the subject."""
    return {
        "type": "actions",
        "elements": [
            _button_element(translate(texts.APPROVE, language), APPROVE_ACTION_ID, proposal_id)
            | {"style": "primary"},
            _button_element(translate(texts.DECLINE, language), DECLINE_ACTION_ID, proposal_id)
            | {"style": "danger"},
        ],
    }


def handover_block(handover_id: str, actions: Mapping[str, str]) -> dict[str, Any]:
    """Buttons of the team's card, by the labels of their actions."""
    buttons = [
        _button_element(label, f"{HANDOVER_ACTION_PREFIX}{action}", handover_id)
        for action, label in actions.items()
    ]
    return {"type": "actions", "elements": buttons}


def _button_element(text: str, action: str, value: str) -> dict[str, Any]:
    return {"type": "button", "text": _plain_text_object(text), "action_id": action, "value": value}


def _feedback_element(text: str, value: str, label: str) -> dict[str, Any]:
    return {"text": _plain_text_object(text), "value": value, "accessibility_label": label}


def _plain_text_object(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
