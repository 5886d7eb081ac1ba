"""A worker that dies anywhere on the way of an event, from the turn to its receiver: none is lost, and each
conversation's come in order. One may be sent twice, under the same id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.domain.desk import DeskConfig
from repartee.domain.desk_event import EventBatch, EventLane
from repartee.domain.handover import Handover
from repartee.domain.message import Exchange
from repartee.outbox.collecting import EventCollector
from repartee.ports.outbox import PostResult
from tests.support.crashing_desk_world import CrashingDeskWorld
from tests.support.crashing_whatsapp_world import ROOM_ID
from tests.support.crashing_world import InterruptiblePort, WorkerLife
from tests.support.desk_events import CHAT, LANE, NUMBER, WEBHOOK, EventWorld
from tests.support.memory_outbox import MemoryOutbox

DOWN = PostResult(0, "ConnectError")
CHATS = [CHAT, f"{NUMBER}:2", f"{NUMBER}:3"]


class TalkWithEvents:
    """A conversation with the assistant and the team, whose events go to a receiver."""

    def __init__(self) -> None:
        self.world, self.events = CrashingDeskWorld(), EventWorld()
        self.events.inbox, self.events.outbox = self.world.inbox, MemoryOutbox(self.world.inbox)
        number = ":".join(ROOM_ID.split(":")[:2])
        self.events.desk.save_config(DeskConfig(number=number, name="Lumen", webhooks=(WEBHOOK,)))
        self.world.collect_events = self._collect
        self.world.announce_events = self._announce

    def _collect(
        self, exchange: Exchange, read_handover: Callable[[], Handover] | None
    ) -> Sequence[EventBatch]:
        ours = msgspec.structs.replace(exchange, assistant="desk")
        return EventCollector(self.events.desk).collect(ours, read_handover)

    def _announce(self, exchange: Exchange, life: WorkerLife) -> None:
        self.events.now = self.world.now
        queue = InterruptiblePort(self.events.queue, "event_queue", life, self.world.broken)
        for endpoint in exchange.endpoints:
            queue.send(EventLane(exchange.chat, endpoint))

    def finish(self) -> list[tuple[str, str, str]]:
        """Lets all that is left to do be done. Returns the events that the receiver has taken, each once."""
        self.world.run_until_quiet()
        self.events.now = self.world.now
        self.events.run_until(self.world.now + 5 * 3600.0)
        taken = {one["id"]: one for one in self.events.receiver.taken}
        return [(one["type"], _message_of(one), one["data"].get("sent_by", "")) for one in taken.values()]


def _message_of(event: dict[str, Any]) -> str:
    """Returns the message that an event is about. A reply in WhatsApp may be seen twice, with another id."""
    return "" if event["type"] == "reply.sent" else str(event["data"].get("message", ""))


def escalate(world: CrashingDeskWorld) -> None:
    """A person is called, and the team knows."""
    world.open_handover()
    world.run_until_quiet()


def take(world: CrashingDeskWorld) -> None:
    escalate(world)
    world.press("take")


def answer_as_member(world: CrashingDeskWorld) -> None:
    escalate(world)
    world.write_as_member("It left.")


def resolve(world: CrashingDeskWorld) -> None:
    escalate(world)
    world.press("resolve")


ACTS: dict[str, Callable[[CrashingDeskWorld], object]] = {
    "answered": lambda world: world.ask_in_whatsapp("Where is my parcel?"),
    "opened": lambda world: world.open_handover(),
    "taken": take,
    "member": answer_as_member,
    "done": resolve,
}


def begin(kind: str) -> TalkWithEvents:
    talk = TalkWithEvents()
    talk.world.ask_in_whatsapp("Hello?")
    talk.world.run_until_quiet()
    ACTS[kind](talk.world)
    return talk


POINTS = [
    pytest.param(kind, number, id=f"{kind}-{number}-{name.replace(' ', '-')}")
    for kind in ACTS
    for number, name in enumerate(begin(kind).world.run_worker().passed, 1)
]


@pytest.mark.parametrize("kind,point", POINTS)
def test_a_turn_dies(kind: str, point: int) -> None:
    """Whichever point of it was passed, its events are those of a turn that lives."""
    whole, talk = begin(kind), begin(kind)

    talk.world.run_worker({point: None})

    expected = whole.finish()
    assert ("message.received", f"{1:032x}", "") in expected
    assert talk.finish() == expected
    assert talk.events.queue.dead == []


def test_the_events_of_a_conversation_tell_what_happened() -> None:
    """In order, from the customer's message to the opinion that they gave."""
    talk = TalkWithEvents()
    world = talk.world
    message = world.ask_in_whatsapp("Where is my parcel?")
    world.run_until_quiet()
    world.open_handover(message)
    world.run_until_quiet()
    world.press("take")
    world.run_until_quiet()
    world.write_as_member("It left this morning.")
    world.write_as_member("// between us: SECRET")
    world.run_until_quiet()
    world.press("resolve")
    world.run_until_quiet()
    world.give_opinion("5")

    assert [kind for kind, _, _ in talk.finish()] == [
        *("message.received", "reply.sent", "escalated", "taken", "reply.sent", "resolved", "rated")
    ]
    ((_, _, rated),) = [one for one in talk.events.receiver.requests if b'"rated"' in one[2]]
    assert b'"score":5' in rated
    assert all(b"SECRET" not in body for _, _, body in talk.events.receiver.requests)


