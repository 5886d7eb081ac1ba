"""A closed turn of a run: the reply, the calls to the platform, and the whole way of the message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from local.call_recorder import CallRecorder
from local.message_way import MessageWay, WayRow, WebhookCall

if TYPE_CHECKING:
    from repartee.plan import CriticalPath
    from repartee.turn.metrics import TurnReport
    from repartee.turn.turn import Turn

UNAWAITED_STATUSES = {"skipped", "discarded"}
"""How steps end that nothing waits for."""


@dataclass(frozen=True)
class AnsweredTurn:
    """A closed turn: the reply as people see it, what was printed and posted, and what was recorded."""

    turn: Turn
    visible_reply: str
    metrics: Mapping[str, Any]
    posts: list[dict[str, Any]]
    webhook: WebhookCall
    recorder: CallRecorder
    invoked_at: tuple[float, ...] = ()
    injected: tuple[tuple[str, float], ...] = ()

    @cached_property
    def report(self) -> TurnReport:
        from repartee.turn.metrics import build_report

        return build_report(self.turn)

    @cached_property
    def durations(self) -> Mapping[str, float]:
        """Seconds that each step took in this very run, as its consumers waited for it. Empty if none ran.

        A step that a gate left out or whose speculation was discarded made nobody wait: it counts as none.
        """
        return {
            outcome.name: 0.0 if outcome.status in UNAWAITED_STATUSES else outcome.seconds
            for outcome in self.report.outcomes
        }

    @cached_property
    def critical_path(self) -> CriticalPath:
        """The longest chain of steps that needed each other, by this run's own durations."""
        return self.turn.assistant.graph.critical_path(self.durations)

    @property
    def serial_ms(self) -> float:
        """An estimate of what the same steps take one after another: the sum of this run's durations."""
        return 1000 * sum(self.durations.values())

    @cached_property
    def way(self) -> MessageWay:
        """The way of the message, on the clock that starts when the webhook had it."""
        return MessageWay(
            self.webhook,
            self.turn.timeline,
            self.report.outcomes,
            self.critical_path.steps if self.durations else (),
            self.recorder,
            self.invoked_at,
        )

    @cached_property
    def rows(self) -> tuple[WayRow, ...]:
        return self.way.rows()

    @property
    def first_words_ms(self) -> float:
        """Milliseconds until a person saw the first words; 0 if there were none."""
        ends = [row.end_ms for row in self.rows if row.is_awaited and row.kind == "stage"]
        return max(ends, default=0.0) if self.turn.reply else 0.0

    @property
    def injected_ms(self) -> dict[str, list[float]]:
        """The injected milliseconds by call, one for each time that it was made."""
        made: dict[str, list[float]] = {}
        for call, seconds in self.injected:
            made.setdefault(call, []).append(round(1000 * seconds, 3))
        return made

    def as_json(self) -> dict[str, Any]:
        """The object that `scripts/run --json` prints. Steps count from when gathering began, posts and the
        waterfall from when the webhook had the message."""
        fields = ("chat", "channel", "assistant", "mode")
        return {
            **{name: getattr(self.report, name) for name in fields},
            "reply": self.visible_reply,
            "posts": self.posts,
            "steps": [
                {
                    "name": outcome.name,
                    "outcome": outcome.status,
                    "reason": outcome.reason or "",
                    "start_ms": _to_milliseconds(outcome.start),
                    "end_ms": _to_milliseconds(outcome.end),
                    "attempts": outcome.attempts,
                    "hedged": outcome.hedged,
                    "speculated": outcome.speculated,
                }
                for outcome in self.report.outcomes
            ],
            "waterfall": [row.as_json() for row in self.rows],
            "gather_ms": round(self.report.gather_ms, 3),
            "critical_path_ms": _to_milliseconds(self.critical_path.seconds),
            "serial_estimate_ms": round(self.serial_ms, 3),
            "injected_ms": self.injected_ms,
            "first_token_ms": round(self.report.first_token_ms, 3),
            "first_words_ms": round(self.first_words_ms, 3),
            "total_ms": round(self.report.total_ms, 3),
            "metrics": self.metrics,
        }


def _to_milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 3)
