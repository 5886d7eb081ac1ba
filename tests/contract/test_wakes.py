"""The contract of `ports.Wakes`, on ElasticMQ and on moto, with what the queue itself promises."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.aws.queue import DeadLetter, SqsWakes, Wake
from repartee.errors import DeadlineExceeded, InvalidArgument, NotFound
from repartee.plan import deadline
from tests.support import aws

CHAT = "slack:T1:C1:1.5"


class Queues:
    """The wakes and where they end, and a look at what is in them."""

    def __init__(self, sqs: Any, receives: int = 5) -> None:
        self._sqs = sqs
        self.queue, self.dead = aws.make_wakes(sqs, receives)
        self.wakes = SqsWakes(sqs, self.queue, self.dead)

    def received(self, queue: str = "", wait: int = 0) -> list[Any]:
        answer = self._sqs.receive_message(
            QueueUrl=queue or self.queue, WaitTimeSeconds=wait, MaxNumberOfMessages=10
        )
        found: list[Any] = answer.get("Messages", [])
        return found


@pytest.fixture
def queues(sqs: Any) -> Queues:
    return Queues(sqs)


def test_a_wake_names_the_chat_and_who_asked(queues: Queues) -> None:
    """A wake arrives with its chat and its correlation id, and then is invisible to others."""
    queues.wakes.send(CHAT, correlation="c1")

    (message,) = queues.received()

    assert msgspec.json.decode(message["Body"], type=Wake) == Wake(CHAT, "c1")
    assert queues.received() == []


def test_a_wake_can_be_delayed(queues: Queues) -> None:
    """A delayed wake is not seen at once, and comes later; part of a second is a whole one."""
    queues.wakes.send(CHAT, delay=0.2)

    assert queues.received() == []
    assert len(queues.received(wait=20)) == 1


def test_a_wake_can_have_a_successor(queues: Queues) -> None:
    """Both are sent in one call. The first says when the second is due; the second says that it is a safety
    net, and cannot be seen before that."""
    queues.wakes.send_with_successor(CHAT, 0.0, "c1", 1.0, 1_789_000_001.5)

    (first,) = queues.received()
    assert msgspec.json.decode(first["Body"], type=Wake) == Wake(CHAT, "c1", 1_789_000_001.5)
    (second,) = queues.received(wait=20)
    assert msgspec.json.decode(second["Body"], type=Wake) == Wake(CHAT, "c1", is_safety_net=True)


def test_a_delay_is_never_longer_than_the_queue_can(queues: Queues) -> None:
    """A delay of hours is shortened to fifteen minutes; whoever is woken too early looks, and waits."""
    queues.wakes.send(CHAT, delay=50_000)

    assert queues.received() == []


def test_a_hidden_wake_comes_back(queues: Queues) -> None:
    """A received wake that is hidden for no time comes back at once; hidden for long it stays away."""
    queues.wakes.send(CHAT)
    (message,) = queues.received()

    queues.wakes.extend_visibility(message["ReceiptHandle"], 0)
    (again,) = queues.received(wait=20)
    queues.wakes.extend_visibility(again["ReceiptHandle"], 300)

    assert again["MessageId"] == message["MessageId"]
    assert queues.received() == []


def test_a_wake_that_nobody_finishes_ends_as_a_dead_letter(sqs: Any) -> None:
    """A wake that was received as often as allowed goes to the dead letters."""
    queues = Queues(sqs, receives=2)
    queues.wakes.send(CHAT)
    for _ in range(2):
        (message,) = queues.received(wait=20)
        queues.wakes.extend_visibility(message["ReceiptHandle"], 0)

    assert queues.received() == []
    (dead,) = queues.received(queues.dead, wait=20)
    assert msgspec.json.decode(dead["Body"], type=Wake).chat == CHAT


def test_a_dead_letter_names_chat_and_messages(queues: Queues) -> None:
    """What got no answer is named, and its texts are not."""
    queues.wakes.dead_letter(CHAT, iter(["1", "2"]), "failed three times")

    (message,) = queues.received(queues.dead)

    assert msgspec.json.decode(message["Body"], type=DeadLetter) == DeadLetter(
        CHAT, ("1", "2"), "failed three times"
    )


def test_a_queue_that_is_not_there_says_so(sqs: Any, queues: Queues) -> None:
    """A queue that does not exist is not found."""
    with pytest.raises(NotFound):
        SqsWakes(sqs, f"{queues.queue}-none").send(CHAT)


def test_a_receipt_that_is_none_is_rejected(queues: Queues) -> None:
    """To hide what was never received is our fault, and says so."""
    with pytest.raises(InvalidArgument):
        queues.wakes.extend_visibility("nonsense", 10)


def test_no_call_is_made_when_no_time_is_left(queues: Queues) -> None:
    """At and past the deadline every call is late at once, and sends nothing."""
    with deadline.limited_to(0), pytest.raises(DeadlineExceeded):
        queues.wakes.send(CHAT)

    assert queues.received() == []


def test_many_chats_are_woken_in_batches(queues: Queues) -> None:
    """Each once, however many there are; and the queue says about how many wait."""
    chats = [f"slack:T1:C1:{number}" for number in range(23)]

    queues.wakes.send_all(chats, correlation="sweep")

    assert queues.wakes.count_waiting() == 23
    received: list[str] = []
    while some := queues.received():
        received += [msgspec.json.decode(message["Body"], type=Wake).chat for message in some]
    assert sorted(received) == sorted(chats)
