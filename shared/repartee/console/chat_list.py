"""The list of conversations: those that are looked for, the latest first, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Literal
from urllib.parse import urlencode

import msgspec

from repartee.console.chat_search import ChatSearch, FoundText
from repartee.console.pages import PREFIX
from repartee.domain.message import is_shared_room
from repartee.domain.rollup import ChatActivity
from repartee.ports.handovers import Handovers
from repartee.ports.operations import ChatCondition, Conversations, TurnStatistics

HOUR_SECONDS, DAY_SECONDS = 3600, 86_400.0
PAGE_CHATS = 50
"""Conversations on a page."""

MAX_DAYS = 14
"""Days of which conversations are listed."""

MAX_HOURS_A_PAGE = 16
"""Hours that are looked through for one page; another page goes on."""

MAX_CHATS_A_PAGE = 400
"""Conversations whose state is looked up for one page."""

MAX_WAITING_CHATS = 200
"""Conversations that are open or with a person of which a page tells."""

SLOW_MILLISECONDS = 4000.0
"""Milliseconds until the first words from which on a turn is slow."""

CHANNEL_TITLES = {"slack": "Slack", "telegram": "Telegram", "whatsapp": "WhatsApp", "web": "Web"}
ChatStateName = Literal["", "open", "muted", "person"]
STATE_TITLES = {"open": "waits for an answer", "muted": "muted", "person": "with a person"}


class ChatFilter(msgspec.Struct, frozen=True):
    """The conversations that are looked for: `search` by a part of the id, `text` by what was said."""

    channel: str = ""
    assistant: str = ""
    state: str = ""
    text: str = ""
    search: str = ""
    failed: str = ""
    slow: str = ""
    opinion: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether all conversations are looked for."""
        return not any(msgspec.structs.astuple(self))

    def matches(self, one: ChatActivity) -> bool:
        """Returns whether the conversation is looked for, as far as its turns tell."""
        return (
            self.channel in ("", one.channel)
            and self.assistant in ("", one.assistant)
            and self.search.lower() in one.chat.lower()
            and (not self.failed or one.failed > 0)
            and (not self.slow or one.longest_wait_ms >= SLOW_MILLISECONDS)
            and (not self.opinion or one.helpful + one.not_helpful > 0)
        )

    def address(self, cursor: str = "") -> str:
        """Returns the address of the list with this filter."""
        chosen = msgspec.structs.asdict(self) | {"before": cursor}
        return f"{PREFIX}/conversations?" + urlencode({key: value for key, value in chosen.items() if value})


class ChatRow(msgspec.Struct, frozen=True):
    """A conversation in the list. `found` is what was said in it of the text that is looked for."""

    activity: ChatActivity
    condition: ChatCondition
    found: FoundText | None = None

    @property
    def chat(self) -> str:
        """The conversation's id."""
        return self.activity.chat

    @property
    def title(self) -> str:
        """The channel, and the rest of the id."""
        channel, _, rest = self.chat.partition(":")
        return f"{CHANNEL_TITLES.get(channel, channel)} {rest}"


class ChatPage(msgspec.Struct, frozen=True):
    """A page of the list. `cursor` is where the next one begins, empty at the end; `searched_rooms` is in how
    many rooms the text was looked for."""

    rows: tuple[ChatRow, ...]
    cursor: str = ""
    searched_rooms: int = 0


