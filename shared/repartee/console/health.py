"""*Health*: slow? why? since when? for whom? From the hours' rollups, which are written beside the turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from urllib.parse import urlencode

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from repartee.console.access import Role
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute, ConsoleSection
from repartee.console.pages import PREFIX, NavigationItem, to_json
from repartee.domain.rollup import (
    PARTS,
    WAIT_PART,
    Buckets,
    HourlyRollup,
    HourlySteps,
    StepTally,
    percentile_ms,
    sum_buckets,
    sum_rollups,
)
from repartee.ports.operations import TurnStatistics

HOUR_SECONDS = 3600
RANGES_HOURS = {"24h": 24, "3d": 72, "7d": 168}
"""The spans that can be chosen, in hours."""

MAX_COMPARED_HOURS = 24
"""Hours up to which a span is compared with the one before it."""

STEP_HOURS = 24
"""Hours of which the steps are read: their sums are large."""

WORSE_FACTOR = 1.5
"""How many times the usual p95 an hour's must be, to be the beginning of something."""

MIN_WORSE_MILLISECONDS = 200.0
"""Milliseconds by which it must be longer at least."""

MIN_HOURS_TO_COMPARE = 4
"""Hours that must be known, before one is said to be unusual."""

MAX_ROWS = 15  # of a table of workspaces or steps


class HealthFilter(msgspec.Struct, frozen=True):
    """The turns that are looked at."""

    span: str = "24h"
    channel: str = ""
    assistant: str = ""

    @property
    def hours(self) -> int:
        """How many hours are looked at."""
        return RANGES_HOURS[self.span]

    def with_changes(self, **changes: str) -> str:
        """Returns the address of the page with another filter."""
        chosen = msgspec.structs.asdict(self) | changes
        return f"{PREFIX}/health?" + urlencode({name: value for name, value in chosen.items() if value})


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
    chart: str


