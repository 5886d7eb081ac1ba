"""The coach's small model as far away as a real one: each kind of question takes its own time."""

from __future__ import annotations

from local.latency import Latencies
from repartee.ports import A, SmallModel

SEED = {
    "coaching.coached": 0.292,
    "small.Needs": 0.850,
    "small.Extraction": 0.600,
    "small.Detection": 0.300,
    "small.write": 0.300,
    "knowledge.relevant": 0.200,
    "memories.relevant": 0.450,
    "workouts.of": 0.125,
}
"""Seconds that the coach's calls take, as they were once measured."""


class SlowedSmallModel:
    """`ports.SmallModel` behind latencies, by what is to be filled in."""

    def __init__(self, small: SmallModel, latencies: Latencies) -> None:
        self._small, self._latencies = small, latencies

    def write(self, instructions: str, text: str, limit: int = 120) -> str:
        self._latencies.wait("small.write")
        return self._small.write(instructions, text, limit)

    def analyse(self, instructions: str, text: str, answer: type[A]) -> A:
        self._latencies.wait(f"small.{answer.__name__}")
        return self._small.analyse(instructions, text, answer)
