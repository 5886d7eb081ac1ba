"""Buttons in Telegram: what is written on those that decide, and how a press is answered.

https://core.telegram.org/bots/api#callbackquery. A button carries at most 64 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from repartee.channels.telegram.payloads import TelegramCallbackQuery
from repartee.domain.proposal import ProposalDecision, Verdict
from repartee.errors import InvalidPayload
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.language.choosing import language_code
from repartee.language.proposal_texts import refusal_text

APPROVE_ACTION, DECLINE_ACTION = "approve", "decline"

CALLBACK_QUERY_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


def decision_buttons(proposal_id: str, language: str) -> list[dict[str, str]]:
    """The two buttons that decide on the subject."""
    return [
        {
            "text": f"✅ {translate(texts.APPROVE, language)}",
            "callback_data": f"{APPROVE_ACTION}:{proposal_id}",
        },
        {"text": translate(texts.DECLINE, language), "callback_data": f"{DECLINE_ACTION}:{proposal_id}"},
    ]


def parse_decision(callback: TelegramCallbackQuery, at: float) -> ProposalDecision | None:
    """The decision that a press is. None for a button that is not ours. Telegram does not say when it was."""
    act, _, subject = (callback.data or "").partition(":")
    if act not in (APPROVE_ACTION, DECLINE_ACTION) or not subject:
        return None
    if not CALLBACK_QUERY_ID.fullmatch(callback.id):
        raise InvalidPayload("a callback query's id that is none")
    by = f"telegram:{callback.from_.id}"
    return ProposalDecision(
        id=f"press-{callback.id}",
        proposal_id=subject,
        approved=act == APPROVE_ACTION,
        decided_by=by,
        decided_at=at,
    )


def callback_answerer(callback: TelegramCallbackQuery, press: ProposalDecision) -> Callable[[Verdict], str]:
    """How the press is answered in the webhook's own answer: with a word that passes, or one to dismiss."""

    def told(verdict: Verdict) -> str:
        taken = verdict == "taken"
        language = language_code(callback.from_.language_code)
        decided = texts.APPROVED if press.approved else texts.DECLINED
        call = {
            "method": "answerCallbackQuery",
            "callback_query_id": callback.id,
            "text": translate(decided, language) if taken else refusal_text(verdict, language),
            "show_alert": not taken,
        }
        return msgspec.json.encode(call).decode()

    return told
