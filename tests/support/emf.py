"""CloudWatch's embedded metric format as types: a line that cannot be read as one is a line that is rejected.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

MAX_LINE_BYTES = 256 * 1024
"""Bytes of a log event that every part of CloudWatch takes."""

Name = Annotated[str, Meta(min_length=1, max_length=255)]
Dimensions = Annotated[tuple[Name, ...], Meta(max_length=30)]
Unit = Literal["Seconds", "Milliseconds", "Bytes", "Megabytes", "Percent", "Count", "None"]


class EmfMetricDefinition(msgspec.Struct, forbid_unknown_fields=True):
    Name: Name
    Unit: Unit
    StorageResolution: Literal[1, 60] = 60


class EmfDirective(msgspec.Struct, forbid_unknown_fields=True):
    Namespace: Name
    Dimensions: Annotated[tuple[Dimensions, ...], Meta(min_length=1)]
    Metrics: Annotated[tuple[EmfMetricDefinition, ...], Meta(min_length=1, max_length=100)]


class EmfMetadata(msgspec.Struct, forbid_unknown_fields=True):
    Timestamp: Annotated[int, Meta(gt=1_600_000_000_000, lt=10_000_000_000_000)]
    CloudWatchMetrics: Annotated[tuple[EmfDirective, ...], Meta(min_length=1)]


class EmfRoot(msgspec.Struct):
    metadata: EmfMetadata = msgspec.field(name="_aws")


class EmfLine:
    """A line that CloudWatch accepts. Raises `ValidationError` or `AssertionError` for any other."""

    def __init__(self, line: str) -> None:
        assert "\n" not in line
        assert len(line.encode()) <= MAX_LINE_BYTES
        self.values: dict[str, Any] = msgspec.json.decode(line)
        (self.directive,) = msgspec.json.decode(line, type=EmfRoot).metadata.CloudWatchMetrics
        names = [metric.Name for metric in self.directive.Metrics]
        assert len(names) == len(set(names))
        for name in {name for dimensions in self.directive.Dimensions for name in dimensions}:
            assert isinstance(self.values[name], str)
            assert 0 < len(self.values[name]) <= 1024
        self.metrics = {name: _check_value(self.values[name]) for name in names}

    @property
    def metric_units(self) -> dict[str, str]:
        return {metric.Name: metric.Unit for metric in self.directive.Metrics}


def _check_value(value: Any) -> float:
    """A target is a number, or a list of up to 100."""
    (number,) = value if isinstance(value, list) else [value]
    assert isinstance(number, int | float)
    assert math.isfinite(number)
    return number
