"""The store of hand-overs from the assistant to a person, and the team that they go to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from repartee.domain.handover import (
    Handover,
    HandoverChange,
    HandoverRequest,
    HandoverState,
    TeamCard,
    add_thread,
    end_handover,
    open_handover,
    rate_handover,
    replace_card,
    take_handover,
)
from repartee.domain.message import Message, Person, TeamActionKind

Transition = Callable[[Handover], Handover | None]


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """The team behind a number. `rooms` are those where it is asked (ids of Slack channels and Telegram
    groups), the next when the one before does not answer in `remind_after_seconds`."""

    rooms: tuple[str, ...]
    remind_after_seconds: float = 300.0
    asks_for_opinion: bool = True
    language: str = "en"


class CardView(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the team's card: the hand-over, the latest messages, and the team's language."""

    handover: Handover
    latest: tuple[Message, ...] = ()
    language: str = "en"


class WaitingCustomer(msgspec.Struct, frozen=True):
    """A customer who waits for a person: the chat, its room, and since when (epoch seconds)."""

    chat: str
    room: str
    since: float


class TeamChannel(Protocol):
    """The side of a channel on which a team sits. Raises `BackendError`."""

    def open_thread(self, room: str, view: CardView, known: str) -> str:
        """Returns the chat in the team's room that this customer alone has, made or opened again; `known` is
        the one that they had. Empty where there is none: then what is said stands below the card."""

    def close_thread(self, card: TeamCard) -> None:
        """Closes the chat that the customer alone has, if the card is in one."""

    def post_card(self, room: str, view: CardView, lost_since: float, thread: str = "") -> TeamCard:
        """Posts the card of a hand-over into the team's room, or into the customer's own `thread` there. If
        an earlier attempt may have posted it, since then (epoch seconds, else 0), it is looked for where the
        platform allows that."""

    def update_card(self, card: TeamCard, view: CardView) -> None:
        """Shows the card as it is now, in its place. Does nothing where a member deleted it."""

    def post_message(self, card: TeamCard, text: str, key: str, lost_since: float) -> tuple[str, ...]:
        """Writes below the card, literally, and returns the places by which what answers it is known, one for
        each part that the platform needs. `key` is the message's own; `lost_since` is as in `post_card`."""

    def show_read(self, room: str, message_id: str) -> None:
        """Shows on a member's message in the team's room, by the id that the channel's receiver gave it, that
        the customer has read it. It is seen once, however often that is told. Does nothing where the message
        is gone."""

    def address_thread(self, card: TeamCard) -> Message:
        """Returns a message as one would stand below the card, to which files are sent."""


class TeamDirectory(Protocol):
    """The teams behind the rooms in which customers write."""

    def find_team(self, room: str) -> Team | None:
        """Returns the team of a room of customers. None where no person can be asked."""

    def next_opening(self, room: str, now: float) -> float | None:
        """Returns when the team is there again: `now` while it is there (epoch seconds). None where that is
        not known."""

    def format_time(self, room: str, at: float) -> str:
        """Returns the time as the team's clock shows it."""


