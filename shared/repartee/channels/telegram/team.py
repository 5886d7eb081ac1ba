"""The team's side of a hand-over in a Telegram group: its card with the buttons, and the replies to it.

Telegram cannot be asked what was sent: after a crash between a send and its answer a card or a message is
seen twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.channels.team_card import card_lines, handover_actions
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.buttons import handover_buttons
from repartee.channels.telegram.ids import message_id
from repartee.channels.throttle_retry import retry_throttled
from repartee.domain.handover import TeamCard
from repartee.domain.message import Message
from repartee.errors import InvalidArgument
from repartee.ports.handovers import CardView

MAX_TEXT_CHARS = 4096
"""Characters of a message, by Telegram's limit."""

NO_LINK_PREVIEW = {"link_preview_options": {"is_disabled": True}}


class TelegramTeamChannel:
    """`ports.TeamChannel` for Telegram. Members answer by a reply to the card, or to a message below it."""

    def __init__(self, api: TelegramApi, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._api, self._clock, self._sleep = api, clock, sleep

    def post_card(self, room: str, view: CardView, lost_since: float) -> TeamCard:
        sent = self._call("sendMessage", chat_id=_chat_number(room), **_card_content(view))
        number = int(sent["message_id"])
        return TeamCard(room=room, chat=_reply_place(room, number), message_id=str(number))

    def update_card(self, card: TeamCard, view: CardView) -> None:
        where = {"chat_id": _chat_number(card.room), "message_id": int(card.message_id)}
        try:
            self._call("editMessageText", **where, **_card_content(view))
        except InvalidArgument as refused:  # it looks so already
            if "not modified" not in str(refused):
                raise

    def post_message(self, card: TeamCard, text: str, key: str, lost_since: float) -> tuple[str, str]:
        number = 0
        for at in range(0, len(text), MAX_TEXT_CHARS):
            sent = self._call(
                "sendMessage",
                chat_id=_chat_number(card.room),
                text=text[at : at + MAX_TEXT_CHARS],
                reply_parameters={
                    "message_id": int(card.message_id),
                    "allow_sending_without_reply": True,
                },
                **NO_LINK_PREVIEW,
            )
            number = int(sent["message_id"])
        return str(number), _reply_place(card.room, number)

    def address_thread(self, card: TeamCard) -> Message:
        now = self._clock()
        address = {"chat": str(_chat_number(card.room)), "type": "supergroup", "message": card.message_id}
        return Message(
            id=message_id(int(card.message_id)),
            chat=card.room,
            room=card.room,
            channel="telegram",
            sender="",
            text="",
            sent=now,
            received=now,
            platform=address,
        )

    def _call(self, method: str, **arguments: Any) -> Any:
        return retry_throttled(lambda: self._api.call_method(method, **arguments), self._sleep)


def _chat_number(room: str) -> int:
    return int(room.split(":")[1])


def _reply_place(room: str, number: int) -> str:
    """The place that a reply to this message has."""
    return f"{room}#{message_id(number)}"


def _card_content(view: CardView) -> dict[str, Any]:
    keyboard = [handover_buttons(view.handover.id, handover_actions(view))]
    return {
        "text": "\n".join(card_lines(view))[:MAX_TEXT_CHARS],
        "reply_markup": {"inline_keyboard": keyboard if keyboard[0] else []},
        **NO_LINK_PREVIEW,
    }
