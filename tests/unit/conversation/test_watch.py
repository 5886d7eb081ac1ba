"""What goes on beside a turn, with the watch's real thread and a clock that the test moves."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from queue import Queue

import pytest

from repartee.conversation.control import Control
from repartee.conversation.lease import HELD_FOR, Lease
from repartee.conversation.watch import LOOK_EVERY, RENEW_EVERY, Halted, Watch
from repartee.errors import LeaseLost, Unreachable
from repartee.ports import Holding
from tests.support.memory import MemoryInbox
from tests.support.messages import CHAT, message

PATIENCE = 10.0


@dataclass
class Inbox(MemoryInbox):
    """An inbox that may be down."""

    down: bool = False

    def write(self, holding: Holding) -> None:
        if self.down:
            raise Unreachable("inbox", "down")
        super().write(holding)


class Watched:
    """A turn under watch. What the watch does is put into `did`, in order."""

    def __init__(self) -> None:
        self.now = 100.0
        self.inbox = Inbox()
        self.lease = Lease.take(self.inbox, lambda: self.now, CHAT, "turn-1")
        self.control = Control()
        self.down: set[str] = set()
        self.did: Queue[str] = Queue()
        self.watch = Watch(self.lease, lambda: self.now, self._hide, self._look, (message(sent=90.0),))

    def pass_time(self, seconds: float) -> None:
        """Time goes by, and the watch wakes up."""
        self.now += seconds
        self.lease.noted.set()

    def expect(self, *acts: str) -> None:
        assert [self.did.get(timeout=PATIENCE) for _ in acts] == list(acts)

    @property
    def until(self) -> float:
        return self.inbox.leases[CHAT].until

    def _hide(self) -> None:
        self.did.put("hid")

    def _look(self) -> Control:
        self.did.put("looked")
        if "records" in self.down:
            raise Unreachable("records", "down")
        return self.control


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_the_lease_is_renewed_and_its_wake_hidden(watched: Watched) -> None:
    """At the start, and then every five seconds for as long as the turn lives."""
    with watched.watch:
        watched.expect("hid", "looked")
        for _ in range(3):
            watched.pass_time(RENEW_EVERY)
            watched.expect("hid", "looked")
            assert watched.until == watched.now + HELD_FOR


def test_orders_are_looked_up_every_second(watched: Watched) -> None:
    """Between two renewals nothing but the control item is read."""
    with watched.watch:
        watched.expect("hid", "looked")
        watched.pass_time(LOOK_EVERY)
        watched.expect("looked")
        watched.pass_time(LOOK_EVERY)
        watched.expect("looked")

    assert watched.did.empty()


def test_a_note_is_written_without_anybody_waiting(watched: Watched) -> None:
    """What the turn notes is written by the watch."""
    with watched.watch:
        watched.expect("hid", "looked")
        watched.lease.note(phase="replying")
        watched.pass_time(LOOK_EVERY)
        watched.expect("looked")

        holding = watched.inbox.leases[CHAT].holding

    assert holding is not None
    assert holding.phase == "replying"


def test_a_mute_is_seen(watched: Watched) -> None:
    """After the next look the reply may not go on, and it is told why."""
    with watched.watch:
        watched.expect("hid", "looked")
        watched.control = Control(muted_until=1000.0)
        watched.pass_time(LOOK_EVERY)
        watched.expect("looked")
        watched.pass_time(LOOK_EVERY)
        watched.expect("looked")  # so the one before has been taken in

        with pytest.raises(Halted, match="muted"):
            watched.watch.clear()


def test_a_stop_is_about_what_was_said_before(watched: Watched) -> None:
    """A stop ends the reply to what was said until then, and no other."""
    watched.control = Control(stopped_at=89.0)
    watched.watch.look()

    watched.control = Control(stopped_at=90.0)
    with pytest.raises(Halted, match="stopped"):
        watched.watch.look()


def test_while_orders_cannot_be_read_nothing_is_shown(watched: Watched) -> None:
    """Not knowing is not being allowed: `clear` is false until a look succeeds."""
    assert not watched.watch.clear()
    watched.watch.look()
    assert watched.watch.clear()

    watched.down = {"records"}
    watched.now += LOOK_EVERY
    watched.watch.beat()
    assert not watched.watch.clear()
    with pytest.raises(Unreachable):
        watched.watch.look()


def test_a_lost_lease_ends_the_watch_and_is_told(watched: Watched) -> None:
    """When another worker has the chat the watch writes no more, and the turn may not send."""
    with watched.watch:
        watched.expect("hid", "looked")
        watched.now += HELD_FOR
        Lease.take(watched.inbox, lambda: watched.now, CHAT, "turn-2")
        watched.lease.noted.set()
        watched.watch._thread.join(PATIENCE)

        with pytest.raises(LeaseLost):
            watched.watch.clear()

    assert watched.did.empty()


def test_a_renewal_that_failed_is_tried_again_a_second_later(watched: Watched) -> None:
    """An inbox that is down for a moment does not cost the lease, and is not asked without a pause."""
    watched.watch.beat()
    watched.inbox.down = True
    watched.now += RENEW_EVERY
    watched.lease.note(phase="replying")
    watched.watch.beat()
    assert not watched.lease.noted.is_set()

    watched.inbox.down = False
    watched.now += LOOK_EVERY
    watched.watch.beat()

    assert watched.until == watched.now + HELD_FOR


def test_the_watch_ends_with_its_block(watched: Watched) -> None:
    """No thread stays behind, whatever ended the block."""
    before = threading.active_count()

    with pytest.raises(ZeroDivisionError), watched.watch:
        _ = 1 / 0

    assert threading.active_count() == before


def test_a_stop_hangs_up_on_a_model_that_is_silent(watched: Watched) -> None:
    """Seen at the next look, it ends the call from the watch's own thread: nobody waits for the next word."""
    hung = threading.Event()
    with watched.watch, watched.watch.hangup.reaches(hung.set):
        watched.expect("hid", "looked")
        assert not hung.is_set()

        watched.control = Control(stopped_at=watched.now)
        watched.pass_time(LOOK_EVERY)

        assert hung.wait(PATIENCE)


def test_who_loses_the_lease_hangs_up(watched: Watched) -> None:
    """Another worker has the chat: what the model would say is nobody's."""
    hung = threading.Event()
    with watched.watch, watched.watch.hangup.reaches(hung.set):
        watched.expect("hid", "looked")

        watched.inbox.leases[CHAT].fence += 1
        watched.pass_time(RENEW_EVERY)

        assert hung.wait(PATIENCE)