def test_what_a_closed_window_kept_from_the_customer_is_no_reply() -> None:
    """The member is told so; the receiver is told nothing that did not happen."""
    talk = TalkWithEvents()
    world = talk.world
    message = world.ask_in_whatsapp("Where is my parcel?")
    world.run_until_quiet()
    world.open_handover(message)
    world.run_until_quiet()
    world.press("take")
    world.run_until_quiet()
    world.pass_time(25 * 3600.0)
    world.write_as_member("It left this morning.")

    replies = [sent_by for kind, _, sent_by in talk.finish() if kind == "reply.sent"]
    assert replies == ["assistant"]


def begin_delivery() -> EventWorld:
    world = EventWorld()
    for number in range(3):
        world.close_turn(f"{number}a", f"{number}b")
    world.keep_turn("3a")
    return world


def passed_points(world: EventWorld) -> list[str]:
    life = WorkerLife({})
    world.run_worker(life)
    return life.passed


@pytest.mark.parametrize("answer", [PostResult(200), DOWN], ids=["up", "down"])
def test_a_sender_dies(answer: PostResult) -> None:
    """At each point, of a delivery and of an attempt in vain: all is taken in the end, in order; no more than
    one event is sent twice."""
    world = begin_delivery()
    world.receiver.answers = lambda id: answer
    points = passed_points(world)
    assert len(points) > 6

    for point in range(1, len(points) + 1):
        world = begin_delivery()
        world.receiver.answers = lambda id: answer
        world.run_worker(WorkerLife({point: None}))
        world.receiver.answers = lambda id: PostResult(200)
        world.run_until(world.now + 4 * 3600.0)

        expected = ["evt_0a", "evt_0b", "evt_1a", "evt_1b", "evt_2a", "evt_2b", "evt_3a"]
        assert world.receiver.taken_of(CHAT) == expected, points[point - 1]
        assert len(world.receiver.taken) <= len(expected) + 1, points[point - 1]
        assert (world.events_waiting(), world.outbox.lanes, world.queue.dead) == (0, {}, [])


def test_a_sender_dies_while_it_gives_up() -> None:
    """At each point: an event that is dead has a letter, what came after goes on, and names the gap."""
    for point in range(1, 30):
        world = EventWorld()
        world.receiver.answers = lambda id: PostResult(500 if id == "evt_bad" else 200)
        world.close_turn("bad")
        world.close_turn("good")
        world.now += 25 * 3600.0
        world.run_worker(WorkerLife({point: None}))
        world.run_until(world.now + 3600.0)

        assert {letter.event_id for letter in world.queue.dead} == {"evt_bad"}  # type: ignore[union-attr]
        assert world.receiver.taken_of(CHAT) == ["evt_good"]
        assert world.receiver.taken[0]["gap"] == {"missed": 1, "events": ["evt_bad"]}
        assert len(world.outbox.dead) == 1
        assert (world.events_waiting(), world.outbox.lanes) == (0, {})


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["close", "keep", "work", "work", "up", "down", "time", "sweep", "queue"]),
        st.integers(0, 2),
        st.integers(0, 20),
    ),
    min_size=1,
    max_size=40,
)


class RandomDelivery:
    """Events of three conversations, step by step."""

    def __init__(self) -> None:
        self.world = EventWorld()
        self.sent: dict[str, list[str]] = {chat: [] for chat in CHATS}

    def take_step(self, number: int, kind: str, chat: str, extent: int) -> None:
        world = self.world
        if kind in ("close", "keep"):
            self.sent[chat].append(f"evt_{number}")
            (world.close_turn if kind == "close" else world.keep_turn)(f"{number}", chat=chat)
        elif kind == "work":
            world.run_worker(WorkerLife({extent: None} if extent else {}))
        elif kind in ("up", "down"):
            answer = PostResult(204) if kind == "up" else DOWN
            world.receiver.answers = lambda id: answer
        elif kind == "time":
            world.now += extent * 60.0
        elif kind == "sweep":
            world.sweep()
        else:
            world.broken.symmetric_difference_update({"queue.send"})


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_every_event_is_taken_in_its_order(steps: list[tuple[str, int, int]]) -> None:
    """Whatever happens in whichever order: workers that die, a receiver or a queue that is down for a while,
    turns whose worker dies before it announces."""
    delivery = RandomDelivery()
    for number, (kind, which, extent) in enumerate(steps):
        delivery.take_step(number, kind, CHATS[which], extent)
    world = delivery.world
    world.broken.clear()
    world.receiver.answers = lambda id: PostResult(200)
    for chat in CHATS:  # its exchange is open until its events are announced
        world.queue.send(msgspec.structs.replace(LANE, chat=chat))
    world.run_until(world.now + 24 * 3600.0)

    assert {chat: world.receiver.taken_of(chat) for chat in CHATS} == delivery.sent
    assert world.events_waiting() == 0
