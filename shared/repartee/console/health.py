"""*Health*: slow? why? since when? for whom? From the hours' rollups, which are written beside the turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from repartee.console.access import Role
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute, ConsoleSection
from repartee.console.health_figures import (
    HOUR_SECONDS,
    FigureRow,
    Health,
    StepRow,
    find_worse_since,
    list_rows_by,
    list_step_rows_by,
    make_chart,
    part_row,
    sum_cost_by_day,
    sum_cost_by_model,
    summarise_step,
    wait_row,
)
from repartee.console.live_figures import LiveWatch
from repartee.console.pages import PREFIX, NavigationItem
from repartee.console.room_costs import RoomCostReader
from repartee.domain.rollup import (
    PARTS,
    WAIT_PART,
    Buckets,
    ChatActivity,
    HourlyRollup,
    HourlySteps,
    StepTally,
    WorkspaceTally,
    percentile_ms,
    sum_buckets,
    sum_rollups,
)
from repartee.ports.operations import TurnStatistics

RANGES_HOURS = {"24h": 24, "3d": 72, "7d": 168}
"""The spans that can be chosen, in hours."""

MAX_COMPARED_HOURS = 24
"""Hours up to which a span is compared with the one before it."""

STEP_HOURS = 24
"""Hours of which the steps are read: their sums are large."""

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


class HealthSection:
    """The pages."""

    def __init__(
        self,
        app: ConsoleApp,
        statistics: TurnStatistics,
        count_waiting: Callable[[], int],
        live: LiveWatch,
        clock: Callable[[], float],
        more_routes: tuple[ConsoleRoute, ...] = (),
    ) -> None:
        self._app, self._statistics, self._count_waiting = app, statistics, count_waiting
        self._clock, self._more_routes, self._live = clock, more_routes, live
        self._room_costs = RoomCostReader(statistics, clock)

    def section(self) -> ConsoleSection:
        """Returns the entry and the routes."""
        return ConsoleSection(
            NavigationItem("/health", "Health"),
            (
                ConsoleRoute("/health", self.show_page, Role.VIEWER),
                ConsoleRoute("/health/rooms", self.show_rooms, Role.VIEWER),
                ConsoleRoute("/health/steps/{step}", self.show_step, Role.VIEWER),
                *self._more_routes,
            ),
        )

    def show_page(self, request: ConsoleRequest) -> Response:
        """The four questions, and their answers."""
        chosen = _read_filter(request)
        now = self._clock()
        tallies = self._statistics.list_workspaces(now - chosen.hours * HOUR_SECONDS, now)
        return self._app.render(
            "health.html",
            request,
            chosen=chosen,
            spans=tuple(RANGES_HOURS),
            health=self._read_health(chosen, now, tallies),
            live=self._live.read_figures(tallies),
            waiting=self._count_waiting(),
            counted_until=self._statistics.read_watermark(),
            now=now,
        )

    def show_rooms(self, request: ConsoleRequest) -> Response:
        """Shows what the rooms cost; a viewer is not told which private conversations there are."""
        chosen = _read_filter(request)
        costs = self._room_costs.read_costs(
            lambda one: _is_chosen(one, chosen), may_see_private=request.operator.role >= Role.AGENT
        )
        return self._app.render("health_rooms.html", request, chosen=chosen, costs=costs)

    def show_step(self, request: ConsoleRequest) -> Response:
        """One step over the hours: how long, how often in vain, and why."""
        chosen, now, name = _read_filter(request), self._clock(), request.path["step"]
        found = [one for one in self._list_steps(chosen, now) if name in one.steps]
        if not found:
            raise HTTPException(404, "no turn of these hours had such a step")
        by_hour: dict[int, list[StepTally]] = defaultdict(list)
        for one in found:
            by_hour[one.hour].append(one.steps[name])
        chart = make_chart({hour: [one.durations for one in tallies] for hour, tallies in by_hour.items()})
        step = summarise_step(name, [one.steps[name] for one in found])
        whom = list_step_rows_by(name, found)
        return self._app.render("health_step.html", request, chosen=chosen, step=step, chart=chart, whom=whom)

    def _list_steps(self, chosen: HealthFilter, now: float) -> list[HourlySteps]:
        since = now - HOUR_SECONDS * min(chosen.hours, STEP_HOURS)
        return [one for one in self._statistics.list_steps(since, now) if _is_chosen(one, chosen)]

    def _read_health(self, chosen: HealthFilter, now: float, workspaces: Sequence[WorkspaceTally]) -> Health:
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
            wait=wait_row("now", rollups),
            before=wait_row("before", earlier),
            worse_since=find_worse_since(by_hour),
            parts=tuple(part_row(part, rollups) for part in PARTS),
            steps=self._list_step_rows(chosen, now),
            modes=list_rows_by(rollups, lambda one: one.mode, lambda name: ""),
            channels=list_rows_by(
                rollups, lambda one: one.channel, lambda name: chosen.with_changes(channel=name)
            ),
            assistants=list_rows_by(
                rollups, lambda one: one.assistant, lambda name: chosen.with_changes(assistant=name)
            ),
            workspaces=_list_workspace_rows(workspaces),
            days=sum_cost_by_day(hours),
            models=sum_cost_by_model(rollups),
            chart=make_chart(by_hour),
        )

    def _list_step_rows(self, chosen: HealthFilter, now: float) -> tuple[StepRow, ...]:
        tallies: dict[str, list[StepTally]] = defaultdict(list)
        for one in self._list_steps(chosen, now):
            for name, tally in one.steps.items():
                tallies[name].append(tally)
        rows = [summarise_step(name, found) for name, found in tallies.items()]
        return tuple(sorted(rows, key=lambda row: (-(row.failed + row.fallbacks), -(row.p95 or 0))))


def _list_workspace_rows(counted: Sequence[WorkspaceTally]) -> tuple[FigureRow, ...]:
    tallies = defaultdict(list)
    for one in counted:
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


def _read_filter(request: ConsoleRequest) -> HealthFilter:
    asked = request.query("span")
    span = asked if asked in RANGES_HOURS else "24h"
    return HealthFilter(span, request.query("channel"), request.query("assistant"))


def _is_chosen(one: HourlyRollup | HourlySteps | ChatActivity, chosen: HealthFilter) -> bool:
    return chosen.channel in ("", one.channel) and chosen.assistant in ("", one.assistant)
