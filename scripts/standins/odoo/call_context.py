"""Reads the context of a call to Odoo's stand-in: its language and its time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from standins.odoo.records import OdooFault
from standins.odoo.translations import BASE_LANGUAGE, INSTALLED_LANGUAGES

MOMENT_FORMAT = "%Y-%m-%d %H:%M:%S"


def read_context(context: Mapping[str, Any]) -> tuple[str, tzinfo]:
    """Returns the language and the time zone of a call; those of the base, where the context has none. A
    language that is not installed is refused, a time zone that there is none of is ignored, as Odoo does
    both."""
    lang, timezone = context.get("lang") or BASE_LANGUAGE, context.get("tz") or ""
    if lang not in dict(INSTALLED_LANGUAGES):
        raise OdooFault("odoo.exceptions.UserError", f"Invalid language code: {lang}")
    return lang, ZoneInfo(timezone) if timezone in available_timezones() else UTC


def local_day(value: str, timezone: tzinfo) -> str:
    """Returns the day on which a moment, stored in UTC, lies in that time zone. A day is one everywhere."""
    if len(value) == len("2026-11-30"):
        return value
    moment = datetime.strptime(value, MOMENT_FORMAT).replace(tzinfo=UTC)
    return moment.astimezone(timezone).date().isoformat()


def utc_midnight(day: str, timezone: tzinfo) -> str:
    """When that day begins in the time zone, in UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=timezone).astimezone(UTC).strftime(MOMENT_FORMAT)
