"""An hour's turns summed up: how long their parts took, what failed, what they cost, and for whom.

Durations are counted in buckets, each twelve percent wider than the one before, so that sums of hours have
percentiles and an hour has a bounded size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import msgspec

from repartee.domain.message import workspace_of
from repartee.domain.turn_record import StepRecord, TurnRecord

BUCKET_FACTOR = 1.12
"""How many times as long as the bucket before a bucket's durations are."""

MAX_BUCKETS = 120
"""The last bucket: 13 minutes."""

MAX_STEPS = 80
"""Steps of which an hour keeps figures."""

MAX_MODELS = 20
"""Models whose cost an hour names. That of more is in no model's name."""

WAIT_PART = "wait"
PARTS = {
    "wait": ("received_at", "first_text_at"),
    "webhook and queue": ("received_at", "woken_at"),
    "lease and claim": ("woken_at", "started_at"),
    "gather": ("started_at", "gathered_at"),
    "model, first token": ("gathered_at", "first_token_at"),
    "delivery": ("first_token_at", "first_text_at"),
    "writing the rest": ("first_text_at", "replied_at"),
}
"""The parts of a turn, by the times of its record between which they lie. The first is the whole wait of a
person, up to the first words."""

SKIPPED_STATUSES = frozenset({"skipped", "discarded"})

Buckets = dict[int, int]
"""How many durations fell into which bucket."""


class StepTally(msgspec.Struct, omit_defaults=True):
    """The figures of one step in an hour. `wasted` counts speculations whose result was not needed, `errors`
    the failures by the type of their error."""

    durations: Buckets = {}
    failed: int = 0
    fallbacks: int = 0
    hedged: int = 0
    speculated: int = 0
    wasted: int = 0
    errors: dict[str, int] = {}


