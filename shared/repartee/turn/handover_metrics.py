"""Metrics of the desk: of hand-overs as they change, and of conversations as they begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from repartee.domain.handover import Handover
from repartee.domain.message import Incoming, TeamAction
from repartee.plan import Outcome
from repartee.ports.desk import DeskState
from repartee.turn.timeline import Timeline

CONVERSATION_SECONDS = 24 * 3600.0
"""Seconds of silence after which a customer's next message begins another conversation."""


def metrics_of(action: TeamAction, handover: Handover) -> Iterator[tuple[str, int]]:
    """Yields the metrics of a change, by their names: escalations with their reasons, conversations that were
    escalated, seconds until a member took it, ends, and opinions."""
    is_unasked = action.kind == "taken" and handover.reason == "team"
    if action.kind == "opened" or is_unasked:
        yield "Escalations", 1
        yield f"Escalations.{handover.reason}", 1
        seconds = handover.opened_at - handover.ended_at
        if not (handover.ended_at and 0 < seconds <= CONVERSATION_SECONDS):
            yield "ConversationsEscalated", 1
    elif action.kind == "taken":
        yield "SecondsUntilTaken", round(max(0.0, handover.taken_at - handover.opened_at))
    elif action.kind in ("given_back", "resolved"):
        yield "HandoversEnded", 1
    elif action.kind == "rated":
        yield "Opinions", int(action.text)


class ObservedTurn(Protocol):
    """The parts of a closed turn that tell of its conversation."""

    incoming: tuple[Incoming, ...]
    outcomes: tuple[Outcome, ...]
    timeline: Timeline


def conversation_metrics(turn: ObservedTurn) -> Iterator[tuple[str, float]]:
    """Yields the metrics of a conversation that began with a turn of the desk: that it did, and the seconds
    until the customer saw the first words of an answer."""
    state = _desk_state_of(turn.outcomes)
    if state is None or state.config is None:
        return
    first = turn.incoming[0]
    if any(first.sent - one.sent <= CONVERSATION_SECONDS for one in state.history):
        return
    yield "DeskConversations", 1
    if turn.timeline.first_text_at:
        yield "SecondsToFirstAnswer", round(max(0.0, turn.timeline.first_text_at - first.received), 3)


def _desk_state_of(outcomes: Sequence[Outcome]) -> DeskState | None:
    """Returns what the desk's plan read of the records. None where another assistant answered."""
    found = (outcome.value for outcome in outcomes if outcome.name == "chat_state")
    return next((value for value in found if isinstance(value, DeskState)), None)
