"""Events of a turn that passes on: what happened, and what reached its reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from repartee.domain.desk_event import EventBatch
from repartee.domain.handover import Handover
from repartee.domain.message import Exchange, Message, TeamAction
from repartee.domain.reply import KEPT_BACK, TEMPLATE, VisibleState
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.lease import Lease


def collect_relayed_events(
    dependencies: TurnDependencies, lease: Lease, exchange: Exchange, read_handover: Callable[[], Handover]
) -> Sequence[EventBatch]:
    """Returns the events of what was passed on. What a closed window kept from the customer is none."""
    if not _has_reached_customer(exchange, lease.visible):
        said = tuple(one for one in exchange.messages if isinstance(one, Message))
        exchange = msgspec.structs.replace(exchange, messages=said)
    return dependencies.collect_events(exchange, read_handover)


def _has_reached_customer(exchange: Exchange, visible: VisibleState) -> bool:
    """Whether a member's words and files went out: instead of them nothing did, or a template."""
    if not visible.message_ids.keys().isdisjoint((TEMPLATE, KEPT_BACK)):
        return False
    is_sent = bool(visible.message_ids or visible.text)
    return is_sent or not any(
        isinstance(one, TeamAction) and one.kind == "message" and one.text for one in exchange.messages
    )
