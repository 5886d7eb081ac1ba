"""Answers requests about briefs and reminders by rules; None for other requests.

A section repeats the newest of its lines. An order is understood by English words, as far as the samples need
it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

SECTION_MARK = "one section of a person's daily brief"
MESSAGE_HEADING = "Their message:"
MAX_SECTION_LINES = 4

LINE = re.compile(r"^\[(\d+)\] (?:\w{3} \d\d:\d\d )?(.*)$", re.MULTILINE)
ACTS = (
    ("stop_brief", r"\b(?:stop|no more|cancel)\b.*\bbriefs?\b|\bbriefs?\b.*\bstop\b"),
    ("list_briefs", r"\b(?:which|what|list|show)\b.*\bbriefs?\b|\bbriefs?\b.*\b(?:show|list)\b"),
    ("change_brief", r"\b(?:make|move|change)\b.*\bbriefs?\b|\bbriefs?\b.*\bchange\b"),
    ("brief", r"\bbrief me\b|\bbriefs?\b.*\b(?:about|every|on)\b|/brief\b"),
    ("cancel_reminder", r"\b(?:cancel|stop)\b.*\breminders?\b"),
    ("list_reminders", r"\b(?:which|what|list|show)\b.*\breminders\b"),
    ("remind", r"\bremind\b"),
)
"""By which words an order is known, the first that fits."""

TOPICS = {
    "leads": "leads",
    "tasks": "tasks",
    "invoices": "invoices",
    "training": "training",
    "approvals": "proposals",
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = re.compile(r"\bat (\d{1,2})(?::(\d\d))?")
MINUTES = re.compile(r"\bin (\d+(?:\.\d+)?|half an hour|an hour)(?: minutes?)?")
MINUTES_OF_WORDS = {"half an hour": 30.0, "an hour": 60.0}
EVERY_OTHER = re.compile(r"\bevery (?:other|second)\b", re.IGNORECASE)
ABOUT = re.compile(r"\breminders? (?:about|of) (?:the )?([\w ]+)", re.IGNORECASE)
LISTED = re.compile(r'^(\d+)\. "([^"]*)"', re.MULTILINE)
EMAIL = re.compile(r"\be-?mails?\b", re.IGNORECASE)
NO_EMAIL = re.compile(r"\b(?:no more|stop|without)\b.*\be-?mails?\b", re.IGNORECASE)
ROOM = re.compile(r"#([\w-]+)")


def answer_brief_request(request: Mapping[str, Any], items: Sequence[tuple[str, str]]) -> str | None:
    """Returns the text of the answer."""
    text = items[-1][1] if items else ""
    form = (request.get("text") or {}).get("format") or {}
    if form.get("name") == "ParsedNotice":
        before, _, said = text.rpartition(MESSAGE_HEADING)
        return json.dumps(parse_notice(said.strip(), before), ensure_ascii=False)
    if SECTION_MARK in str(request.get("instructions") or ""):
        lines = LINE.findall(text)[-MAX_SECTION_LINES:]
        return "\n".join(f"- {told} [{number}]" for number, told in lines)
    return None


def parse_notice(said: str, listed: str = "") -> dict[str, Any]:
    """Returns the order in a message, as far as a few words tell. `listed` is what the person has ordered."""
    act = next((act for act, words in ACTS if re.search(words, said, re.IGNORECASE)), "none")
    lower, clock, minutes = said.lower(), CLOCK.search(said), MINUTES.search(said)
    rooms = ROOM.findall(said)
    topics: list[dict[str, Any]] = [
        {"name": f"#{room}", "kind": "room", "room": f"#{room}"} for room in rooms
    ]
    topics += [{"name": word, "kind": kind, "room": None} for word, kind in TOPICS.items() if word in lower]
    is_reminder = act == "remind"
    return {
        "act": act,
        "numbers": _find_numbers(said, listed),
        "topics": [] if is_reminder else topics,
        "text": re.sub(r"^.*?\b(?:to|of|about)\b ", "", said) if is_reminder else None,
        "room": f"#{rooms[0]}" if is_reminder and rooms else None,
        "period": _find_period(lower, is_reminder=is_reminder),
        "weekdays": _find_weekdays(lower),
        "date": None,
        "time": f"{int(clock[1]):02}:{clock[2] or '00'}" if clock else None,
        "every": 2 if EVERY_OTHER.search(said) else None,
        "week_of_month": None,
        "shift_minutes": None,
        "minutes": MINUTES_OF_WORDS.get(minutes[1]) or float(minutes[1]) if minutes else None,
        "timezone": None,
        "email": ("off" if NO_EMAIL.search(said) else "on") if EMAIL.search(said) else None,
    }


def _find_numbers(said: str, listed: str) -> list[int]:
    """Returns the numbers of the reminders whose words the message names."""
    named = ABOUT.search(said)
    about = named[1].strip().lower() if named else "\0"
    return [int(number) for number, words in LISTED.findall(listed) if about in words.lower()]


def _find_period(lower: str, *, is_reminder: bool) -> str | None:
    if _find_weekdays(lower):
        return "week"
    return "day" if "every" in lower else "once" if is_reminder else None


def _find_weekdays(lower: str) -> list[int]:
    if "weekday" in lower:
        return [0, 1, 2, 3, 4]
    return [number for number, day in enumerate(WEEKDAYS) if day in lower]
