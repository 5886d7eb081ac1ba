"""After how many seconds the model's API may be asked again, from whatever says so."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

IN_WORDS = re.compile(
    r"(?:try again|retry)\s+(?:in|after)\s+"
    r"(?P<time>(?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|seconds?|m|minutes?|h|hours?)\s*)+)",
    re.IGNORECASE,
)
PART = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|millis|s|m|h)", re.IGNORECASE)
SECONDS = {"ms": 0.001, "millis": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def waiting_seconds(headers: Mapping[str, str], message: str = "") -> float | None:
    """Returns the seconds to wait, from `retry-after-ms`, from `Retry-After` (seconds or a date), or from the
    words of the message ("Please try again in 6.57s."). None if nothing says."""
    own = {name.lower(): value.strip() for name, value in headers.items()}
    if (milliseconds := _number(own.get("retry-after-ms", ""))) is not None:
        return milliseconds / 1000
    after = own.get("retry-after", "")
    if (seconds := _number(after)) is not None:
        return seconds
    if after and (until := _until(after, own.get("date", ""))) is not None:
        return until
    found = IN_WORDS.search(message)
    return _span(found["time"]) if found else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _until(date: str, now: str) -> float | None:
    """Seconds until an HTTP date, by the server's own clock where it tells it."""
    try:
        then = parsedate_to_datetime(date).timestamp()
        return max(0.0, then - (parsedate_to_datetime(now).timestamp() if now else time.time()))
    except ValueError:
        return None


def _span(words: str) -> float:
    """Returns the seconds of "6.57s", "120ms", "1m30s" or "20 seconds"."""
    return sum(float(part["number"]) * SECONDS[part["unit"].lower()] for part in PART.finditer(words))
