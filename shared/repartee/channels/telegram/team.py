"""The team's side of a hand-over in a Telegram group: its card with the buttons, in a topic of the customer's
own, or with the replies to it.

Telegram cannot be asked what was sent: after a crash between a send and its answer a card or a message is
seen twice.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from repartee.channels.team_card import card_lines, handover_actions
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.buttons import handover_buttons
from repartee.channels.telegram.ids import message_id
from repartee.channels.telegram.team_topics import close_topic, is_topic_gone, open_topic, topic_of
from repartee.channels.throttle_retry import retry_throttled
from repartee.domain.handover import TeamCard
from repartee.domain.message import Message
from repartee.errors import InvalidArgument, NotFound
from repartee.language import handover_texts as texts
from repartee.language.catalogue import translate
from repartee.ports.handovers import CardView

MAX_TEXT_CHARS = 4096
"""Characters of a message, by Telegram's limit, which counts one outside of the BMP (most emoji) as two."""

READ_EMOJI = "👀"
"""The reaction to a message that the customer has read: one of those that bots may give."""

NO_LINK_PREVIEW = {"link_preview_options": {"is_disabled": True}}


class TelegramTeamChannel:
    """`ports.TeamChannel` for Telegram. Members answer in the customer's topic; in a group without topics by
    a reply to the card, or to a message below it."""

    def __init__(self, api: TelegramApi, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._api, self._clock, self._sleep = api, clock, sleep

    def open_thread(self, room: str, view: CardView, known: str) -> str:
        customer = view.handover.customer
        name = customer.person.name.strip() or translate(texts.CUSTOMER, view.language)
        name = f"{name} · {customer.channel}" if customer.channel else name
        topic = open_topic(self._call, _chat_number(room), name, topic_of(known))
        return f"telegram:{_chat_number(room)}:{topic}" if topic else ""

    def close_thread(self, card: TeamCard) -> None:
        if topic := topic_of(card.chat):
            close_topic(self._call, _chat_number(card.room), topic)

    def post_card(self, room: str, view: CardView, lost_since: float, thread: str = "") -> TeamCard:
        topic: dict[str, int] = {"message_thread_id": int(topic_of(thread))} if topic_of(thread) else {}
        sent = self._call("sendMessage", chat_id=_chat_number(room), **topic, **_card_content(view))
        number = int(sent["message_id"])
        return TeamCard(room=room, chat=thread or _reply_place(room, number), message_id=str(number))

    def update_card(self, card: TeamCard, view: CardView) -> None:
        where = {"chat_id": _chat_number(card.room), "message_id": int(card.message_id)}
        try:
            self._call("editMessageText", **where, **_card_content(view))
        except NotFound:  # a member deleted it, and what is said below it is still passed on
            return
        except InvalidArgument as refused:  # it looks so already
            if "not modified" not in str(refused):
                raise

    def post_message(self, card: TeamCard, text: str, key: str, lost_since: float) -> tuple[str, ...]:
        return tuple(self._post_part(card, part) for part in _split_text(text) if part.strip())

    def _post_part(self, card: TeamCard, text: str) -> str:
        """Writes in the customer's topic, or in reply to the card; so too once the topic was deleted."""
        topic = topic_of(card.chat)
        if not topic:
            return _reply_place(card.room, self._reply(card, text))
        where = {"chat_id": _chat_number(card.room), "message_thread_id": int(topic)}
        try:
            self._call("sendMessage", **where, text=text, **NO_LINK_PREVIEW)
        except (InvalidArgument, NotFound) as refused:
            if not is_topic_gone(refused):
                raise
            return _reply_place(card.room, self._reply(card, text))
        return card.chat

    def _reply(self, card: TeamCard, text: str) -> int:
        sent = self._call(
            "sendMessage",
            chat_id=_chat_number(card.room),
            text=text,
            reply_parameters={"message_id": int(card.message_id), "allow_sending_without_reply": True},
            **NO_LINK_PREVIEW,
        )
        return int(sent["message_id"])

    def show_read(self, room: str, message_id: str) -> None:
        if not message_id.isdecimal():
            return
        with suppress(NotFound):  # it was deleted
            self._call(
                "setMessageReaction",
                chat_id=_chat_number(room),
                message_id=int(message_id),
                reaction=[{"type": "emoji", "emoji": READ_EMOJI}],
            )

    def address_thread(self, card: TeamCard) -> Message:
        now = self._clock()
        address = {"chat": str(_chat_number(card.room)), "type": "supergroup", "message": card.message_id}
        topic = topic_of(card.chat)
        return Message(
            id=message_id(int(card.message_id)),
            chat=card.chat if topic else card.room,
            room=card.room,
            channel="telegram",
            sender="",
            text="",
            sent=now,
            received=now,
            platform=address | ({"topic": topic} if topic else {}),
        )

    def _call(self, method: str, **arguments: Any) -> Any:
        return retry_throttled(lambda: self._api.call_method(method, **arguments), self._sleep)


def _chat_number(room: str) -> int:
    return int(room.split(":")[1])


def _reply_place(room: str, number: int) -> str:
    """The place that a reply to this message has."""
    return f"{room}#{message_id(number)}"


def _split_text(text: str) -> list[str]:
    """Returns the text in parts that each fit in a message."""
    utf16_units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    size = MAX_TEXT_CHARS if utf16_units == len(text) else MAX_TEXT_CHARS // 2
    return [text[at : at + size] for at in range(0, len(text), size)]


def _card_content(view: CardView) -> dict[str, Any]:
    keyboard = [handover_buttons(view.handover.id, handover_actions(view))]
    return {
        "text": _split_text("\n".join(card_lines(view)))[0],
        "reply_markup": {"inline_keyboard": keyboard if keyboard[0] else []},
        **NO_LINK_PREVIEW,
    }
