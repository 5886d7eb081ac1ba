"""Events reach their receivers: in the order of their conversation, and whatever the receiver does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from unittest import mock

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from repartee.domain.desk import DeskWebhook
from repartee.domain.desk_event import DeadEvent
from repartee.domain.message import Exchange
from repartee.outbox.delivery import LANE_SECONDS
from repartee.ports.outbox import PostResult
from standins.webhooks.server import WebhookReceiverStandIn
from tests.support.desk_events import (
    CHAT,
    LANE,
    NUMBER,
    SECRET,
    URL,
    WEBHOOK,
    EventWorld,
    make_batch,
)
from tests.support.inbox_builders import make_message

HOUR_SECONDS = 3600.0
DOWN = PostResult(0, "ConnectError")


def test_events_are_sent_in_order() -> None:
    """Within a turn and from turn to turn; nothing of them is left."""
    world = EventWorld()
    for number in range(4):
        world.close_turn(f"{number}a", f"{number}b")

    world.run_all_workers()

    assert world.receiver.taken_of(CHAT) == [f"evt_{n}{part}" for n in range(4) for part in "ab"]
    assert len(world.receiver.taken) == 8
    assert world.events_waiting() == 0
    assert (world.outbox.lanes, world.queue.waiting) == ({}, {})
    assert world.metrics == [("DeskEventsDelivered", 1)] * 8


def test_a_receiver_verifies_each_body() -> None:
    """With the library of Standard Webhooks; one that was changed on the way it refuses."""
    world = EventWorld()
    world.close_turn("1", "2")
    world.run_all_workers()
    receiver = Webhook(SECRET)

    for url, headers, body in world.receiver.requests:
        stamped = {**headers}
        assert url == URL
        assert _verify(receiver, body, stamped, world.now) == json.loads(body)
        with pytest.raises(WebhookVerificationError):
            _verify(receiver, body + b" ", stamped, world.now)


def _verify(receiver: Webhook, body: bytes, headers: dict[str, str], now: float) -> object:
    """Verifies as the library does, at the time of the test."""
    moment = datetime.fromtimestamp(now, UTC)
    with mock.patch("standardwebhooks.webhooks.datetime") as clock:
        clock.now.return_value = moment
        clock.fromtimestamp = datetime.fromtimestamp
        return receiver.verify(body, headers)


def test_a_rotated_key_signs_beside_the_former() -> None:
    """So that a receiver that has either accepts the event."""
    world, former = EventWorld(), "whsec_" + "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY="
    world.secrets["desk-hook"] = (SECRET, former)
    world.close_turn("1")
    world.run_all_workers()

    ((_, headers, body),) = world.receiver.requests
    for secret in (SECRET, former):
        assert _verify(Webhook(secret), body, dict(headers), world.now)


def test_a_receiver_that_is_down_for_hours_is_sent_everything_after() -> None:
    """In order, and once; later events wait behind the first, and nothing is called more than it need be."""
    world = EventWorld()
    world.receiver.answers = lambda id: DOWN
    for number in range(5):
        world.close_turn(f"{number}")
        world.run_until(world.now + 2 * HOUR_SECONDS)
    assert world.receiver.taken == []
    attempts = len(world.receiver.requests)

    world.receiver.answers = lambda id: PostResult(200)
    world.run_until(world.now + 4 * HOUR_SECONDS)

    assert [one["id"] for one in world.receiver.taken] == [f"evt_{number}" for number in range(5)]
    assert {headers["webhook-id"] for _, headers, _ in world.receiver.requests[:attempts]} == {"evt_0"}
    assert 6 <= attempts <= 12
    assert "gap" not in world.receiver.taken[0]
    assert (world.queue.dead, world.outbox.lanes) == ([], {})


def test_delays_grow_and_go_beyond_what_the_queue_can_wait() -> None:
    """Kept in the record: the queue's messages carry the lane alone, and each waits a quarter of an hour at
    the most."""
    world = EventWorld()
    tried: list[float] = []
    world.receiver.answers = lambda id: DOWN
    world.receiver.meanwhile = lambda: tried.append(world.now)
    world.close_turn("1")
    world.run_until(20 * HOUR_SECONDS)

    waited = [later - sooner for sooner, later in pairwise(tried)]
    assert waited[:5] == pytest.approx([5, 20, 80, 320, 1280], abs=1.5)
    assert max(waited) == pytest.approx(3 * HOUR_SECONDS, abs=1.5)
    assert max(world.queue.delays) == 900.0
    assert len(world.queue.waiting) == 1
    assert len(world.queue.delays) < 100


def test_another_event_does_not_hasten_a_receiver_that_is_down() -> None:
    """Its message finds that the lane waits, and leaves it to the one that is on its way."""
    world = EventWorld()
    world.receiver.answers = lambda id: DOWN
    world.close_turn("1")
    world.run_until(2000.0)
    before = len(world.receiver.requests)
    for number in range(5):
        world.close_turn(f"more {number}")
    world.run_all_workers()

    assert len(world.receiver.requests) == before
    assert len(world.queue.waiting) == 1


def test_a_receiver_may_ask_for_time() -> None:
    """By Retry-After: it is not called before then."""
    world = EventWorld()
    world.receiver.answers = lambda id: PostResult(429, "", 2 * HOUR_SECONDS)
    world.close_turn("1")
    world.run_until(1000.0 + 2 * HOUR_SECONDS - 2)
    assert len(world.receiver.requests) == 1

    world.receiver.answers = lambda id: PostResult(200)
    world.run_until(1000.0 + 2 * HOUR_SECONDS)
    assert world.receiver.taken_of(CHAT) == ["evt_1"]


def test_an_event_that_is_refused_for_a_day_lets_the_next_go_on_and_leaves_a_gap() -> None:
    """The dead letter names it by its ids; the next event says what is missing, and none after that does."""
    world = EventWorld()
    world.receiver.answers = lambda id: PostResult(500 if id == "evt_bad" else 200)
    world.close_turn("bad")
    world.close_turn("next")
    world.run_until(30 * HOUR_SECONDS)
    world.close_turn("last")
    world.run_all_workers()

    (letter,) = world.queue.dead
    assert isinstance(letter, DeadEvent)
    assert (letter.chat, letter.event_id, letter.reason) == (CHAT, "evt_bad", "HTTP 500")
    assert world.receiver.taken_of(CHAT) == ["evt_next", "evt_last"]
    assert [one.get("gap") for one in world.receiver.taken] == [{"missed": 1, "events": ["evt_bad"]}, None]
    assert world.outbox.lanes == {}


def test_a_gap_is_remembered_while_nothing_happens() -> None:
    """The event after it may come much later."""
    world = EventWorld()
    world.receiver.answers = lambda id: PostResult(400)
    for _ in range(30):
        world.keep_turn("bad", "worse")
    world.close_turn("bad")
    world.run_until(40 * HOUR_SECONDS)
    assert len(world.queue.dead) == 61
    world.receiver.answers = lambda id: PostResult(200)
    world.run_until(90 * HOUR_SECONDS)
    assert world.queue.waiting == {}

    world.close_turn("later")
    world.run_all_workers()

    (taken,) = world.receiver.taken
    assert taken["gap"]["missed"] == 61
    assert len(taken["gap"]["events"]) == 20


def test_a_dead_event_is_replayed() -> None:
    """With its own id, and another day to be taken in."""
    world = EventWorld()
    world.receiver.answers = lambda id: DOWN
    world.close_turn("1", "2")
    world.run_until(30 * HOUR_SECONDS)
    letters = [one for one in world.queue.dead if isinstance(one, DeadEvent)]
    assert [one.event_id for one in letters] == ["evt_1", "evt_2"]

    for letter in letters:
        assert world.outbox.revive_event(letter, world.now)
        world.queue.send(LANE)
    world.run_until(world.now + HOUR_SECONDS)
    world.receiver.answers = lambda id: PostResult(200)
    world.run_until(world.now + 4 * HOUR_SECONDS)

    assert [one["id"] for one in world.receiver.taken] == ["evt_1", "evt_2"]
    assert world.outbox.dead == {}


def test_a_receiver_that_is_gone_is_sent_nothing_more() -> None:
    """Nor is what waited for it; other receivers go on, and it may be resumed."""
    world = EventWorld()
    world.receiver.answers = lambda id: PostResult(410)
    world.close_turn("1", "2")
    world.close_turn("3")
    world.run_until(5 * HOUR_SECONDS)
    assert len(world.receiver.requests) == 1
    assert world.outbox.list_ended(NUMBER) == [LANE.endpoint]
    assert (world.events_waiting(), world.outbox.lanes, world.queue.dead) == (0, {}, [])

    world.outbox.resume_endpoints(NUMBER)
    world.receiver.answers = lambda id: PostResult(200)
    world.close_turn("4")
    world.run_all_workers()
    assert world.receiver.taken_of(CHAT) == ["evt_4"]


def test_a_receiver_that_is_not_configured_any_more_is_sent_nothing() -> None:
    """What waited for it is left out, and counted."""
    world = EventWorld()
    world.close_turn("1", "2")
    world.configure(DeskWebhook(url="https://other.example.com/", secret="desk-hook"))
    world.run_all_workers()

    assert world.receiver.requests == []
    assert world.metrics == [("DeskEventsLeftOut", 2)]
    assert world.events_waiting() == 0


def test_a_receiver_with_a_name_keeps_its_events_when_it_moves() -> None:
    """They go to its new address."""
    named = DeskWebhook(url=URL, secret="desk-hook", name="crm")
    world = EventWorld(named)
    world.keep_turn()
    moved = msgspec.structs.replace(named, url="https://new.example.com/")

    assert named.endpoint_id == moved.endpoint_id
    assert DeskWebhook(url=URL, secret="s").endpoint_id != named.endpoint_id


@pytest.mark.parametrize("secret", ["", "sk-live-openai-key", "whsec_c2hvcnQ=", "whsec_$$$"])
def test_nothing_is_sent_that_cannot_be_signed(secret: str) -> None:
    """A secret that is missing, or was made for something else: when it is put right the event is sent."""
    world = EventWorld()
    world.secrets["desk-hook"] = (secret,) if secret else ()
    world.close_turn("1")
    world.run_until(1000.0 + HOUR_SECONDS)
    assert world.receiver.requests == []

    world.secrets["desk-hook"] = (SECRET,)
    world.run_until(1000.0 + 4 * HOUR_SECONDS)
    assert world.receiver.taken_of(CHAT) == ["evt_1"]


def test_of_two_workers_one_sends() -> None:
    """The other comes while an event is on its way, and leaves its own to the first."""
    world = EventWorld()
    world.close_turn("1")

    def come_meanwhile() -> None:
        world.receiver.meanwhile = lambda: None
        world.close_turn("2")
        assert world.run_worker()

    world.receiver.meanwhile = come_meanwhile
    world.run_worker()

    assert [one["id"] for one in world.receiver.taken] == ["evt_1", "evt_2"]
    assert world.queue.waiting == {}


def test_a_worker_that_stalls_loses_the_lane() -> None:
    """What it was at is sent again by the next, under the same id, and no event twice by both after that."""
    world = EventWorld()
    world.close_turn("1", "2", "3")

    def stall() -> None:
        world.receiver.meanwhile = lambda: None
        world.now += LANE_SECONDS + 1
        world.queue.send(LANE)
        assert world.run_worker()

    world.receiver.meanwhile = stall
    world.run_worker()

    assert [one["id"] for one in world.receiver.taken] == ["evt_1", "evt_2", "evt_3", "evt_1"]
    assert world.events_waiting() == 0


def test_an_event_whose_announcement_was_lost_goes_with_the_next() -> None:
    """In its order."""
    world = EventWorld()
    world.keep_turn("1")
    world.close_turn("2")
    world.run_all_workers()

    assert world.receiver.taken_of(CHAT) == ["evt_1", "evt_2"]


def test_a_worker_whose_time_is_up_leaves_the_rest_to_another() -> None:
    """At once, and in order."""
    world = EventWorld()
    world.close_turn(*map(str, range(10)))

    def take_time() -> None:
        world.now += 6.0

    world.receiver.meanwhile = take_time
    world.run_worker(seconds=30.0)
    assert 0 < len(world.receiver.taken) < 10
    world.run_all_workers()

    assert [one["id"] for one in world.receiver.taken] == [f"evt_{number}" for number in range(10)]


def test_conversations_do_not_wait_for_a_receiver_of_others() -> None:
    """One that does not answer is left alone after a few attempts, of whichever conversations."""
    other = DeskWebhook(url="https://slow.example.com/", secret="desk-hook")
    world = EventWorld(other)
    world.receiver.answers = lambda id: DOWN
    for number in range(200):
        chat = f"{NUMBER}:{number}"
        lease = world.inbox.acquire_lease(chat, "t", world.now, world.now + 20)
        closed = Exchange(
            turn="t", chat=chat, room=chat, assistant="desk", messages=(), reply="", answered_at=world.now
        )
        batch = make_batch(f"{number}", chat=chat, endpoint=other.endpoint_id, at=world.now)
        world.inbox.close_turn(lease, closed, events=[batch])
        world.queue.send(msgspec.structs.replace(LANE, chat=chat, endpoint=other.endpoint_id))
    world.run_all_workers()
    assert len(world.receiver.requests) == 5

    world.receiver.answers = lambda id: PostResult(200)
    world.run_until(world.now + 4 * HOUR_SECONDS)
    assert len({one["id"] for one in world.receiver.taken}) == 200


def test_words_are_sent_only_where_the_configuration_says_so() -> None:
    """As they are when they are sent: what was erased since is not."""
    message = make_message("my code is 17", id="7", chat=CHAT, room=CHAT, channel="whatsapp")
    exchange = Exchange(
        turn="t7", chat=CHAT, room=CHAT, assistant="desk", messages=(message,), reply="ok", answered_at=1.0
    )
    seen = {}
    for texts in (False, True):
        world = EventWorld(msgspec.structs.replace(WEBHOOK, texts=texts))
        world.close_turn("7", exchange=exchange)
        world.run_all_workers()
        seen[texts] = world.receiver.taken[0]["data"]
    assert "text" not in seen[False]
    assert seen[True]["text"] == "my code is 17"

    world = EventWorld(msgspec.structs.replace(WEBHOOK, texts=True))
    world.keep_turn("7", exchange=exchange)
    del world.inbox.exchanges["t7"]
    world.queue.send(LANE)
    world.run_all_workers()
    assert "text" not in world.receiver.taken[0]["data"]


def test_a_body_is_bounded() -> None:
    """However long a message is."""
    message = make_message("語" * 60_000, id="7", chat=CHAT, room=CHAT, channel="whatsapp")
    exchange = Exchange(
        turn="t7", chat=CHAT, room=CHAT, assistant="desk", messages=(message,), reply="", answered_at=1.0
    )
    world = EventWorld(msgspec.structs.replace(WEBHOOK, texts=True))
    world.close_turn("7", exchange=exchange)
    world.run_all_workers()

    ((_, _, body),) = world.receiver.requests
    assert len(body) < 20_000


def test_two_thousand_conversations() -> None:
    """Of which a part is refused for a while: each receives all of its events, in order, once."""
    world, sent = EventWorld(), 2000
    refused = {f"evt_{number}-1" for number in range(0, sent, 20)}
    world.receiver.answers = lambda id: PostResult(503 if id in refused and world.now < 2000 else 200)
    for part in range(3):
        for number in range(sent):
            world.close_turn(f"{number}-{part}", chat=f"{NUMBER}:{number}")
    world.run_until(world.now + 4 * HOUR_SECONDS)

    taken: dict[str, list[str]] = {}
    for one in world.receiver.taken:
        taken.setdefault(one["data"]["conversation"], []).append(one["id"])
    assert taken == {
        f"{NUMBER}:{number}": [f"evt_{number}-{part}" for part in range(3)] for number in range(sent)
    }


def test_the_stand_in_of_a_receiver_takes_what_is_signed() -> None:
    """And refuses what was changed, is too old, or too large, as a receiver of the specification does."""
    world, receiver = EventWorld(), WebhookReceiverStandIn(lambda: 1000.0, SECRET)
    world.close_turn("1")
    world.run_all_workers()
    ((_, headers, body),) = world.receiver.requests

    assert receiver.take(headers, body) == receiver.take(headers, body) == 204
    assert list(receiver.taken) == ["evt_1"]
    assert receiver.take(headers, body + b" ") == 401
    assert receiver.take({**headers, "webhook-timestamp": "1"}, body) == 401
    assert receiver.take({}, body) == 401
    assert receiver.take(headers, b"x" * 70_000) == 413
