"""A turn as the console shows it: the parts of its way over time, its plan, and what the model was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from repartee.plan import Graph

RUNNING = "running"
"""The status of a part that has not ended."""

MIN_SCALE_MILLISECONDS = 1.0
"""Milliseconds that a waterfall is wide at least."""

NEGLIGIBLE_MILLISECONDS = 0.5
"""Milliseconds below which a part took nothing, as far as people see."""

BAR_UNITS = 1000.0
"""The width of a waterfall in the units of its drawing."""

MIN_BAR_UNITS = 4.0
"""The width of a part that took no time, so that it is seen."""

NODE_WIDTH, NODE_HEIGHT = 168.0, 30.0
COLUMN_GAP, ROW_GAP = 40.0, 12.0
"""Sizes in the drawing of a plan, in pixels."""


class TurnPart(msgspec.Struct, frozen=True):
    """One part of the way of a message. Times are milliseconds since it was received; `end_ms` is None as
    long as the part runs. `is_awaited`: the first words could not come before it had ended."""

    name: str
    kind: str
    start_ms: float
    end_ms: float | None
    status: str = "ok"
    note: str = ""
    is_awaited: bool = False

    @property
    def duration_ms(self) -> float | None:
        """Milliseconds that it took; None as long as it runs."""
        return None if self.end_ms is None else self.end_ms - self.start_ms

    @property
    def is_negligible(self) -> bool:
        """Whether it took no time to speak of, and went as planned."""
        took = self.duration_ms
        return (
            took is not None
            and took < NEGLIGIBLE_MILLISECONDS
            and self.status in ("ok", "skipped", "discarded")
        )


class Waterfall(msgspec.Struct, frozen=True):
    """The parts of a turn over time. `now_ms` is where the clock stands while the turn runs.

    The axis ends with the first words: what comes later is drawn as far as its end.
    """

    bars: tuple[TurnPart, ...]
    now_ms: float = 0.0

    @property
    def notable(self) -> tuple[TurnPart, ...]:
        """The parts that took time, or did not go as planned."""
        return tuple(bar for bar in self.bars if not bar.is_negligible)

    @property
    def negligible(self) -> tuple[TurnPart, ...]:
        """The parts that took no time."""
        return tuple(bar for bar in self.bars if bar.is_negligible)

    @property
    def scale_ms(self) -> float:
        """Milliseconds from the left to the right."""
        awaited = [bar.end_ms for bar in self.bars if bar.is_awaited and bar.end_ms is not None]
        ends = [bar.start_ms if bar.end_ms is None else bar.end_ms for bar in self.bars]
        shown = ends if self.now_ms or not awaited else awaited
        return max(self.now_ms, MIN_SCALE_MILLISECONDS, *shown)

    def span(self, bar: TurnPart) -> tuple[float, float]:
        """Returns where a bar begins and how wide it is, in units of the drawing."""
        end = max(self.now_ms, bar.start_ms) if bar.end_ms is None else bar.end_ms
        units = BAR_UNITS / self.scale_ms
        left = min(max(bar.start_ms, 0.0) * units, BAR_UNITS - MIN_BAR_UNITS)
        width = max(min(end * units, BAR_UNITS) - left, MIN_BAR_UNITS)
        return round(left, 1), round(width, 1)


class PlanNode(msgspec.Struct, frozen=True):
    """A step in the drawing of a plan. Coordinates are pixels."""

    name: str
    status: str
    x: float
    y: float
    is_awaited: bool = False


class PlanEdge(msgspec.Struct, frozen=True):
    """An arrow from a step to one that waits for it; `is_gate`: for whether it runs at all."""

    path: str
    is_gate: bool = False
    is_awaited: bool = False


class PlanDrawing(msgspec.Struct, frozen=True):
    """The plan of a turn, from left to right."""

    nodes: tuple[PlanNode, ...]
    edges: tuple[PlanEdge, ...]
    width: float
    height: float
    node_width: float = NODE_WIDTH
    node_height: float = NODE_HEIGHT


class PromptPart(msgspec.Struct, frozen=True):
    """A part of a prompt, in the order in which the model reads it."""

    title: str
    tokens: int
    text: str


class ModelRequest(msgspec.Struct, frozen=True):
    """One request to the model. `asked_ms` is milliseconds since the message was received."""

    parts: tuple[PromptPart, ...]
    asked_ms: float = 0.0

    @property
    def tokens(self) -> int:
        """The size of the whole prompt."""
        return sum(part.tokens for part in self.parts)

    def share(self, part: PromptPart) -> float:
        """Returns the part's share of the prompt, in units of the drawing."""
        return round(BAR_UNITS * part.tokens / max(self.tokens, 1), 1)


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step: how it ended, what it returned (shortened), what was declared for it, and how it ended in
    the turns before, newest first (status and milliseconds)."""

    name: str
    status: str
    about: str = ""
    note: str = ""
    value: str = ""
    duration_ms: float | None = None
    attempts: int = 0
    needs: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    policy: tuple[str, ...] = ()
    can_leave_out: bool = False
    history: tuple[tuple[str, float], ...] = ()


class TurnView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the console shows of one turn. Durations are milliseconds, None where nothing happened."""

    id: str
    assistant: str
    mode: str
    state: str
    question: str = ""
    reply: str = ""
    failed: str = ""
    waterfall: Waterfall = Waterfall(())
    plan: PlanDrawing | None = None
    steps: tuple[StepView, ...] = ()
    requests: tuple[ModelRequest, ...] = ()
    first_words_ms: float | None = None
    gather_ms: float | None = None
    serial_ms: float | None = None
    critical_ms: float | None = None
    total_ms: float | None = None
    tokens: int = 0
    cost_usd: float = 0.0

    @property
    def is_running(self) -> bool:
        """Whether the turn goes on."""
        return self.state == RUNNING

    def step(self, name: str) -> StepView | None:
        """Returns the step of that name."""
        return next((one for one in self.steps if one.name == name), None)


