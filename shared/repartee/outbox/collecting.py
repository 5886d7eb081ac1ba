"""Makes the events of a turn when it is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Literal

import msgspec

from repartee.domain.desk import WebhookEvent
from repartee.domain.desk_event import DeskEvent, EventBatch, make_event_id
from repartee.domain.handover import Handover
from repartee.domain.message import Exchange, Message, TeamAction
from repartee.ports.desk import DeskRecords

DESK_NAME = "desk"
"""The assistant whose conversations have events."""

MAX_KNOWN_CONFIG_AGE_SECONDS = 300.0
"""Seconds for which a turn that closes uses the configuration that its process has read: longer than a turn
lasts, so that one which has just read it does not read it again."""

OUTCOMES: dict[str, Literal["given_back", "done"]] = {"given_back": "given_back", "resolved": "done"}


class EventCollector:
    """Makes the events of exchanges, for the receivers that their desk's configuration names."""

    def __init__(self, configs: DeskRecords) -> None:
        self._configs = configs

    def collect(
        self, exchange: Exchange, read_handover: Callable[[], Handover] | None
    ) -> Sequence[EventBatch]:
        """Returns a batch for each receiver of any of the exchange's events. The hand-over is read only where
        an event is about it."""
        if exchange.assistant != DESK_NAME:
            return ()
        config = self._configs.find_config(exchange.room, MAX_KNOWN_CONFIG_AGE_SECONDS)
        if config is None or not config.webhooks:
            return ()
        events = tuple(ExchangeEvents(exchange, read_handover or Handover).list_events())
        batches = (
            EventBatch(
                number=config.number,
                endpoint=webhook.endpoint_id,
                chat=exchange.chat,
                channel=exchange.messages[-1].channel if exchange.messages else "",
                turn=exchange.turn,
                at=exchange.answered_at,
                events=tuple(event for event in events if event.kind in webhook.events),
            )
            for webhook in config.webhooks
        )
        return tuple(batch for batch in batches if batch.events)


class ExchangeEvents:
    """The events of one exchange, in the order in which they happened."""

    def __init__(self, exchange: Exchange, read_handover: Callable[[], Handover]) -> None:
        self._exchange, self._read_handover = exchange, read_handover

    @cached_property
    def _handover(self) -> Handover:
        return self._read_handover()

    def list_events(self) -> Iterator[DeskEvent]:
        """Yields what was said and done, and last what the assistant replied."""
        for one in self._exchange.messages:
            if isinstance(one, Message) and one.has_content and not one.overheard:
                yield self._event(
                    "message.received",
                    one.id,
                    at=one.sent,
                    message=one.id,
                    revises=one.revises,
                    files=len(one.attachments),
                    customer=one.sender,
                )
            elif isinstance(one, TeamAction):
                yield from self._events_of_action(one)
        if self._exchange.reply:
            reply_id = self._exchange.reply_ids[0] if self._exchange.reply_ids else ""
            yield self._event(
                "reply.sent",
                "",
                at=self._exchange.answered_at,
                message=reply_id,
                sent_by="assistant",
                customer=self._customer,
            )

    @property
    def _customer(self) -> str:
        said = (one.sender for one in self._exchange.messages if isinstance(one, Message))
        return next(said, "")

    def _events_of_action(self, action: TeamAction) -> Iterator[DeskEvent]:
        if action.kind in ("message", "echo"):
            yield self._event(
                "reply.sent",
                action.id,
                at=action.sent,
                message=action.id,
                files=len(action.attachments),
                sent_by="member",
                member=action.sender,
                customer=self._handover.customer.person.id,
            )
        elif action.kind in ("opened", "taken", "given_back", "resolved"):
            yield self._event_of_change(action)
        elif action.kind == "rated":
            yield self._event(
                "rated",
                action.id,
                at=action.sent,
                handover=self._handover.id,
                score=int(action.text),
                customer=action.sender,
            )

    def _event_of_change(self, action: TeamAction) -> DeskEvent:
        """Returns the event of a change of the hand-over. If another was opened since, no more is known of
        this one than its id."""
        id = action.id.removeprefix("handover-").rpartition("-")[0]
        found = self._handover if self._handover.id == id else Handover(id=id)
        kinds: dict[str, WebhookEvent] = {"opened": "escalated", "taken": "taken"}
        return self._event(
            kinds.get(action.kind, "resolved"),
            action.id,
            at=action.sent,
            handover=id,
            reason=found.reason,
            outcome=OUTCOMES.get(action.kind, ""),
            member=action.sender,
            customer=found.customer.person.id,
        )

    def _event(self, kind: WebhookEvent, of: str, **fields: object) -> DeskEvent:
        id = make_event_id(self._exchange.chat, self._exchange.turn, kind, of)
        return msgspec.convert({"id": id, "kind": kind, **fields}, DeskEvent)
