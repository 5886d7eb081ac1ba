"""A reply's messages whose ids never reached us: each names its turn, and is found in its conversation."""

from __future__ import annotations

from typing import Any

from repartee.channels.slack.api import SlackApi

MAX_CLOCK_SKEW_SECONDS = 5.0
"""Seconds that Slack's clock may be behind ours when a lost stub is looked for."""

MAX_LOOKED_AT_MESSAGES = 50

TURN_EVENT_TYPE = "repartee_turn"


def turn_metadata(turn: str) -> dict[str, Any]:
    """Returns the metadata that names a message's turn."""
    return {"event_type": TURN_EVENT_TYPE, "event_payload": {"turn": turn}}


def list_own_messages(api: SlackApi, address: dict[str, str], turn: str, since: float) -> list[str]:
    """Returns the ids of the turn's messages in its conversation since then (epoch seconds), oldest first."""
    thread = address["thread"]
    found = api.call_json(
        "conversations.replies" if thread else "conversations.history",
        channel=address["channel"],
        ts=thread or None,
        oldest=f"{since - MAX_CLOCK_SKEW_SECONDS:.6f}",
        include_all_metadata=True,
        limit=MAX_LOOKED_AT_MESSAGES,
    )
    own = (
        said["ts"] for said in found["messages"] if _may_belong_to_turn(said, address["self"], turn, since)
    )
    return sorted(own, key=float)


def _may_belong_to_turn(message: dict[str, Any], bot_user_id: str, turn: str, since: float) -> bool:
    """Whether a message can be what the turn has begun: our own, since then, and no other turn's. Where our
    own id is not known, only one that names the turn."""
    known = message.get("metadata", {}).get("event_payload", {}).get("turn", turn if bot_user_id else "")
    return (
        message.get("user") == (bot_user_id or message.get("user"))
        and float(message["ts"]) >= since - MAX_CLOCK_SKEW_SECONDS
        and known == turn
    )
