"""The contract of `ports.EventOutbox`, and of what closes of turns write into it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from repartee.domain.desk_event import DeadEvent, DeskEvent, EventBatch, EventLane, LaneState, single_out
from repartee.domain.message import Exchange
from repartee.errors import LeaseLost
from repartee.ports import Inbox
from repartee.ports.outbox import EventOutbox
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.outbox import DynamoOutbox
from tests.support import aws
from tests.support.desk_events import CHAT, LANE, NUMBER, make_batch
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_stores import MemoryInbox

Stores = tuple[Inbox, EventOutbox]


@pytest.fixture(params=["memory", "dynamodb_local"])
def both(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        inbox = MemoryInbox()
        return inbox, MemoryOutbox(inbox)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    table = aws.make_table(dynamodb)
    return DynamoInbox(dynamodb, table), DynamoOutbox(dynamodb, table, lambda: 1000.0)


@pytest.fixture
def outbox(both: Stores) -> EventOutbox:
    return both[1]


def close(inbox: Inbox, turn: str, *batches: EventBatch, chat: str = CHAT, at: float = 1000.0) -> None:
    """Closes a turn with its events."""
    lease = inbox.acquire_lease(chat, turn, at, at + 20)
    exchange = Exchange(
        turn=turn, chat=chat, room=chat, assistant="desk", messages=(), reply=f"re {turn}", answered_at=at
    )
    inbox.close_turn(lease, exchange, events=batches)


def acquire(outbox: EventOutbox, token: str, now: float = 1000.0, lane: EventLane = LANE) -> LaneState:
    taken = outbox.acquire_lane(lane, token, now, now + 45)
    assert taken is not None
    return taken


def kinds(outbox: EventOutbox, lane: EventLane = LANE) -> list[str]:
    return [event.message for kept in outbox.list_batches(lane, 25) for event in kept.batch.events]


def test_batches_wait_in_the_order_of_their_turns(both: Stores) -> None:
    """Those of one receiver and one chat: others are in lanes of their own."""
    inbox, outbox = both
    for number in range(12):
        close(inbox, f"t{number}", make_batch(f"{number}"), make_batch(f"o{number}", endpoint="other"))
    close(inbox, "t1", make_batch("elsewhere", chat="whatsapp:100:2"), chat="whatsapp:100:2")

    assert kinds(outbox) == [f"{number}" for number in range(12)]
    assert kinds(outbox, EventLane(CHAT, "other")) == [f"o{number}" for number in range(12)]
    assert [one.batch.events[0].message for one in outbox.list_batches(LANE, 2)] == ["0", "1"]


def test_a_batch_is_read_as_it_was_written(both: Stores) -> None:
    """With every field of its events; and the exchange that it is about is found."""
    inbox, outbox = both
    event = DeskEvent(
        id="evt_1",
        kind="rated",
        at=1.5,
        message="m",
        revises="r",
        files=2,
        sent_by="member",
        customer="c",
        member="b",
        handover="h",
        reason="asked",
        outcome="done",
        score=4,
    )
    batch = msgspec.structs.replace(make_batch("1"), events=(event,), turn="t1")
    close(inbox, "t1", batch)

    (kept,) = outbox.list_batches(LANE, 25)
    found = outbox.find_exchange(CHAT, "t1")

    assert kept.batch == batch
    assert found is not None
    assert found.reply == "re t1"
    assert outbox.find_exchange(CHAT, "t2") is None


def test_a_close_that_fails_keeps_no_events(both: Stores) -> None:
    """They are written with it or not at all."""
    inbox, outbox = both
    lease = inbox.acquire_lease(CHAT, "t1", 1000.0, 1020.0)
    inbox.acquire_lease(CHAT, "t2", 1030.0, 1050.0)
    exchange = Exchange(
        turn="t1", chat=CHAT, room=CHAT, assistant="desk", messages=(), reply="", answered_at=1.0
    )

    with pytest.raises(LeaseLost):
        inbox.close_turn(lease, exchange, events=[make_batch("1")])

    assert kinds(outbox) == []


def test_the_receivers_of_an_exchange_are_known_as_long_as_it_is_open(both: Stores) -> None:
    """So that a worker that finds it announces its events."""
    inbox, _ = both
    lease = inbox.acquire_lease(CHAT, "t1", 1000.0, 1020.0)
    exchange = Exchange(
        turn="t1",
        chat=CHAT,
        room=CHAT,
        assistant="desk",
        messages=(),
        reply="",
        answered_at=1.0,
        endpoints=("e1", "e2"),
    )
    inbox.close_turn(lease, exchange)

    assert [one.endpoints for one in inbox.list_open(CHAT).exchanges] == [("e1", "e2")]


def test_one_worker_has_a_lane_and_looks_again_when_another_came(outbox: EventOutbox) -> None:
    """Who comes meanwhile is sent away, and need not come again."""
    state = acquire(outbox, "a")
    assert outbox.acquire_lane(LANE, "b", 1001.0, 1046.0) is None

    knocked = outbox.release_lane(state)
    assert knocked is not None
    assert outbox.acquire_lane(LANE, "b", 1002.0, 1047.0) is None
    knocked = outbox.release_lane(knocked)
    assert knocked is not None
    assert outbox.release_lane(knocked) is None
    assert acquire(outbox, "b", 1003.0).knocks == 0


def test_of_many_that_come_at_once_one_has_the_lane(outbox: EventOutbox) -> None:
    """In whatever order their writes arrive."""
    with ThreadPoolExecutor(6) as pool:
        taken = list(
            pool.map(lambda token: outbox.acquire_lane(LANE, token, 1000.0, 1045.0), map(str, range(6)))
        )

    held = [one for one in taken if one]
    assert len(held) == 1
    assert outbox.release_lane(held[0]) is not None


def test_a_lane_is_taken_over_when_its_worker_is_gone(outbox: EventOutbox) -> None:
    """As far as it had come; the former worker can write nothing any more."""
    state = msgspec.structs.replace(acquire(outbox, "a"), head="000000000001", done=2, failures=3)
    outbox.write_lane(state)

    taken = acquire(outbox, "b", 1050.0)

    assert (taken.head, taken.done, taken.failures, taken.token) == ("000000000001", 2, 3, "b")
    for change in (outbox.write_lane, outbox.release_lane):
        with pytest.raises(LeaseLost):
            change(state)
    outbox.write_lane(taken)


def test_a_lane_remembers_when_it_is_due_and_what_is_missing(outbox: EventOutbox) -> None:
    """After it was released; of one in which nothing is to be remembered nothing is left."""
    state = acquire(outbox, "a").miss("evt_0")
    state = msgspec.structs.replace(state, due_at=5000.0, wake_due=1900.0, failures=7)
    outbox.write_lane(state)
    outbox.release_lane(state)

    again = acquire(outbox, "b", 1001.0)

    assert (again.due_at, again.wake_due, again.failures) == (5000.0, 1900.0, 7)
    assert (again.missed, again.missed_number) == (("evt_0",), 1)
    done = msgspec.structs.replace(again, due_at=0.0, missed=(), missed_number=0)
    outbox.write_lane(done)
    outbox.release_lane(done)
    assert acquire(outbox, "c", 1002.0).failures == 0


def test_lanes_are_found_that_no_worker_looks_after(outbox: EventOutbox) -> None:
    """Those whose worker died, and those that are overdue; not those that are held, or due later."""
    died, due, held, later, gap = (EventLane(f"whatsapp:100:{number}", "e1") for number in range(5))
    for lane, due_at in ((due, 900.0), (later, 5000.0)):
        state = msgspec.structs.replace(acquire(outbox, "a", 800.0, lane), due_at=due_at)
        outbox.write_lane(state)
        outbox.release_lane(state)
    acquire(outbox, "a", 800.0, died)
    acquire(outbox, "a", 990.0, held)
    missed = acquire(outbox, "a", 800.0, gap).miss("evt_0")
    outbox.write_lane(missed)
    outbox.release_lane(missed)

    assert sorted(lane.chat for lane in outbox.list_idle_lanes(1000.0)) == [died.chat, due.chat]


def test_a_dead_event_waits_again_before_what_came_later(both: Stores) -> None:
    """It is dead once, whichever worker buries it, and comes back once; the rest of its batch stays."""
    inbox, outbox = both
    for number in range(3):
        close(inbox, f"t{number}", make_batch(f"{number}a", f"{number}b"))
    kept = outbox.list_batches(LANE, 25)[1]
    state, alone = acquire(outbox, "a").miss("evt_1b"), single_out(kept, 1)
    for _ in range(2):
        outbox.bury_event(state, alone)
    outbox.delete_batch(LANE, kept.position)
    outbox.delete_batch(LANE, kept.position)
    assert kinds(outbox) == ["0a", "0b", "2a", "2b"]

    dead = DeadEvent(CHAT, LANE.endpoint, alone.position, "evt_1b", "message.received", "HTTP 500")
    revived = [outbox.revive_event(dead, 2000.0) for _ in range(2)]

    assert revived == [True, False]
    assert kinds(outbox) == ["0a", "0b", "1b", "2a", "2b"]
    assert outbox.list_batches(LANE, 25)[1].batch.at == 2000.0
    assert single_out(outbox.list_batches(LANE, 25)[1], 0).position == alone.position


def test_a_worker_without_the_lane_buries_nothing(both: Stores) -> None:
    """What it was about stays as it is."""
    inbox, outbox = both
    close(inbox, "t1", make_batch("1"))
    state = acquire(outbox, "a")
    acquire(outbox, "b", 1050.0)

    with pytest.raises(LeaseLost):
        outbox.bury_event(state.miss("evt_1"), single_out(outbox.list_batches(LANE, 1)[0], 0))

    dead = DeadEvent(CHAT, LANE.endpoint, "000000000001#000", "evt_1", "rated", "")
    assert not outbox.revive_event(dead, 1.0)


def test_a_receiver_that_has_ended_may_be_resumed(outbox: EventOutbox) -> None:
    """With all of its number, and none of another's."""
    for number, endpoint in ((NUMBER, "e1"), (NUMBER, "e2"), ("web", "e1")):
        outbox.end_endpoint(number, endpoint, 1000.0)

    assert outbox.has_ended(NUMBER, "e1")
    assert not outbox.has_ended(NUMBER, "e3")
    assert sorted(outbox.list_ended(NUMBER)) == ["e1", "e2"]
    outbox.resume_endpoints(NUMBER)
    assert not outbox.has_ended(NUMBER, "e1")
    assert outbox.has_ended("web", "e1")
