"""Units as people say them, and those in which workouts are kept: kilograms, metres, seconds."""

from __future__ import annotations

from collections.abc import Mapping

KILOGRAMS_PER_UNIT: Mapping[str, float] = {"kg": 1.0, "lb": 0.45359237, "st": 6.35029318}
METRES_PER_UNIT: Mapping[str, float] = {"m": 1.0, "km": 1000.0, "mi": 1609.344, "yd": 0.9144}
SECONDS_PER_UNIT: Mapping[str, float] = {"s": 1.0, "min": 60.0, "h": 3600.0}
"""The worth of each unit. The pound, the yard and the mile are exact by definition (NIST SP 811)."""

IMPERIAL_UNITS = {"load": "lb", "distance": "mi"}
METRIC_UNITS = {"load": "kg", "distance": "km"}


def default_units(profile: Mapping[str, str]) -> Mapping[str, str]:
    """The units that somebody means who names none."""
    return IMPERIAL_UNITS if profile.get("units", "").lower() in ("imperial", "lb", "us") else METRIC_UNITS


def to_stored_unit(value: float, unit: str, unit_values: Mapping[str, float]) -> float:
    """The value in the unit in which it is kept."""
    return round(value * unit_values[unit], 3)


def format_load(kilograms: float, unit: str) -> str:
    """A load as it is said: `80 kg`, `175 lb`."""
    return f"{_format_number(kilograms / KILOGRAMS_PER_UNIT[unit], 1)} {unit}"


def format_distance(metres: float, unit: str) -> str:
    """A distance as it is said: `5 km`, `3.1 mi`."""
    return f"{_format_number(metres / METRES_PER_UNIT[unit], 2)} {unit}"


def format_duration(seconds: float) -> str:
    """A duration as a watch shows it: `45 s`, `25:00 min`, `1:02:30 h`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02} h"
    return f"{minutes}:{rest:02} min" if minutes else f"{rest} s"


def format_pace(metres: float, seconds: float, unit: str) -> str:
    """How long a kilometre or a mile took: `5:00 min/km`."""
    return f"{format_duration(seconds / metres * METRES_PER_UNIT[unit])}/{unit}"


def _format_number(value: float, digits: int) -> str:
    return f"{round(value, digits):g}" if value < 100_000 else f"{value:.0f}"
