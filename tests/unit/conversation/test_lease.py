"""A chat held for one turn: what is noted is written once, in order, and only while the lease is ours."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from repartee.errors import LeaseLost, Unavailable
from repartee.ports import LeaseHeld, LeaseRecord, OpenItems
from repartee.ports.inbox import LEASE_SECONDS
from repartee.turn.claims import MAX_CLAIMED_MESSAGES
from repartee.turn.lease import Lease
from tests.support.inbox_builders import CHAT_ID, make_exchange, make_message
from tests.support.memory_stores import MemoryInbox


@dataclass
class Written(MemoryInbox):
    """An inbox that remembers what was written to a lease, and may be down."""

    writes: list[LeaseRecord] = field(default_factory=list)
    down: bool = False
    inside: threading.Lock = field(default_factory=threading.Lock)

    def write_lease(self, record: LeaseRecord) -> None:
        assert self.inside.acquire(blocking=False), "two writes of one lease at once"
        try:
            if self.down:
                raise Unavailable("inbox", "down")
            self.writes.append(record)
            super().write_lease(record)
        finally:
            self.inside.release()


class Held:
    """A lease, and the time."""

    def __init__(self) -> None:
        self.now = 100.0
        self.inbox = Written()
        self.inbox.put(make_message(id="1"))
        self.lease = self.take("turn-1")

    def take(self, turn: str) -> Lease:
        return Lease.acquire(self.inbox, lambda: self.now, CHAT_ID, turn)

    def waiting(self) -> OpenItems:
        return self.inbox.list_open(CHAT_ID)


@pytest.fixture
def held() -> Held:
    return Held()


def test_what_is_noted_is_written_once(held: Held) -> None:
    """A flush writes all notes together, and a second one writes nothing."""
    held.lease.claim(held.waiting())
    held.lease.mark_replying()
    assert held.inbox.writes == []

    held.lease.flush()
    held.lease.flush()

    (written,) = held.inbox.writes
    assert (written.messages, written.phase, written.visible.intent_at) == (("1",), "replying", 100.0)


def test_a_renewal_writes_what_is_noted_too(held: Held) -> None:
    """What has come with a renewal needs no flush."""
    held.lease.claim(held.waiting())
    held.now += 5

    held.lease.renew()
    held.lease.flush()

    (written,) = held.inbox.writes
    assert (written.messages, written.until) == (("1",), held.now + LEASE_SECONDS)


def test_a_note_that_could_not_be_written_is_written_later(held: Held) -> None:
    """A flush that failed is made good by the next."""
    held.lease.claim(held.waiting())
    held.inbox.down = True
    with pytest.raises(Unavailable):
        held.lease.flush()
    held.inbox.down = False

    held.lease.flush()

    assert [written.messages for written in held.inbox.writes] == [("1",)]


def test_text_waits_for_the_renewal_and_ids_do_not(held: Held) -> None:
    """New ids are noted for the watch to write at once; the text that grows meanwhile is not."""
    held.lease.record_visible({"0": "17.1"}, "He")
    assert held.lease.staged.is_set()
    held.lease.staged.clear()

    held.lease.record_visible({"0": "17.1"}, "Hello")

    assert not held.lease.staged.is_set()
    held.lease.flush()
    assert held.inbox.writes[-1].visible.text == "Hello"


def test_delivered_is_written_before_anything_else_happens(held: Held) -> None:
    """From then on nobody calls the model again for this turn."""
    held.lease.claim(held.waiting())
    held.lease.mark_replying()

    held.lease.mark_delivered("Hello")

    assert (held.inbox.writes[-1].phase, held.inbox.writes[-1].visible.text) == ("delivered", "Hello")


def test_a_lease_that_nobody_renews_is_held_no_more(held: Held) -> None:
    """After its time the turn knows by itself that it must not send."""
    assert held.lease.is_held

    held.now += LEASE_SECONDS

    assert not held.lease.is_held


def test_a_renewal_that_was_not_written_holds_nothing(held: Held) -> None:
    """Who cannot reach the inbox stops when the lease as it is written ends: another may have it then."""
    held.inbox.down = True
    for _ in range(4):
        held.now += 5
        with pytest.raises(Unavailable):
            held.lease.renew()

    assert not held.lease.is_held


def test_who_lost_the_lease_writes_nothing(held: Held) -> None:
    """With another's fence every write fails, and the lease knows that it is lost."""
    held.now += LEASE_SECONDS
    other = held.take("turn-2")

    for write in (held.lease.renew, held.lease.release, lambda: held.lease.close(make_exchange())):
        with pytest.raises(LeaseLost):
            write()

    assert not held.lease.is_held
    assert other.is_held


