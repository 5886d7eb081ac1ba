"""Keeps the turns of this process, from the start of their plan on, so that they can be watched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.call_recorder import CallRecorder

if TYPE_CHECKING:
    from repartee.domain.message import Incoming
    from repartee.plan import Graph, Run
    from repartee.turn.turn import Turn

MAX_KEPT_TURNS = 200
"""Turns of which everything is kept, prompts and values too."""


@dataclass
class LiveTurn:
    """One turn: its run while it goes on, and the closed turn afterwards. `thread` is its worker's, in which
    the model is asked too."""

    id: str
    incoming: tuple[Incoming, ...]
    began_at: float
    thread: int
    graph: Graph | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    run: Run | None = None
    turn: Turn | None = None


class LiveTurns:
    """The newest turns, oldest first. Workers add to it, and the console reads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._turns: list[LiveTurn] = []
        self._number = 0

    def watch_run(self, graph: Graph, inputs: Mapping[str, Any], start: Callable[[], Run]) -> Run:
        """Starts a run, and keeps it as that of a turn."""
        began = self._clock()
        run = start()
        self._add(tuple(inputs["incoming"]), began, graph, inputs, run)
        return run

    def note_closed(self, turn: Turn) -> None:
        """Keeps the closed turn with its run; one without a plan by itself."""
        ids = {message.id for message in turn.incoming}
        with self._lock:
            found = next(
                (
                    one
                    for one in reversed(self._turns)
                    if one.turn is None and ids & {message.id for message in one.incoming}
                ),
                None,
            )
        if found is None:
            found = self._add(turn.incoming, turn.timeline.started_at)
        found.turn = turn

    def in_room(self, is_there: Callable[[Incoming], bool]) -> list[LiveTurn]:
        """Returns the turns of a room, newest first."""
        with self._lock:
            return [one for one in reversed(self._turns) if is_there(one.incoming[-1])]

    def before(self, live: LiveTurn, limit: int) -> list[LiveTurn]:
        """Returns closed turns of the same plan before this one, newest first."""
        with self._lock:
            known = list(self._turns)
        earlier = known[: known.index(live)] if live in known else known
        same = [one for one in reversed(earlier) if one.turn is not None and one.graph is live.graph]
        return same[:limit]

    def find(self, id: str) -> LiveTurn | None:
        """Returns the turn of that id."""
        with self._lock:
            return next((one for one in self._turns if one.id == id), None)

    def _add(
        self,
        incoming: tuple[Incoming, ...],
        began: float,
        graph: Graph | None = None,
        inputs: Mapping[str, Any] | None = None,
        run: Run | None = None,
    ) -> LiveTurn:
        with self._lock:
            self._number += 1
            thread = threading.get_ident()
            live = LiveTurn(str(self._number), incoming, began, thread, graph, inputs or {}, run)
            self._turns = [*self._turns[1 - MAX_KEPT_TURNS :], live]
            return live


class WatchedGraph:
    """A plan of which each run is kept."""

    def __init__(self, graph: Graph, turns: LiveTurns, recorder: CallRecorder) -> None:
        self._graph, self._turns, self._recorder = graph, turns, recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    def start(self, inputs: Mapping[str, Any], **options: Any) -> Run:
        """Begins a run, as `Graph.start` does."""

        def start() -> Run:
            with self._recorder.record("start plan"):
                return self._graph.start(inputs, **options)

        return self._turns.watch_run(self._graph, inputs, start)
