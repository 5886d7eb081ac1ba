"""The team's side of the webhook: presses on its cards, what members write for a customer, and notes.

A press takes effect at once. What a member writes below a card becomes a message in the customer's chat,
whose turns pass it on in order. Notes among colleagues end here: nothing keeps or sends them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from repartee.domain.handover import (
    Customer,
    Handover,
    HandoverAction,
    HandoverChange,
    HandoverPress,
    HandoverRequest,
    TeamEcho,
    fit_customer,
)
from repartee.domain.message import Message, Person, TeamAction, TeamActionKind, is_shared_room
from repartee.domain.read_marks import make_member_message_id
from repartee.language import handover_texts as texts
from repartee.language.catalogue import translate
from repartee.language.notice_words import NOTICE_HINTS
from repartee.ports import Wakes
from repartee.ports.handovers import Handovers, TeamDirectory

NOTICE_COMMAND = re.compile(r"\s*/(?:brief|remind)\b", re.IGNORECASE)
"""A command about briefs or reminders, as members write it in Telegram."""

NOTE_BEGINNING = re.compile(r"\s*(?://|📝|🔒|🤫|(?:note|internal)\s*:)", re.IGNORECASE)
"""The prefixes and emojis with which a note among colleagues begins."""

REQUEST_WORDS = re.compile(
    r"\s*(?P<word>suggest|summari[sz]e|translate)(?:\s+(?:to|into)\s+(?P<language>\w+))?\s*", re.IGNORECASE
)
"""A request of a member to the assistant in Telegram, where each reply to the card mentions it."""

OPINION_SECONDS = 24 * 3600.0
"""Seconds after the question in which a number alone is taken for the answer to it."""

OPINION = re.compile(r"\s*([1-5])\s*(?:/\s*5)?[.!]?\s*")
"""A customer's opinion: a number alone."""


class HandoverIntake:
    """Takes in what the team does, and customers' opinions."""

    def __init__(self, handovers: Handovers, teams: TeamDirectory, wakes: Wakes) -> None:
        self._handovers, self._teams, self._wakes = handovers, teams, wakes

    def redirect(self, message: Message) -> Sequence[TeamAction] | None:
        """Returns what a message of a member is for the customer's chat: empty where it stays among
        colleagues. None where it is not the team's, or orders the assistant to brief or remind them: then it
        is taken in like any other."""
        chat = self._find_customer_chat(message) if is_shared_room(message.room) else ""
        if not chat:
            return self._take_opinion(message)
        if is_order(message):
            return None
        if is_note(message):
            request = parse_request(message)
            return (self._to_action(chat, message, "request", request),) if request else ()
        self._take_unasked(chat, message)
        return (self._to_action(chat, message, "message", message.text),)

    def is_team_message(self, message: Message) -> bool:
        """Returns whether the message stands below a card of the team."""
        return is_shared_room(message.room) and bool(self._find_customer_chat(message))

    def press(self, press: HandoverPress) -> tuple[str, TeamAction | None]:
        """Carries out what a member pressed. Returns the answer for a platform that wants one, and what the
        chat's next turn is to tell the team."""
        chat = self._handovers.find_linked(press.place)
        if not chat:
            return (press.acknowledge("") if press.acknowledge else ""), None
        change = self._change_of(press.action)(chat, press.member, press.at, handover_id=press.handover_id)
        self._wakes.send(chat)
        found = change.handover
        is_repeated = press.action == "take" and found.member.id == press.member.id
        told = "" if change.applied or is_repeated else self._refusal_text(found)
        if press.acknowledge:
            return press.acknowledge(told), None
        return "", (_refusal(chat, press, found.customer, told) if told else None)

    def take_echo(self, echo: TeamEcho) -> TeamAction:
        """Gives the conversation to the member who wrote in the business's own app. Returns what is to be
        kept of it."""
        action = echo.action
        request = HandoverRequest(
            chat=action.chat, customer=echo.customer, reason="team", at=action.received, message_id=""
        )
        member = Person(action.sender, action.sender_name)
        self._handovers.take(action.chat, member, action.received, request=request)
        return action

    def _change_of(self, action: HandoverAction) -> Callable[..., HandoverChange]:
        known = self._handovers
        changes: dict[HandoverAction, Callable[..., HandoverChange]] = {
            "take": known.take,
            "give_back": known.give_back,
            "resolve": known.resolve,
        }
        return changes[action]

    def _find_customer_chat(self, message: Message) -> str:
        """Returns the chat of the customer that a thread, or the message that is replied to, is about."""
        if message.threaded and (chat := self._handovers.find_linked(message.chat)):
            return chat
        answered = f"{message.room}#{message.reply_to}"
        return self._handovers.find_linked(answered) if message.reply_to else ""

    def _take_unasked(self, chat: str, message: Message) -> None:
        """Gives the conversation to a member who answers without having pressed anything."""
        found = self._handovers.read(chat)
        if found.state == "person":
            return
        request = HandoverRequest(chat=chat, customer=found.customer, reason="team", at=message.received)
        member = Person(message.sender, message.sender_name)
        self._handovers.take(chat, member, message.received, request=request)

    def _to_action(self, chat: str, message: Message, kind: TeamActionKind, text: str) -> TeamAction:
        customer = self._handovers.read(chat).customer
        return TeamAction(
            id=make_member_message_id(message.room, message.id),
            chat=chat,
            room=customer.room,
            channel=customer.channel,
            sender=message.sender,
            sender_name=message.sender_name,
            sent=message.sent,
            received=message.received,
            correlation=message.correlation,
            language=customer.language,
            platform=message.platform,
            kind=kind,
            text=text,
            attachments=message.attachments,
        )

    def _take_opinion(self, message: Message) -> Sequence[TeamAction] | None:
        """Keeps the number with which a customer answers the question for an opinion, once."""
        given = OPINION.fullmatch(message.text)
        if not given or message.attachments:
            return None
        found, score = self._handovers.read(message.chat), int(given[1])
        is_asked = 0 <= message.received - found.rating_asked_at <= OPINION_SECONDS
        if not is_asked or found.is_active or (found.rating and found.rated_in != message.id):
            return None
        self._handovers.rate(message.chat, found.id, score, message.received, message.id)
        rated = _as_action(message, "rated", str(score))
        return (rated,)

    def _refusal_text(self, found: Handover) -> str:
        team = self._teams.find_team(found.customer.room)
        language = team.language if team else "en"
        if found.state == "person":
            name = found.member.name or found.member.id.rpartition(":")[2]
            return translate(texts.ALREADY_TAKEN, language, name=name)
        return translate(texts.ALREADY_OVER, language)


