"""Dates in the person's language."""

from __future__ import annotations

from datetime import datetime

from repartee.language import texts
from repartee.language.catalogue import translate


def format_moment(moment: datetime, language: str) -> str:
    """Returns a moment as people read it with its zone: `Monday, 30 November, 09:00 (Europe/Berlin)`."""
    return translate(
        texts.DATE,
        language,
        weekday=translate(texts.WEEKDAYS[moment.weekday()], language),
        day=moment.day,
        month=translate(texts.MONTHS[moment.month - 1], language),
        time=f"{moment:%H:%M}",
        zone=getattr(moment.tzinfo, "key", None) or moment.tzname() or "",
    )