class HourlyRollup(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The turns of one hour (`hour`: hours since the epoch) in one channel, by one assistant, in one mode."""

    hour: int
    channel: str
    assistant: str
    mode: str
    turns: int = 0
    failed: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    helpful: int = 0
    not_helpful: int = 0
    parts: dict[str, Buckets] = {}
    cost_by_model: dict[str, float] = {}

    @property
    def key(self) -> str:
        """The name of the rollup within its day."""
        return f"{self.hour}#{self.channel}#{self.assistant}#{self.mode}"

    def add(self, record: TurnRecord) -> None:
        """Counts one more turn."""
        self.turns += 1
        self.failed += bool(record.failed)
        self.tokens += record.input_tokens + record.output_tokens
        self.cost_usd += record.cost_usd
        self.helpful += record.helpful
        self.not_helpful += record.not_helpful
        for part, milliseconds in part_durations(record).items():
            count_duration(self.parts.setdefault(part, {}), milliseconds)
        self._add_costs(record.cost_by_model)

    def add_sums(self, other: HourlyRollup) -> None:
        """Counts the turns of another hour."""
        for field in ("turns", "failed", "tokens", "cost_usd", "helpful", "not_helpful"):
            setattr(self, field, getattr(self, field) + getattr(other, field))
        for part, buckets in other.parts.items():
            add_buckets(self.parts.setdefault(part, {}), buckets)
        self._add_costs(other.cost_by_model.items())

    def _add_costs(self, costs: Iterable[tuple[str, float]]) -> None:
        for model, cost in costs:
            if model in self.cost_by_model or len(self.cost_by_model) < MAX_MODELS:
                self.cost_by_model[model] = self.cost_by_model.get(model, 0.0) + cost


class HourlySteps(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The steps of the turns of one hour, by one assistant in one channel."""

    hour: int
    channel: str
    assistant: str
    steps: dict[str, StepTally] = {}

    @property
    def key(self) -> str:
        """The name of the sums within their day."""
        return f"{self.hour}#{self.channel}#{self.assistant}"

    def add(self, record: TurnRecord) -> None:
        """Counts the steps of one more turn."""
        for step in record.steps:
            self._add_step(step)

    def _add_step(self, step: StepRecord) -> None:
        if step.name not in self.steps and len(self.steps) >= MAX_STEPS:
            return
        tally = self.steps.setdefault(step.name, StepTally())
        if step.status not in SKIPPED_STATUSES:
            count_duration(tally.durations, step.end_ms - step.start_ms)
        tally.failed += step.status == "failed"
        tally.fallbacks += step.status == "fallback"
        tally.hedged += step.hedged
        tally.speculated += step.speculated
        tally.wasted += step.speculated and step.status == "discarded"
        if step.status in ("failed", "fallback"):
            why = step.error or step.reason or "unknown"
            tally.errors[why] = tally.errors.get(why, 0) + 1


class WorkspaceTally(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The turns of one hour in one workspace."""

    hour: int
    workspace: str
    turns: int = 0
    failed: int = 0
    cost_usd: float = 0.0
    wait: Buckets = {}

    def add(self, record: TurnRecord) -> None:
        """Counts one more turn."""
        self.turns += 1
        self.failed += bool(record.failed)
        self.cost_usd += record.cost_usd
        if (waited := part_durations(record).get(WAIT_PART)) is not None:
            count_duration(self.wait, waited)


class ChatActivity(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The turns of one hour in one chat. `longest_wait_ms` is until the first words."""

    hour: int
    chat: str
    channel: str
    assistant: str
    last_at: float = 0.0
    turns: int = 0
    failed: int = 0
    longest_wait_ms: float = 0.0
    cost_usd: float = 0.0
    helpful: int = 0
    not_helpful: int = 0

    def add(self, record: TurnRecord) -> None:
        """Counts one more turn."""
        self.last_at = max(self.last_at, record.closed_at)
        self.turns += 1
        self.failed += bool(record.failed)
        self.longest_wait_ms = max(self.longest_wait_ms, part_durations(record).get(WAIT_PART, 0.0))
        self.cost_usd += record.cost_usd
        self.helpful += record.helpful
        self.not_helpful += record.not_helpful


class HourRollups(msgspec.Struct):
    """All that is kept of one hour."""

    groups: dict[str, HourlyRollup] = {}
    steps: dict[str, HourlySteps] = {}
    workspaces: dict[str, WorkspaceTally] = {}
    chats: dict[str, ChatActivity] = {}

    def add(self, hour: int, record: TurnRecord) -> None:
        """Counts one more turn of the hour."""
        group = HourlyRollup(hour=hour, channel=record.channel, assistant=record.assistant, mode=record.mode)
        self.groups.setdefault(group.key, group).add(record)
        steps = HourlySteps(hour=hour, channel=record.channel, assistant=record.assistant)
        self.steps.setdefault(steps.key, steps).add(record)
        workspace = workspace_of(record.chat)
        self.workspaces.setdefault(workspace, WorkspaceTally(hour=hour, workspace=workspace)).add(record)
        activity = ChatActivity(
            hour=hour, chat=record.chat, channel=record.channel, assistant=record.assistant
        )
        self.chats.setdefault(record.chat, activity).add(record)


def part_durations(record: TurnRecord) -> dict[str, float]:
    """Returns the milliseconds of the parts that the turn had."""
    times = {part: (getattr(record, start), getattr(record, end)) for part, (start, end) in PARTS.items()}
    return {part: max(0.0, 1000 * (end - start)) for part, (start, end) in times.items() if start and end}


def count_duration(buckets: Buckets, milliseconds: float) -> None:
    """Counts a duration."""
    bucket = bucket_of(milliseconds)
    buckets[bucket] = buckets.get(bucket, 0) + 1


def bucket_of(milliseconds: float) -> int:
    """Returns the bucket of a duration."""
    if milliseconds <= 1:
        return 0
    return min(MAX_BUCKETS, 1 + int(math.log(milliseconds) / math.log(BUCKET_FACTOR)))


def sum_buckets(many: Iterable[Mapping[int, int]]) -> Buckets:
    """Returns the counts of all together."""
    total: Buckets = {}
    for buckets in many:
        add_buckets(total, buckets)
    return total


def add_buckets(total: Buckets, buckets: Mapping[int, int]) -> None:
    """Adds counts to a total."""
    known = total.get
    for bucket, count in buckets.items():
        total[bucket] = known(bucket, 0) + count


def sum_rollups(hours: Iterable[HourlyRollup]) -> list[HourlyRollup]:
    """Returns the sums of all hours, one for each combination of channel, assistant and mode."""
    total: dict[tuple[str, str, str], HourlyRollup] = {}
    for one in hours:
        name = (one.channel, one.assistant, one.mode)
        if name not in total:
            total[name] = HourlyRollup(hour=one.hour, channel=name[0], assistant=name[1], mode=name[2])
        total[name].add_sums(one)
    return list(total.values())


def percentile_ms(buckets: Mapping[int, int], share: float) -> float | None:
    """Returns the milliseconds that so large a share of the durations stays below, within six percent; None
    where nothing was counted."""
    total = sum(buckets.values())
    if not total:
        return None
    wanted, seen = math.ceil(share * total), 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= wanted:
            return 0.5 if bucket == 0 else BUCKET_FACTOR ** (bucket - 0.5)
    return None
