"""Buttons in Telegram: what is written on those that decide, and how a press is answered.

https://core.telegram.org/bots/api#callbackquery. A button carries at most 64 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from repartee.channels.telegram.ids import chat_id, message_id
from repartee.channels.telegram.payloads import TelegramButtonMessage, TelegramCallbackQuery
from repartee.domain.handover import HANDOVER_ACTIONS, HandoverPress
from repartee.domain.message import Person
from repartee.domain.proposal import ProposalDecision, Verdict
from repartee.errors import InvalidPayload
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.language.choosing import language_code
from repartee.language.proposal_texts import refusal_text

APPROVE_ACTION, DECLINE_ACTION = "approve", "decline"
HANDOVER_ACTION = "handover"

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


def handover_buttons(handover_id: str, actions: Mapping[str, str]) -> list[dict[str, str]]:
    """The buttons of the team's card, by the labels of their actions."""
    return [
        {"text": label, "callback_data": f"{HANDOVER_ACTION}:{action}:{handover_id}"}
        for action, label in actions.items()
    ]


def parse_handover_press(
    callback: TelegramCallbackQuery, under: TelegramButtonMessage, at: float
) -> HandoverPress | None:
    """The press of a button of the team's card. None for another button."""
    kind, _, rest = (callback.data or "").partition(":")
    name, _, handover_id = rest.partition(":")
    action = next((one for one in HANDOVER_ACTIONS if one == name), None)
    if kind != HANDOVER_ACTION or action is None or not handover_id:
        return None
    if not CALLBACK_QUERY_ID.fullmatch(callback.id):
        raise InvalidPayload("a callback query's id that is none")
    topic = under.topic_id  # a card in a topic is the only customer's there
    place = chat_id(under.chat, topic) if topic else f"{chat_id(under.chat)}#{message_id(under.number)}"
    return HandoverPress(
        id=f"press-{callback.id}",
        action=action,
        handover_id=handover_id,
        place=place,
        member=Person(f"telegram:{callback.from_.id}", callback.from_.display_name),
        at=at,
        acknowledge=lambda text: _answer_callback(callback.id, text),
    )


def _answer_callback(callback_id: str, text: str) -> str:
    call = {"method": "answerCallbackQuery", "callback_query_id": callback_id, "text": text}
    return msgspec.json.encode(call | {"show_alert": bool(text)}).decode()


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
