"""The names of a room's people, whatever the channel: as its messages tell them, or looked up at the
platform.

The room's names come with the state of the chat, in the same read. Only a name that the room does not know is
looked up while the sender waits, once; a name that is outdated is used, and looked up again in the
background.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial

import msgspec

from repartee.channels.stream_slots import RunInBackground
from repartee.domain.message import Exchange, Message
from repartee.domain.names import KnownName, platform_id
from repartee.domain.naming import ids_in_messages, name_message
from repartee.errors import BackendError
from repartee.plan import Pool, settle
from repartee.ports import Records
from repartee.ports.names import NameSource

NAME_TTL_SECONDS = 24 * 3600.0
"""Seconds after which a name is looked up again."""

LOOK_UP_TIMEOUT_SECONDS = 1.0
"""Seconds that a reply waits for unknown names. What comes later is known the next time."""

MAX_LOOKED_UP_NAMES = 20
"""Names that are looked up at once."""

MAX_ROOMS = 500
"""Rooms whose names a process holds."""


class ChannelNames:
    """`ports.NameDirectory` over the channels' sources, by the channels' names."""

    def __init__(
        self,
        sources: Mapping[str, NameSource],
        records: Records,
        clock: Callable[[], float],
        run_in_background: RunInBackground,
        pool: Pool | None,
        room_names: dict[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._sources, self._records, self._clock, self._pool = sources, records, clock, pool
        self._background = run_in_background
        self._rooms: dict[str, Mapping[str, str]] = {} if room_names is None else room_names

    def names_for(self, incoming: tuple[Message, ...], known: Mapping[str, KnownName]) -> Mapping[str, str]:
        room, channel = incoming[-1].room, incoming[-1].channel
        told = told_names(incoming)
        wanted = ids_in_messages(incoming) - told.keys()
        found = self.look_up_all(channel, wanted - known.keys())
        names = {**{id: one.name for id, one in known.items()}, **found, **told}
        changed = {id: name for id, name in {**found, **told}.items() if name_of(known, id) != name}
        outdated = [id for id in wanted & known.keys() if self._is_outdated(known[id])]
        if changed or outdated:
            self._background(lambda: self._refresh(room, channel, changed, outdated))
        self._hold(room, names)
        return names

    def look_up_all(self, channel: str, ids: Iterable[str]) -> Mapping[str, str]:
        source = self._sources.get(channel)
        if source is None or self._pool is None:
            return {}
        recalled = {id: source.recall(id) for id in ids}
        unknown = [id for id, name in recalled.items() if name is None][:MAX_LOOKED_UP_NAMES]
        outcomes = settle(
            [partial(source.look_up, id) for id in unknown], pool=self._pool, timeout=LOOK_UP_TIMEOUT_SECONDS
        )
        fresh = {id: str(outcome.value or "") for id, outcome in zip(unknown, outcomes, strict=True)}
        return {id: name for id, name in {**recalled, **fresh}.items() if name}

    def name_exchange(self, exchange: Exchange) -> Exchange:
        """Looks up one after the other: nobody waits for it."""
        said = tuple(one for one in exchange.messages if isinstance(one, Message))
        if not said:
            return exchange
        told, channel = told_names(said), said[-1].channel
        names = {**self.names_in(exchange.room), **told}
        missing = ids_in_messages(said) - names.keys()
        if missing:
            names |= {id: one.name for id, one in self._records.read_names(exchange.room).items()}
            found = self._look_up_slowly(channel, missing - names.keys())
            names |= found
            self._save(exchange.room, {**found, **told})
        self._hold(exchange.room, names)
        named = (name_message(one, names) if isinstance(one, Message) else one for one in exchange.messages)
        return msgspec.structs.replace(exchange, messages=tuple(named))

    def names_in(self, room: str) -> Mapping[str, str]:
        return self._rooms.get(room, {})

    def _look_up_slowly(self, channel: str, ids: Iterable[str]) -> dict[str, str]:
        source = self._sources.get(channel)
        if source is None:
            return {}
        recalled = {id: source.recall(id) for id in list(ids)[:MAX_LOOKED_UP_NAMES]}
        found = {id: source.look_up(id) if name is None else name for id, name in recalled.items()}
        return {id: name for id, name in found.items() if name}

    def _refresh(self, room: str, channel: str, changed: Mapping[str, str], outdated: Iterable[str]) -> None:
        """Keeps what is new, and looks up again what is outdated: also in the process's own memory."""
        source = self._sources.get(channel)
        renewed = {id: source.look_up(id) for id in outdated} if source else {}
        self._save(room, {**changed, **{id: name for id, name in renewed.items() if name}})

    def _save(self, room: str, names: Mapping[str, str]) -> None:
        now = self._clock()
        with suppress(BackendError):  # it is looked up again
            if names:
                self._records.save_names(room, {id: KnownName(name, now) for id, name in names.items()})

    def _is_outdated(self, known: KnownName) -> bool:
        return self._clock() - known.looked_up_at > NAME_TTL_SECONDS

    def _hold(self, room: str, names: Mapping[str, str]) -> None:
        if room not in self._rooms and len(self._rooms) >= MAX_ROOMS:
            self._rooms.clear()
        self._rooms[room] = dict(names)


def told_names(incoming: Iterable[Message]) -> dict[str, str]:
    """The names that the messages themselves tell: their senders', and those of people who are mentioned."""
    senders = {platform_id(one.sender): one.sender_name for one in incoming}
    mentioned = {platform_id(person.id): person.name for one in incoming for person in one.mentions}
    return {id: name for id, name in {**mentioned, **senders}.items() if name}


def name_of(known: Mapping[str, KnownName], id: str) -> str:
    """The name that is kept, empty where none is."""
    return known[id].name if id in known else ""
