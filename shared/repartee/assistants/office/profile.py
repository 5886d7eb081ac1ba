"""Who is asking: what is known of them, in which language they are answered, and what time it is for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from repartee.assistants.people import display_name, to_local_time
from repartee.domain.message import Message

PROMPT_PROFILE_FIELDS = ("role", "team", "location", "language", "timezone", "preferences")
"""The profile fields that the model is told, beside the name and the notes. Whatever else is kept there
stays."""

NOTE_KEY_PREFIX = "note:"
"""The beginning of the names under which notes are kept: things that a person asked to be remembered."""

MAX_NOTES_PER_PERSON = 40
"""So many of a person are kept at the most: all of them are in every prompt."""


def profile_prompt_lines(message: Message, profile: Mapping[str, str]) -> list[str]:
    """Who is asking, as lines for the model."""
    name = profile.get("name") or display_name(message.sender, message.sender_name)
    known = [f"{what}: {profile[what]}" for what in PROMPT_PROFILE_FIELDS if profile.get(what)]
    asked_for = [f"they asked you to remember: {note}" for note in list_notes(profile)]
    return [
        f"Who is asking: {name}",
        *known,
        *asked_for,
        f"It is {_format_local_time(to_local_time(message, profile))}.",
    ]


def list_notes(profile: Mapping[str, str]) -> Sequence[str]:
    """Returns the notes that they asked to be remembered, always in the same order."""
    return [profile[name] for name in _note_keys(profile)]


def note_entry(text: str) -> dict[str, str]:
    """Returns the profile entry of a note. The same note is kept once."""
    words = " ".join(text.split())[:300]
    return {NOTE_KEY_PREFIX + hashlib.blake2b(words.casefold().encode(), digest_size=6).hexdigest(): words}


def removed_notes(profile: Mapping[str, str], note_numbers: Sequence[int]) -> dict[str, str]:
    """Returns the emptied entries of these notes, counted from 1 in the order of `list_notes`."""
    names = list(_note_keys(profile))
    return {names[number - 1]: "" for number in note_numbers if 0 < number <= len(names)}


def _note_keys(profile: Mapping[str, str]) -> Iterator[str]:
    return (name for name in sorted(profile) if name.startswith(NOTE_KEY_PREFIX))


def _format_local_time(moment: datetime) -> str:
    return f"{moment:%A}, {moment.day} {moment:%B %Y, %H:%M} ({moment.tzname()})"
