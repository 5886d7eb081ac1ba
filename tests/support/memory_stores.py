"""The inbox, the records and the queue in memory, held to the same contracts as the real ones.

They are quick enough for a property test to live a thousand lives, and nothing else uses them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

import msgspec

from repartee.domain.backend_failures import FORGOTTEN_AFTER_SECONDS, MIN_FAILURES, BackendFailures
from repartee.domain.budget import utc_day_number
from repartee.domain.control import AnswerMode, Control
from repartee.domain.desk_event import EventBatch
from repartee.domain.feedback import Feedback
from repartee.domain.meeting import Meeting
from repartee.domain.merging import (
    apply_revision,
    erase_from_exchange,
    erase_words,
    merge_deliveries,
    supplement_of,
)
from repartee.domain.message import (
    Exchange,
    Incoming,
    Message,
    StoredMessage,
    is_shared_room,
    workspace_of,
)
from repartee.domain.names import KnownName, merge_names
from repartee.domain.reply import ActiveMessage, ActiveMessages
from repartee.domain.stored_size import fit_exchange, fit_message
from repartee.domain.turn_record import TurnRecord
from repartee.domain.usage import UsageTotal
from repartee.errors import LeaseLost
from repartee.ports import (
    AnswerStatus,
    ChatState,
    JoinedWake,
    LeaseHeld,
    LeaseRecord,
    OpenItems,
    PutResult,
    Revised,
    Summary,
    Vector,
)
from repartee.ports.inbox import WAITING_WAKE_SECONDS
from repartee.ports.records import split_profile
from repartee.stores.dynamodb.message_edits import replace_message


@dataclass
class MemoryLease:
    fence: int = 0
    holding: LeaseRecord | None = None
    until: float = 0.0
    wake_due: float = 0.0
    guard_due: float = 0.0
    knocks: int = 0
    queued: float = 0.0

    def is_attended(self, now: float) -> bool:
        waits_until = self.holding.outage.retry_at if self.holding else 0.0
        return max(self.until, waits_until) > now


@dataclass
class MemoryInbox:
    """`ports.Inbox` in memory."""

    messages: dict[tuple[str, str], Incoming] = field(default_factory=dict)
    open: dict[tuple[str, str], Incoming] = field(default_factory=dict)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    feedback: dict[str, dict[str, Feedback]] = field(default_factory=dict)
    unremembered: dict[str, Exchange] = field(default_factory=dict)
    turn_records: list[TurnRecord] = field(default_factory=list)
    handed_over: set[str] = field(default_factory=set)
    leases: dict[str, MemoryLease] = field(default_factory=dict)
    batches: dict[tuple[str, str], dict[str, EventBatch]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def put(self, message: Incoming) -> PutResult:
        message = fit_message(message)
        with self.lock:
            key = (message.chat, message.id)
            if key in self.messages:
                return self._merge_delivery(key, message)
            self.messages[key] = self.open[key] = message
            return PutResult(is_new=True, is_open=True)

    def said_messages(self) -> list[Message]:
        """Returns people's messages, without openings and presses."""
        return [message for message in self.messages.values() if isinstance(message, Message)]

    def find_exchange_of(self, chat: str, id: str) -> Exchange | None:
        with self.lock:
            return next((one for one in self.exchanges.values() if _answers_message(one, chat, id)), None)

    def erase_messages(self, chat: str, ids: Collection[str]) -> None:
        with self.lock:
            for id in ids:
                if isinstance(known := self.messages.get((chat, id)), Message):
                    self.messages[chat, id] = erase_words(known)
            for kept in (self.exchanges, self.unremembered):
                kept |= {
                    turn: erase_from_exchange(one, ids) for turn, one in kept.items() if one.chat == chat
                }

    def _merge_delivery(self, key: tuple[str, str], later: Incoming) -> PutResult:
        known, is_open = self.messages[key], key in self.open
        if not (isinstance(known, Message) and isinstance(later, Message)):
            return PutResult(is_new=False, is_open=is_open)
        merged = fit_message(merge_deliveries(known, later))
        if merged == known:
            return PutResult(is_new=False, is_open=is_open)
        if is_open and self._is_free(later.chat, later.received):
            self._touch(later.chat)
            self.messages[key] = self.open[key] = merged
            return PutResult(is_new=False, is_open=True)
        return PutResult(is_new=False, is_open=is_open, supplement=supplement_of(known, later))

    def _is_free(self, chat: str, now: float) -> bool:
        lease = self.leases.get(chat, MemoryLease())
        return lease.until <= now and not (lease.holding and lease.holding.messages)

    def _touch(self, chat: str) -> None:
        """Marks that what is open was changed: the fence of the next lease tells."""
        self.leases.setdefault(chat, MemoryLease()).fence += 1

    def revise(self, revision: Message) -> Revised:
        with self.lock:
            key = (revision.chat, revision.revises)
            known = self.messages.get(key)
            if not isinstance(known, Message):
                return "unknown"
            waits = key in self.open and self._is_free(revision.chat, revision.received)
            if waits:
                self._touch(revision.chat)
            if waits and revision.is_deletion:
                del self.messages[key], self.open[key]
                return "waiting"
            revised = self.messages[key] = fit_message(apply_revision(known, revision))
            if key in self.open:
                self.open[key] = revised
            if not revision.is_deletion:
                self._revise_exchange(key, revised)
            return "waiting" if waits else "answered"

    def _revise_exchange(self, key: tuple[str, str], revised: Message) -> None:
        for kept in (self.exchanges, self.unremembered):
            answers = {turn: one for turn, one in kept.items() if _answers_message(one, *key)}
            kept |= {turn: fit_exchange(replace_message(one, revised)) for turn, one in answers.items()}

    def list_latest(self, chat: str, limit: int) -> Sequence[Message]:
        said = [one for one in self.said_messages() if one.chat == chat and not one.revises]
        return sorted(said, key=lambda one: (one.sent, one.id))[-limit:]

    def participates(self, chat: str) -> bool:
        return any(
            message.chat == chat and not (isinstance(message, Message) and message.overheard)
            for message in self.messages.values()
        )

    def read_answer_status(self, chat: str, id: str) -> AnswerStatus | None:
        with self.lock:
            if (chat, id) not in self.messages:
                return None
            if (chat, id) in self.open:
                lease = self.leases.get(chat, MemoryLease())
                together = lease.holding.messages if lease.holding else ()
                return AnswerStatus(is_open=True, message_ids=together if id in together else ())
            exchange = next(e for e in self.exchanges.values() if _answers_message(e, chat, id))
            return AnswerStatus(
                is_open=False,
                message_ids=tuple(message.id for message in exchange.messages),
                reply=exchange.reply,
                failure_reason=self.failed.get((chat, id), ""),
                feedback=tuple(
                    sorted(self.feedback.get(exchange.turn, {}).values(), key=lambda one: one.given_at)
                ),
            )

    def list_open(self, chat: str) -> OpenItems:
        with self.lock:
            messages = sorted(
                (m for (of, _), m in self.open.items() if of == chat), key=lambda m: (m.sent, m.id)
            )
            exchanges = sorted(
                (e for e in self.unremembered.values() if e.chat == chat), key=lambda e: e.answered_at
            )
            return OpenItems(tuple(messages), tuple(exchanges))

    def find_said(self, chat: str, ids: Collection[str]) -> Mapping[str, Message | Exchange]:
        found: dict[str, Message | Exchange] = {}
        for exchange in self.exchanges.values():
            if exchange.chat == chat:
                found |= {id: exchange for id in exchange.reply_ids if id in ids}
        said = (self.messages.get((chat, id)) for id in ids)
        return found | {one.id: one for one in said if isinstance(one, Message)}

    def acquire_lease(
        self,
        chat: str,
        turn: str,
        now: float,
        until: float,
        *,
        message_id: str = "",
        successor_due: float = 0.0,
    ) -> LeaseRecord:
        with self.lock:
            lease = self.leases.setdefault(chat, MemoryLease())
            if lease.until > now:
                raise LeaseHeld(lease.until, lease.wake_due)
            lease.fence += 1
            lease.until, lease.queued = until, 0.0
            if successor_due or not now < lease.wake_due <= until:
                lease.wake_due = successor_due or until
            lease.guard_due = successor_due or lease.guard_due
            left = lease.holding or LeaseRecord(chat=chat, fence=0, until=0.0, turn=turn, attempts=0)
            attempts = left.attempts + 1 if left.messages else 1
            if message_id and not left.messages:
                left = msgspec.structs.replace(left, messages=(message_id,))
            lease.holding = msgspec.structs.replace(left, fence=lease.fence, until=until, attempts=attempts)
            return msgspec.structs.replace(
                lease.holding,
                wake_due=lease.wake_due,
                guard_due=lease.guard_due,
                knocks=lease.knocks,
                is_handed_over=chat in self.handed_over,
            )

    def write_lease(self, record: LeaseRecord) -> None:
        with self.lock:
            lease = self._lease_of(record)
            lease.holding, lease.until = record, record.until

    def release_lease(self, record: LeaseRecord) -> None:
        with self.lock:
            lease = self._lease_of(record)
            lease.until = 0.0
            if not record.wake_due:
                lease.wake_due = 0.0
            if not record.messages:
                lease.holding = None
            if record.woken_at or not record.messages:
                lease.queued = record.woken_at

    def knock(self, chat: str, now: float) -> bool:
        with self.lock:
            lease = self.leases.setdefault(chat, MemoryLease())
            lease.knocks += lease.until > now
            return lease.until > now

    def join_wake(self, chat: str, now: float, *, is_kept: bool = True) -> JoinedWake:
        with self.lock:
            lease = self.leases.setdefault(chat, MemoryLease())
            is_held = lease.is_attended(now)
            joined = JoinedWake(
                is_held or lease.queued > now - WAITING_WAKE_SECONDS, is_held, lease.guard_due
            )
            lease.knocks, lease.queued = lease.knocks + is_kept, now
            return joined

    def forget_wake(self, chat: str) -> None:
        with self.lock:
            self.leases.setdefault(chat, MemoryLease()).queued = 0.0

    def close_turn(
        self,
        record: LeaseRecord,
        exchange: Exchange,
        *,
        failed: str = "",
        turn_record: TurnRecord | None = None,
        events: Sequence[EventBatch] = (),
    ) -> bool:
        with self.lock:
            lease = self._lease_of(record)
            for batch in events:
                lane = self.batches.setdefault((batch.chat, batch.endpoint), {})
                lane[f"{record.fence:012d}"] = batch
            for id in record.messages:
                self.open.pop((record.chat, id), None)
                if failed:
                    self.failed[record.chat, id] = failed
            self.exchanges[exchange.turn] = self.unremembered[exchange.turn] = fit_exchange(exchange)
            if turn_record:
                self.turn_records.append(turn_record)
            lease.holding, lease.until, lease.queued = None, 0.0, 0.0
            return lease.knocks != record.knocks

    def reopen(self, chat: str, ids: Iterable[str]) -> Sequence[str]:
        with self.lock:
            again = [id for id in ids if self.failed.pop((chat, id), "")]
            self.open.update({(chat, id): self.messages[chat, id] for id in again})
            return again

    def schedule_wake(self, chat: str, due: float, now: float) -> bool:
        with self.lock:
            lease = self.leases.setdefault(chat, MemoryLease())
            if now < lease.wake_due <= due:
                return False
            lease.wake_due = due
            return True

    def save_feedback(self, feedback: Feedback) -> bool:
        known = self.feedback.setdefault(feedback.turn, {})
        earlier = known.get(feedback.person, feedback)
        if feedback.turn not in self.exchanges or earlier.given_at > feedback.given_at:
            return False
        known[feedback.person] = feedback
        return True

    def mark_persisted(self, exchange: Exchange) -> None:
        self.unremembered.pop(exchange.turn, None)

    def list_stale_chats(self, before: float, now: float) -> Iterator[str]:
        with self.lock:
            waiting = [m.chat for m in self.open.values() if m.received < before]
            unremembered = [e.chat for e in self.unremembered.values() if e.answered_at < before]
            chats = dict.fromkeys([*waiting, *unremembered])
            leases = {chat: self.leases.get(chat, MemoryLease()) for chat in chats}
            found = [chat for chat in chats if not leases[chat].is_attended(now)]
            return iter(sorted(found, key=lambda chat: not leases[chat].holding))

    def _lease_of(self, holding: LeaseRecord) -> MemoryLease:
        lease = self.leases.get(holding.chat)
        if lease is None or lease.fence != holding.fence:
            raise LeaseLost("another fence")
        return lease


