"""The whole way of one message, on one clock: from when the webhook had it until it was remembered.

Stages are what the functions do around the plan; steps are the plan's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from local.call_recorder import CallRecorder, RecordedAnswer
from repartee.errors import describe_error

if TYPE_CHECKING:
    from repartee.plan import Outcome
    from repartee.turn.timeline import Timeline

Kind = Literal["stage", "step", "model", "tool"]
TOOL_PREFIX = "tool."


@dataclass(frozen=True)
class WayRow:
    """One part of the way. Times are milliseconds since the webhook had the message.

    `is_awaited`: the first words could not come before it had ended. `note` says why it did not go as
    planned.
    """

    name: str
    kind: Kind
    start_ms: float
    end_ms: float
    outcome: str = "ok"
    note: str = ""
    is_awaited: bool = False

    @property
    def duration_ms(self) -> float:
        return self.end_ms - self.start_ms

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "outcome": self.outcome,
            "start_ms": round(self.start_ms, 3),
            "end_ms": round(self.end_ms, 3),
            "awaited": self.is_awaited,
            "note": self.note,
        }


@dataclass(frozen=True)
class WebhookCall:
    """When the webhook was given the message, and when it had answered (epoch seconds)."""

    began_at: float
    ended_at: float


class MessageWay:
    """Lays out what was recorded of one turn."""

    def __init__(
        self,
        webhook: WebhookCall,
        timeline: Timeline,
        outcomes: Sequence[Outcome],
        critical_steps: Sequence[str],
        recorder: CallRecorder,
        invoked_at: Sequence[float],
    ) -> None:
        self._webhook, self._timeline, self._recorder = webhook, timeline, recorder
        self._outcomes, self._critical_steps = outcomes, frozenset(critical_steps)
        before = [at for at in invoked_at if webhook.began_at <= at <= timeline.started_at]
        self._invoked_at = before[-1] if before else timeline.started_at
        self._queue_name = "queue, earlier attempts" if len(before) > 1 else "queue"

    def rows(self) -> tuple[WayRow, ...]:
        """Returns all parts, in the order of their beginning."""
        rows = [*self._webhook_rows(), *self._turn_rows(), *self._step_rows(), *self._model_rows()]
        rows += self._closing_rows()
        return tuple(sorted(rows, key=lambda row: (row.start_ms, row.end_ms)))

    def to_ms(self, at: float) -> float:
        """Returns an instant (epoch seconds) as milliseconds on the clock of the way."""
        return 1000 * (at - self._webhook.began_at)

    def answers(self) -> list[RecordedAnswer]:
        """Returns the model's answers in this turn, in order."""
        start, end = self._timeline.started_at, self._timeline.closed_at
        return [answer for answer in self._recorder.answers if start <= answer.asked_at <= end]

    def _row(self, name: str, start: float, end: float, kind: Kind = "stage", **more: Any) -> WayRow:
        return WayRow(name, kind, self.to_ms(start), self.to_ms(max(start, end)), **more)

    def _webhook_rows(self) -> Iterator[WayRow]:
        for name in ("verify", "parse", "store", "wake"):
            for call in self._recorder.find_calls(name, self._webhook.began_at, self._webhook.ended_at):
                held = call.delay_seconds
                note = f"held back {held:g} s: more of it may follow" if held else ""
                yield self._row(name, call.start, call.end, is_awaited=True, note=note)

    def _turn_rows(self) -> Iterator[WayRow]:
        sent = self._recorder.find_calls("wake", self._webhook.began_at, self._webhook.ended_at)
        left = sent[-1].end if sent else self._webhook.ended_at
        yield self._row(self._queue_name, left, self._invoked_at, is_awaited=True)
        yield self._row("lease, claim", self._invoked_at, self._timeline.started_at, is_awaited=True)

    def _step_rows(self) -> Iterator[WayRow]:
        started = self._recorder.find_calls("start plan", self._timeline.started_at, self._timeline.closed_at)
        plan_began = started[-1].start if started else self._timeline.started_at
        for outcome in self._outcomes:
            is_tool = outcome.name.startswith(TOOL_PREFIX)
            base = self._timeline.started_at if is_tool else plan_began
            yield self._row(
                outcome.name,
                base + outcome.start,
                base + outcome.end,
                "tool" if is_tool else "step",
                outcome=outcome.status,
                note=describe_outcome(outcome),
                is_awaited=is_tool or outcome.name in self._critical_steps,
            )

    def _model_rows(self) -> Iterator[WayRow]:
        for answer in self.answers():
            if answer.has_text:
                begun = answer.first_piece_at
                yield self._row("model, first token", answer.asked_at, begun, "model", is_awaited=True)
            else:
                asks = self._row("model, asks for tools", answer.asked_at, answer.ended_at, "model")
                yield WayRow(asks.name, "model", asks.start_ms, asks.end_ms, is_awaited=True)

    def _closing_rows(self) -> Iterator[WayRow]:
        time, begun = self._timeline, [answer.first_piece_at for answer in self.answers() if answer.has_text]
        if time.first_text_at:
            said = begun[0] if begun and begun[0] <= time.first_text_at else time.gathered_at
            yield self._row(
                "delivery, first words", said or time.started_at, time.first_text_at, is_awaited=True
            )
            yield self._row("writing the rest", time.first_text_at, time.replied_at)
        elif time.replied_at:
            yield self._row("reply", time.gathered_at or time.started_at, time.replied_at, is_awaited=True)
        yield self._row("close", time.replied_at or time.started_at, time.closed_at)
        for call in self._recorder.find_calls("persist", time.closed_at, float("inf"))[:1]:
            yield self._row("persist", call.start, call.end)


def describe_outcome(outcome: Outcome) -> str:
    """Returns why a step is not plainly done, in a few words, without what people said."""
    if outcome.status == "ok":
        return ""
    if outcome.reason == "gate":
        return "begun early, then not needed" if outcome.status == "discarded" else "not needed"
    why = ": ".join(
        part for part in (outcome.reason, outcome.error and describe_error(outcome.error)) if part
    )
    return {"fallback": "fell back", "failed": "failed"}.get(outcome.status, outcome.status) + (
        f", {why}" if why else ""
    )
