"""What goes on beside a turn, with the watch's real thread and a clock that the test moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Queue

import pytest

from repartee.domain.control import Control, ReplyStopped
from repartee.errors import LeaseLost, Unavailable
from repartee.ports import LeaseRecord
from repartee.ports.inbox import LEASE_SECONDS
from repartee.turn.heartbeat import (
    MAX_CONTROL_AGE_SECONDS,
    REFRESH_INTERVAL_SECONDS,
    RENEW_INTERVAL_SECONDS,
    Heartbeat,
)
from repartee.turn.lease import Lease
from tests.support.inbox_builders import CHAT_ID, make_message
from tests.support.memory_stores import MemoryInbox

PATIENCE = 10.0
BRIEF_WAIT_SECONDS = 0.2
"""Seconds in which a thread that is not held up has done what it does."""


@dataclass
class Inbox(MemoryInbox):
    """An inbox that may be down, or slow: what `delays` it then is called before a write."""

    down: bool = False
    delays: Callable[[], None] = lambda: None

    def write_lease(self, record: LeaseRecord) -> None:
        if self.down:
            raise Unavailable("inbox", "down")
        self.delays()
        super().write_lease(record)


class Watched:
    """A turn under watch. What the watch does is put into `did`, in order."""

    def __init__(self) -> None:
        self.now = 100.0
        self.inbox = Inbox()
        self.lease = Lease.acquire(self.inbox, lambda: self.now, CHAT_ID, "turn-1")
        self.control = Control()
        self.down: set[str] = set()
        self.did: Queue[str] = Queue()
        self.watch = Heartbeat(
            self.lease, lambda: self.now, self._send, self._look, (make_message(sent=90.0),)
        )

    def pass_time(self, seconds: float) -> None:
        """Time goes by, and the watch wakes up."""
        self.now += seconds
        self.lease.staged.set()

    def begin(self) -> None:
        """The first wake is sent; the first look is due a second later, and succeeds."""
        self.expect("sent a wake")
        self.pass_time(REFRESH_INTERVAL_SECONDS)
        self.expect("looked")

    def expect(self, *acts: str) -> None:
        assert [self.did.get(timeout=PATIENCE) for _ in acts] == list(acts)

    @property
    def until(self) -> float:
        return self.inbox.leases[CHAT_ID].until

    def _send(self) -> None:
        self.did.put("sent a wake")

    def _look(self) -> Control:
        self.did.put("looked")
        if "records" in self.down:
            raise Unavailable("records", "down")
        return self.control


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_the_lease_is_renewed_and_another_worker_comes_if_this_one_dies(watched: Watched) -> None:
    """The lease every five seconds for as long as the turn lives; the wake once, at the start."""
    with watched.watch:
        watched.begin()
        for _ in range(3):
            watched.pass_time(RENEW_INTERVAL_SECONDS)
            watched.expect("looked")
            assert watched.until == watched.now + LEASE_SECONDS


def test_orders_are_looked_up_every_second(watched: Watched) -> None:
    """Between two renewals nothing but the control item is read."""
    with watched.watch:
        watched.begin()
        watched.pass_time(REFRESH_INTERVAL_SECONDS)
        watched.expect("looked")
        watched.pass_time(REFRESH_INTERVAL_SECONDS)
        watched.expect("looked")

    assert watched.did.empty()


def test_a_note_is_written_without_anybody_waiting(watched: Watched) -> None:
    """What the turn notes is written by the watch."""
    with watched.watch:
        watched.begin()
        watched.lease.stage(phase="replying")
        watched.pass_time(REFRESH_INTERVAL_SECONDS)
        watched.expect("looked")

        holding = watched.inbox.leases[CHAT_ID].holding

    assert holding is not None
    assert holding.phase == "replying"


def test_a_mute_is_seen(watched: Watched) -> None:
    """After the next look the reply may not go on, and it is told why."""
    with watched.watch:
        watched.begin()
        watched.control = Control(muted_until=1000.0)
        watched.pass_time(REFRESH_INTERVAL_SECONDS)
        watched.expect("looked")
        watched.pass_time(REFRESH_INTERVAL_SECONDS)
        watched.expect("looked")  # so the one before has been taken in

        with pytest.raises(ReplyStopped, match="muted"):
            watched.watch.check()


def test_a_stop_is_about_what_was_said_before(watched: Watched) -> None:
    """A stop ends the reply to what was said until then, and no other."""
    watched.control = Control(stopped_at=89.0)
    watched.watch.refresh()

    watched.control = Control(stopped_at=90.0)
    with pytest.raises(ReplyStopped, match="stopped"):
        watched.watch.refresh()


def test_while_orders_cannot_be_read_nothing_is_shown(watched: Watched) -> None:
    """Not knowing is not being allowed: `clear` is false until a look succeeds."""
    assert not watched.watch.check()
    watched.watch.refresh()
    assert watched.watch.check()

    watched.down = {"records"}
    watched.now += REFRESH_INTERVAL_SECONDS
    watched.watch.tick()
    assert not watched.watch.check()
    with pytest.raises(Unavailable):
        watched.watch.refresh()


def test_a_lost_lease_ends_the_watch_and_is_told(watched: Watched) -> None:
    """When another worker has the chat the watch writes no more, and the turn may not send."""
    with watched.watch:
        watched.begin()
        watched.now += LEASE_SECONDS
        Lease.acquire(watched.inbox, lambda: watched.now, CHAT_ID, "turn-2")
        watched.lease.staged.set()
        watched.watch._thread.join(PATIENCE)

        with pytest.raises(LeaseLost):
            watched.watch.check()

    assert watched.did.empty()


def test_a_renewal_that_failed_is_tried_again_a_second_later(watched: Watched) -> None:
    """An inbox that is down for a moment does not cost the lease, and is not asked without a pause."""
    watched.watch.tick()
    watched.inbox.down = True
    watched.now += RENEW_INTERVAL_SECONDS
    watched.lease.stage(phase="replying")
    watched.watch.tick()
    assert not watched.lease.staged.is_set()

    watched.inbox.down = False
    watched.now += REFRESH_INTERVAL_SECONDS
    watched.watch.tick()

    assert watched.until == watched.now + LEASE_SECONDS


def test_the_watch_ends_with_its_block(watched: Watched) -> None:
    """No thread stays behind, whatever ended the block."""
    before = threading.active_count()

    with pytest.raises(ZeroDivisionError), watched.watch:
        _ = 1 / 0

    assert threading.active_count() == before


def test_a_stop_hangs_up_on_a_model_that_is_silent(watched: Watched) -> None:
    """Seen at the next look, it ends the call from the watch's own thread: nobody waits for the next word."""
    hung = threading.Event()
    with watched.watch, watched.watch.cancel_token.bind(hung.set):
        watched.begin()
        assert not hung.is_set()

        watched.control = Control(stopped_at=watched.now)
        watched.pass_time(REFRESH_INTERVAL_SECONDS)

        assert hung.wait(PATIENCE)


