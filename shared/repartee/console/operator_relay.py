"""An operator takes a conversation over and answers in it, as a member of a desk's team does: by the same
hand-overs, and by messages in the chat's inbox that its turns pass on in order."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from repartee.console.access import Operator
from repartee.domain.handover import Customer, Handover, HandoverChange, HandoverRequest
from repartee.domain.message import Message, Person, TeamAction
from repartee.ports import Inbox, Wakes
from repartee.ports.handovers import Handovers
from repartee.ports.operations import operator_person

MAX_SEARCHED_MESSAGES = 30
"""Messages of a chat among which the latest that says how its person is reached is looked for."""

MAX_ANSWER_CHARS = 4000
"""Characters of one answer of an operator: what every channel takes."""


class OperatorRelay:
    """Carries out what operators do with hand-overs. Every change wakes the chat, whose next turn tells the
    person and the team."""

    def __init__(
        self,
        handovers: Handovers,
        inbox: Inbox,
        wakes: Wakes,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._handovers, self._inbox, self._wakes = handovers, inbox, wakes
        self._clock, self._new_id = clock, new_id

    def take(self, chat: str, operator: Operator) -> HandoverChange:
        """Gives the conversation to the operator. Not applied where another has it, or nothing says how its
        person is reached."""
        now, newest = self._clock(), self._find_newest(chat)
        if newest is None:
            return HandoverChange(False, self._handovers.read(chat))
        request = HandoverRequest(
            chat=chat, customer=_describe_customer(newest), reason="team", at=now, message_id=""
        )
        return self._wake_after(chat, self._handovers.take(chat, member_of(operator), now, request=request))

    def give_back(self, chat: str, operator: Operator) -> HandoverChange:
        """Gives the conversation back to the assistant."""
        member = member_of(operator)
        return self._wake_after(chat, self._handovers.give_back(chat, member, self._clock()))

    def resolve(self, chat: str, operator: Operator) -> HandoverChange:
        """Ends the hand-over: what it was about is done."""
        member = member_of(operator)
        return self._wake_after(chat, self._handovers.resolve(chat, member, self._clock()))

    def answer(self, chat: str, operator: Operator, text: str) -> Handover | None:
        """Sends the operator's words to the person. Returns the hand-over as it is, and sends nothing, where
        the operator does not have the conversation; None where it is on its way."""
        found = self._handovers.read(chat)
        if found.state != "person" or found.member.id != member_of(operator).id:
            return found
        customer, now = found.customer, self._clock()
        action = TeamAction(
            id=f"console-{self._new_id()}",
            chat=chat,
            room=customer.room,
            channel=customer.channel,
            sender=found.member.id,
            sender_name=operator.name,
            sent=now,
            received=now,
            language=customer.language,
            kind="message",
            text=text[:MAX_ANSWER_CHARS],
        )
        self._inbox.put(action)
        self._wakes.send(chat, message_id=action.id)
        return None

    def reopen(self, chat: str, turn_messages: tuple[str, ...]) -> bool:
        """Has messages whose answer failed answered again. False where none waits for it now."""
        reopened = self._inbox.reopen(chat, turn_messages)
        if reopened:
            self._wakes.send(chat)
        return bool(reopened)

    def _wake_after(self, chat: str, change: HandoverChange) -> HandoverChange:
        if change.applied:
            self._wakes.send(chat)
        return change

    def _find_newest(self, chat: str) -> Message | None:
        latest = self._inbox.list_latest(chat, MAX_SEARCHED_MESSAGES)
        return next((one for one in reversed(latest) if one.platform), None)


def member_of(operator: Operator) -> Person:
    """Returns the operator as hand-overs name who has a conversation."""
    return Person(operator_person(operator.id), operator.name)


def _describe_customer(newest: Message) -> Customer:
    return Customer(
        room=newest.room,
        channel=newest.channel,
        person=Person(newest.sender, newest.sender_name),
        language=newest.language,
        address=msgspec.convert(dict(newest.platform), dict[str, str], strict=False),
        wrote_at=newest.sent,
    )
