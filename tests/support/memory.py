"""The inbox, the records and the queue in memory, held to the same contracts as the real ones.

They are quick enough for a property test to live a thousand lives, and nothing else uses them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

import msgspec

from repartee.conversation.control import Control
from repartee.conversation.limits import Spent, day_of
from repartee.conversation.meeting import Meeting
from repartee.conversation.message import Exchange, Message, Said, workspace_of
from repartee.conversation.reply import Crowd, Showing
from repartee.errors import LeaseLost
from repartee.ports import Busy, Holding, Kept, Progress, Standing, Summary, Vector, Waiting


@dataclass
class Lease:
    fence: int = 0
    holding: Holding | None = None
    until: float = 0.0


@dataclass
class MemoryInbox:
    """`ports.Inbox` in memory."""

    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    open: dict[tuple[str, str], Message] = field(default_factory=dict)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    unremembered: dict[str, Exchange] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def put(self, message: Message) -> Kept:
        with self.lock:
            key = (message.chat, message.id)
            if key in self.messages:
                return Kept(new=False, open=key in self.open)
            self.messages[key] = self.open[key] = message
            return Kept(new=True, open=True)

    def known(self, chat: str) -> bool:
        return any(message.chat == chat and not message.overheard for message in self.messages.values())

    def progress(self, chat: str, id: str) -> Progress | None:
        with self.lock:
            if (chat, id) not in self.messages:
                return None
            if (chat, id) in self.open:
                lease = self.leases.get(chat, Lease())
                together = lease.holding.messages if lease.holding else ()
                return Progress(open=True, messages=together if id in together else ())
            exchange = next(e for e in self.exchanges.values() if _answers(e, chat, id))
            return Progress(
                open=False,
                messages=tuple(message.id for message in exchange.messages),
                reply=exchange.reply,
                failed=self.failed.get((chat, id), ""),
            )

    def waiting(self, chat: str) -> Waiting:
        with self.lock:
            messages = sorted(
                (m for (of, _), m in self.open.items() if of == chat), key=lambda m: (m.sent, m.id)
            )
            exchanges = sorted((e for e in self.unremembered.values() if e.chat == chat), key=lambda e: e.at)
            return Waiting(tuple(messages), tuple(exchanges))

    def acquire(self, chat: str, turn: str, now: float, until: float) -> Holding:
        with self.lock:
            lease = self.leases.setdefault(chat, Lease())
            if lease.until > now:
                raise Busy(lease.until)
            lease.fence += 1
            lease.until = until
            left = lease.holding or Holding(chat=chat, fence=0, until=0.0, turn=turn, attempts=0)
            attempts = left.attempts + 1 if left.messages else 1
            lease.holding = msgspec.structs.replace(left, fence=lease.fence, until=until, attempts=attempts)
            return lease.holding

    def write(self, holding: Holding) -> None:
        with self.lock:
            lease = self._of(holding)
            lease.holding, lease.until = holding, holding.until

    def release(self, holding: Holding) -> None:
        with self.lock:
            lease = self._of(holding)
            lease.until = 0.0
            if not holding.messages:
                lease.holding = None

    def close(self, holding: Holding, exchange: Exchange, *, failed: str = "") -> None:
        with self.lock:
            lease = self._of(holding)
            for id in holding.messages:
                self.open.pop((holding.chat, id), None)
                if failed:
                    self.failed[holding.chat, id] = failed
            self.exchanges[exchange.turn] = self.unremembered[exchange.turn] = exchange
            lease.holding, lease.until = None, 0.0

    def reopen(self, chat: str, ids: Iterable[str]) -> Sequence[str]:
        with self.lock:
            again = [id for id in ids if self.failed.pop((chat, id), "")]
            self.open.update({(chat, id): self.messages[chat, id] for id in again})
            return again

    def remembered(self, exchange: Exchange) -> None:
        self.unremembered.pop(exchange.turn, None)

    def forgotten(self, before: float, now: float) -> Iterator[str]:
        with self.lock:
            waiting = [m.chat for m in self.open.values() if m.received < before]
            unremembered = [e.chat for e in self.unremembered.values() if e.at < before]
            chats = dict.fromkeys([*waiting, *unremembered])
            found = [chat for chat in chats if self.leases.get(chat, Lease()).until <= now]
        return iter(found)

    def _of(self, holding: Holding) -> Lease:
        lease = self.leases.get(holding.chat)
        if lease is None or lease.fence != holding.fence:
            raise LeaseLost("another fence")
        return lease


def _answers(exchange: Exchange, chat: str, id: str) -> bool:
    return exchange.chat == chat and any(message.id == id for message in exchange.messages)


@dataclass
class MemoryRecords:
    """`ports.Records` in memory."""

    clock: Callable[[], float]
    controls: dict[str, Control] = field(default_factory=dict)
    ordered: dict[str, float] = field(default_factory=dict)
    profiles: dict[str, dict[str, str]] = field(default_factory=dict)
    decisions: dict[str, tuple[bool, str, float]] = field(default_factory=dict)
    crowds: dict[str, Crowd] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    summaries: dict[str, Summary] = field(default_factory=dict)
    spent: dict[tuple[str, int], dict[str, Spent]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def standing(self, room: str, chat: str, sender: str) -> Standing:
        return Standing(
            control=self.control(room, chat),
            profile=self.profiles.get(sender, {}),
            summary=self.summaries.get(chat, Summary()),
            room=self._spent(room),
            workspace=self._spent(workspace_of(room)),
        )

    def control(self, room: str, chat: str) -> Control:
        control = self.controls.get(room, Control()).over(self.controls.get(chat, Control()))
        crowd = self.crowds.get(workspace_of(room), Crowd())
        return msgspec.structs.replace(control, crowd=crowd, meeting=self.meetings.get(room))

    def mute(self, place: str, until: float, ordered: float, by: str = "") -> None:
        if ordered >= self.ordered.get(place, float("-inf")):
            self.ordered[place] = ordered
            self._change(place, muted_until=until, muted_at=ordered, muted_by=by)

    def stop(self, chat: str, at: float) -> None:
        if at >= self.controls.get(chat, Control()).stopped_at:
            self._change(chat, stopped_at=at)

    def convene(self, room: str, meeting: Meeting) -> None:
        noted = self.meetings.get(room)
        if noted is None or (meeting.began, meeting.ended) >= (noted.began, noted.ended):
            self.meetings[room] = meeting

    def learn(self, person: str, facts: Mapping[str, str]) -> None:
        known = {**self.profiles.get(person, {}), **facts}
        self.profiles[person] = {name: value for name, value in known.items() if value}

    def summarise(self, chat: str, summary: Summary, after: float) -> None:
        if self.summaries.get(chat, Summary()).upto == after:
            self.summaries[chat] = summary

    def spend(self, turn: str, room: str, spent: Spent) -> None:
        for place in (room, workspace_of(room)):
            self.spent.setdefault((place, day_of(self.clock())), {})[turn] = spent

    def _spent(self, place: str) -> Spent:
        turns = self.spent.get((place, day_of(self.clock())), {}).values()
        return Spent(sum(one.tokens for one in turns), sum(one.cost for one in turns))

    def decide(self, subject: str, *, approved: bool, by: str, at: float) -> bool:
        return self.decisions.setdefault(subject, (approved, by, at)) == (approved, by, at)

    def show(self, workspace: str, showing: Showing) -> Crowd:
        with self.lock:
            crowd = self.crowds.get(workspace, Crowd())
            now = self.clock()
            left = [
                one
                for one in crowd.showing
                if one.key != showing.key and not (one.until <= now and one.since < now - 60)
            ]
            crowd = self.crowds[workspace] = Crowd((*left, showing), crowd.no_streams_until)
            return crowd

    def forbid_streams(self, workspace: str, until: float) -> None:
        with self.lock:
            self.crowds[workspace] = Crowd(self.crowds.get(workspace, Crowd()).showing, until)

    def _change(self, place: str, **changes: float | str) -> None:
        self.controls[place] = msgspec.structs.replace(self.controls.get(place, Control()), **changes)


@dataclass
class MemoryMeetings:
    """`ports.Meetings` in memory."""

    filed: dict[str, dict[str, Said]] = field(default_factory=dict)

    def file(self, meeting: str, said: Sequence[Said]) -> None:
        self.filed.setdefault(meeting, {}).update((one.id, one) for one in said)

    def of(self, meeting: str, room: str, limit: int) -> Sequence[Said]:
        there = [one for one in self.filed.get(meeting, {}).values() if one.room == room]
        return sorted(there, key=lambda one: (one.sent, one.id))[-limit:]


@dataclass
class MemoryVectors:
    """`ports.Vectors` in memory."""

    kept: dict[str, Sequence[Vector]] = field(default_factory=dict)

    def read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        return {name: self.kept[name] for name in names if name in self.kept}

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        self.kept[name] = vectors


@dataclass
class Letter:
    """A wake in the queue: visible from then on, received so often."""

    chat: str
    correlation: str
    visible: float
    received: int = 0


@dataclass
class MemoryWakes:
    """`ports.Wakes` in memory: a standard queue with delays and visibility, and its dead letters."""

    clock: Callable[[], float]
    letters: dict[str, Letter] = field(default_factory=dict)
    buried: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def send(self, chat: str, delay: float = 0.0, correlation: str = "") -> None:
        self.letters[f"letter-{next(self.numbers)}"] = Letter(chat, correlation, self.clock() + delay)

    def hide(self, receipt: str, seconds: float) -> None:
        if receipt in self.letters:
            self.letters[receipt].visible = self.clock() + seconds

    def bury(self, chat: str, messages: Iterable[str], reason: str) -> None:
        self.buried.append((chat, tuple(messages), reason))

    def visible(self) -> list[str]:
        """The receipts of what a worker could receive now."""
        return [receipt for receipt, letter in self.letters.items() if letter.visible <= self.clock()]

    def delete(self, receipt: str) -> None:
        self.letters.pop(receipt, None)