def draw_plan(graph: Graph, statuses: Mapping[str, str], awaited: Iterable[str] = ()) -> PlanDrawing:
    """Draws the steps of a plan in columns: each is right of all that it waits for."""
    critical = frozenset(awaited)
    names = {step.name for step in graph.steps}
    columns = _columns_of(graph, names)
    places: dict[str, tuple[float, float]] = {}
    rows: dict[int, int] = {}
    for step in graph.steps:
        column = columns[step.name]
        row = rows[column] = rows.get(column, -1) + 1
        places[step.name] = (column * (NODE_WIDTH + COLUMN_GAP), row * (NODE_HEIGHT + ROW_GAP))
    nodes = tuple(
        PlanNode(step.name, statuses.get(step.name, "waiting"), *places[step.name], step.name in critical)
        for step in graph.steps
    )
    edges = tuple(
        PlanEdge(_draw_arrow(places[needed], places[step.name]), is_gate, {needed, step.name} <= critical)
        for step in graph.steps
        for needed, is_gate in [*((one, False) for one in step.data), *((one, True) for one in step.gate)]
        if needed in names
    )
    width = (max(columns.values(), default=0) + 1) * (NODE_WIDTH + COLUMN_GAP) - COLUMN_GAP
    height = (max(rows.values(), default=0) + 1) * (NODE_HEIGHT + ROW_GAP) - ROW_GAP
    return PlanDrawing(nodes, edges, width, height)


def describe_policy(graph: Graph, name: str) -> tuple[str, ...]:
    """Returns what is declared for a step, in words."""
    line = next((one for one in graph.describe().splitlines() if one.strip().startswith(f"{name} ")), "")
    terms: Sequence[str] = line.strip().removeprefix(name).strip().split("; ")
    return tuple(term for term in terms if term and not term.startswith("needs "))


def _columns_of(graph: Graph, names: set[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for step in graph.steps:  # in topological order
        before = [columns[one] + 1 for one in (*step.data, *step.gate) if one in names and one in columns]
        columns[step.name] = max(before, default=0)
    return columns


def _draw_arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    left, top = start[0] + NODE_WIDTH, start[1] + NODE_HEIGHT / 2
    right, bottom = end[0], end[1] + NODE_HEIGHT / 2
    bend = max((right - left) / 2, COLUMN_GAP / 2)
    return f"M{left:g} {top:g}C{left + bend:g} {top:g} {right - bend:g} {bottom:g} {right:g} {bottom:g}"
