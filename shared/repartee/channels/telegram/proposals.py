"""Proposals in Telegram: a message with two buttons, in whose place the decision stands afterwards.

https://core.telegram.org/bots/api#inlinekeyboardmarkup
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.buttons import decision_buttons
from repartee.channels.telegram.formatting import format_candidates
from repartee.channels.telegram.ids import ephemeral_arguments
from repartee.channels.throttle_retry import retry_throttled
from repartee.domain.message import Incoming
from repartee.domain.proposal import Proposal
from repartee.errors import InvalidArgument
from repartee.language.proposal_texts import terms_text

NO_LINK_PREVIEW = {"link_preview_options": {"is_disabled": True}}
"""No link is opened by itself, to show what is behind it."""

Sleep = Callable[[float], None]


def send_proposal(api: TelegramApi, message: Incoming, proposal: Proposal, sleep: Sleep) -> None:
    """Asks in the chat."""
    place = message.platform
    topic: dict[str, Any] = {"message_thread_id": int(place["topic"])} if "topic" in place else {}
    topic |= ephemeral_arguments(place)
    _call_with_best_format(
        lambda **text: api.call_method("sendMessage", chat_id=int(place["chat"]), **topic, **text),
        f"{proposal.summary}\n\n_{terms_text(message.language)}_",
        {"reply_markup": {"inline_keyboard": [decision_buttons(proposal.id, message.language)]}},
        sleep,
    )


def show_decision(
    api: TelegramApi, message: Incoming, proposal: Proposal, decision_label: str, sleep: Sleep
) -> None:
    """Takes the buttons away from the message that was pressed: an edit without any leaves none."""
    place = message.platform
    where = {"chat_id": int(place["chat"]), "message_id": int(place["pressed"])}
    method = "editMessageText"
    if "receiver" in place:
        method, number = "editEphemeralMessageText", where.pop("message_id")
        where |= {"receiver_user_id": int(place["receiver"]), "ephemeral_message_id": number}
    _call_with_best_format(
        lambda **text: api.call_method(method, **where, **text),
        f"{proposal.summary}\n\n**{decision_label}**",
        {},
        sleep,
    )


def _call_with_best_format(
    call: Callable[..., Any], text: str, arguments: dict[str, Any], sleep: Sleep
) -> None:
    """Calls with the text in the best classic form that is not refused."""
    best, plain = format_candidates(text, allow_rich=False)
    try:
        retry_throttled(lambda: call(**best.arguments, **NO_LINK_PREVIEW, **arguments), sleep)
    except InvalidArgument:
        retry_throttled(lambda: call(**plain.arguments, **NO_LINK_PREVIEW, **arguments), sleep)
