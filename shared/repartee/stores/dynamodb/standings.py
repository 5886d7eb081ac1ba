"""What the records say of a place and a person: which items that is, and how they read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from repartee.conversation.control import Control
from repartee.conversation.limits import Spent, day_of
from repartee.conversation.meeting import Meeting
from repartee.conversation.message import workspace_of
from repartee.ports import Standing, Summary
from repartee.stores.dynamodb.items import Item, decoded, key, number, text

SPENT = "spent#"


def keys_of(room: str, chat: str, sender: str, now: float) -> list[Item]:
    """The keys of all that a standing is made of."""
    about_them = [key(sender, "profile"), key(chat, "summary")]
    return [*orders(room, chat), *about_them, key(room, today(now)), key(workspace_of(room), today(now))]


def orders(room: str, chat: str) -> list[Item]:
    """The keys of what is ordered, each once: DynamoDB refuses one that is named twice."""
    return [*(key(place, "control") for place in dict.fromkeys((room, chat))), key(room, "meeting")]


def today(now: float) -> str:
    """The sort key of what is spent today."""
    return f"{SPENT}{day_of(now)}"


def standing_of(items: Sequence[Item]) -> Standing:
    """The standing that these items tell, some of which may be about something else."""
    named = {item["sk"]["S"]: item for item in items}
    spent = {item["pk"]["S"]: _spent(item) for item in items if item["sk"]["S"].startswith(SPENT)}
    workspaces = {workspace_of(place) for place in spent}
    return Standing(
        control=control_of(items),
        profile=texts(named.get("profile", {})),
        summary=decoded(named["summary"], Summary) if "summary" in named else Summary(),
        room=next((spent[place] for place in spent if place not in workspaces), Spent()),
        workspace=next((spent[place] for place in spent if place in workspaces), Spent()),
    )


def texts(item: Item) -> dict[str, str]:
    """The texts of an item, by name."""
    return {name: value["S"] for name, value in item.items() if "S" in value and name not in ("pk", "sk")}


def control_of(items: Iterable[Item]) -> Control:
    """All that is ordered among the items, together."""
    return reduce(Control.over, map(_control, items), Control())


def _control(item: Item) -> Control:
    """What an item orders: nothing, if it is of another kind."""
    if item["sk"]["S"] == "meeting":
        return Control(meeting=decoded(item, Meeting))
    if item["sk"]["S"] != "control":
        return Control()
    return Control(
        muted_until=float(item.get("muted_until", number(0))["N"]),
        muted_at=float(item.get("mute_ordered", number(0))["N"]),
        muted_by=item.get("muted_by", text(""))["S"],
        stopped_at=float(item.get("stopped_at", number(0))["N"]),
    )


def _spent(item: Item) -> Spent:
    return Spent(int(float(item["tokens"]["N"])), float(item["cost"]["N"]))
