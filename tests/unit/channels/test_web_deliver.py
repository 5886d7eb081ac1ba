"""A reply on the web as its readers see it, whichever of the workers and stores fail meanwhile."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import log_id
from repartee.channels.web.payloads import WebImageChunk
from repartee.channels.web.replies import MAX_IMAGE_BYTES, WebReplySender
from repartee.channels.web.reply_follower import (
    HEARTBEAT_SECONDS,
    MAX_CONNECTION_SECONDS,
    MAX_POLL_SECONDS,
    MIN_POLL_SECONDS,
    EventLogRead,
    PollBackoff,
)
from repartee.channels.web.surface import MAX_EVENT_CHARS, PERSIST_INTERVAL_SECONDS
from repartee.domain.message import Message
from repartee.domain.proposal import Proposal
from repartee.domain.reply import Image, VisibleState
from repartee.errors import InvalidArgument, Unavailable
from repartee.ports import WebEvent
from repartee.ports.web import REPLY_EVENTS_SECONDS
from tests.support.memory_web_stores import MemoryEvents

MESSAGE = Message(
    id="m-1",
    chat="web:ada:main",
    room="web:ada",
    channel="web",
    sender="web:ada",
    text="?",
    sent=1.0,
    received=1.0,
)
LOG = log_id(MESSAGE.chat, MESSAGE.id)


class Store(MemoryEvents):
    """A store that fails when the test says so: it keeps nothing, or keeps it and does not answer."""

    failures: list[str]
    chunks: list[int]

    def append(self, log: str, events: Sequence[WebEvent], ttl_seconds: float = REPLY_EVENTS_SECONDS) -> None:
        self.chunks.append(len(events))
        failure = self.failures.pop(0) if self.failures else ""
        if failure != "lost":
            super().append(log, events, ttl_seconds)
        if failure:
            raise Unavailable("dynamodb", "as ordered")


class World:
    """A store, and processes that write to it one after the other."""

    def __init__(self, failures: Sequence[str] = ()) -> None:
        self.now = 1_789_000_000.0
        self.store = Store(self.clock)
        self.store.failures, self.store.chunks = list(failures), []
        self.shown = VisibleState()
        self.die()

    def clock(self) -> float:
        return self.now

    def die(self) -> None:
        """The process is gone, and some seconds later another one is there."""
        self.now += 2.0
        self.hub = EventHub(self.clock)
        self.replies = WebReplySender(self.store, self.hub, self.clock, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def open(self) -> Any:
        reply = self.replies.open_reply(MESSAGE, "turn-1", self.shown, self._keep)
        self.shown = msgspec.structs.replace(self.shown, intent_at=self.now)
        return reply

    def _keep(self, ids: dict[str, str], text: str) -> None:
        self.shown = msgspec.structs.replace(self.shown, message_ids=ids, text=text)


class Client:
    """Somebody who reads, and reads on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.text = self.last = ""
        self.kinds: list[str] = []

    def read(self, live: bool = True) -> None:
        """Reads what there is, of the process that writes or of the store."""
        found = self.world.hub.live_events(LOG, self.last) if live else None
        for event in self.world.store.read_after(LOG, self.last) if found is None else found:
            assert event.id > self.last
            self.last = event.id
            self.kinds.append(event.kind)
            if event.kind in ("delta", "replaced"):
                self.text = event.text if event.kind == "replaced" else self.text + event.text


WORDS = st.text("ab \n`[(", min_size=1, max_size=6)
STEPS = st.lists(
    st.one_of(
        WORDS,
        st.sampled_from([0.1, PERSIST_INTERVAL_SECONDS]),
        st.sampled_from(["READ", "READ ON ELSEWHERE", "DIE"]),
    ),
    max_size=25,
)


@given(STEPS, st.lists(st.sampled_from(["", "lost", "unanswered"]), max_size=4))
def test_readers_end_up_with_the_reply(steps: list[Any], failures: list[str]) -> None:
    """However often the worker dies, the store fails and the reader changes the instance: in the end who read
    all along, who reads on and who reads it from the beginning have the same text, the whole of it."""
    world = World(failures)
    reader = Client(world)
    reply = world.open()
    for step in steps:
        if isinstance(step, float):
            world.now += step
        elif step == "DIE":
            world.die()
            reply = world.open()
        elif step.startswith("READ"):
            reader.read(live=step == "READ")
        else:
            reply.append(step)

    reply.finish()
    reader.read()
    newcomer = Client(world)
    newcomer.read()

    assert reader.text == newcomer.text == reply.text


def test_a_reply_that_nobody_interrupts_is_only_added_to() -> None:
    """Without a crash nothing is ever replaced, and each piece is handed on at once, before it is kept."""
    world = World()
    reader, reply = Client(world), world.open()
    for piece in ("one ", "two ", "three"):
        reply.append(piece)
        reader.read()
        assert reader.text.endswith(piece)
    kept = world.store.read_after(LOG, "")
    reply.finish()
    reader.read()

    assert [event.text for event in kept] == ["one "]
    assert reader.kinds == ["delta"] * 3


def test_chunks() -> None:
    """The store is written to twice a second at most, and at the end."""
    world = World()
    reply = world.open()
    for _ in range(100):
        world.now += 0.01
        reply.append("word ")
    reply.finish()

    assert len(world.store.chunks) <= 4
    assert sum(world.store.chunks) == 100


def test_a_long_text_is_several_events() -> None:
    """A text that no event could hold goes on in the next ones."""
    world = World()
    reply = world.open()
    reply.append("a" * 120_000)
    reply.finish()
    again = world.open()
    again.append("b" * 120_000)
    again.finish()
    reader = Client(world)
    reader.read()

    assert reader.text == "b" * 120_000
    assert all(len(event.text) <= MAX_EVENT_CHARS for event in world.store.read_after(LOG, ""))


