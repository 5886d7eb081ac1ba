"""Pinecone's filters of metadata: comparisons, joined by `$and` and `$or`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from standins.pinecone.responses import PineconeError, Record

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, wanted: value == wanted,
    "$ne": lambda value, wanted: value != wanted,
    "$in": lambda value, wanted: value in wanted,
    "$nin": lambda value, wanted: value not in wanted,
    "$gt": lambda value, wanted: value is not None and value > wanted,
    "$gte": lambda value, wanted: value is not None and value >= wanted,
    "$lt": lambda value, wanted: value is not None and value < wanted,
    "$lte": lambda value, wanted: value is not None and value <= wanted,
    "$exists": lambda value, wanted: (value is not None) == wanted,
}


def matches_filter(metadata: Record, wanted: Record) -> bool:
    """Returns whether a record's metadata meets the filter. Raises PineconeError for an unknown operator."""
    for name, condition in wanted.items():
        if name in {"$and", "$or"}:
            each = (matches_filter(metadata, one) for one in condition)
            if not (all(each) if name == "$and" else any(each)):
                return False
        elif not _matches_condition(metadata.get(name), condition):
            return False
    return True


def _matches_condition(value: Any, condition: Any) -> bool:
    if not isinstance(condition, dict):
        return bool(value == condition)
    for operator, wanted in condition.items():
        if operator not in COMPARISONS:
            raise PineconeError(f"{operator} is not a valid operator")
        if not COMPARISONS[operator](value, wanted):
            return False
    return True
