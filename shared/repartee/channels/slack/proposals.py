"""Proposals in Slack: a message with two buttons, in whose place the decision stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.channels.slack import buttons
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.formatting import escape_mentions
from repartee.channels.throttle_retry import retry_throttled
from repartee.domain.message import Incoming
from repartee.domain.proposal import Proposal
from repartee.language.proposal_texts import terms_text

MAX_NOTIFICATION_CHARS = 200
"""Characters that a notification shows."""

PROPOSAL_EVENT_TYPE = "repartee_proposal"
"""The mark that tells a proposal from a reply: a turn that looks for what it has begun to say must not find
one."""


def send_proposal(
    api: SlackApi, message: Incoming, proposal: Proposal, sleep: Callable[[float], None]
) -> None:
    """Asks in the thread."""
    language = message.language
    shown = _proposal_content(proposal, terms_text(language), buttons.decision_block(proposal.id, language))
    place = message.platform
    retry_throttled(
        lambda: api.call_json(
            "chat.postMessage",
            channel=place["channel"],
            thread_ts=place["thread"] or None,
            **shown,
            unfurl_links=False,
            unfurl_media=False,
        ),
        sleep,
    )


def show_decision(
    api: SlackApi, message: Incoming, proposal: Proposal, decision_label: str, sleep: Callable[[float], None]
) -> None:
    """Takes the buttons away from the message that was pressed."""
    place = message.platform
    shown = _proposal_content(proposal, decision_label)
    retry_throttled(
        lambda: api.call_json("chat.update", channel=place["channel"], ts=place["pressed"], **shown), sleep
    )


def _proposal_content(proposal: Proposal, footer_text: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    text = escape_mentions(proposal.summary)
    words = {"type": "context", "elements": [{"type": "mrkdwn", "text": footer_text}]}
    return {
        "text": text[:MAX_NOTIFICATION_CHARS],
        "blocks": [{"type": "markdown", "text": text}, *blocks, words],
        "metadata": {"event_type": PROPOSAL_EVENT_TYPE, "event_payload": {"turn": proposal.id}},
    }