class ChatFinder:
    """Finds the conversations of a page."""

    def __init__(
        self,
        statistics: TurnStatistics,
        conversations: Conversations,
        handovers: Handovers,
        search: ChatSearch,
        clock: Callable[[], float],
    ) -> None:
        self._statistics, self._conversations = statistics, conversations
        self._handovers, self._search, self._clock = handovers, search, clock

    def find_page(self, chosen: ChatFilter, before: str, *, may_read_private: bool) -> ChatPage:
        """Returns the page that begins before this cursor. Private conversations are not searched for text
        unless they may be read."""
        if chosen.state in ("open", "person"):
            return self._list_waiting(chosen, may_read_private)
        now = self._clock()
        until = float(before) if before.replace(".", "", 1).isdigit() else now + 1
        rows: list[ChatRow] = []
        searching = self._search.begin(chosen.text, may_read_private)
        looked, seen, cursor = 0, self._list_later(until, now) if before else set(), f"{until:.6f}"
        for hour, chats in self._walk_hours(chosen, until, now):
            if hour is None or looked >= MAX_CHATS_A_PAGE:
                return ChatPage(tuple(rows), cursor, searching.rooms)
            conditions = self._conversations.read_conditions([one.chat for one in chats])
            for one in chats:
                if one.chat in seen:
                    continue
                if len(rows) == PAGE_CHATS or searching.is_exhausted:
                    return ChatPage(tuple(rows), cursor, searching.rooms)
                seen.add(one.chat)
                cursor, looked = f"{one.last_at:.6f}", looked + 1
                rows += self._keep(chosen, ChatRow(one, conditions[one.chat]), searching.find(one.chat), now)
            cursor = min(cursor, f"{(hour + 1) * HOUR_SECONDS:.6f}", key=float)
        return ChatPage(tuple(rows), "", searching.rooms)

    def _list_later(self, until: float, now: float) -> set[str]:
        """Returns the conversations that stand on the pages before: they had turns later, too."""
        hours = [hour for hour in self._hours_with_turns(now, now) if hour >= until // HOUR_SECONDS]
        found = (one for hour in hours for one in self._statistics.list_chats(hour))
        return {one.chat for one in found if one.last_at >= until}

    def _keep(
        self, chosen: ChatFilter, row: ChatRow, found: FoundText | None, now: float
    ) -> Iterator[ChatRow]:
        is_muted = row.condition.muted_until > now
        if (chosen.state != "muted" or is_muted) and (found or not chosen.text):
            yield msgspec.structs.replace(row, found=found)

    def _list_waiting(self, chosen: ChatFilter, may_read_private: bool) -> ChatPage:
        """Lists what the stores have a list of: it is whole, whenever the turns were."""
        if chosen.state == "person":
            chats = list(self._handovers.list_active())[:MAX_WAITING_CHATS]
        else:
            chats = list(self._conversations.list_open(MAX_WAITING_CHATS))
        known = self._recent_activities(frozenset(chats))
        conditions = self._conversations.read_conditions(chats)
        searching = self._search.begin(chosen.text, may_read_private)
        rows = [
            ChatRow(one, conditions[chat])
            for chat in chats
            if chosen.matches(one := known.get(chat) or _bare_activity(chat, conditions[chat]))
        ]
        rows.sort(key=lambda row: -row.activity.last_at)
        kept = [one for row in rows for one in self._keep(chosen, row, searching.find(row.chat), 0.0)]
        return ChatPage(tuple(kept), "", searching.rooms)

    def _recent_activities(self, chats: frozenset[str]) -> Mapping[str, ChatActivity]:
        now, found = self._clock(), dict[str, ChatActivity]()
        for hour, some in self._walk_hours(ChatFilter(), now + 1, now):
            if hour is None or len(found) == len(chats):
                break
            found |= {one.chat: one for one in some if one.chat in chats and one.chat not in found}
        return found

    def _walk_hours(
        self, chosen: ChatFilter, until: float, now: float
    ) -> Iterator[tuple[int | None, list[ChatActivity]]]:
        """Yields the conversations that match, in handfuls of one hour, the latest first; no hour where
        enough of them were looked through."""
        for looked, hour in enumerate(self._hours_with_turns(until, now)):
            if looked >= MAX_HOURS_A_PAGE:
                yield None, []
            earlier = (one for one in self._statistics.list_chats(hour) if one.last_at < until)
            fitting = filter(chosen.matches, earlier)
            while some := list(islice(fitting, PAGE_CHATS)):
                yield hour, some

    def _hours_with_turns(self, until: float, now: float) -> Iterator[int]:
        """Yields the hours in which there were turns, the latest first; a day is asked for when it is due."""
        last = int(min(until, now) // HOUR_SECONDS)
        oldest = int((now - MAX_DAYS * DAY_SECONDS) // HOUR_SECONDS)
        for day in range(last // 24, oldest // 24 - 1, -1):
            began = day * DAY_SECONDS
            rollups = self._statistics.list_rollups(began, began + DAY_SECONDS - 1)
            yield from sorted({one.hour for one in rollups if one.hour <= last}, reverse=True)


def is_private_chat(chat: str) -> bool:
    """Returns whether one person alone reads the conversation beside the assistant, or a customer."""
    return not is_shared_room(chat)


def _bare_activity(chat: str, condition: ChatCondition) -> ChatActivity:
    """Returns what is known of a chat whose turns are not counted yet, or were long ago."""
    found = condition.handover
    last = max(found.opened_at, found.taken_at, found.customer.wrote_at)
    return ChatActivity(hour=0, chat=chat, channel=chat.partition(":")[0], assistant="", last_at=last)