class HealthSection:
    """The pages."""

    def __init__(
        self,
        app: ConsoleApp,
        statistics: TurnStatistics,
        count_waiting: Callable[[], int],
        clock: Callable[[], float],
        more_routes: tuple[ConsoleRoute, ...] = (),
    ) -> None:
        self._app, self._statistics, self._count_waiting = app, statistics, count_waiting
        self._clock, self._more_routes = clock, more_routes

    def section(self) -> ConsoleSection:
        """Returns the entry and the routes."""
        return ConsoleSection(
            NavigationItem("/health", "Health"),
            (
                ConsoleRoute("/health", self.show_page, Role.VIEWER),
                ConsoleRoute("/health/steps/{step}", self.show_step, Role.VIEWER),
                *self._more_routes,
            ),
        )

    def show_page(self, request: ConsoleRequest) -> Response:
        """The four questions, and their answers."""
        chosen = _read_filter(request)
        now = self._clock()
        return self._app.render(
            "health.html",
            request,
            chosen=chosen,
            spans=tuple(RANGES_HOURS),
            health=self._read_health(chosen, now),
            waiting=self._count_waiting(),
            counted_until=self._statistics.read_watermark(),
            now=now,
        )

    def show_step(self, request: ConsoleRequest) -> Response:
        """One step over the hours: how long, how often in vain, and why."""
        chosen, now, name = _read_filter(request), self._clock(), request.path["step"]
        found = [one for one in self._list_steps(chosen, now) if name in one.steps]
        if not found:
            raise HTTPException(404, "no turn of these hours had such a step")
        by_hour: dict[int, list[StepTally]] = defaultdict(list)
        for one in found:
            by_hour[one.hour].append(one.steps[name])
        chart = _chart_of({hour: [one.durations for one in tallies] for hour, tallies in by_hour.items()})
        step = summarise_step(name, [one.steps[name] for one in found])
        return self._app.render("health_step.html", request, chosen=chosen, step=step, chart=chart)

    def _list_steps(self, chosen: HealthFilter, now: float) -> list[HourlySteps]:
        since = now - HOUR_SECONDS * min(chosen.hours, STEP_HOURS)
        return [one for one in self._statistics.list_steps(since, now) if _is_chosen(one, chosen)]

    def _read_health(self, chosen: HealthFilter, now: float) -> Health:
        span = chosen.hours * HOUR_SECONDS
        first_hour = int((now - span) // HOUR_SECONDS)
        compared = span if chosen.hours <= MAX_COMPARED_HOURS else 0
        everything = self._statistics.list_rollups(now - span - compared, now)
        matching = [one for one in everything if _is_chosen(one, chosen)]
        hours = [one for one in matching if one.hour > first_hour]
        earlier = [one for one in matching if one.hour <= first_hour]
        by_hour: dict[int, list[Buckets]] = defaultdict(list)
        for one in hours:
            by_hour[one.hour].append(one.parts.get(WAIT_PART, {}))
        rollups = sum_rollups(hours)
        return Health(
            turns=sum(one.turns for one in rollups),
            failed=sum(one.failed for one in rollups),
            cost_usd=sum(one.cost_usd for one in rollups),
            tokens=sum(one.tokens for one in rollups),
            helpful=sum(one.helpful for one in rollups),
            not_helpful=sum(one.not_helpful for one in rollups),
            wait=_wait_row("now", rollups),
            before=_wait_row("before", earlier),
            worse_since=find_worse_since(by_hour),
            parts=tuple(_part_row(part, rollups) for part in PARTS),
            steps=self._list_step_rows(chosen, now),
            modes=_rows_by(rollups, lambda one: one.mode, lambda name: ""),
            channels=_rows_by(
                rollups, lambda one: one.channel, lambda name: chosen.with_changes(channel=name)
            ),
            assistants=_rows_by(
                rollups, lambda one: one.assistant, lambda name: chosen.with_changes(assistant=name)
            ),
            workspaces=self._list_workspace_rows(now - span, now),
            days=_cost_by_day(hours),
            chart=_chart_of(by_hour),
        )

    def _list_step_rows(self, chosen: HealthFilter, now: float) -> tuple[StepRow, ...]:
        tallies: dict[str, list[StepTally]] = defaultdict(list)
        for one in self._list_steps(chosen, now):
            for name, tally in one.steps.items():
                tallies[name].append(tally)
        rows = [summarise_step(name, found) for name, found in tallies.items()]
        return tuple(sorted(rows, key=lambda row: (-(row.failed + row.fallbacks), -(row.p95 or 0))))

    def _list_workspace_rows(self, since: float, until: float) -> tuple[FigureRow, ...]:
        tallies = defaultdict(list)
        for one in self._statistics.list_workspaces(since, until):
            tallies[one.workspace].append(one)
        rows = []
        for name, found in tallies.items():
            wait = sum_buckets(one.wait for one in found)
            rows.append(
                FigureRow(
                    name=name,
                    p50=percentile_ms(wait, 0.5),
                    p95=percentile_ms(wait, 0.95),
                    turns=sum(one.turns for one in found),
                    failed=sum(one.failed for one in found),
                    cost_usd=sum(one.cost_usd for one in found),
                    href=f"{PREFIX}/conversations?" + urlencode({"search": name, "slow": "1"}),
                )
            )
        return tuple(sorted(rows, key=lambda row: -(row.p95 or 0))[:MAX_ROWS])


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


def _read_filter(request: ConsoleRequest) -> HealthFilter:
    asked = request.query("span")
    span = asked if asked in RANGES_HOURS else "24h"
    return HealthFilter(span, request.query("channel"), request.query("assistant"))


def _is_chosen(one: HourlyRollup | HourlySteps, chosen: HealthFilter) -> bool:
    return chosen.channel in ("", one.channel) and chosen.assistant in ("", one.assistant)


def _wait_row(name: str, rollups: Sequence[HourlyRollup], href: str = "") -> FigureRow:
    return _part_row(WAIT_PART, rollups, name, href)


def _part_row(part: str, rollups: Sequence[HourlyRollup], name: str = "", href: str = "") -> FigureRow:
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


def _rows_by(
    rollups: Sequence[HourlyRollup], name_of: Callable[[HourlyRollup], str], href_of: Callable[[str], str]
) -> tuple[FigureRow, ...]:
    named: dict[str, list[HourlyRollup]] = defaultdict(list)
    for one in rollups:
        named[name_of(one)].append(one)
    return tuple(_wait_row(name, found, href_of(name)) for name, found in sorted(named.items()))


def _cost_by_day(rollups: Sequence[HourlyRollup]) -> tuple[tuple[float, float], ...]:
    days: dict[int, float] = defaultdict(float)
    for one in rollups:
        days[one.hour // 24] += one.cost_usd
    return tuple((day * 24.0 * HOUR_SECONDS, cost) for day, cost in sorted(days.items()))


def _chart_of(by_hour: Mapping[int, Iterable[Mapping[int, int]]]) -> str:
    """Returns the series of a chart: times (epoch seconds), p50 and p95 (milliseconds)."""
    hours = sorted(by_hour)
    summed = {hour: sum_buckets(by_hour[hour]) for hour in hours}
    series = [[percentile_ms(summed[hour], share) for hour in hours] for share in (0.5, 0.95)]
    return to_json([[hour * HOUR_SECONDS for hour in hours], *series])
