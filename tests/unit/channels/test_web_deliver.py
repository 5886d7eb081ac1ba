"""A reply on the web as its readers see it, whichever of the workers and stores fail meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.web.deliver import KEEP_EVERY, LONGEST_EVENT, WebReplies
from repartee.channels.web.follow import FOLLOWED_FOR, QUIET_FOR, SELDOM, SOON, Patience, Seen
from repartee.channels.web.hub import Hub, log_of
from repartee.conversation.message import Message
from repartee.conversation.reply import Shown
from repartee.errors import Unreachable
from repartee.ports import Event
from tests.support.web import MemoryEvents

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
LOG = log_of(MESSAGE.chat, MESSAGE.id)


class Store(MemoryEvents):
    """A store that fails when the test says so: it keeps nothing, or keeps it and does not answer."""

    failures: list[str]
    chunks: list[int]

    def append(self, log: str, events: Sequence[Event]) -> None:
        self.chunks.append(len(events))
        failure = self.failures.pop(0) if self.failures else ""
        if failure != "lost":
            super().append(log, events)
        if failure:
            raise Unreachable("dynamodb", "as ordered")


class World:
    """A store, and processes that write to it one after the other."""

    def __init__(self, failures: Sequence[str] = ()) -> None:
        self.now = 1_789_000_000.0
        self.store = Store(self.clock)
        self.store.failures, self.store.chunks = list(failures), []
        self.shown = Shown()
        self.die()

    def clock(self) -> float:
        return self.now

    def die(self) -> None:
        """The process is gone, and some seconds later another one is there."""
        self.now += 2.0
        self.hub = Hub(self.clock)
        self.replies = WebReplies(self.store, self.hub, self.clock, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def open(self) -> Any:
        reply = self.replies.open(MESSAGE, "turn-1", self.shown, self._keep)
        self.shown = msgspec.structs.replace(self.shown, since=self.now)
        return reply

    def _keep(self, ids: dict[str, str], text: str) -> None:
        self.shown = msgspec.structs.replace(self.shown, ids=ids, text=text)


class Client:
    """Somebody who reads, and reads on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.text = self.last = ""
        self.kinds: list[str] = []

    def read(self, live: bool = True) -> None:
        """Reads what there is, of the process that writes or of the store."""
        found = self.world.hub.live(LOG, self.last) if live else None
        for event in self.world.store.after(LOG, self.last) if found is None else found:
            assert event.id > self.last
            self.last = event.id
            self.kinds.append(event.kind)
            if event.kind != "status":
                self.text = event.text if event.kind == "replaced" else self.text + event.text


WORDS = st.text("ab \n`[(", min_size=1, max_size=6)
STEPS = st.lists(
    st.one_of(
        WORDS, st.sampled_from([0.1, KEEP_EVERY]), st.sampled_from(["READ", "READ ON ELSEWHERE", "DIE"])
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
            reply.add(step)

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
        reply.add(piece)
        reader.read()
        assert reader.text.endswith(piece)
    kept = world.store.after(LOG, "")
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
        reply.add("word ")
    reply.finish()

    assert len(world.store.chunks) <= 4
    assert sum(world.store.chunks) == 100


def test_a_long_text_is_several_events() -> None:
    """A text that no event could hold goes on in the next ones."""
    world = World()
    reply = world.open()
    reply.add("a" * 120_000)
    reply.finish()
    again = world.open()
    again.add("b" * 120_000)
    again.finish()
    reader = Client(world)
    reader.read()

    assert reader.text == "b" * 120_000
    assert all(len(event.text) <= LONGEST_EVENT for event in world.store.after(LOG, ""))


def test_somebody_else_goes_on() -> None:
    """A log that another process goes on with is not read here any more, until it is written here again."""
    hub = Hub(lambda: 1_789_000_000.0)
    ours = hub.publish(LOG, "delta", "one")

    hub.met(LOG, ours.id)
    assert hub.live(LOG, "") == [ours]
    hub.met(LOG, f"{int(ours.id) + 1}")
    assert hub.live(LOG, "") is None

    again = hub.publish(LOG, "delta", "two")
    assert hub.live(LOG, ours.id) == [again]


def test_a_chat_is_left() -> None:
    """A chat whose turn has failed is left with all its logs, and no other chat is."""
    hub = Hub(lambda: 1_789_000_000.0)
    other = log_of("web:ada:main2", "m-1")
    hub.publish(LOG, "delta", "one")
    hub.publish(other, "delta", "two")

    hub.leave(MESSAGE.chat)

    assert hub.live(LOG, "") is None
    assert hub.live(other, "") is not None


def test_forgotten_logs() -> None:
    """What nobody has ended is forgotten after an hour."""
    world = World()
    world.hub.publish(LOG, "delta", "one")
    world.now += 3601

    world.hub.publish("another", "delta", "two")

    assert world.hub.live(LOG, "") is None


def test_patience() -> None:
    """Looks are close together after something has happened and then ever rarer; a quiet connection is kept
    alive; and at some time it is over."""
    world = World()
    patience = Patience(world.clock)
    nothing, something = Seen(LOG), Seen(LOG, (Event("1", "delta", "a"),))

    pauses = [patience.pause() for _ in range(6)]
    assert (pauses[0], pauses[-1]) == (SOON, SELDOM)
    assert pauses == sorted(pauses)
    assert not patience.tried_by(something)
    assert patience.pause() == SOON

    world.now += QUIET_FOR
    assert patience.tried_by(nothing)
    assert not patience.tried_by(nothing)
    assert not patience.over
    world.now += FOLLOWED_FOR
    assert patience.over