def is_note(message: Message) -> bool:
    """Returns whether a member's message stays among colleagues: it is marked as a note, speaks to a
    colleague or to the assistant, is a request to the assistant, or changes an earlier message."""
    is_request = message.mentioned and message.channel != "telegram"
    is_marked = NOTE_BEGINNING.match(message.text) or (
        message.channel == "telegram" and REQUEST_WORDS.fullmatch(message.text)
    )
    is_empty = not (message.text.strip() or message.attachments)
    return bool(is_marked or is_request or message.mentions or message.revises or is_empty)


def is_order(message: Message) -> bool:
    """Returns whether a member orders a brief or a reminder of the assistant, which is called by a mention,
    or by a command where each reply to the card mentions it."""
    if NOTE_BEGINNING.match(message.text) or message.revises:
        return False
    if message.channel == "telegram":
        return bool(NOTICE_COMMAND.match(message.text))
    return message.mentioned and bool(NOTICE_HINTS.search(message.text))


def parse_request(message: Message) -> str:
    """Returns what a member asks the assistant for, as `suggest`, `summarise` or `translate German`; another
    word where it is called for something else. Empty where it is not called."""
    if NOTE_BEGINNING.match(message.text):
        return ""
    asked = REQUEST_WORDS.fullmatch(message.text)
    if asked:
        word, wanted = asked["word"].lower().replace("z", "s"), asked["language"] or ""
        return f"{word} {wanted}".strip()
    return "help" if message.mentioned and message.channel != "telegram" else ""


def _as_action(message: Message, kind: str, text: str) -> TeamAction:
    return msgspec.convert(
        {
            "id": message.id,
            "chat": message.chat,
            "room": message.room,
            "channel": message.channel,
            "sender": message.sender,
            "sender_name": message.sender_name,
            "sent": message.sent,
            "received": message.received,
            "correlation": message.correlation,
            "language": message.language,
            "platform": message.platform,
            "kind": kind,
            "text": text,
        },
        TeamAction,
    )


def _refusal(chat: str, press: HandoverPress, customer: Customer, told: str) -> TeamAction:
    customer = fit_customer(customer)
    return TeamAction(
        id=press.id,
        chat=chat,
        room=customer.room,
        channel=customer.channel,
        sender=press.member.id,
        sent=press.at,
        received=press.at,
        kind="refused",
        text=told,
    )
