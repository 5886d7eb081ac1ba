"""The metrics and the log entry of a closed turn.

Every line of metrics that the functions emit is made here, and `METRIC_UNITS` names all metrics that there
are: dashboard and alarms (template.yaml) are held to it, both ways. Only the main thread emits; steps never
touch metrics.
"""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import get_args

import msgspec

from repartee.domain.handover import HandoverReason
from repartee.plan import Outcome
from repartee.ports.logging import Logger
from repartee.ports.metrics import EmitMetrics, MetricsLine, MetricUnit, MetricValue
from repartee.turn.turn import Turn

DESK_METRICS = (
    "Escalations",
    *(f"Escalations.{reason}" for reason in get_args(HandoverReason)),
    "ConversationsEscalated",
    "HandoversEnded",
    "CustomersWaiting",
    "DeskConversations",
    "DeskEventsDelivered",
    "DeskEventAttemptsFailed",
    "DeskEventsDead",
    "DeskEventsLeftOut",
)

METRIC_UNITS: dict[str, MetricUnit] = {
    **dict.fromkeys(
        ("TurnDuration", "GatherDuration", "FirstTokenLatency", "WakeDelay", "ModelDuration"),
        "Milliseconds",
    ),
    **dict.fromkeys(
        (
            "Turns",
            "TurnsFailed",
            "StepFailures",
            "Fallbacks",
            "Hedges",
            "Speculations",
            "SpeculationsWasted",
            "LateThreads",
            "ThreadsBusy",
            "Connections",
            "Resumed",
            "ColdStart",
            "Tokens",
            "Redeliveries",
            "MessagesOverLimit",
            "UnreadableUpdates",
            "ChatsForgotten",
            "ChatsInBacklog",
            "FeedbackHelpful",
            "FeedbackNotHelpful",
            *DESK_METRICS,
        ),
        "Count",
    ),
    "SecondsUntilTaken": "Seconds",
    "SecondsToFirstAnswer": "Seconds",
    "MinutesWaitingForPerson": "None",
    "Opinions": "None",  # from 1 to 5
    "MemoryUsed": "Megabytes",
    "Cost": "None",  # US dollars, as far as prices are known
}
"""The unit of each metric. Beside them the steps in `METRIC_STEPS` have a `Step.<name>`, in milliseconds."""

METRIC_STEPS = (
    "chat_state",
    "history",
    "embedding",
    "relevant_user_messages",
    "erp_schema",
    "relevant_passages",
    "relevant_memories",
    "workout_log",
)
"""Steps that call a backend, and whose time the dashboard shows. Each is a metric for each assistant, channel
and mode, which is paid for; all steps are properties of the line, which can be searched and cost nothing."""

STANDALONE_METRICS = (
    "Redeliveries",
    "MessagesOverLimit",
    "UnreadableUpdates",
    "ChatsForgotten",
    "ChatsInBacklog",
    "FeedbackHelpful",
    "FeedbackNotHelpful",
    *DESK_METRICS,
    "SecondsUntilTaken",
    "SecondsToFirstAnswer",
    "MinutesWaitingForPerson",
    "Opinions",
)
"""Metrics that no turn tells of: they are emitted by themselves, without a dimension."""

MAX_STEP_PROPERTIES = 100
"""Steps whose time a line tells, the slowest."""


