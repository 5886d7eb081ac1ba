"""The team's side of a hand-over in Slack: its card with the buttons, and what stands in the thread below.

What was posted is found again by its metadata, so that a crash leaves no second card and no second message.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.buttons import handover_block
from repartee.channels.team_card import card_lines, handover_actions
from repartee.channels.throttle_retry import retry_throttled
from repartee.domain.handover import TeamCard
from repartee.domain.message import Message
from repartee.errors import InvalidArgument, NotFound
from repartee.ports.handovers import CardView

READ_EMOJI = "eyes"
"""The reaction to a message that the customer has read."""

HANDOVER_EVENT_TYPE = "repartee_handover"
"""The mark of the team's cards and messages, whose payload has the key of each."""

MAX_CLOCK_SKEW_SECONDS = 5.0
MAX_SECTION_CHARS = 3000
"""Characters of a section block, by Slack's limit."""

MAX_LISTED_MESSAGES = 100


class SlackTeamChannel:
    """`ports.TeamChannel` for Slack."""

    def __init__(self, api: SlackApi, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._api, self._clock, self._sleep = api, clock, sleep

    def open_thread(self, room: str, view: CardView, known: str) -> str:
        return ""  # the card's own thread is the customer's

    def close_thread(self, card: TeamCard) -> None:
        """Does nothing: a thread of Slack cannot be closed."""

    def post_card(self, room: str, view: CardView, lost_since: float, thread: str = "") -> TeamCard:
        channel, key = room.rpartition(":")[2], f"card-{view.handover.id}"
        ts = self._find_lost("conversations.history", key, lost_since, channel=channel)
        ts = ts or self._call("chat.postMessage", channel=channel, **_card_content(view, key))["ts"]
        return TeamCard(room=room, chat=f"{room}:{ts}", message_id=ts)

    def update_card(self, card: TeamCard, view: CardView) -> None:
        content = _card_content(view, f"card-{view.handover.id}")
        with suppress(NotFound):  # a member deleted it, and what is said below it is still passed on
            self._call("chat.update", channel=_channel_of(card), ts=card.message_id, **content)

    def post_message(self, card: TeamCard, text: str, key: str, lost_since: float) -> tuple[str, ...]:
        place = {"channel": _channel_of(card), "thread_ts": card.message_id}
        found = self._find_lost(
            "conversations.replies", key, lost_since, channel=place["channel"], ts=card.message_id
        )
        if not found:
            self._call("chat.postMessage", **place, **_literal_content(text, key))
        return (card.chat,)

    def show_read(self, room: str, message_id: str) -> None:
        place = {"channel": room.rpartition(":")[2], "timestamp": message_id}
        try:
            self._call("reactions.add", **place, name=READ_EMOJI)
        except NotFound:  # a member deleted the message
            return
        except InvalidArgument as refused:
            if "already_reacted" not in str(refused):
                raise

    def address_thread(self, card: TeamCard) -> Message:
        now = self._clock()
        address = {
            "channel": _channel_of(card),
            "thread": card.message_id,
            "user": "",
            "team": "",
            "self": "",
        }
        return Message(
            id=card.message_id,
            chat=card.chat,
            room=card.room,
            channel="slack",
            sender="",
            text="",
            sent=now,
            received=now,
            platform=address,
        )

    def _find_lost(self, method: str, key: str, since: float, **place: str) -> str:
        """Returns the id of a message that an earlier attempt may have posted since then; empty if none."""
        if not since:
            return ""
        page = self._call(
            method,
            **place,
            oldest=f"{since - MAX_CLOCK_SKEW_SECONDS:.6f}",
            include_all_metadata=True,
            limit=MAX_LISTED_MESSAGES,
        )
        return next((said["ts"] for said in page["messages"] if _metadata_key(said) == key), "")

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return retry_throttled(lambda: self._api.call_json(method, **arguments), self._sleep)


def _channel_of(card: TeamCard) -> str:
    return card.room.rpartition(":")[2]


def _metadata_key(said: dict[str, Any]) -> str:
    metadata = said.get("metadata") or {}
    if metadata.get("event_type") != HANDOVER_EVENT_TYPE:
        return ""
    return str((metadata.get("event_payload") or {}).get("key", ""))


def _metadata(key: str) -> dict[str, Any]:
    return {"event_type": HANDOVER_EVENT_TYPE, "event_payload": {"key": key}}


def _card_content(view: CardView, key: str) -> dict[str, Any]:
    """Returns the card: its lines as plain text, which pings no one and links nothing, and the buttons."""
    lines = card_lines(view)
    sections = [_plain_section("\n".join(lines))]
    actions = handover_actions(view)
    buttons = [handover_block(view.handover.id, actions)] if actions else []
    return {
        "text": _escape(lines[0]),
        "blocks": [*sections, *buttons],
        "metadata": _metadata(key),
    }


def _literal_content(text: str, key: str) -> dict[str, Any]:
    sections = [text[at : at + MAX_SECTION_CHARS] for at in range(0, len(text), MAX_SECTION_CHARS)]
    return {
        "text": _escape(text[:MAX_SECTION_CHARS]),
        "blocks": [_plain_section(one) for one in sections],
        "metadata": _metadata(key),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _plain_section(text: str) -> dict[str, Any]:
    shown = {"type": "plain_text", "text": text[:MAX_SECTION_CHARS], "emoji": False}
    return {"type": "section", "text": shown}


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
