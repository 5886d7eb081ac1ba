"""The note of a template that a turn has sent: it is paid for, and goes out once until the person writes."""

from __future__ import annotations

from repartee.domain.reply import TEMPLATE
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.lease import Lease


def note_sent_template(lease: Lease, dependencies: TurnDependencies) -> None:
    """Notes before a turn closes that a template went out in it, or in an earlier attempt at it, whether
    assistant or member had the conversation then. Raises `BackendError`, so that the turn is tried again."""
    if TEMPLATE in lease.visible.message_ids:
        dependencies.note_template_sent(lease.chat, lease.visible.intent_at)
