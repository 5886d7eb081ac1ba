"""The names of people, as a room knows them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

MAX_ROOM_NAMES = 300
"""Names that are kept of a room: an item of some 20 KB."""


MAX_KEPT_NAME_CHARS = 120
"""Characters of a name. Telegram has the longest, of two parts of 64."""


class KnownName(msgspec.Struct, frozen=True):
    """The name that people see of a person or user group, and when it was looked up (epoch seconds)."""

    name: str
    looked_up_at: float


NAME_MARKS = re.compile(r"<@([A-Z0-9]{2,32})>", re.ASCII)
"""Mentions in a text whose names are not known yet, by the platform's ids of the people and user groups."""


def platform_id(person: str) -> str:
    """The platform's own id of a person, by which a room's names are kept: `U0BEN` of `slack:T1:U0BEN`."""
    return person.rpartition(":")[2]


def show_names(text: str, names: Mapping[str, str]) -> str:
    """The text with the names that are known in the place of the marks."""

    def name_of(found: re.Match[str]) -> str:
        name = names.get(found.group(1))
        return f"@{name.removeprefix('@')}" if name else found.group()

    return NAME_MARKS.sub(name_of, text)


def merge_names(kept: Mapping[str, KnownName], names: Mapping[str, KnownName]) -> dict[str, KnownName]:
    """Both, the later look-up of each; of too many the newest."""
    merged = dict(kept)
    for id, known in names.items():
        if id not in merged or merged[id].looked_up_at <= known.looked_up_at:
            merged[id] = msgspec.structs.replace(known, name=known.name[:MAX_KEPT_NAME_CHARS])
    newest = sorted(merged, key=lambda id: merged[id].looked_up_at)[-MAX_ROOM_NAMES:]
    return {id: merged[id] for id in newest}
