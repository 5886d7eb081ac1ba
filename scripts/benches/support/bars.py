"""Bars: what a measured number may be at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def check_bar(name: str, value: float, max_value: float) -> dict[str, Any]:
    """One number held to its bar, as it stands in a bench's result under ``bars``."""
    return {"name": name, "value": round(value, 4), "bar": max_value, "met": value <= max_value}


def missed_bars(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the bars of a result that are not met."""
    return [each for each in result.get("bars", []) if not each["met"]]


def bar_rows(result: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Returns the bars as rows of a table."""
    return [
        (b["name"], f"{b['value']:g}", f"<= {b['bar']:g}", "met" if b["met"] else "MISSED")
        for b in result["bars"]
    ]
