"""Proposals in Slack: a message with two buttons, in whose place the decision stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.channels.insisting import insist
from repartee.channels.slack import buttons
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.text import harmless
from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal

NOTICE = 200
"""Characters that a notification shows."""

EVENT = "repartee_proposal"
"""What tells a proposal from a reply: a turn that looks for what it has begun to say must not find one."""

TERMS = "Only the person who asked may decide, within ten minutes."


def propose(api: SlackApi, message: Message, proposal: Proposal, sleep: Callable[[float], None]) -> None:
    """Asks in the thread."""
    shown = _shown(proposal, TERMS, buttons.decision(proposal.subject))
    place = message.platform
    insist(
        lambda: api.call(
            "chat.postMessage",
            channel=place["channel"],
            thread_ts=place["thread"] or None,
            **shown,
            unfurl_links=False,
            unfurl_media=False,
        ),
        sleep,
    )


def decided(
    api: SlackApi, message: Message, proposal: Proposal, word: str, sleep: Callable[[float], None]
) -> None:
    """Takes the buttons away from the message that was pressed."""
    place = message.platform
    shown = _shown(proposal, word)
    insist(lambda: api.call("chat.update", channel=place["channel"], ts=place["pressed"], **shown), sleep)


def _shown(proposal: Proposal, below: str, *under: dict[str, Any]) -> dict[str, Any]:
    text = harmless(proposal.summary)
    words = {"type": "context", "elements": [{"type": "mrkdwn", "text": below}]}
    return {
        "text": text[:NOTICE],
        "blocks": [{"type": "markdown", "text": text}, *under, words],
        "metadata": {"event_type": EVENT, "event_payload": {"turn": proposal.subject}},
    }
