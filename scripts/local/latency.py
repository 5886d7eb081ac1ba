"""Latencies of a distant world, injected into local stores that answer in under a millisecond."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from support.suggestions import describe_choices

SEED_LATENCIES_SECONDS = {
    "records.read_chat_state": 0.100,
    "embedder.embed": 0.150,
    "messages.list_newest": 0.600,
    "messages.search": 0.400,
    "erp_toolset.load_schema": 0.300,
    "coaching.read_coach_state": 0.292,
    "desk_records.read_desk_state": 0.200,
    "desk_knowledge.search": 0.050,
    "small.MessageNeeds": 0.850,
    "small.MessageAnalysis": 0.850,
    "small.WorkoutExtraction": 0.600,
    "small.MemoryDetection": 0.300,
    "small.write": 0.300,
    "knowledge.search": 0.200,
    "memories.search": 0.450,
    "workouts.list_since": 0.125,
}
"""Seconds that a call takes, where stores and services are as far away as they were once measured."""


class InjectedLatencies:
    """How long each call waits, by port and method. Counts instead of waiting while it is told to.

    `injected` lists the calls that waited, in order, with the seconds of each.
    """

    def __init__(self, seconds: Mapping[str, float], sleep: Callable[[float], None] = time.sleep) -> None:
        self._seconds, self._sleep = dict(seconds), sleep
        self._counting = False
        self._counted = 0.0
        self.injected: list[tuple[str, float]] = []

    def latency_of(self, call: str) -> float:
        return self._seconds.get(call, 0.0)

    def wait_for_call(self, call: str) -> None:
        """Waits as long as the call's deadline allows. Raises `Late` if that is not long enough."""
        seconds = self.latency_of(call)
        if self._counting:
            self._counted += seconds
        elif seconds:
            self._wait_seconds(call, seconds)

    def _wait_seconds(self, call: str, seconds: float) -> None:
        from repartee.errors import DeadlineExceeded
        from repartee.plan import deadline

        left = deadline.remaining()
        self.injected.append((call, seconds if left is None else min(seconds, left)))
        self._sleep(seconds if left is None else min(seconds, left))
        if left is not None and left < seconds:
            raise DeadlineExceeded(call, f"the injected {seconds * 1000:.0f} ms are more than the deadline")

    @contextlib.contextmanager
    def record_without_waiting(self) -> Iterator[Callable[[], float]]:
        """Nobody waits within the block: it gives what the calls would have waited since it was last asked.

        For one call at a time.
        """
        self._counting, self._counted = True, 0.0
        try:
            yield self._take_counts
        finally:
            self._counting = False

    def _take_counts(self) -> float:
        counted, self._counted = self._counted, 0.0
        return counted


class SlowPort:
    """A port whose calls wait before they do what they do."""

    def __init__(self, name: str, port: Any, latencies: InjectedLatencies) -> None:
        self._name, self._port, self._latencies = name, port, latencies

    def __getattr__(self, method: str) -> Any:
        call, attribute = f"{self._name}.{method}", getattr(self._port, method)
        if not self._latencies.latency_of(call):
            return attribute

        def slowed(*arguments: Any, **keywords: Any) -> Any:
            self._latencies.wait_for_call(call)
            return attribute(*arguments, **keywords)

        return slowed


class SlowSmallModel:
    """A small model whose calls wait, each kind of question as long as it takes."""

    def __init__(self, small: Any, latencies: InjectedLatencies) -> None:
        self._small, self._latencies = small, latencies

    def write_text(self, *arguments: Any) -> Any:
        self._latencies.wait_for_call("small.write")
        return self._small.write_text(*arguments)

    def extract(self, instructions: str, text: str, answer_type: type) -> Any:
        self._latencies.wait_for_call(f"small.{answer_type.__name__}")
        return self._small.extract(instructions, text, answer_type)


def load_latencies(name: str) -> InjectedLatencies:
    """The latencies called `seed` or `none`, or those of a JSON file: milliseconds by call."""
    if name in ("seed", "none"):
        return InjectedLatencies(SEED_LATENCIES_SECONDS if name == "seed" else {})
    if not Path(name).is_file():
        raise ValueError(f"--latency {name} is no file. {describe_choices(name, ('seed', 'none'))}")
    given = json.loads(Path(name).read_text())
    unknown = sorted(set(given) - set(SEED_LATENCIES_SECONDS))
    if unknown:
        raise ValueError(
            f"{name}: {', '.join(unknown)} cannot be slowed; these can: {', '.join(SEED_LATENCIES_SECONDS)}"
        )
    return InjectedLatencies({call: milliseconds / 1000 for call, milliseconds in given.items()})