class UnnotedWakes(MemoryInbox):
    """An inbox that never knows of a wake: each is needed."""

    def join_wake(self, chat: str, now: float, *, is_kept: bool = True) -> JoinedWake:
        return JoinedWake()

    def forget_wake(self, chat: str) -> None:
        """Has nothing to forget."""


def _answers_message(exchange: Exchange, chat: str, id: str) -> bool:
    return exchange.chat == chat and any(message.id == id for message in exchange.messages)


@dataclass
class MemoryRecords:
    """`ports.Records` in memory."""

    clock: Callable[[], float]
    controls: dict[str, Control] = field(default_factory=dict)
    ordered: dict[str, float] = field(default_factory=dict)
    profiles: dict[str, dict[str, str]] = field(default_factory=dict)
    told_in_rooms: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    crowds: dict[str, ActiveMessages] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    summaries: dict[str, Summary] = field(default_factory=dict)
    names: dict[str, dict[str, KnownName]] = field(default_factory=dict)
    spent: dict[tuple[str, int], dict[str, UsageTotal]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def read_chat_state(self, room: str, chat: str, sender: str, *, max_age: float = 0.0) -> ChatState:
        profile, private_profile = dict(self.profiles.get(sender, {})), dict[str, str]()
        if is_shared_room(room):
            profile, private_profile = split_profile(profile, self.told_in_rooms.get((sender, room), {}))
        return ChatState(
            control=self.read_control(room, chat),
            profile=profile,
            private_profile=private_profile,
            summary=self.summaries.get(chat, Summary()),
            room_usage=self._usage_of(room),
            workspace_usage=self._usage_of(workspace_of(room)),
            names=self.read_names(room),
        )

    def set_answers(self, room: str, mode: AnswerMode, ordered_at: float) -> None:
        if ordered_at >= self.ordered.get(f"{room} answers", float("-inf")):
            self.ordered[f"{room} answers"] = ordered_at
            self.controls[room] = msgspec.structs.replace(self.controls.get(room, Control()), answers=mode)

    def read_names(self, room: str) -> Mapping[str, KnownName]:
        return dict(self.names.get(room, {}))

    def save_names(self, room: str, names: Mapping[str, KnownName]) -> None:
        with self.lock:
            self.names[room] = merge_names(self.names.get(room, {}), names)

    def read_control(self, room: str, chat: str) -> Control:
        control = self.controls.get(room, Control()).merged_with(self.controls.get(chat, Control()))
        crowd = self.crowds.get(workspace_of(room), ActiveMessages())
        return msgspec.structs.replace(control, active_messages=crowd, meeting=self.meetings.get(room))

    def mute(self, scope: str, until: float, ordered_at: float, message_id: str = "") -> None:
        if ordered_at >= self.ordered.get(scope, float("-inf")):
            self.ordered[scope] = ordered_at
            self._change_control(scope, muted_until=until, muted_at=ordered_at, muted_by=message_id)

    def set_recording(self, room: str, since: float, until: float) -> None:
        if since >= self.controls.get(room, Control()).recorded_since:
            self._change_control(room, recorded_since=since, recorded_until=until)

    def note_recording_told(self, chat: str, at: float) -> None:
        told_at = self.controls.get(chat, Control()).recording_told_at
        self._change_control(chat, recording_told_at=max(at, told_at))

    def stop(self, chat: str, at: float) -> None:
        if at >= self.controls.get(chat, Control()).stopped_at:
            self._change_control(chat, stopped_at=at)

    def save_meeting(self, room: str, meeting: Meeting) -> None:
        noted = self.meetings.get(room)
        if noted is None or (meeting.started_at, meeting.ended_at) >= (noted.started_at, noted.ended_at):
            self.meetings[room] = meeting

    def update_profile(self, person: str, facts: Mapping[str, str], room: str = "") -> None:
        known = {**self.profiles.get(person, {}), **facts}
        self.profiles[person] = {name: value for name, value in known.items() if value}
        if room and is_shared_room(room):
            self.told_in_rooms[person, room] = self.told_in_rooms.get((person, room), {}) | dict(facts)
            return
        for (who, _), told in self.told_in_rooms.items():
            for name in facts if who == person else ():
                told.pop(name, None)

    def save_summary(self, chat: str, summary: Summary, after: float) -> None:
        if self.summaries.get(chat, Summary()).covers_until == after:
            self.summaries[chat] = summary

    def add_usage(self, turn: str, room: str, usage: UsageTotal) -> None:
        for place in (room, workspace_of(room)):
            self.spent.setdefault((place, utc_day_number(self.clock())), {})[turn] = usage

    def _usage_of(self, place: str) -> UsageTotal:
        turns = self.spent.get((place, utc_day_number(self.clock())), {}).values()
        return UsageTotal(sum(one.tokens for one in turns), sum(one.cost_usd for one in turns))

    def publish_active(self, workspace: str, active: ActiveMessage) -> ActiveMessages:
        with self.lock:
            crowd = self.crowds.get(workspace, ActiveMessages())
            now = self.clock()
            left = [
                one
                for one in crowd.messages
                if one.key != active.key and not (one.ends_at <= now and one.started_at < now - 60)
            ]
            crowd = msgspec.structs.replace(crowd, messages=(*left, active))
            self.crowds[workspace] = crowd
            return crowd

    def disable_streaming(self, workspace: str, until: float) -> None:
        with self.lock:
            crowd = self.crowds.get(workspace, ActiveMessages())
            self.crowds[workspace] = msgspec.structs.replace(crowd, streaming_disabled_until=until)

    def report_failure(self, backend: str, room: str, retry_at: float) -> None:
        with self.lock:
            known, now = self._failures(backend, room), self.clock()
            is_forgotten = known.last_at <= now - FORGOTTEN_AFTER_SECONDS
            count, first_at = (1, now) if is_forgotten else (known.count + 1, known.first_at)
            failing = BackendFailures(count=count, first_at=first_at, last_at=now, retry_at=retry_at)
            self._set_failures(backend, room, failing)

    def report_success(self, backend: str, room: str) -> None:
        with self.lock:
            self._set_failures(backend, room, None)

    def begin_probe(self, backend: str, room: str, until: float) -> bool:
        with self.lock:
            known = self._failures(backend, room)
            if known.count < MIN_FAILURES or known.probed_until > self.clock():
                return False
            self._set_failures(backend, room, msgspec.structs.replace(known, probed_until=until))
            return True

    def _failures(self, backend: str, room: str) -> BackendFailures:
        crowd = self.crowds.get(workspace_of(room), ActiveMessages())
        return crowd.failing_backends.get(backend, BackendFailures())

    def _set_failures(self, backend: str, room: str, failures: BackendFailures | None) -> None:
        crowd = self.crowds.get(workspace_of(room), ActiveMessages())
        others = {name: one for name, one in crowd.failing_backends.items() if name != backend}
        failing = others | ({backend: failures} if failures else {})
        self.crowds[workspace_of(room)] = msgspec.structs.replace(crowd, failing_backends=failing)

    def _change_control(self, place: str, **changes: float | str) -> None:
        self.controls[place] = msgspec.structs.replace(self.controls.get(place, Control()), **changes)


@dataclass
class MemoryChatMoves:
    """`ports.ChatMoves` in memory."""

    former: dict[str, str] = field(default_factory=dict)

    def save(self, former: str, present: str) -> None:
        self.former[present] = self.first_id(former)

    def first_id(self, present: str) -> str:
        return self.former.get(present, present)


@dataclass
class MemoryMeetings:
    """`ports.Meetings` in memory."""

    filed: dict[str, dict[str, StoredMessage]] = field(default_factory=dict)

    def put(self, meeting: str, messages: Sequence[StoredMessage]) -> None:
        self.filed.setdefault(meeting, {}).update((one.id, one) for one in messages)

    def read_transcript(self, meeting: str, room: str, limit: int) -> Sequence[StoredMessage]:
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
class QueuedWake:
    """A wake in the queue: visible from then on, received so often."""

    chat: str
    correlation: str
    visible_at: float
    message_id: str = ""
    is_safety_net: bool = False
    receive_count: int = 0
    successor_due: float = 0.0


@dataclass
class MemoryWakes:
    """`ports.Wakes` in memory: a standard queue with delays and visibility, and its dead letters."""

    clock: Callable[[], float]
    queued: dict[str, QueuedWake] = field(default_factory=dict)
    dead_lettered: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    sent: int = 0
    successors: set[str] = field(default_factory=set)

    def send(
        self,
        chat: str,
        delay: float = 0.0,
        correlation: str = "",
        successor_due: float = 0.0,
        *,
        message_id: str = "",
        is_safety_net: bool = False,
    ) -> None:
        self.sent += 1
        self.queued[f"letter-{next(self.numbers)}"] = QueuedWake(
            chat,
            correlation,
            self.clock() + delay,
            successor_due=successor_due,
            message_id=message_id,
            is_safety_net=is_safety_net,
        )

    def send_with_successor(
        self,
        chat: str,
        delay: float,
        correlation: str,
        successor_delay: float,
        successor_due: float,
        *,
        message_id: str = "",
    ) -> None:
        self.send(chat, delay, correlation, successor_due, message_id=message_id)
        self.send(chat, successor_delay, correlation, is_safety_net=True)
        self.successors.add(next(reversed(self.queued)))

    def send_all(self, chats: Sequence[str], correlation: str = "") -> None:
        for chat in chats:
            self.send(chat, correlation=correlation)

    def count_waiting(self) -> int:
        return len(self.visible_receipts())

    def extend_visibility(self, receipt: str, seconds: float) -> None:
        if receipt in self.queued:
            self.queued[receipt].visible_at = self.clock() + seconds

    def dead_letter(self, chat: str, messages: Iterable[str], reason: str) -> None:
        self.dead_lettered.append((chat, tuple(messages), reason))

    def first_chats(self) -> list[str]:
        """The chats of the wakes in the queue that are no other's successor."""
        return [letter.chat for name, letter in self.queued.items() if name not in self.successors]

    def visible_receipts(self) -> list[str]:
        """The receipts of what a worker could receive now."""
        return [receipt for receipt, letter in self.queued.items() if letter.visible_at <= self.clock()]

    def delete_wake(self, receipt: str) -> None:
        self.queued.pop(receipt, None)
        self.successors.discard(receipt)
