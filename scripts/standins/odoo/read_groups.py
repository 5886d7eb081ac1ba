"""Names and sorts the groups of `read_group` and `formatted_read_group` as Odoo does."""

from __future__ import annotations

import datetime
import math
from typing import Any

from standins.odoo.definitions import Values
from standins.odoo.records import OdooFault
from standins.odoo.translations import MONTHS, QUARTER_LETTERS, SHORT_MONTHS


def group_period(day: str, granularity: str, lang: str) -> tuple[str, str, str]:
    """Returns the first day of a period, what it is called, and the first day after it."""
    date = datetime.date.fromisoformat(day)
    if granularity == "year":
        return f"{date.year}-01-01", str(date.year), f"{date.year + 1}-01-01"
    if granularity == "quarter":
        number = math.ceil(date.month / 3)
        after = f"{date.year + number // 4}-{number % 4 * 3 + 1:02}-01"
        return f"{date.year}-{number * 3 - 2:02}-01", f"{QUARTER_LETTERS[lang]}{number} {date.year}", after
    if granularity == "month":
        after = f"{date.year + date.month // 12}-{date.month % 12 + 1:02}-01"
        return f"{date:%Y-%m}-01", f"{MONTHS[lang][date.month - 1]} {date.year}", after
    if granularity == "week":
        monday = date - datetime.timedelta(days=date.weekday())
        sunday = monday + datetime.timedelta(days=7)
        return monday.isoformat(), f"W{date.isocalendar().week} {date.isocalendar().year}", sunday.isoformat()
    if granularity == "day":
        after = (date + datetime.timedelta(days=1)).isoformat()
        return day, f"{date.day:02} {SHORT_MONTHS[lang][date.month - 1]} {date.year}", after
    raise OdooFault("builtins.ValueError", f"Invalid date granularity {granularity!r}")


def group_key(key: Any, *, old: bool) -> Any:
    """Returns a group's key: a period by its name, and from 19 on with its first day."""
    if not isinstance(key, tuple):
        return key
    if len(key) == 3:
        return key[1] if old else [key[0], key[1]]
    return list(key)


def group_sort_key(key: Any) -> tuple[bool, Any]:
    return (key is False, str(key[0] if isinstance(key, tuple) and len(key) == 3 else key))


def sort_rows(rows: list[Values], order: str) -> None:
    for term in reversed([part.strip() for part in order.split(",") if part.strip()]):
        name, _, direction = term.partition(" ")
        if rows and name not in rows[0]:
            raise OdooFault(
                "builtins.ValueError", f"Order term {term!r} is not a valid aggregate nor groupby"
            )
        rows.sort(key=lambda row, name=name: (row[name] is False, row[name]), reverse=direction == "desc")  # type: ignore[misc]