def test_after_the_close_nothing_is_written(held: Held) -> None:
    """A watch that comes late does not open again what was closed."""
    held.lease.claim(held.waiting())
    held.lease.close(make_exchange("turn-1", make_message(id="1")))

    with pytest.raises(LeaseLost):
        held.lease.renew()

    assert held.take("turn-2").turn == "turn-2"


def test_an_unfinished_turn_is_taken_up_as_it_was_left(held: Held) -> None:
    """Its id, its messages, what is visible: the next worker goes on with them, one attempt later."""
    held.lease.claim(held.waiting())
    held.lease.mark_replying()
    held.lease.record_visible({"0": "17.1"}, "He")
    held.lease.flush()
    held.inbox.put(make_message(id="2"))
    held.now += LEASE_SECONDS

    again = held.take("turn-2")

    assert (again.turn, again.attempts, again.phase) == ("turn-1", 2, "replying")
    assert (again.visible.message_ids, again.visible.text) == ({"0": "17.1"}, "He")
    assert [one.id for one in again.claim(held.waiting())] == ["1"]


def test_a_turn_whose_messages_are_gone_ends(held: Held) -> None:
    """Messages may be erased while a turn is unfinished: what comes later is answered all the same."""
    held.lease.claim(held.waiting())
    held.lease.mark_delivered("an old answer")
    held.lease.release()
    held.inbox.open.clear()
    held.inbox.put(make_message(id="2"))

    stale = held.take("turn-2")
    assert stale.claim(held.waiting()) == ()
    stale.release()

    fresh = held.take("turn-3")
    assert (fresh.turn, fresh.phase, fresh.visible.text) == ("turn-3", "gathering", "")
    assert [one.id for one in fresh.claim(held.waiting())] == ["2"]


def test_a_turn_takes_no_more_than_a_transaction_can_close(held: Held) -> None:
    """The oldest come first, the others are the next turn's."""
    for number in range(2, MAX_CLAIMED_MESSAGES + 10):
        held.inbox.put(make_message(id=str(number)))

    claimed = held.lease.claim(held.waiting())

    assert [one.id for one in claimed] == [str(number) for number in range(1, MAX_CLAIMED_MESSAGES + 1)]


def test_a_held_chat_says_until_when(held: Held) -> None:
    """Who comes meanwhile knows when to look again."""
    with pytest.raises(LeaseHeld) as busy:
        held.take("turn-2")

    assert busy.value.until == held.now + LEASE_SECONDS


def test_two_threads_write_one_after_the_other(held: Held) -> None:
    """The turn flushes while the watch renews: no write is lost, none happens beside another."""
    held.lease.claim(held.waiting())
    together = threading.Barrier(2)

    def renewals() -> None:
        together.wait()
        for _ in range(200):
            held.lease.renew()

    watch = threading.Thread(target=renewals)
    watch.start()
    together.wait()
    for number in range(200):
        held.lease.record_visible({"0": str(number)}, "x" * number)
        held.lease.flush()
    watch.join()

    written = [int(one.visible.message_ids.get("0", "-1")) for one in held.inbox.writes]
    assert written == sorted(written)
    assert written[-1] == 199


def test_what_another_thread_is_writing_is_not_noted_yet(held: Held) -> None:
    """Its write may fail: who gives the chat back meanwhile waits, and writes it then."""
    pending: list[bool] = []

    class Failing(Written):
        def write_lease(self, record: LeaseRecord) -> None:
            pending.append(held.lease.must_be_noted)
            raise Unavailable("inbox", "down")

    held.inbox = Failing()
    held.inbox.put(make_message(id="1"))
    held.lease = held.take("turn-1")
    held.lease.claim(held.waiting())
    held.lease.mark_replying()
    held.lease.record_visible({"0": "m1"}, "Hello")

    with pytest.raises(Unavailable):
        held.lease.flush()

    assert pending == [True]
    assert held.lease.must_be_noted


def test_an_attempt_that_says_it_again_takes_nothing_back(held: Held) -> None:
    """Of a reply in two messages a second worker has begun the first again, and dies: the third worker knows
    what both of them say, and sends neither."""
    held.lease.claim(held.waiting())
    held.lease.mark_replying()
    held.lease.record_visible({"0": "m1", "1": "m2"}, "First. Second.")

    held.lease.record_visible({"0": "m1", "1": "m2"}, "First. ")
    held.lease.flush()

    assert held.inbox.writes[-1].visible.text == "First. Second."
    held.lease.record_visible({"0": "m1", "1": "m2"}, "Other words.")
    assert held.lease.visible.text == "Other words."
