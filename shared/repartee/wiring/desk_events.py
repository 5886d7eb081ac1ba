"""The parts of outgoing webhooks, in deployments where a channel has the desk."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from repartee.settings import Settings
from repartee.wiring import handovers, process, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.domain.message import Exchange
    from repartee.outbox.delivery import EventDelivery
    from repartee.ports.outbox import EventQueue, EventSender
    from repartee.turn.dependencies import CollectEvents


@part
def event_queue(wiring: Wiring) -> EventQueue:
    from repartee.aws.event_queue import SqsEventQueue

    settings = wiring.get(process.settings)
    buried = settings.look_up(Settings.desk_event_dead_letters_queue_url)  # the delivery alone buries
    sqs = wiring.get(process.aws_clients).get_client("sqs")
    return SqsEventQueue(sqs, settings.desk_events_queue_url, buried)


@part
def event_sender(wiring: Wiring) -> EventSender:
    from repartee.services.webhook_sender import HttpEventSender

    return HttpEventSender(wiring.get(process.clock))


def make_collect_events(wiring: Wiring) -> CollectEvents:
    """Returns what makes the events of a turn that closes: none without a desk."""
    if not handovers.has_desk(wiring):
        return lambda exchange, read_handover: ()
    from repartee.outbox.collecting import EventCollector

    return EventCollector(wiring.get(stores.desk_records)).collect


def announce_events(wiring: Wiring, exchange: Exchange) -> None:
    """Has the events sent that wait since an exchange was closed."""
    from repartee.domain.desk_event import EventLane

    correlation = next((one.correlation for one in exchange.messages), "")
    for endpoint in exchange.endpoints:
        wiring.get(event_queue).send(EventLane(exchange.chat, endpoint, correlation))


@part
def event_delivery(wiring: Wiring) -> EventDelivery:
    from repartee.outbox.delivery import BREAKER_FAILURES, BREAKER_SECONDS, EventDelivery
    from repartee.outbox.endpoints import DeskEndpoints
    from repartee.plan.breaker import Breakers

    get = wiring.get
    get(process.settings).require(Settings.desk_event_dead_letters_queue_url)
    return EventDelivery(
        get(stores.event_outbox),
        get(event_queue),
        get(event_sender),
        DeskEndpoints(
            get(stores.desk_records), get(stores.event_outbox), lambda name: _read_secrets(wiring, name)
        ),
        Breakers(BREAKER_FAILURES, BREAKER_SECONDS),
        get(process.clock),
        random.uniform,
        get(process.new_id),
        get(process.logger),
        get(process.count_metric),
    )


def _read_secrets(wiring: Wiring, name: str) -> tuple[str, ...]:
    """Returns the values of a secret that a desk's configuration names."""
    if own := wiring.environment.get(name, "").strip():
        return (own,)
    has_document = wiring.get(process.settings).secrets_id
    return wiring.get(process.secrets).accepted_values(name) if has_document else ()


def make_lane_sweep(wiring: Wiring) -> Callable[[], int] | None:
    """Returns what wakes forgotten lanes. None without a desk."""
    if not handovers.has_desk(wiring):
        return None
    from repartee.outbox.sweeping import LaneSweep

    get = wiring.get
    made = LaneSweep(get(stores.event_outbox), get(event_queue), get(process.clock), get(process.logger))
    return made.wake_idle_lanes
