"""Figures of *Health*: rows of its tables, made of the hours' rollups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

import msgspec

from repartee.console.pages import to_json
from repartee.domain.rollup import (
    WAIT_PART,
    HourlyRollup,
    HourlySteps,
    StepTally,
    percentile_ms,
    sum_buckets,
)

HOUR_SECONDS = 3600
MIN_UNNAMED_DOLLARS = 1e-6
"""US dollars of no model from which on they are told: what is less is rounding."""

MAX_ERRORS = 12
"""Kinds of errors of steps that are listed."""

WORSE_FACTOR = 1.5
"""How many times the usual p95 an hour's must be, to be the beginning of something."""

MIN_WORSE_MILLISECONDS = 200.0
"""Milliseconds by which it must be longer at least."""

MIN_HOURS_TO_COMPARE = 4
"""Hours that must be known, before one is said to be unusual."""


class FigureRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a table: percentiles in milliseconds, and counts. `href` leads on."""

    name: str
    p50: float | None = None
    p95: float | None = None
    turns: int = 0
    failed: int = 0
    cost_usd: float = 0.0
    href: str = ""


class StepRow(msgspec.Struct, frozen=True, kw_only=True):
    """A step: its percentiles in milliseconds, how often it ran and failed, and why."""

    name: str
    p50: float | None
    p95: float | None
    ran: int
    failed: int
    fallbacks: int
    hedged: int
    wasted: int
    errors: tuple[tuple[str, int], ...]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page shows."""

    turns: int
    failed: int
    cost_usd: float
    tokens: int
    helpful: int
    not_helpful: int
    wait: FigureRow
    before: FigureRow
    worse_since: float
    parts: tuple[FigureRow, ...]
    steps: tuple[StepRow, ...]
    modes: tuple[FigureRow, ...]
    channels: tuple[FigureRow, ...]
    assistants: tuple[FigureRow, ...]
    workspaces: tuple[FigureRow, ...]
    days: tuple[tuple[float, float], ...]
    models: tuple[tuple[str, float], ...]
    chart: str

    @property
    def hedged(self) -> int:
        """Calls that were made a second time, because the first took long."""
        return sum(step.hedged for step in self.steps)

    @property
    def wasted(self) -> int:
        """Steps that were begun on a guess, and not needed."""
        return sum(step.wasted for step in self.steps)

    @property
    def errors(self) -> tuple[tuple[str, int], ...]:
        """Why steps failed or fell back, and how often: the most frequent first."""
        total: dict[str, int] = defaultdict(int)
        for step in self.steps:
            for error, count in step.errors:
                total[error] += count
        return tuple(sorted(total.items(), key=lambda item: -item[1])[:MAX_ERRORS])


def summarise_step(name: str, tallies: Sequence[StepTally]) -> StepRow:
    """Returns the sums of one step."""
    durations = sum_buckets(one.durations for one in tallies)
    errors: dict[str, int] = defaultdict(int)
    for one in tallies:
        for error, count in one.errors.items():
            errors[error] += count
    return StepRow(
        name=name,
        p50=percentile_ms(durations, 0.5),
        p95=percentile_ms(durations, 0.95),
        ran=sum(durations.values()),
        failed=sum(one.failed for one in tallies),
        fallbacks=sum(one.fallbacks for one in tallies),
        hedged=sum(one.hedged for one in tallies),
        wasted=sum(one.wasted for one in tallies),
        errors=tuple(sorted(errors.items(), key=lambda item: -item[1])),
    )


def list_step_rows_by(name: str, found: Iterable[HourlySteps]) -> tuple[StepRow, ...]:
    """Returns the sums of one step for each assistant in each channel, those that it failed most first."""
    tallies: dict[str, list[StepTally]] = defaultdict(list)
    for one in found:
        tallies[f"{one.assistant}, {one.channel}"].append(one.steps[name])
    rows = [msgspec.structs.replace(summarise_step(name, some), name=whom) for whom, some in tallies.items()]
    return tuple(sorted(rows, key=lambda row: (-(row.failed + row.fallbacks), -(row.p95 or 0))))


