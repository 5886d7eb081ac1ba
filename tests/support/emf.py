"""CloudWatch's embedded metric format as types: a line that cannot be read as one is a line that is rejected.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

LARGEST_LINE = 256 * 1024
"""Bytes of a log event that every part of CloudWatch takes."""

Name = Annotated[str, Meta(min_length=1, max_length=255)]
Dimensions = Annotated[tuple[Name, ...], Meta(max_length=30)]
Unit = Literal["Seconds", "Milliseconds", "Bytes", "Megabytes", "Percent", "Count", "None"]


class Definition(msgspec.Struct, forbid_unknown_fields=True):
    Name: Name
    Unit: Unit
    StorageResolution: Literal[1, 60] = 60


class Directive(msgspec.Struct, forbid_unknown_fields=True):
    Namespace: Name
    Dimensions: Annotated[tuple[Dimensions, ...], Meta(min_length=1)]
    Metrics: Annotated[tuple[Definition, ...], Meta(min_length=1, max_length=100)]


class Metadata(msgspec.Struct, forbid_unknown_fields=True):
    Timestamp: Annotated[int, Meta(gt=1_600_000_000_000, lt=10_000_000_000_000)]
    CloudWatchMetrics: Annotated[tuple[Directive, ...], Meta(min_length=1)]


class Root(msgspec.Struct):
    metadata: Metadata = msgspec.field(name="_aws")


class Line:
    """A line that CloudWatch accepts. Raises `ValidationError` or `AssertionError` for any other."""

    def __init__(self, line: str) -> None:
        assert "\n" not in line
        assert len(line.encode()) <= LARGEST_LINE
        self.values: dict[str, Any] = msgspec.json.decode(line)
        (self.directive,) = msgspec.json.decode(line, type=Root).metadata.CloudWatchMetrics
        names = [metric.Name for metric in self.directive.Metrics]
        assert len(names) == len(set(names))
        for name in {name for dimensions in self.directive.Dimensions for name in dimensions}:
            assert isinstance(self.values[name], str)
            assert 0 < len(self.values[name]) <= 1024
        self.metrics = {name: _number(self.values[name]) for name in names}

    @property
    def units(self) -> dict[str, str]:
        return {metric.Name: metric.Unit for metric in self.directive.Metrics}


def _number(value: Any) -> float:
    """A target is a number, or a list of up to 100."""
    (number,) = value if isinstance(value, list) else [value]
    assert isinstance(number, int | float)
    assert math.isfinite(number)
    return number