class TurnReport(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to know of a turn that was closed. Durations are milliseconds, 0 where nothing happened.

    `first_token_ms` runs from the webhook's receipt to the first visible text, the others from the wake.
    """

    chat: str
    channel: str
    assistant: str
    mode: str
    turn: str
    correlation: str
    attempts: int
    outcomes: tuple[Outcome, ...]
    reply: str
    failed: str
    wake_delay_ms: float
    gather_ms: float
    first_token_ms: float
    model_ms: float
    total_ms: float
    input_tokens: int
    output_tokens: int
    threads_busy: int
    late_threads: int
    connections: int
    cost: float


def build_report(turn: Turn, connections: int = 0, cost: float = 0.0) -> TurnReport:
    """Returns the report of a closed turn. `connections` are those that the fullest of the process's pools
    has, `cost` is what its calls of models cost in US dollars."""
    time, newest = turn.timeline, turn.incoming[-1]
    return TurnReport(
        chat=newest.chat,
        channel=newest.channel,
        assistant=turn.assistant.name,
        mode="parallel" if turn.parallel else "serial",
        turn=turn.id,
        correlation=newest.correlation,
        attempts=turn.attempts,
        outcomes=turn.outcomes,
        reply=turn.reply,
        failed=turn.failure_reason,
        wake_delay_ms=_elapsed_ms(time.received_at, time.started_at),
        gather_ms=_elapsed_ms(time.started_at, time.gathered_at),
        first_token_ms=_elapsed_ms(time.received_at, time.first_text_at),
        model_ms=_elapsed_ms(time.gathered_at, time.replied_at),
        total_ms=_elapsed_ms(time.started_at, time.closed_at),
        input_tokens=turn.usage.input_tokens,
        output_tokens=turn.usage.output_tokens,
        threads_busy=_max_concurrent_steps(turn.outcomes) + turn.pool.late,
        late_threads=turn.pool.late,
        connections=connections,
        cost=cost,
    )


def _max_concurrent_steps(outcomes: Iterable[Outcome]) -> int:
    """How many steps ran at the same time, at the most."""
    ran = [one for one in outcomes if one.attempts]
    moves = sorted([(one.start, 1) for one in ran] + [(one.end, -1) for one in ran])
    return max(accumulate((move for _, move in moves), initial=0))


def _elapsed_ms(start: float, end: float) -> float:
    """Milliseconds, 0 if one of the two did not come."""
    return max(0.0, 1000 * (end - start)) if start and end else 0.0


def emit_report(report: TurnReport, emit: EmitMetrics, logger: Logger, *, cold: bool) -> None:
    """Emits the turn's metrics, and writes one log entry.

    The metrics are there twice: by assistant, channel and mode, and by mode alone, for CloudWatch adds
    nothing up over dimensions, and alarms need one number.
    """
    dimensions = {"assistant": report.assistant, "channel": report.channel, "mode": report.mode}
    properties: dict[str, str | float] = {
        "chat": report.chat,
        "turn": report.turn,
        "correlation": report.correlation,
        **step_properties(report),
    }
    emit(MetricsLine(_metric_values(report, cold), (dimensions, {"mode": report.mode}), properties))
    logger.info(
        "turn_closed",
        chat=report.chat,
        turn=report.turn,
        mode=report.mode,
        attempts=report.attempts,
        failed=report.failed,
        total_ms=round(report.total_ms),
    )


def count_line(name: str, number: float = 1) -> MetricsLine:
    """Returns the line of one of the metrics that stand alone."""
    return MetricsLine((MetricValue(name, METRIC_UNITS[name], number),))


def _metric_values(report: TurnReport, cold: bool) -> tuple[MetricValue, ...]:
    measured = (
        dict(duration_metrics(report)) | count_metrics(report, cold) | {"MemoryUsed": _peak_memory_mb()}
    )
    return (
        *(MetricValue(name, METRIC_UNITS[name], round(value, 6)) for name, value in measured.items()),
        *(MetricValue(name, "Milliseconds", round(value, 3)) for name, value in step_metrics(report)),
    )


def _peak_memory_mb() -> float:
    """Megabytes that the process has had at the most. Linux counts kibibytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def duration_metrics(report: TurnReport) -> Iterable[tuple[str, float]]:
    """The metrics in milliseconds. What did not happen is not told, for a 0 would lie to a percentile."""
    measured = {
        "TurnDuration": report.total_ms,
        "GatherDuration": report.gather_ms,
        "FirstTokenLatency": report.first_token_ms,
        "WakeDelay": report.wake_delay_ms,
        "ModelDuration": report.model_ms,
    }
    return [(name, value) for name, value in measured.items() if value > 0]


def step_metrics(report: TurnReport) -> Iterable[tuple[str, float]]:
    """The steps that the dashboard shows, with their milliseconds."""
    return [(f"Step.{name}", value) for name, value in _step_milliseconds(report) if name in METRIC_STEPS]


def step_properties(report: TurnReport) -> dict[str, float]:
    """Returns the milliseconds of the steps that are no metrics; of very many the slowest."""
    ran = [(name, value) for name, value in _step_milliseconds(report) if name not in METRIC_STEPS]
    slowest = sorted(ran, key=lambda one: -one[1])[:MAX_STEP_PROPERTIES]
    return {f"Step.{name}": round(value, 3) for name, value in slowest}


def _step_milliseconds(report: TurnReport) -> Iterable[tuple[str, float]]:
    return [(one.name, 1000 * one.seconds) for one in report.outcomes if one.attempts and one.seconds > 0]


def count_metrics(report: TurnReport, cold: bool) -> dict[str, float]:
    """The metrics that count."""
    kinds = Counter(outcome.status for outcome in report.outcomes)
    return {
        "Turns": 1,
        "TurnsFailed": int(bool(report.failed)),
        "Resumed": int(report.attempts > 1),
        "StepFailures": sum(one.error is not None for one in report.outcomes),
        "Fallbacks": kinds["fallback"],
        "Hedges": sum(one.hedged for one in report.outcomes),
        "Speculations": sum(one.speculated for one in report.outcomes),
        "SpeculationsWasted": sum(one.speculated and one.status == "discarded" for one in report.outcomes),
        "ColdStart": int(cold),
        "Tokens": report.input_tokens + report.output_tokens,
        "ThreadsBusy": report.threads_busy,
        "LateThreads": report.late_threads,
        "Connections": report.connections,
        "Cost": report.cost,
    }
