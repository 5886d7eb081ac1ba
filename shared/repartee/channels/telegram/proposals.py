"""Proposals in Telegram: a message with two buttons, in whose place the decision stands afterwards.

https://core.telegram.org/bots/api#inlinekeyboardmarkup
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.channels.insisting import insist
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.forms import forms
from repartee.channels.telegram.pressed import buttons
from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal
from repartee.errors import Rejected

TERMS = "Only the person who asked may decide, within ten minutes."

UNLINKED = {"link_preview_options": {"is_disabled": True}}
"""No link is opened by itself, to show what is behind it."""

Sleep = Callable[[float], None]


def propose(api: TelegramApi, message: Message, proposal: Proposal, sleep: Sleep) -> None:
    """Asks in the chat."""
    place = message.platform
    topic = {"message_thread_id": int(place["topic"])} if "topic" in place else {}
    _say(
        lambda **text: api.call("sendMessage", chat_id=int(place["chat"]), **topic, **text),
        f"{proposal.summary}\n\n_{TERMS}_",
        {"reply_markup": {"inline_keyboard": [buttons(proposal.subject)]}},
        sleep,
    )


def decided(api: TelegramApi, message: Message, proposal: Proposal, word: str, sleep: Sleep) -> None:
    """Takes the buttons away from the message that was pressed: an edit without any leaves none."""
    place = message.platform
    where = {"chat_id": int(place["chat"]), "message_id": int(place["pressed"])}
    _say(
        lambda **text: api.call("editMessageText", **where, **text),
        f"{proposal.summary}\n\n**{word}**",
        {},
        sleep,
    )


def _say(call: Callable[..., Any], text: str, more: dict[str, Any], sleep: Sleep) -> None:
    """Calls with the text in the best classic form that is not refused."""
    best, plain = forms(text, rich=False)
    try:
        insist(lambda: call(**best.arguments, **UNLINKED, **more), sleep)
    except Rejected:
        insist(lambda: call(**plain.arguments, **UNLINKED, **more), sleep)
