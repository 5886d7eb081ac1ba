"""Buttons in Telegram: what is written on those that decide, and how a press is answered.

https://core.telegram.org/bots/api#callbackquery. A button carries at most 64 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from repartee.channels.telegram.updates import Callback
from repartee.conversation.proposal import REFUSALS, Press, Verdict
from repartee.errors import Malformed

APPROVE, DECLINE = "approve", "decline"

ID = re.compile(r"[\w-]{1,64}", re.ASCII)


def buttons(subject: str) -> list[dict[str, str]]:
    """The two buttons that decide on the subject."""
    return [
        {"text": "✅ Approve", "callback_data": f"{APPROVE}:{subject}"},
        {"text": "Decline", "callback_data": f"{DECLINE}:{subject}"},
    ]


def decision(callback: Callback, at: float) -> Press | None:
    """The decision that a press is. None for a button that is not ours. Telegram does not say when it was."""
    act, _, subject = (callback.data or "").partition(":")
    if act not in (APPROVE, DECLINE) or not subject:
        return None
    if not ID.fullmatch(callback.id):
        raise Malformed("a callback query's id that is none")
    by = f"telegram:{callback.from_.id}"
    return Press(id=f"press-{callback.id}", subject=subject, approved=act == APPROVE, by=by, at=at)


def answer(callback: Callback, press: Press) -> Callable[[Verdict], str]:
    """How the press is answered in the webhook's own answer: with a word that passes, or one to dismiss."""

    def told(verdict: Verdict) -> str:
        taken = verdict == "taken"
        decided = "Approved" if press.approved else "Declined"
        call = {
            "method": "answerCallbackQuery",
            "callback_query_id": callback.id,
            "text": decided if taken else REFUSALS[verdict],
            "show_alert": not taken,
        }
        return msgspec.json.encode(call).decode()

    return told