def test_who_loses_the_lease_hangs_up(watched: Watched) -> None:
    """Another worker has the chat: what the model would say is nobody's."""
    hung = threading.Event()
    with watched.watch, watched.watch.cancel_token.bind(hung.set):
        watched.begin()

        watched.inbox.leases[CHAT_ID].fence += 1
        watched.pass_time(RENEW_INTERVAL_SECONDS)

        assert hung.wait(PATIENCE)


def test_a_look_counts_for_a_second_before_a_visible_act(watched: Watched) -> None:
    """Acts within it look no further; the first after it looks again, and is told of a stop."""
    watched.watch.ensure_may_send()
    watched.now += MAX_CONTROL_AGE_SECONDS
    watched.control = Control(stopped_at=watched.now)
    watched.watch.ensure_may_send()
    watched.expect("looked")
    assert watched.did.empty()

    watched.now += 0.01
    with pytest.raises(ReplyStopped):
        watched.watch.ensure_may_send()


def test_no_visible_act_follows_a_lease_that_ran_out(watched: Watched) -> None:
    """Whatever the last look said."""
    watched.watch.ensure_may_send()
    watched.now += LEASE_SECONDS

    with pytest.raises(LeaseLost):
        watched.watch.ensure_may_send()


def test_ids_of_visible_messages_are_written_before_the_next_act(watched: Watched) -> None:
    """The worker that takes the chat over knows them."""
    watched.lease.record_visible({"0": "message-1"}, "said")
    watched.watch.ensure_may_send()

    holding = watched.inbox.leases[CHAT_ID].holding
    assert holding is not None
    assert holding.visible.message_ids == {"0": "message-1"}