def find_worse_since(by_hour: Mapping[int, Iterable[Mapping[int, int]]]) -> float:
    """Returns when the waits became longer than usual and stayed so (epoch seconds); 0 if they did not.

    The usual is the median of the hours' p95. Only hours to the end count: what is over is over.
    """
    slow = {
        hour: waited
        for hour, buckets in by_hour.items()
        if (waited := percentile_ms(sum_buckets(buckets), 0.95)) is not None
    }
    if len(slow) < MIN_HOURS_TO_COMPARE:
        return 0.0
    usual = median(slow.values())
    limit = max(WORSE_FACTOR * usual, usual + MIN_WORSE_MILLISECONDS)
    since = 0
    for hour in sorted(slow, reverse=True):
        if slow[hour] < limit:
            break
        since = hour
    return float(since * HOUR_SECONDS)


def wait_row(name: str, rollups: Sequence[HourlyRollup], href: str = "") -> FigureRow:
    """Returns the percentiles of the whole wait."""
    return part_row(WAIT_PART, rollups, name, href)


def part_row(part: str, rollups: Sequence[HourlyRollup], name: str = "", href: str = "") -> FigureRow:
    """Returns the percentiles of one part of the wait, with the sums of the turns."""
    buckets = sum_buckets(one.parts.get(part, {}) for one in rollups)
    return FigureRow(
        name=name or part,
        p50=percentile_ms(buckets, 0.5),
        p95=percentile_ms(buckets, 0.95),
        turns=sum(one.turns for one in rollups),
        failed=sum(one.failed for one in rollups),
        cost_usd=sum(one.cost_usd for one in rollups),
        href=href,
    )


def list_rows_by(
    rollups: Sequence[HourlyRollup], name_of: Callable[[HourlyRollup], str], href_of: Callable[[str], str]
) -> tuple[FigureRow, ...]:
    """Returns a row for each name that rollups have."""
    named: dict[str, list[HourlyRollup]] = defaultdict(list)
    for one in rollups:
        named[name_of(one)].append(one)
    return tuple(wait_row(name, found, href_of(name)) for name, found in sorted(named.items()))


def sum_cost_by_day(rollups: Sequence[HourlyRollup]) -> tuple[tuple[float, float], ...]:
    """Returns the beginning of each day (epoch seconds), and what its turns cost."""
    days: dict[int, float] = defaultdict(float)
    for one in rollups:
        days[one.hour // 24] += one.cost_usd
    return tuple((day * 24.0 * HOUR_SECONDS, cost) for day, cost in sorted(days.items()))


def sum_cost_by_model(rollups: Sequence[HourlyRollup]) -> tuple[tuple[str, float], ...]:
    """Returns what the calls of each model cost, the dearest first. The last, without a name, is what was
    counted of no model, if there is any."""
    models: dict[str, float] = defaultdict(float)
    for one in rollups:
        for model, cost in one.cost_by_model.items():
            models[model] += cost
    rest = sum(one.cost_usd for one in rollups) - sum(models.values())
    unnamed = (("", rest),) if rest > MIN_UNNAMED_DOLLARS else ()
    return (*sorted(models.items(), key=lambda item: -item[1]), *unnamed)


def make_chart(by_hour: Mapping[int, Iterable[Mapping[int, int]]]) -> str:
    """Returns the series of a chart: times (epoch seconds), p50 and p95 (milliseconds)."""
    hours = sorted(by_hour)
    summed = {hour: sum_buckets(by_hour[hour]) for hour in hours}
    series = [[percentile_ms(summed[hour], share) for hour in hours] for share in (0.5, 0.95)]
    return to_json([[hour * HOUR_SECONDS for hour in hours], *series])
