"""Metrics, as the conversation emits them: one line of values with their units and dimensions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

MetricUnit = Literal["Milliseconds", "Seconds", "Count", "Megabytes", "None"]


class MetricValue(NamedTuple):
    """One metric of a line."""

    name: str
    unit: MetricUnit
    value: float


class MetricsLine(NamedTuple):
    """Metrics that are emitted together: once for each set of dimensions, or once without any."""

    metrics: tuple[MetricValue, ...]
    dimension_sets: tuple[Mapping[str, str], ...] = ()
    properties: Mapping[str, str | float] = {}
    """Ids and numbers that can be searched for and make no metrics of their own."""


EmitMetrics = Callable[[MetricsLine], None]
"""Emits one line. Only the main thread calls it."""