def test_what_the_plan_has_read_counts_as_a_look(watched: Watched) -> None:
    """The watch looks a second after that, and a mute that the plan has read is heeded at once."""
    watched.watch.note_control(Control(), watched.now)
    watched.watch.ensure_may_send()
    watched.now += 0.9
    watched.watch.tick()
    assert list(watched.did.queue) == ["sent a wake"]

    watched.watch.note_control(Control(muted_until=watched.now + 60.0), watched.now)
    with pytest.raises(ReplyStopped):
        watched.watch.ensure_may_send()


def test_an_older_read_is_no_look(watched: Watched) -> None:
    """A plan that was slow does not take back what the watch has seen since."""
    watched.control = Control(stopped_at=watched.now)
    with pytest.raises(ReplyStopped):
        watched.watch.refresh()

    watched.watch.note_control(Control(), watched.now - 1.0)

    with pytest.raises(ReplyStopped):
        watched.watch.ensure_may_send()


def test_while_the_reply_grows_its_acts_look(watched: Watched) -> None:
    """The watch itself looks half as often then."""
    watched.watch.ensure_may_send()
    watched.watch.tick()
    for _ in range(4):
        watched.now += 0.6
        watched.watch.ensure_may_send()
        watched.watch.tick()

    looks = [act for act in watched.did.queue if act == "looked"]
    assert len(looks) == 3


def test_a_visible_act_waits_for_a_note_that_is_being_written(watched: Watched) -> None:
    """What the watch writes just now may be lost with this worker: nothing more is shown before."""
    is_writing, may_write, happened = threading.Event(), threading.Event(), Queue[str]()

    def write_slowly() -> None:
        is_writing.set()
        may_write.wait(PATIENCE)
        happened.put("written")

    def act() -> None:
        watched.watch.ensure_held()
        happened.put("shown")

    with watched.watch:
        watched.begin()
        watched.inbox.delays = write_slowly
        watched.lease.record_visible({"0": "17.1"}, "Hello")
        assert is_writing.wait(PATIENCE)
        acting = threading.Thread(target=act)
        acting.start()
        acting.join(BRIEF_WAIT_SECONDS)
        may_write.set()
        acting.join(PATIENCE)

    assert [happened.get(timeout=PATIENCE) for _ in range(2)] == ["written", "shown"]


def test_a_visible_act_waits_for_a_note_that_could_not_be_written(watched: Watched) -> None:
    """While which messages are visible cannot be written no other is shown; as soon as it can, it is."""
    watched.watch.tick()
    watched.lease.record_visible({"0": "17.1"}, "Hello")
    watched.inbox.down = True
    watched.watch.tick()

    with pytest.raises(Unavailable):
        watched.watch.ensure_held()
    watched.inbox.down = False
    watched.watch.ensure_held()

    holding = watched.inbox.leases[CHAT_ID].holding
    assert holding is not None
    assert holding.visible.message_ids == {"0": "17.1"}
