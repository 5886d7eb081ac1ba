"""The cost of turns by room, of the last hours: the dearest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from urllib.parse import urlencode

import msgspec

from repartee.console.health_figures import HOUR_SECONDS
from repartee.console.pages import PREFIX
from repartee.domain.message import is_shared_room, workspace_of
from repartee.domain.rollup import ChatActivity
from repartee.ports.operations import TurnStatistics

MAX_HOURS, MAX_CHATS, MAX_ROOMS = 24, 1500, 30
"""Hours that are looked at, sums of chats from which on no further hour is, and rooms that are listed."""


class RoomCost(msgspec.Struct, frozen=True, kw_only=True):
    """The cost of the turns of a room. `name` is empty for all private conversations together."""

    name: str
    turns: int
    cost_usd: float
    href: str = ""


class RoomCosts(msgspec.Struct, frozen=True, kw_only=True):
    """The rooms of so many `hours`, and how many more there are."""

    rows: tuple[RoomCost, ...]
    hours: int
    more: int


class RoomCostReader:
    """Sums up the chats' turns by their rooms."""

    def __init__(self, statistics: TurnStatistics, clock: Callable[[], float]) -> None:
        self._statistics, self._clock = statistics, clock

    def read_costs(self, is_wanted: Callable[[ChatActivity], bool], *, may_see_private: bool) -> RoomCosts:
        """Returns the costs of the rooms with these chats. Private ones are one row, unless they may be
        seen."""
        last = int(self._clock() // HOUR_SECONDS)
        found: list[ChatActivity] = []
        hours = 0
        while hours < MAX_HOURS and len(found) < MAX_CHATS:
            found += self._statistics.list_chats(last - hours)
            hours += 1
        rows = _sum_rooms(filter(is_wanted, found), may_see_private)
        return RoomCosts(rows=tuple(rows[:MAX_ROOMS]), hours=hours, more=max(0, len(rows) - MAX_ROOMS))


def room_of_chat(chat: str) -> str:
    """Returns the room of a chat by its id: `slack:T1:C1` of the thread `slack:T1:C1:1.5`."""
    workspace = workspace_of(chat)
    room = chat.removeprefix(workspace).lstrip(":").partition(":")[0]
    return f"{workspace}:{room}" if room else workspace


def _sum_rooms(chats: Iterable[ChatActivity], may_see_private: bool) -> list[RoomCost]:
    turns, costs = defaultdict[str, int](int), defaultdict[str, float](float)
    for one in chats:
        is_named = may_see_private or (is_shared_room(one.chat) and is_shared_room(room_of_chat(one.chat)))
        name = room_of_chat(one.chat) if is_named else ""
        turns[name] += one.turns
        costs[name] += one.cost_usd
    names = sorted(costs, key=lambda name: (-costs[name], name))
    return [
        RoomCost(name=name, turns=turns[name], cost_usd=costs[name], href=_conversations_address(name))
        for name in names
    ]


def _conversations_address(room: str) -> str:
    return f"{PREFIX}/conversations?" + urlencode({"search": room}) if room else ""
