"""The hand-over of a conversation from the assistant to a person, and back: its states and their changes.

Each change is a function from the record that is there to the one that is written, or to None where the
state does not permit it; a store writes it only if nothing was changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from repartee.domain.message import Incoming, Person, TeamAction, TeamActionKind

HandoverState = Literal["assistant", "waiting", "person", "resolved"]
"""Who has the conversation: the assistant; no one yet, the team was asked; a member of the team; the
assistant, since the member was done."""

HandoverReason = Literal[
    "asked",
    "no_help",
    "topic",
    "mood",
    "money_back",
    "legal",
    "emergency",
    "budget",
    "unreadable_file",
    "model",
    "team",
]
"""Why a person is needed: the customer asks for one, the answers did not help, the topic is on the list, the
mood, a wish for money back, a legal threat, an emergency, the budget is used up, a file cannot be read, the
model decided so; or a member of the team took the conversation unasked."""

HandoverAction = Literal["take", "give_back", "resolve"]
HANDOVER_ACTIONS: tuple[HandoverAction, ...] = ("take", "give_back", "resolve")

MAX_SUMMARY_CHARS = 1000
MAX_NAME_CHARS = 80
MAX_ADDRESS_ENTRIES = 12
MAX_ADDRESS_VALUE_CHARS = 300
MAX_EARLIER_CARDS = 8
"""Cards in rooms of the team that were asked before."""

MAX_TEAM_THREADS = 8
"""Threads of their own that a customer has in rooms of the team."""

MIN_RATING_SCORE, MAX_RATING_SCORE = 1, 5


class Customer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The person who is served, and how they are reached. `address` holds the platform's own ids, as
    `Message.platform` does. `wrote_at` is when they wrote last (epoch seconds)."""

    room: str = ""
    channel: str = ""
    person: Person = Person()
    language: str = ""
    address: dict[str, str] = {}
    wrote_at: float = 0.0


class TeamCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The card by which the team knows of the hand-over: its room, the thread below it, and the platform's id
    of it. `place` is the index of the room in the team's list."""

    room: str = ""
    chat: str = ""
    message_id: str = ""
    place: int = 0


class HandoverRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The wish for a person. `message_id` is the stored id of the message that it follows from: the turn that
    answers this one may still tell the customer so. `due_at` is when the team is reminded."""

    chat: str
    customer: Customer
    reason: HandoverReason
    at: float
    summary: str = ""
    message_id: str = ""
    due_at: float = 0.0


class Handover(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The latest hand-over of a conversation. Times are seconds since the epoch, 0 is never.

    `id` names it, and is empty where there was none. `opened_for` is the stored id of the message that led
    to it. `member` has the conversation, or had it last. `due_at` is when the team is reminded next,
    `reminders` counts. The conversation was the assistant's own again at `ended_at`: what was said before
    then is no reason for another. `rating` is the customer's opinion, 0 where they gave none, given in
    the message `rated_in`; they were asked at `rating_asked_at`. The template that asks them to write again
    went out at `template_sent_at`, and is not sent again before they did. `earlier_cards` are those in rooms
    of the team that were asked before the one that `card` is in. `threads` are those that the customer has
    for themselves, by the team's room: they outlive the hand-over, and the next one goes on there.
    """

    id: str = ""
    state: HandoverState = "assistant"
    reason: HandoverReason | Literal[""] = ""
    summary: str = ""
    opened_for: str = ""
    opened_at: float = 0.0
    taken_at: float = 0.0
    ended_at: float = 0.0
    member: Person = Person()
    customer: Customer = Customer()
    card: TeamCard = TeamCard()
    earlier_cards: tuple[TeamCard, ...] = ()
    reminders: int = 0
    due_at: float = 0.0
    rating: int = 0
    rated_in: str = ""
    rating_asked_at: float = 0.0
    template_sent_at: float = 0.0
    threads: dict[str, str] = {}

    @property
    def cards(self) -> tuple[TeamCard, ...]:
        """The cards that the team has of it, the newest last."""
        return tuple(one for one in (*self.earlier_cards, self.card) if one.message_id)

    @property
    def is_active(self) -> bool:
        """Whether a person has the conversation or is to have it."""
        return self.state in ("waiting", "person")

    def silences(self, incoming: Iterable[Incoming]) -> bool:
        """Returns whether the assistant must not answer the messages. While the team is waited for it may end
        the answer to the message that led to it, which says so."""
        if self.state == "waiting":
            return all(message.stored_id != self.opened_for for message in incoming)
        return self.state == "person"


