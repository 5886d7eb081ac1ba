"""Latencies of a distant world, injected into local stores that answer in under a millisecond."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

SEED = {
    "records.standing": 0.100,
    "embedder.embed": 0.150,
    "messages.newest": 0.600,
    "messages.relevant": 0.400,
    "clerk.overview": 0.300,
    "coaching.coached": 0.292,
    "small.Needs": 0.850,
    "small.Extraction": 0.600,
    "small.Detection": 0.300,
    "small.write": 0.300,
    "knowledge.relevant": 0.200,
    "memories.relevant": 0.450,
    "workouts.of": 0.125,
}
"""Seconds that a call takes, where stores and services are as far away as they were once measured."""


class Latencies:
    """How long each call waits, by port and method. Counts instead of waiting while it is told to."""

    def __init__(self, seconds: Mapping[str, float], sleep: Callable[[float], None] = time.sleep) -> None:
        self._seconds, self._sleep = dict(seconds), sleep
        self._counting = False
        self._counted = 0.0

    def of(self, call: str) -> float:
        return self._seconds.get(call, 0.0)

    def wait(self, call: str) -> None:
        """Waits as long as the call's deadline allows. Raises `Late` if that is not long enough."""
        seconds = self.of(call)
        if self._counting:
            self._counted += seconds
        elif seconds:
            self._wait(call, seconds)

    def _wait(self, call: str, seconds: float) -> None:
        from repartee.errors import Late
        from repartee.plan import deadline

        left = deadline.remaining()
        self._sleep(seconds if left is None else min(seconds, left))
        if left is not None and left < seconds:
            raise Late(call, f"the injected {seconds * 1000:.0f} ms are more than the deadline")

    @contextlib.contextmanager
    def counted(self) -> Iterator[Callable[[], float]]:
        """Nobody waits within the block: it gives what the calls would have waited since it was last asked.

        For one call at a time.
        """
        self._counting, self._counted = True, 0.0
        try:
            yield self._take
        finally:
            self._counting = False

    def _take(self) -> float:
        counted, self._counted = self._counted, 0.0
        return counted


class Slowed:
    """A port whose calls wait before they do what they do."""

    def __init__(self, name: str, port: Any, latencies: Latencies) -> None:
        self._name, self._port, self._latencies = name, port, latencies

    def __getattr__(self, method: str) -> Any:
        call, attribute = f"{self._name}.{method}", getattr(self._port, method)
        if not self._latencies.of(call):
            return attribute

        def slowed(*arguments: Any, **keywords: Any) -> Any:
            self._latencies.wait(call)
            return attribute(*arguments, **keywords)

        return slowed


class SlowedSmallModel:
    """A small model whose calls wait, each kind of question as long as it takes."""

    def __init__(self, small: Any, latencies: Latencies) -> None:
        self._small, self._latencies = small, latencies

    def write(self, *arguments: Any) -> Any:
        self._latencies.wait("small.write")
        return self._small.write(*arguments)

    def analyse(self, instructions: str, text: str, answer: type) -> Any:
        self._latencies.wait(f"small.{answer.__name__}")
        return self._small.analyse(instructions, text, answer)


def chosen(name: str) -> Latencies:
    """The latencies called `seed` or `none`, or those of a JSON file: milliseconds by call."""
    if name in ("seed", "none"):
        return Latencies(SEED if name == "seed" else {})
    given = json.loads(Path(name).read_text())
    unknown = sorted(set(given) - set(SEED))
    if unknown:
        raise ValueError(f"{name}: {', '.join(unknown)} cannot be slowed; these can: {', '.join(SEED)}")
    return Latencies({call: milliseconds / 1000 for call, milliseconds in given.items()})
