"""The team's card and the thread below it, as a turn of the customer's chat writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from repartee.domain.handover import Handover, TeamCard
from repartee.domain.message import Message
from repartee.domain.read_marks import find_member_message
from repartee.errors import BackendError
from repartee.ports import Inbox
from repartee.ports.handovers import CardView, Handovers, Team, TeamChannel, TeamDirectory
from repartee.turn.failures import is_passing

MAX_LATEST_MESSAGES = 5
"""Messages of the customer that the card shows."""

NO_TEAM = Team(rooms=(), asks_for_opinion=False)


class TeamThreads:
    """Shows hand-overs to their teams: in a Slack channel or a Telegram group, by the room's id."""

    def __init__(
        self,
        handovers: Handovers,
        teams: TeamDirectory,
        channels: Mapping[str, TeamChannel],
        inbox: Inbox,
        clock: Callable[[], float],
    ) -> None:
        self.handovers, self.teams = handovers, teams
        self._channels, self._inbox, self._clock = channels, inbox, clock

    def find_team(self, handover: Handover) -> Team:
        """Returns the team of the customer's room; one without rooms where there is none."""
        return self.teams.find_team(handover.customer.room) or NO_TEAM

    def ensure_card(self, chat: str, handover: Handover, lost_since: float = 0.0) -> Handover:
        """Posts the hand-over's card if there is none, and returns the hand-over with it."""
        if handover.card.message_id or not handover.id:
            return handover
        return self._post_card(chat, handover, 0, lost_since)

    def _post_card(self, chat: str, handover: Handover, place: int, lost_since: float) -> Handover:
        team = self.find_team(handover)
        if place >= len(team.rooms):
            return handover
        room = team.rooms[place]
        handover = self._open_thread(chat, handover, room)
        view, thread = self._view(chat, handover, team), handover.threads.get(room, "")
        card = self._channel_of(room).post_card(room, view, lost_since, thread)
        card = msgspec.structs.replace(card, place=place)
        now = self._clock()
        self.handovers.link(card.chat, chat, now)
        return self.handovers.save_card(chat, handover.id, card, now).handover

    def _open_thread(self, chat: str, handover: Handover, room: str) -> Handover:
        """Opens the customer's own thread in the room, where the platform has such. It is noted before
        anything is said there, so that a turn that is tried again goes on in it."""
        known, view = handover.threads.get(room, ""), self._view(chat, handover, self.find_team(handover))
        thread = self._channel_of(room).open_thread(room, view, known)
        if thread == known:
            return handover
        now = self._clock()
        if thread:
            self.handovers.link(thread, chat, now)
        return self.handovers.save_thread(chat, handover.id, room, thread, now).handover

    def close_thread(self, handover: Handover) -> None:
        """Closes the customer's own threads, once the hand-over was resolved."""
        if handover.state == "resolved":
            for card in handover.cards:
                self._channel_of(card.room).close_thread(card)

    def move_card(self, chat: str, handover: Handover, place: int, lost_since: float = 0.0) -> Handover:
        """Asks the team's next room with a card of its own. The one before stays, so that a member there may
        still take the conversation, and is updated with it."""
        if place == handover.card.place or place >= len(self.find_team(handover).rooms):
            return handover
        return self._post_card(chat, handover, place, lost_since)

    def update_card(self, chat: str, handover: Handover) -> None:
        """Shows the card as the hand-over is now, in each room that was asked. That of an earlier room which
        cannot be updated any more holds up nothing."""
        if cards := handover.cards:
            view = self._view(chat, handover, self.find_team(handover))
            for card in cards:
                try:
                    self._channel_of(card.room).update_card(card, view)
                except BackendError as failure:
                    if card == handover.card or is_passing(failure):
                        raise

    def post(self, chat: str, card: TeamCard, text: str, key: str, lost_since: float = 0.0) -> None:
        """Writes below the card, so that an answer to it is known to be for this customer."""
        if card.message_id and text:
            places = self._channel_of(card.room).post_message(card, text, key, lost_since)
            for place in places:
                if place != card.chat:
                    self.handovers.link(place, chat, self._clock())

    def show_read(self, handover: Handover, mark: str) -> None:
        """Shows the team that the customer has read the member's message with this mark."""
        if found := find_member_message(mark, self.find_team(handover).rooms):
            room, message_id = found
            self._channel_of(room).show_read(room, message_id)

    def address(self, card: TeamCard) -> Message:
        """Returns a message as one would stand below the card."""
        return self._channel_of(card.room).address_thread(card)

    def _channel_of(self, room: str) -> TeamChannel:
        return self._channels[room.partition(":")[0]]

    def _view(self, chat: str, handover: Handover, team: Team) -> CardView:
        latest = self._inbox.list_latest(chat, MAX_LATEST_MESSAGES)
        return CardView(handover=handover, latest=tuple(latest), language=team.language)