def test_somebody_else_goes_on() -> None:
    """A log that another process goes on with is not read here any more, until it is written here again."""
    hub = EventHub(lambda: 1_789_000_000.0)
    ours = hub.publish(LOG, "delta", "one")

    hub.superseded_by(LOG, ours.id)
    assert hub.live_events(LOG, "") == [ours]
    hub.superseded_by(LOG, f"{int(ours.id) + 1}")
    assert hub.live_events(LOG, "") is None

    again = hub.publish(LOG, "delta", "two")
    assert hub.live_events(LOG, ours.id) == [again]


def test_a_chat_is_left() -> None:
    """A chat whose turn has failed is left with all its logs, and no other chat is."""
    hub = EventHub(lambda: 1_789_000_000.0)
    other = log_id("web:ada:main2", "m-1")
    hub.publish(LOG, "delta", "one")
    hub.publish(other, "delta", "two")

    hub.hand_over(MESSAGE.chat)

    assert hub.live_events(LOG, "") is None
    assert hub.live_events(other, "") is not None


def test_forgotten_logs() -> None:
    """What nobody has ended is forgotten after an hour."""
    world = World()
    world.hub.publish(LOG, "delta", "one")
    world.now += 3601

    world.hub.publish("another", "delta", "two")

    assert world.hub.live_events(LOG, "") is None


def test_patience() -> None:
    """Looks are close together after something has happened and then ever rarer; a quiet connection is kept
    alive; and at some time it is over."""
    world = World()
    patience = PollBackoff(world.clock)
    nothing, something = EventLogRead(LOG), EventLogRead(LOG, (WebEvent("1", "delta", "a"),))

    pauses = [patience.next_pause() for _ in range(6)]
    assert (pauses[0], pauses[-1]) == (MIN_POLL_SECONDS, MAX_POLL_SECONDS)
    assert pauses == sorted(pauses)
    assert not patience.needs_heartbeat(something)
    assert patience.next_pause() == MIN_POLL_SECONDS

    world.now += HEARTBEAT_SECONDS
    assert patience.needs_heartbeat(nothing)
    assert not patience.needs_heartbeat(nothing)
    assert not patience.is_expired
    world.now += MAX_CONNECTION_SECONDS
    assert patience.is_expired


def told(world: World) -> list[tuple[str, str]]:
    """All that is in the store, in order."""
    return [(event.kind, event.text) for event in world.store.read_after(LOG, "")]


def test_what_goes_on_has_its_place_among_the_events() -> None:
    """Before the reply, in the middle of it, and not after it: what was written first is read first."""
    world = World()
    world.replies.show_typing(MESSAGE, "is asking the ERP…")
    reply = world.open()
    reply.append("I will look. ")
    reply.append("One moment. ")
    world.replies.show_typing(MESSAGE, "is asking the calendar…")
    reply.append("Seven.")
    reply.finish()
    world.replies.show_typing(MESSAGE, "is late")

    assert told(world) == [
        ("status", "is asking the ERP…"),
        ("delta", "I will look. "),
        ("delta", "One moment. "),
        ("status", "is asking the calendar…"),
        ("delta", "Seven."),
    ]


def test_a_picture_comes_in_pieces_and_once() -> None:
    """Put together they are the picture; after a crash it comes again, under the same id."""
    world, content = World(), bytes(range(256)) * 400
    reply = world.open()
    reply.append("Here:")
    reply.finish()
    for _ in range(2):
        world.replies.send_image(
            MESSAGE, "turn-1", Image("chart.png", "image/png", content, "Desks by floor")
        )

    pieces = [
        msgspec.json.decode(text, type=WebImageChunk) for kind, text in told(world) if kind == "picture"
    ]
    once = [piece for number, piece in enumerate(pieces) if number < pieces[0].parts]
    assert base64.b64decode("".join(piece.data for piece in once)) == content
    assert [piece.part for piece in once] == list(range(1, once[0].parts + 1))
    assert {(piece.id, piece.alt) for piece in pieces} == {(once[0].id, "Desks by floor")}
    assert all(len(text) <= MAX_EVENT_CHARS for _, text in told(world))
    reader = Client(world)
    reader.read()
    assert reader.kinds[0] == "delta"


def test_a_picture_that_is_too_large_is_told() -> None:
    """And nothing of it is sent."""
    world = World()

    with pytest.raises(InvalidArgument):
        world.replies.send_image(
            MESSAGE, "turn-1", Image("a.png", "image/png", bytes(MAX_IMAGE_BYTES + 1), "")
        )

    assert told(world) == []


def test_a_proposal_is_an_event() -> None:
    """With what it is about, and how long it may be decided on."""
    world = World()
    proposal = Proposal(
        id="s-1",
        chat="web:ada:main",
        approver="web:ada",
        summary="**Order** 7",
        action="",
        payload="",
        expires_at=9.0,
    )

    world.replies.send_proposal(MESSAGE, proposal)

    assert told(world) == [("proposal", '{"subject":"s-1","summary":"**Order** 7","until":9.0}')]


def test_whoever_follows_reads_the_rest_before_the_picture() -> None:
    """What comes after the reply is told by the store alone: it has all that was before."""
    world = World()
    reader, reply = Client(world), world.open()
    reply.append("one ")
    reader.read()
    reply.append("two")
    reply.finish()
    world.replies.send_image(MESSAGE, "turn-1", Image("a.png", "image/png", b"a", ""))

    assert world.hub.live_events(LOG, reader.last) is None
    assert [kind for kind, _ in told(world)] == ["delta", "delta", "picture"]
