"""Hand-overs in memory, held to the same contract as the real ones, and builders of requests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from repartee.domain.control import Control
from repartee.domain.handover import Customer, Handover, HandoverChange, HandoverRequest, build_team_event
from repartee.domain.message import Person, TeamActionKind
from repartee.ports.handovers import Handovers, Transition, WaitingCustomer
from tests.support.memory_stores import MemoryInbox, MemoryLease, MemoryRecords

CUSTOMER_CHAT = "whatsapp:100:34600"
ANA, BO = Person("slack:T1:UANA", "Ana"), Person("slack:T1:UBO", "Bo")


@dataclass
class MemoryHandovers(Handovers):
    """`ports.Handovers` in memory, in the same controls as the records."""

    records: MemoryRecords
    inbox: MemoryInbox = field(default_factory=MemoryInbox)
    links: dict[str, str] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def read(self, chat: str) -> Handover:
        return self.records.controls.get(chat, Control()).handover

    def list_due(self, before: float) -> Iterator[str]:
        due = {chat: self.read(chat).due_at for chat in self.list_active()}
        return iter(sorted((chat for chat, at in due.items() if 0 < at < before), key=due.__getitem__))

    def list_active(self) -> Iterator[str]:
        return iter([chat for chat, one in self.records.controls.items() if one.handover.is_active])

    def list_waiting(self) -> Iterator[WaitingCustomer]:
        found = [(chat, self.read(chat)) for chat in self.list_active()]
        waiting = [(chat, one) for chat, one in found if one.state == "waiting" and one.due_at]
        return iter(
            [WaitingCustomer(chat, one.customer.room or chat, one.opened_at) for chat, one in waiting]
        )

    def _new_id(self) -> str:
        return f"h{next(self.ids)}"

    def link(self, place: str, chat: str, at: float) -> None:
        self.links[place] = chat

    def find_linked(self, place: str) -> str:
        return self.links.get(place, "")

    def _change(
        self, chat: str, transition: Transition, at: float, event: TeamActionKind | None = None
    ) -> HandoverChange:
        with self.records.lock:
            found = self.read(chat)
            changed = transition(found)
            if changed is None:
                return HandoverChange(False, found)
            control = self.records.controls.get(chat, Control())
            self.records.controls[chat] = msgspec.structs.replace(control, handover=changed)
            if changed.is_active != found.is_active:
                self.inbox.leases.setdefault(chat, MemoryLease()).knocks += 1
            (self.inbox.handed_over.add if changed.is_active else self.inbox.handed_over.discard)(chat)
        if event:
            self.inbox.put(build_team_event(changed, chat, event, at))
        return HandoverChange(True, changed)


def make_customer(**changes: Any) -> Customer:
    """A customer who writes in WhatsApp."""
    own = {"room": CUSTOMER_CHAT, "channel": "whatsapp", "person": Person("whatsapp:100:34600", "Eva")}
    return Customer(**{**own, "address": {"to": "34600", "phone_number_id": "100"}, **changes})


def make_request(**changes: Any) -> HandoverRequest:
    """A customer's wish for a person, at 1,000."""
    own = {"chat": CUSTOMER_CHAT, "customer": make_customer(), "reason": "asked", "at": 1000.0}
    return HandoverRequest(**{**own, "summary": "Eva's parcel is late.", "due_at": 1300.0, **changes})