class Handovers(ABC):
    """The hand-overs of conversations, one record a chat. Reads are consistent; `Control.handover` holds the
    same record, read with the commands. Each change is written only if nothing was changed meanwhile, so that
    of two who do the same at once one does it and the other is told what is there.

    A change of state leaves a `TeamAction` in the chat's inbox, in the same write: the chat's next turn shows
    it to the team and to the customer. The caller wakes the chat; if it dies, the sweep does."""

    @abstractmethod
    def read(self, chat: str) -> Handover:
        """Returns the latest hand-over of the chat; an empty one where there was none."""

    @abstractmethod
    def list_due(self, before: float) -> Iterator[str]:
        """Yields the chats whose team was to be reminded before then, the longest due first."""

    @abstractmethod
    def list_active(self) -> Iterator[str]:
        """Yields the chats that a person has or is to have."""

    @abstractmethod
    def list_waiting(self) -> Iterator[WaitingCustomer]:
        """Yields the customers who wait for a person."""

    @abstractmethod
    def link(self, place: str, chat: str, at: float) -> None:
        """Notes which customer's chat a thread or a message of the team is about."""

    @abstractmethod
    def find_linked(self, place: str) -> str:
        """Returns the customer's chat that a place of the team is about; empty for any other place."""

    @abstractmethod
    def _change(
        self, chat: str, transition: Transition, at: float, event: TeamActionKind | None = None
    ) -> HandoverChange:
        """Replaces the record by what the transition makes of it, again with what is there if another change
        came first, and leaves the event with it. Nothing is written where it makes None or the same."""

    @abstractmethod
    def _new_id(self) -> str:
        """Returns an id that no other hand-over has."""

    def open(self, request: HandoverRequest) -> HandoverChange:
        """Asks the team for a person. Not applied while that was done or a person has the conversation."""
        id = self._new_id()
        return self._change(
            request.chat, lambda found: open_handover(found, request, id), request.at, "opened"
        )

    def take(
        self,
        chat: str,
        member: Person,
        at: float,
        *,
        handover_id: str = "",
        request: HandoverRequest | None = None,
    ) -> HandoverChange:
        """Gives the conversation to a member of the team. Not applied where another has it. With a
        `handover_id`, as a button on a card has it, only that one is taken. With a `request` a conversation
        is taken that the assistant has."""
        id = self._new_id()

        def take(found: Handover) -> Handover | None:
            if request and not found.is_active:
                found = open_handover(found, request, id) or found
            return take_handover(found, member, at) if handover_id in ("", found.id) else None

        return self._change(chat, take, at, "taken")

    def give_back(self, chat: str, by: Person, at: float, *, handover_id: str = "") -> HandoverChange:
        """Gives the conversation back to the assistant. Not applied where it has it."""
        return self._end(chat, "assistant", by, at, handover_id)

    def resolve(self, chat: str, by: Person, at: float, *, handover_id: str = "") -> HandoverChange:
        """Ends the hand-over, for what it was about is done. Not applied where it has ended."""
        return self._end(chat, "resolved", by, at, handover_id)

    def _end(
        self, chat: str, state: HandoverState, by: Person, at: float, handover_id: str
    ) -> HandoverChange:
        def end(found: Handover) -> Handover | None:
            return end_handover(found, state, by, at) if handover_id in ("", found.id) else None

        return self._change(chat, end, at, "given_back" if state == "assistant" else "resolved")

    def save_card(self, chat: str, handover_id: str, card: TeamCard, at: float) -> HandoverChange:
        """Notes where the team's card is. Those in rooms that were asked before are known, too."""

        def save(found: Handover) -> Handover | None:
            return replace_card(found, card) if found.id == handover_id else None

        return self._change(chat, save, at)

    def save_thread(self, chat: str, handover_id: str, room: str, thread: str, at: float) -> HandoverChange:
        """Notes the thread that the customer has for themselves in a room of the team."""

        def save(found: Handover) -> Handover | None:
            return add_thread(found, room, thread) if found.id == handover_id else None

        return self._change(chat, save, at)

    def note_reminder(
        self, chat: str, handover_id: str, due_at: float, at: float, *, is_away: bool = False
    ) -> HandoverChange:
        """Counts a reminder to the team, and notes when the next is due (0: never). While the team `is_away`
        it is not reminded, and the customer may be told."""

        def remind(found: Handover) -> Handover | None:
            waits = found.state == "waiting" and found.due_at != due_at
            reminders = found.reminders + (not is_away)
            changed = _replace(found, handover_id, reminders=reminders, due_at=due_at)
            return changed if waits else None

        return self._change(chat, remind, at, "reminder")

    def note_rating_asked(self, chat: str, handover_id: str, at: float) -> HandoverChange:
        """Notes that the customer was asked for an opinion. Applied once for each hand-over."""
        return self._change(
            chat,
            lambda found: None if found.rating_asked_at else _replace(found, handover_id, rating_asked_at=at),
            at,
        )

    def note_template_sent(self, chat: str, at: float) -> HandoverChange:
        """Notes that the customer was asked to write again, by the platform's approved template: also where
        the assistant has the conversation, for a person who takes it later."""

        def note(found: Handover) -> Handover:
            return msgspec.structs.replace(found, template_sent_at=max(at, found.template_sent_at))

        return self._change(chat, note, at)

    def rate(
        self, chat: str, handover_id: str, score: int, at: float, message_id: str = ""
    ) -> HandoverChange:
        """Keeps the customer's opinion of a hand-over that has ended, from 1 to 5. The first stands."""
        return self._change(chat, lambda found: rate_handover(found, handover_id, score, message_id), at)


def _replace(found: Handover, handover_id: str, **changes: object) -> Handover | None:
    return msgspec.structs.replace(found, **changes) if found.id == handover_id else None