class HandoverChange(msgspec.Struct, frozen=True):
    """The result of a change: whether it was `applied`, and the record that is there now: the new one, or the
    one whose state did not permit it, which says who has the conversation."""

    applied: bool
    handover: Handover


class HandoverPress(msgspec.Struct, frozen=True, kw_only=True):
    """A member pressed a button of the team's card, at its `place` in the team's room. `acknowledge`, where
    the platform wants an answer at once, makes it of what the member is told."""

    id: str
    action: HandoverAction
    handover_id: str
    place: str
    member: Person
    at: float
    acknowledge: Callable[[str], str] | None = None


class TeamEcho(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a member sent to the customer in the business's own app, and how the customer is
    reached."""

    action: TeamAction
    customer: Customer


def open_handover(current: Handover, request: HandoverRequest, id: str) -> Handover | None:
    """Returns the hand-over that waits for the team. None while another is active."""
    if current.is_active:
        return None
    return Handover(
        id=id,
        state="waiting",
        reason=request.reason,
        summary=request.summary[:MAX_SUMMARY_CHARS],
        opened_for=request.message_id,
        opened_at=request.at,
        ended_at=current.ended_at,
        template_sent_at=current.template_sent_at,
        threads=current.threads,
        customer=fit_customer(request.customer),
        due_at=request.due_at,
    )


def take_handover(current: Handover, member: Person, at: float) -> Handover | None:
    """Returns the hand-over as the member has it. None where it does not wait."""
    if current.state != "waiting":
        return None
    return msgspec.structs.replace(
        current, state="person", member=fit_person(member), taken_at=at, due_at=0.0
    )


def end_handover(current: Handover, state: HandoverState, by: Person, at: float) -> Handover | None:
    """Returns the hand-over as it is given back or resolved. None where it is not active."""
    if not current.is_active:
        return None
    member = current.member if current.member.id else fit_person(by)
    return msgspec.structs.replace(current, state=state, member=member, ended_at=at, due_at=0.0)


def build_team_event(handover: Handover, chat: str, kind: TeamActionKind, at: float) -> TeamAction:
    """Returns what the chat's next turn is to do about a change of its hand-over."""
    member = Person() if kind in ("opened", "reminder") else handover.member
    due = f"-{round(handover.due_at)}" if kind == "reminder" else ""
    return TeamAction(
        id=f"handover-{handover.id}-{kind}{due}",
        chat=chat,
        room=handover.customer.room,
        channel=handover.customer.channel,
        sender=member.id,
        sender_name=member.name,
        sent=at,
        received=at,
        language=handover.customer.language,
        kind=kind,
    )


def replace_card(current: Handover, card: TeamCard) -> Handover:
    """Returns it with this card. One in another room stays among the earlier ones."""
    others = tuple(one for one in current.cards if one.room != card.room)
    return msgspec.structs.replace(current, card=card, earlier_cards=others[-MAX_EARLIER_CARDS:])


def add_thread(current: Handover, room: str, thread: str) -> Handover:
    """Returns it with the thread that the customer has in a room of the team."""
    others = [(name, known) for name, known in current.threads.items() if name != room]
    threads = dict([*others[1 - MAX_TEAM_THREADS :], (room, thread)])
    return msgspec.structs.replace(current, threads=threads)


def rate_handover(current: Handover, id: str, score: int, message_id: str) -> Handover | None:
    """Returns it with the customer's opinion. None where it is another's, given before, or no opinion."""
    is_valid = MIN_RATING_SCORE <= score <= MAX_RATING_SCORE
    if not is_valid or current.id != id or current.rating or current.is_active:
        return None
    return msgspec.structs.replace(current, rating=score, rated_in=message_id)


def fit_person(person: Person) -> Person:
    """Returns the person with a name of bounded length."""
    return Person(person.id, person.name[:MAX_NAME_CHARS])


def fit_customer(customer: Customer) -> Customer:
    """Returns the customer with an address of bounded size."""
    return msgspec.structs.replace(
        customer, person=fit_person(customer.person), address=fit_address(customer.address)
    )


def fit_address(address: Mapping[str, str]) -> dict[str, str]:
    """Returns as much of a platform's ids as is kept. What is too long is left out: a part of an id is no
    id."""
    fitting = {name: value for name, value in address.items() if len(value) <= MAX_ADDRESS_VALUE_CHARS}
    return dict(list(fitting.items())[:MAX_ADDRESS_ENTRIES])
