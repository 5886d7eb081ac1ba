"""The state of this moment in *Health*: backends that are left alone, running turns, and budgets of today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from repartee.domain.budget import Budget, UsageLimit
from repartee.domain.rollup import WorkspaceTally
from repartee.domain.usage import UsageTotal
from repartee.ports.operations import LiveState, OpenWork, WorkspaceState

MAX_WORKSPACES = 20
"""Workspaces whose state is read, those with the latest turns first."""


class BreakerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A backend that is left alone in a workspace: since when, and when it is tried again (epoch seconds).
    `since` is 0 where it is not known."""

    backend: str
    workspace: str
    failures: int
    since: float
    retried_at: float


class BudgetRow(msgspec.Struct, frozen=True, kw_only=True):
    """The usage of a workspace today, and the part of its budget that this is: None without a budget."""

    workspace: str
    usage: UsageTotal
    limit: UsageLimit
    share: float | None


class LiveFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `held` are the chats that workers have."""

    breakers: tuple[BreakerRow, ...]
    budgets: tuple[BudgetRow, ...]
    has_budget: bool
    work: OpenWork


class LiveWatch:
    """Reads it from the stores."""

    def __init__(
        self, state: LiveState, find_budget: Callable[[], Budget], clock: Callable[[], float]
    ) -> None:
        self._state, self._find_budget, self._clock = state, find_budget, clock

    def read_figures(self, tallies: Iterable[WorkspaceTally]) -> LiveFigures:
        """Returns the figures of the workspaces that have something open, or had turns of late."""
        work, limit, now = self._state.read_open_work(), self._find_budget().workspace, self._clock()
        names = _newest_workspaces(work.workspaces, tallies)
        states = self._state.read_workspaces(names)
        breakers = [row for name in names for row in _list_breakers(name, states[name], now)]
        budgets = [_budget_row(name, states[name].usage, limit) for name in names]
        used = [row for row in budgets if row.usage.tokens]
        return LiveFigures(
            breakers=tuple(breakers),
            budgets=tuple(sorted(used, key=lambda row: (-(row.share or 0.0), -row.usage.tokens))),
            has_budget=limit != UsageLimit(),
            work=work,
        )


def _newest_workspaces(open_ones: Iterable[str], tallies: Iterable[WorkspaceTally]) -> Sequence[str]:
    latest = {name: float("inf") for name in sorted(open_ones)}
    for one in tallies:
        latest[one.workspace] = max(latest.get(one.workspace, 0.0), float(one.hour))
    return sorted(latest, key=lambda name: -latest[name])[:MAX_WORKSPACES]


def _list_breakers(workspace: str, state: WorkspaceState, now: float) -> Iterable[BreakerRow]:
    for backend, known in sorted(state.failing.items()):
        if known.is_down(now):
            yield BreakerRow(
                backend=backend,
                workspace=workspace,
                failures=known.count,
                since=known.first_at,
                retried_at=max(now, known.next_probe_at),
            )


def _budget_row(workspace: str, usage: UsageTotal, limit: UsageLimit) -> BudgetRow:
    parts = [
        used / most
        for used, most in ((usage.tokens, limit.max_tokens), (usage.cost_usd, limit.max_cost_usd))
        if most
    ]
    return BudgetRow(workspace=workspace, usage=usage, limit=limit, share=max(parts, default=None))
