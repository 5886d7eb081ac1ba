"""Names and decodes the items that make up the state of a chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

import msgspec

from repartee.domain.budget import utc_day_number
from repartee.domain.control import Control
from repartee.domain.handover import Handover
from repartee.domain.meeting import Meeting
from repartee.domain.message import is_shared_room, workspace_of
from repartee.domain.names import KnownName
from repartee.domain.reply import ActiveMessages
from repartee.domain.usage import UsageTotal
from repartee.ports import ChatState, Summary
from repartee.ports.records import split_profile
from repartee.stores.dynamodb.items import (
    Item,
    decode_attribute,
    decode_payload,
    number_attribute,
    primary_key,
    text_attribute,
)

USAGE_KEY_PREFIX = "spent#"
NAMES_KEY = "names"
PROFILE_KEY = "profile"
ROOM_PROFILE_PREFIX = "profile#"
NO_HANDOVER = Handover()
ANSWERS_KEY = "answers"
"""The sort key of what is answered in a room: it never expires, as a mute does."""


def chat_state_keys(room: str, chat: str, sender: str, now: float) -> list[Item]:
    """Returns the keys of all items of a chat's state."""
    told_here = [primary_key(sender, room_profile_key(room))] if is_shared_room(room) else []
    about_them = [
        primary_key(sender, PROFILE_KEY),
        *told_here,
        primary_key(chat, "summary"),
        primary_key(room, NAMES_KEY),
    ]
    return [
        *control_keys(room, chat),
        *about_them,
        primary_key(room, usage_day_key(now)),
        primary_key(workspace_of(room), usage_day_key(now)),
    ]


def control_keys(room: str, chat: str) -> list[Item]:
    """Returns the keys of the commands' items, each once: DynamoDB refuses a key that is named twice."""
    return [
        *(primary_key(place, "control") for place in dict.fromkeys((room, chat))),
        primary_key(room, "meeting"),
        primary_key(room, ANSWERS_KEY),
    ]


def room_profile_key(room: str) -> str:
    """Returns the sort key of what a person told in a room where others read."""
    return f"{ROOM_PROFILE_PREFIX}{room}"


def decode_profile(named: Mapping[str, Item], room: str) -> tuple[dict[str, str], dict[str, str]]:
    """Returns what is known about the person and may be told in the room, and what is private."""
    known = decode_texts(named.get(PROFILE_KEY, {}))
    if not is_shared_room(room):
        return known, {}
    told_here = decode_texts(named.get(room_profile_key(room), {}))
    return split_profile(known, told_here)


def usage_day_key(now: float) -> str:
    """Returns the sort key of today's usage."""
    return f"{USAGE_KEY_PREFIX}{utc_day_number(now)}"


def decode_chat_state(items: Sequence[Item], room: str, active: ActiveMessages) -> ChatState:
    """Returns the chat's state from its items, with who else shows something; other items are ignored."""
    named = {item["sk"]["S"]: item for item in items}
    spent = {
        item["pk"]["S"]: _decode_usage(item) for item in items if item["sk"]["S"].startswith(USAGE_KEY_PREFIX)
    }
    workspaces = {workspace_of(place) for place in spent}
    profile, private_profile = decode_profile(named, room)
    return ChatState(
        control=msgspec.structs.replace(decode_control(items), active_messages=active),
        profile=profile,
        private_profile=private_profile,
        summary=decode_payload(named["summary"], Summary) if "summary" in named else Summary(),
        names=decode_names(named.get(NAMES_KEY, {})),
        room_usage=next((spent[place] for place in spent if place not in workspaces), UsageTotal()),
        workspace_usage=next((spent[place] for place in spent if place in workspaces), UsageTotal()),
    )


def decode_texts(item: Item) -> dict[str, str]:
    """Returns the texts of an item, by name."""
    return {name: value["S"] for name, value in item.items() if "S" in value and name not in ("pk", "sk")}


def decode_control(items: Iterable[Item]) -> Control:
    """Returns the commands in the items, merged."""
    return reduce(Control.merged_with, map(_decode_control_item, items), Control())


def _decode_control_item(item: Item) -> Control:
    """Returns the commands in an item: none, if it is of another kind."""
    if item["sk"]["S"] == "meeting":
        return Control(meeting=decode_payload(item, Meeting))
    if item["sk"]["S"] == ANSWERS_KEY:
        return Control(answers=item["answers"]["S"])
    if item["sk"]["S"] != "control":
        return Control()
    return Control(
        muted_until=float(item.get("muted_until", number_attribute(0))["N"]),
        muted_at=float(item.get("mute_ordered", number_attribute(0))["N"]),
        muted_by=item.get("muted_by", text_attribute(""))["S"],
        stopped_at=float(item.get("stopped_at", number_attribute(0))["N"]),
        recorded_since=float(item.get("recorded_since", number_attribute(0))["N"]),
        recorded_until=float(item.get("recorded_until", number_attribute(0))["N"]),
        recording_told_at=float(item.get("recording_told", number_attribute(0))["N"]),
        handover=decode_attribute(item.get("handover"), Handover, NO_HANDOVER),
    )


def decode_names(item: Item) -> dict[str, KnownName]:
    """The names of a room's people, by their ids."""
    return decode_attribute(item.get("payload"), dict[str, KnownName], {})


def _decode_usage(item: Item) -> UsageTotal:
    return UsageTotal(int(float(item["tokens"]["N"])), float(item["cost"]["N"]))
