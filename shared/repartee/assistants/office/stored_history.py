"""Reads of what was said before, as steps: the newest of both sides, and what is relevant to the question."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.assistants.office import history_sources
from repartee.assistants.office.routes import Router
from repartee.domain.message import Message, StoredMessage
from repartee.plan import Plan
from repartee.ports import MessageStore, Vector
from repartee.turn.assistant import TurnInputs

stored_history_plan = Plan("stored history", inputs=("router", "messages"), offered=TurnInputs)


@stored_history_plan.step(timeout=1.5, fallback=(), hedge_after=1.0)
def user_history(
    incoming: tuple[Message, ...], router: Router, messages: MessageStore
) -> Sequence[StoredMessage]:
    """Returns people's messages of late: in this thread, or in the room where no thread was there before."""
    return messages.list_newest(incoming[-1].command_scope, "user", router.max_history_limit)


@stored_history_plan.step(timeout=1.5, fallback=(), hedge_after=1.0)
def assistant_history(
    incoming: tuple[Message, ...], router: Router, messages: MessageStore
) -> Sequence[StoredMessage]:
    """Returns the assistant's answers there."""
    return messages.list_newest(incoming[-1].command_scope, "assistant", router.max_history_limit)


@stored_history_plan.step(timeout=1.5, fallback=(), hedge_after=1.0)
def user_room_history(
    incoming: tuple[Message, ...], router: Router, messages: MessageStore
) -> Sequence[StoredMessage]:
    """Returns people's messages in the room, where a thread has just begun."""
    return history_sources.list_room_history(incoming[-1], "user", router.max_history_limit, messages)


@stored_history_plan.step(timeout=1.5, fallback=(), hedge_after=1.0)
def assistant_room_history(
    incoming: tuple[Message, ...], router: Router, messages: MessageStore
) -> Sequence[StoredMessage]:
    """Returns the assistant's answers in the room, where a thread has just begun."""
    return history_sources.list_room_history(incoming[-1], "assistant", router.max_history_limit, messages)


@stored_history_plan.step(timeout=1.5, fallback=(), hedge_after=0.75)
def relevant_user_messages(
    incoming: tuple[Message, ...],
    incoming_text: str,
    embedding: Vector | None,
    router: Router,
    messages: MessageStore,
) -> Sequence[StoredMessage]:
    """Returns people's messages in this room about this, however long ago, best first."""
    return history_sources.search_room(incoming[-1], "user", incoming_text, embedding, router, messages)


@stored_history_plan.step(timeout=1.5, fallback=(), hedge_after=0.75)
def relevant_assistant_messages(
    incoming: tuple[Message, ...],
    incoming_text: str,
    embedding: Vector | None,
    router: Router,
    messages: MessageStore,
) -> Sequence[StoredMessage]:
    """Returns the assistant's answers in this room about this, best first."""
    return history_sources.search_room(incoming[-1], "assistant", incoming_text, embedding, router, messages)
