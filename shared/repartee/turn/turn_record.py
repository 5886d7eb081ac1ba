"""Builds the record of a turn when it is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from repartee.domain.message import Exchange, Incoming
from repartee.domain.turn_record import StepRecord, TurnRecord
from repartee.domain.usage import Usage, UsageTotal
from repartee.plan import Outcome
from repartee.turn.assistant import Assistant
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.lease import Lease
from repartee.turn.template_note import note_sent_template
from repartee.turn.timeline import Timeline

MAX_MODELS, MAX_MODEL_NAME_CHARS = 8, 80
"""Models whose cost a turn's record names, and letters of each name."""


class RecordedTurn(Protocol):
    """The parts of a turn that its record is made of."""

    timeline: Timeline
    incoming: tuple[Incoming, ...]
    assistant: Assistant
    parallel: bool
    reply: str
    outcomes: tuple[Outcome, ...]
    usages: list[Usage]

    @property
    def id(self) -> str: ...

    @property
    def attempts(self) -> int: ...

    @property
    def usage(self) -> Usage: ...


def build_turn_record(turn: RecordedTurn, failed: str, known: TurnDependencies) -> TurnRecord | None:
    """Returns the record of a turn that is closed now, where records are kept."""
    if not known.keeps_turn_records:
        return None
    time, newest = turn.timeline, turn.incoming[-1]
    return TurnRecord(
        turn=turn.id,
        chat=newest.chat,
        channel=newest.channel,
        assistant=turn.assistant.name,
        mode="parallel" if turn.parallel else "serial",
        version=known.version,
        attempts=turn.attempts,
        sent_at=newest.sent,
        received_at=time.received_at,
        woken_at=time.woken_at,
        started_at=time.started_at,
        gathered_at=time.gathered_at,
        first_token_at=time.first_token_at,
        first_text_at=time.first_text_at,
        replied_at=time.replied_at,
        closed_at=known.clock(),
        messages=len(turn.incoming),
        reply_chars=len(turn.reply),
        input_tokens=turn.usage.input_tokens,
        output_tokens=turn.usage.output_tokens,
        cached_tokens=turn.usage.cached_tokens,
        cost_usd=round(known.price_usage(turn.usages).cost_usd, 9),
        cost_by_model=part_cost(turn.usages, known.price_usage),
        failed=failed,
        steps=tuple(map(_step_record, turn.outcomes)),
    )


def close_with_record(
    turn: RecordedTurn, lease: Lease, exchange: Exchange, failed: str, known: TurnDependencies
) -> Exchange:
    """Closes a turn of an assistant, with its record and its events. Returns the exchange as it is kept."""
    note_sent_template(lease, known)
    events = known.collect_events(exchange, None)
    return lease.close(exchange, failed, build_turn_record(turn, failed, known), events)


def part_cost(
    calls: Sequence[Usage], price_usage: Callable[[Iterable[Usage]], UsageTotal]
) -> tuple[tuple[str, float], ...]:
    """Returns what the calls of each model cost, in US dollars. A model without a price is left out."""
    named: dict[str, list[Usage]] = {}
    for call in calls:
        named.setdefault(call.model[:MAX_MODEL_NAME_CHARS], []).append(call)
    costs = {model: round(price_usage(some).cost_usd, 9) for model, some in named.items()}
    return tuple((model, cost) for model, cost in costs.items() if model and cost)[:MAX_MODELS]


def _step_record(outcome: Outcome) -> StepRecord:
    return StepRecord(
        outcome.name,
        outcome.status,
        round(1000 * outcome.start, 1),
        round(1000 * outcome.end, 1),
        outcome.attempts,
        outcome.hedged,
        outcome.speculated,
        type(outcome.error).__name__ if outcome.error else "",
        outcome.reason or "",
    )
