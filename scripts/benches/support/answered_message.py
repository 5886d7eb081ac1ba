"""Parts what a person waited for in one answer, and sums up what it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benches.support.hosted_function import AwsCall, HostedCall
from benches.support.tables import percentile

CLOSING_OPERATION = "TransactWriteItems"
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"}
PARTS = (
    "webhook: verify, put, wake",
    "queue",
    "lease, claim, gathering",
    "first token to visible text",
    "own time",
    "until closed",
    "until the worker is free",
)


@dataclass(frozen=True)
class AnsweredMessage:
    """One message and its answer; times are epoch seconds. `waits` are the requests to the model (a reply's
    until its first token), each from its coming to its answer: that time is the model's."""

    posted_at: float
    webhook: HostedCall
    turn: HostedCall
    waits: tuple[tuple[float, float], ...]
    model_asked_at: float
    model_began_at: float
    visible_at: float
    complete_at: float

    @property
    def parts(self) -> dict[str, float]:
        """Milliseconds of each part of the wait. `own time` is all until the first visible text but what the
        model takes; the last two begin when the reply is complete."""
        sent = max((call.at + call.seconds for call in self.webhook.calls), default=self.webhook.ended)
        sent = min(sent, self.turn.began)  # a turn that is invoked begins before the webhook is done
        gathering = (self.turn.began, self.model_asked_at)
        seconds = (
            sent - self.posted_at,
            self.turn.began - sent,
            self._own_seconds(*gathering),
            self.visible_at - self.model_began_at,
            self._own_seconds(self.posted_at, self.visible_at),
            self._closed_at - self.complete_at,
            self.turn.ended - self.complete_at,
        )
        return dict(zip(PARTS, (1000 * part for part in seconds), strict=True))

    @property
    def _closed_at(self) -> float:
        """When the last transaction was written; the end of the call where there is none."""
        written = [call.at + call.seconds for call in self.turn.calls if call.operation == CLOSING_OPERATION]
        return max(written, default=self.turn.ended)

    def _own_seconds(self, began: float, ended: float) -> float:
        """Returns the time between in which no request to the model was open."""
        own, reached = 0.0, began
        for asked, answered in sorted(self.waits):
            own += max(0.0, min(asked, ended) - reached)
            reached = max(reached, min(answered, ended))
        return own + max(0.0, ended - reached)

    @property
    def calls(self) -> tuple[AwsCall, ...]:
        return self.webhook.calls + self.turn.calls

    @property
    def cpu_ms(self) -> float:
        return self.webhook.cpu_ms + self.turn.cpu_ms


def summarize_answers(answers: Sequence[AnsweredMessage], late: Sequence[AwsCall]) -> dict[str, object]:
    """Percentiles of the parts, and what a message took on the average, with the calls of late wakes."""
    calls = [*late, *(call for answer in answers for call in answer.calls)]
    count = len(answers)
    by_operation = Counter(call.operation for call in calls)
    return {
        "messages": count,
        "parts": {
            part: {
                "p50": percentile([answer.parts[part] for answer in answers], 0.5),
                "p99": percentile([answer.parts[part] for answer in answers], 0.99),
            }
            for part in PARTS
        },
        "operations": {name: number / count for name, number in by_operation.most_common()},
        "calls": len(calls) / count,
        "write_units": sum(call.units for call in calls if call.operation in WRITES) / count,
        "read_units": sum(call.units for call in calls if call.operation not in WRITES) / count,
        "cpu_ms": median(answer.cpu_ms for answer in answers),
        "webhook_cpu_ms": median(answer.webhook.cpu_ms for answer in answers),
    }
