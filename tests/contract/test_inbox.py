"""The contract of `ports.Inbox`, and of the leases in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from random import Random
from typing import Any

import msgspec
import pytest

from repartee.channels.web.payloads import MAX_TEXT_CHARS as WEB_MAX_TEXT_CHARS
from repartee.domain.feedback import Feedback
from repartee.domain.message import Attachment, ContextPart, Message
from repartee.domain.reply import VisibleState
from repartee.domain.stored_size import CUT_MARK
from repartee.errors import LeaseLost
from repartee.ports import Inbox, JoinedWake, LeaseHeld, LeaseRecord, OutageState, PutResult
from repartee.ports.inbox import WAITING_WAKE_SECONDS
from repartee.turn.lease import Lease
from tests.support.inbox_builders import (
    CHAT_ID,
    change_arrival,
    label_of,
    make_exchange,
    make_message,
    only_messages,
)

CONTRACT = Attachment(kind="file", id="F1", name="contract.pdf", mime="application/pdf")
PHOTO = Attachment(kind="image", id="F2")
SAME: dict[str, Any] = {"correlation": "request-1", "platform": make_message().platform}


def make_revision(text: str, **more: Any) -> Message:
    """What the author of the first message makes of it, some seconds later."""
    return make_message(text, id="1-edited-9.1", revises="1", sent=1.0, overheard=True, received=9.0, **more)


def random_text(chars: int) -> str:
    """Text that compression makes no shorter than a language with many characters is."""
    return "".join(Random(chars).choices([chr(code) for code in range(0x20000, 0x2A000)], k=chars))


def held(inbox: Inbox, *ids: str, now: float = 100.0, turn: str = "t1") -> LeaseRecord:
    """A lease whose turn answers these messages."""
    holding = msgspec.structs.replace(inbox.acquire_lease(CHAT_ID, turn, now, now + 20), messages=ids)
    inbox.write_lease(holding)
    return holding


def test_a_new_message_is_kept_open(inbox: Inbox) -> None:
    """A message is kept once, and waits for its answer."""
    kept = inbox.put(make_message())

    assert kept == PutResult(is_new=True, is_open=True)
    assert inbox.list_open(CHAT_ID).messages == (make_message(),)


def test_a_redelivery_changes_nothing(inbox: Inbox) -> None:
    """A message that is there is told to be open, and stays as it was first kept."""
    inbox.put(make_message("first"))

    kept = inbox.put(make_message("second"))

    assert kept == PutResult(is_new=False, is_open=True)
    assert inbox.list_open(CHAT_ID).messages == (make_message("first"),)


def test_a_redelivery_after_the_answer_is_not_open(inbox: Inbox) -> None:
    """A message that was answered stays answered, however often it is delivered."""
    inbox.put(make_message())
    inbox.close_turn(held(inbox, "1"), make_exchange())

    kept = inbox.put(make_message())

    assert kept == PutResult(is_new=False, is_open=False)
    assert inbox.list_open(CHAT_ID).messages == ()


def test_messages_wait_in_the_order_they_were_sent(inbox: Inbox) -> None:
    """What is open comes oldest first, in whatever order it came, however many digits a time has."""
    for id in ("30", "4", "200"):
        inbox.put(make_message(id=id))

    assert [one.id for one in inbox.list_open(CHAT_ID).messages] == ["4", "30", "200"]


def test_a_message_is_found_by_its_id(inbox: Inbox) -> None:
    """What a person said, while it waits and when it was answered; openings and presses are not."""
    inbox.put(make_message("the first", id="1"))
    inbox.put(make_message("elsewhere", id="2", chat=f"{CHAT_ID}9"))
    inbox.put(change_arrival(make_message(id="3"), proposal_id="p1"))

    found = inbox.find_said(CHAT_ID, ["1", "2", "3", "4"])

    assert found == {"1": make_message("the first", id="1")}


def test_a_reply_is_found_by_the_ids_of_its_messages(inbox: Inbox) -> None:
    """Each of them leads to its exchange."""
    exchange = msgspec.structs.replace(make_exchange(), reply_ids=("900", "901"))
    inbox.put(make_message())
    inbox.close_turn(held(inbox, "1"), exchange)

    assert inbox.find_said(CHAT_ID, ["901", "1"]) == {"901": exchange, "1": make_message()}
    assert inbox.find_said(CHAT_ID, ["902"]) == {}
    assert inbox.find_said(CHAT_ID, []) == {}


def test_what_people_think_of_a_reply_is_kept_with_its_turn(inbox: Inbox) -> None:
    """For each person the latest, however often it is delivered; of a turn that is not there, nothing."""
    inbox.put(make_message())
    inbox.close_turn(held(inbox, "1"), make_exchange("t1"))
    ben = Feedback(chat=CHAT_ID, turn="t1", person="slack:T1:U0BEN", helpful=False, given_at=210.0)
    ada = Feedback(chat=CHAT_ID, turn="t1", person="slack:T1:U0ADA", helpful=True, given_at=220.0)
    earlier = msgspec.structs.replace(ada, helpful=False, given_at=200.0)

    assert [inbox.save_feedback(one) for one in (earlier, ada, ada, ben)] == [True] * 4
    assert not inbox.save_feedback(earlier)
    assert not inbox.save_feedback(msgspec.structs.replace(ada, turn="t2"))

    status = inbox.read_answer_status(CHAT_ID, "1")
    assert status is not None
    assert (status.reply, status.feedback) == ("hi", (ben, ada))
    assert inbox.read_answer_status(CHAT_ID, "t2") is None


def test_an_unknown_chat_is_empty(inbox: Inbox) -> None:
    """Nothing waits where nothing was said."""
    assert inbox.list_open("slack:T9:C9").messages == ()
    assert not inbox.participates("slack:T9:C9")


def test_a_chat_is_known_after_its_answer(inbox: Inbox) -> None:
    """The assistant takes part in a chat once something was kept there."""
    inbox.put(make_message())
    inbox.close_turn(held(inbox, "1"), make_exchange())

    assert inbox.participates(CHAT_ID)


def test_what_is_overheard_makes_no_chat_known(inbox: Inbox) -> None:
    """People who talk to each other are no part of a conversation with the assistant, until one speaks to it,
    however much it has overheard before."""
    long = "x" * 30_000
    for number in range(1, 40):
        inbox.put(make_message(long, id=str(number), addressed=False, overheard=True))
    assert not inbox.participates(CHAT_ID)

    inbox.put(make_message(id="99"))

    assert inbox.participates(CHAT_ID)


def test_more_waits_than_a_page_holds(inbox: Inbox) -> None:
    """However much waits, all of it is found."""
    long = "x" * 30_000
    for number in range(40):
        inbox.put(make_message(long, id=str(number + 1)))

    assert [one.id for one in inbox.list_open(CHAT_ID).messages] == [str(number + 1) for number in range(40)]


def test_one_worker_has_the_chat(inbox: Inbox) -> None:
    """While a lease is held, another worker is told until when."""
    inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0)

    with pytest.raises(LeaseHeld) as busy:
        inbox.acquire_lease(CHAT_ID, "t2", 119.0, 139.0)

    assert busy.value.until == 120.0


def test_of_many_workers_one_gets_the_chat(inbox: Inbox, request: pytest.FixtureRequest) -> None:
    """Sixteen workers at once: one has the lease, the others are told that it is taken."""
    if "moto" in request.node.name:
        pytest.skip(reason="moto's server checks a condition and writes in two steps")

    def acquire(number: int) -> bool:
        try:
            inbox.acquire_lease(CHAT_ID, f"t{number}", 100.0, 120.0)
        except LeaseHeld:
            return False
        return True

    with ThreadPoolExecutor(16) as workers:
        got = list(workers.map(acquire, range(16)))

    assert got.count(True) == 1


def test_many_deliveries_at_once_lose_and_double_nothing(
    inbox: Inbox, request: pytest.FixtureRequest
) -> None:
    """64 threads deliver the same messages, each of them twice: each is new once, and they wait in order."""
    if "moto" in request.node.name:
        pytest.skip(reason="moto's server checks a condition and writes in two steps")
    messages = [make_message(id=str(n)) for n in range(1, 65)]

    with ThreadPoolExecutor(64) as webhooks:
        kept = list(webhooks.map(inbox.put, [*messages, *reversed(messages)]))

    assert sum(one.is_new for one in kept) == 64
    assert all(one.is_open for one in kept)
    assert list(inbox.list_open(CHAT_ID).messages) == messages


def test_a_fence_grows(inbox: Inbox) -> None:
    """Each acquisition has a greater fence than any before, released, run out or closed."""
    inbox.put(make_message())
    first = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0)
    inbox.release_lease(first)
    second = inbox.acquire_lease(CHAT_ID, "t2", 101.0, 121.0)
    third = held(inbox, "1", now=200.0, turn="t3")
    inbox.close_turn(third, make_exchange())
    fourth = inbox.acquire_lease(CHAT_ID, "t4", 201.0, 221.0)

    assert first.fence < second.fence < third.fence < fourth.fence


def test_a_released_turn_without_messages_leaves_nothing(inbox: Inbox) -> None:
    """A turn that found nothing to answer is forgotten with its release."""
    inbox.release_lease(inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0))

    again = inbox.acquire_lease(CHAT_ID, "t2", 101.0, 121.0)

    assert (again.turn, again.messages, again.attempts, again.phase) == ("t2", (), 1, "gathering")


def test_an_unfinished_turn_is_handed_on(inbox: Inbox) -> None:
    """Whoever takes the lease after a turn that failed goes on with it, as it was left, one attempt later."""
    shown = VisibleState(intent_at=101.0, message_ids={"ts": "5"}, text="so far")
    left = msgspec.structs.replace(held(inbox, "1", "2"), phase="replying", visible=shown)
    inbox.write_lease(left)
    inbox.release_lease(left)

    again = inbox.acquire_lease(CHAT_ID, "t2", 102.0, 122.0)

    assert (again.turn, again.messages, again.attempts) == ("t1", ("1", "2"), 2)
    assert (again.phase, again.visible) == ("replying", shown)


def test_a_dead_workers_turn_is_handed_on(inbox: Inbox) -> None:
    """A lease that ran out is taken, and its turn goes on."""
    held(inbox, "1", now=100.0)

    again = inbox.acquire_lease(CHAT_ID, "t2", 120.0, 140.0)

    assert (again.turn, again.attempts) == ("t1", 2)


def test_a_turn_that_fixed_no_messages_does_not_count(inbox: Inbox) -> None:
    """A worker that died before it knew what to answer has not tried to answer it."""
    inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0)

    assert inbox.acquire_lease(CHAT_ID, "t2", 130.0, 150.0).attempts == 1


def test_who_lost_the_lease_writes_nothing(inbox: Inbox) -> None:
    """Every write of an old fence is refused, and changes nothing."""
    inbox.put(make_message())
    old = held(inbox, "1", now=100.0)
    new = inbox.acquire_lease(CHAT_ID, "t2", 130.0, 150.0)

    for write in (
        inbox.write_lease,
        inbox.release_lease,
        lambda holding: inbox.close_turn(holding, make_exchange()),
    ):
        with pytest.raises(LeaseLost):
            write(old)

    assert inbox.list_open(CHAT_ID).messages == (make_message(),)
    with pytest.raises(LeaseHeld):
        inbox.acquire_lease(CHAT_ID, "t3", 140.0, 160.0)
    assert new.fence > old.fence


def test_a_renewal_holds_the_lease_longer(inbox: Inbox) -> None:
    """What is written says until when the lease is held."""
    holding = held(inbox, "1", now=100.0)

    inbox.write_lease(msgspec.structs.replace(holding, until=140.0))

    with pytest.raises(LeaseHeld) as busy:
        inbox.acquire_lease(CHAT_ID, "t2", 130.0, 150.0)
    assert busy.value.until == 140.0


def test_closing_answers_the_turns_messages_alone(inbox: Inbox) -> None:
    """What came while the turn ran still waits, and the chat is free."""
    inbox.put(make_message(id="1"))
    holding = held(inbox, "1")
    inbox.put(make_message(id="2"))

    inbox.close_turn(holding, make_exchange())

    assert [one.id for one in inbox.list_open(CHAT_ID).messages] == ["2"]
    assert inbox.acquire_lease(CHAT_ID, "t2", 101.0, 121.0).turn == "t2"


def test_an_exchange_waits_until_it_is_remembered(inbox: Inbox) -> None:
    """Both sides of a turn can be read until they are remembered, and repeating that is nothing."""
    inbox.put(make_message())
    closed = make_exchange("t1", make_message())
    inbox.close_turn(held(inbox, "1"), closed)

    assert inbox.list_open(CHAT_ID).exchanges == (closed,)

    inbox.mark_persisted(closed)
    inbox.mark_persisted(closed)

    assert inbox.list_open(CHAT_ID).exchanges == ()


def test_closing_twice_is_closing_once(inbox: Inbox) -> None:
    """A close whose answer was lost may be repeated."""
    inbox.put(make_message())
    holding = held(inbox, "1")
    inbox.close_turn(holding, make_exchange("t1", make_message()))

    inbox.close_turn(holding, make_exchange("t1", make_message()))

    assert inbox.list_open(CHAT_ID).messages == ()


def test_what_failed_can_wait_again(inbox: Inbox) -> None:
    """A message whose answer failed is open again, once; one that was answered, or is unknown, is not."""
    for id in ("1", "2"):
        inbox.put(make_message(id=id))
    inbox.close_turn(held(inbox, "1"), make_exchange("t1"), failed="Unavailable")
    inbox.close_turn(held(inbox, "2", now=130.0, turn="t2"), make_exchange("t2", make_message(id="2")))

    reopened = [list(inbox.reopen(CHAT_ID, ["1", "2", "3"])) for _ in range(2)]

    assert reopened == [["1"], []]
    assert inbox.list_open(CHAT_ID).messages == (make_message(id="1"),)
    progress = inbox.read_answer_status(CHAT_ID, "1")
    assert progress is not None
    assert (progress.is_open, progress.failure_reason) == (True, "")


def test_what_is_forgotten_is_found(inbox: Inbox) -> None:
    """What has been open for long is found, in chats that are neither held nor young."""
    chats = {name: f"slack:T1:C1:{name}" for name in ("old", "young", "held", "unremembered")}
    inbox.put(make_message(chat=chats["old"], received=10.0))
    inbox.put(make_message(chat=chats["young"], received=90.0))
    inbox.put(make_message(chat=chats["held"], received=10.0))
    inbox.acquire_lease(chats["held"], "t1", 99.0, 119.0)
    inbox.put(make_message(chat=chats["unremembered"], received=10.0))
    holding = inbox.acquire_lease(chats["unremembered"], "t2", 20.0, 40.0)
    holding = msgspec.structs.replace(holding, messages=("1",))
    inbox.close_turn(holding, make_exchange("t2", make_message(chat=chats["unremembered"]), at=30.0))

    found = list(inbox.list_stale_chats(before=60.0, now=100.0))

    assert sorted(found) == sorted([chats["old"], chats["unremembered"]])


def test_many_forgotten_chats_are_all_found(inbox: Inbox) -> None:
    """Each chat is named once, however many there are and however much is open in it."""
    for number in range(120):
        for id in ("1", "2"):
            inbox.put(make_message(chat=f"slack:T1:C{number}", id=id, received=10.0))

    found = list(inbox.list_stale_chats(before=60.0, now=100.0))

    assert sorted(found) == sorted(f"slack:T1:C{number}" for number in range(120))


def test_what_is_large_is_kept_whole(inbox: Inbox) -> None:
    """Several long messages and their answer, more than an item of DynamoDB holds, go through as they are."""
    lines = "".join(f"2026-11-22 05:{n % 60:02} request {n} took {n * 7919 % 997} ms\n" for n in range(5000))
    long = [make_message(lines, id=str(n)) for n in range(5)]
    for one in long:
        inbox.put(one)
    holding = held(inbox, *(one.id for one in long))

    assert list(inbox.list_open(CHAT_ID).messages) == long
    inbox.close_turn(holding, msgspec.structs.replace(make_exchange(), messages=tuple(long)))
    (kept,) = inbox.list_open(CHAT_ID).exchanges
    assert kept.messages == tuple(long)


def test_what_is_too_large_to_be_kept_is_cut(inbox: Inbox) -> None:
    """The longest texts end with a mark, the others stay; delivered again it is the same message."""
    quoted = ContextPart(kind="quoted", text=random_text(400_000))
    large = make_message("What does it say?", context=(quoted,))

    inbox.put(large)
    kept_again = inbox.put(large)

    assert kept_again == PutResult(is_new=False, is_open=True)
    (kept,) = only_messages(inbox.list_open(CHAT_ID).messages)
    assert kept.text == "What does it say?"
    words, mark, _ = kept.context[0].text.partition(CUT_MARK)
    assert len(words) > 10_000
    assert kept.context[0].text == words + mark == quoted.text[: len(words)] + CUT_MARK


def test_a_turn_whose_close_does_not_fit_is_closed_with_cut_texts(inbox: Inbox) -> None:
    """Messages that take all the room a turn has, and a reply that is longer than what is left."""
    long = [make_message(random_text(30_000), id=str(n)) for n in (1, 2)]
    for one in long:
        inbox.put(one)
    exchange = make_exchange("t1", *long, reply=random_text(200_000))

    inbox.close_turn(held(inbox, "1", "2"), exchange)

    assert inbox.list_open(CHAT_ID).messages == ()
    (kept,) = inbox.list_open(CHAT_ID).exchanges
    assert [one.id for one in kept.messages] == ["1", "2"]
    assert kept.reply.endswith(CUT_MARK)


def test_a_revision_that_does_not_fit_is_cut(inbox: Inbox) -> None:
    """Of a message that waits, and of one that was answered."""
    inbox.put(make_message())
    assert inbox.revise(make_revision(random_text(400_000))) == "waiting"
    (revised,) = only_messages(inbox.list_open(CHAT_ID).messages)
    inbox.close_turn(held(inbox, "1"), make_exchange())

    assert inbox.revise(make_revision(random_text(400_000))) == "answered"

    (exchange,) = inbox.list_open(CHAT_ID).exchanges
    assert [one.text.endswith(CUT_MARK) for one in (revised, *only_messages(exchange.messages))] == [True] * 2


@pytest.mark.parametrize("ids", [("1", "2", "3"), ("3", "1", "2")])
def test_what_one_turn_cannot_close_is_the_next_ones(inbox: Inbox, ids: tuple[str, ...]) -> None:
    """The messages that wait are claimed in order, as far as they fit, and each turn can be closed."""
    long = {id: make_message(random_text(WEB_MAX_TEXT_CHARS), id=id) for id in ids}
    for one in long.values():
        inbox.put(one)

    closed: list[list[str]] = []
    while (waiting := inbox.list_open(CHAT_ID)).messages:
        lease = Lease.acquire(inbox, lambda: 100.0, CHAT_ID, f"t{len(closed)}")
        claimed = lease.claim(waiting)
        lease.close(make_exchange(lease.turn, *claimed, reply="x" * 1000))
        closed += [[one.id for one in claimed]]

    assert closed == [["1"], ["2"], ["3"]]
    kept = [one for exchange in inbox.list_open(CHAT_ID).exchanges for one in exchange.messages]
    assert {one.id: one for one in kept} == long


def test_an_answered_message_is_erased_with_the_answer_to_it(inbox: Inbox) -> None:
    """Its words are neither in the message nor in the exchange, whose reply answered it alone."""
    inbox.put(make_message("first", id="1"))
    exchange = make_exchange("t1", make_message("first", id="1"))
    inbox.close_turn(held(inbox, "1"), exchange)

    for _ in range(2):
        inbox.erase_messages(CHAT_ID, ["1", "unknown"])

    erased = inbox.find_exchange_of(CHAT_ID, "1")
    assert erased is not None
    assert erased.reply == ""
    assert erased.to_stored() == ()
    assert "first" not in repr((erased, inbox.list_latest(CHAT_ID, 9), inbox.list_open(CHAT_ID)))
    assert inbox.find_exchange_of(CHAT_ID, "unknown") is None


def test_what_answered_others_too_stays(inbox: Inbox) -> None:
    """The other message and the reply to both."""
    for id, text in (("1", "first"), ("2", "second")):
        inbox.put(make_message(text, id=id))
    both = make_message("first", id="1"), make_message("second", id="2")
    inbox.close_turn(held(inbox, "1", "2"), make_exchange("t1", *both))

    inbox.erase_messages(CHAT_ID, ["1"])

    erased = inbox.find_exchange_of(CHAT_ID, "2")
    assert erased is not None
    assert [label_of(one) for one in erased.messages] == ["", "second"]
    assert erased.reply


def test_one_wake_is_scheduled_at_a_time(inbox: Inbox) -> None:
    """While one is due until then nobody sends another; an earlier one may be sent, and the next after it."""
    assert inbox.schedule_wake(CHAT_ID, 120.0, 100.0)
    assert not inbox.schedule_wake(CHAT_ID, 130.0, 110.0)
    assert inbox.schedule_wake(CHAT_ID, 115.0, 110.0)

    assert inbox.acquire_lease(CHAT_ID, "turn", 111.0, 131.0).wake_due == 115.0
    assert inbox.schedule_wake(CHAT_ID, 135.0, 115.0)


def test_a_scheduled_wake_holds_no_lease(inbox: Inbox) -> None:
    """Nor does it hide a chat that nobody attends to."""
    inbox.put(make_message())
    inbox.schedule_wake(CHAT_ID, 3000.0, 2000.0)

    assert list(inbox.list_stale_chats(2000.0, 2000.0)) == [CHAT_ID]
    assert inbox.acquire_lease(CHAT_ID, "turn", 2000.0, 2020.0).attempts == 1


def test_a_turn_that_waits_is_handed_on_with_what_it_waits_for(inbox: Inbox) -> None:
    """Its attempt does not count, and nobody takes it for forgotten until it is tried again."""
    inbox.put(make_message())
    holding = msgspec.structs.replace(held(inbox, "1"), attempts=0)
    outage = OutageState(turn=holding.turn, since=1000.0, retry_at=5000.0, failures=3, is_announced=True)
    inbox.write_lease(msgspec.structs.replace(holding, outage=outage))
    inbox.release_lease(msgspec.structs.replace(holding, outage=outage))

    assert list(inbox.list_stale_chats(4000.0, 4999.0)) == []
    assert list(inbox.list_stale_chats(4000.0, 5001.0)) == [CHAT_ID]
    again = inbox.acquire_lease(CHAT_ID, "another", 5001.0, 5021.0)
    assert (again.outage, again.attempts) == (outage, 1)


def test_a_turn_does_not_wait_for_what_the_one_before_it_waited_for(inbox: Inbox) -> None:
    """When that is closed, nothing of it is left."""
    inbox.put(make_message())
    holding = held(inbox, "1")
    inbox.write_lease(
        msgspec.structs.replace(holding, outage=OutageState(turn=holding.turn, retry_at=5000.0))
    )
    inbox.close_turn(holding, make_exchange())

    assert inbox.acquire_lease(CHAT_ID, "another", 3000.0, 3020.0).outage == OutageState()


def test_a_later_delivery_adds_what_it_knows_more(inbox: Inbox) -> None:
    """A message that waits gets the files and parts of its second event; what both tell is there once."""
    shared = ContextPart(kind="shared", text="words of others")
    inbox.put(make_message(attachments=(CONTRACT,)))

    kept = inbox.put(make_message(attachments=(CONTRACT, PHOTO), context=(shared,), mentioned=True))

    assert kept == PutResult(is_new=False, is_open=True)
    (waiting,) = inbox.list_open(CHAT_ID).messages
    assert waiting == make_message(attachments=(CONTRACT, PHOTO), context=(shared,), mentioned=True)


@pytest.mark.parametrize("answered", [False, True])
def test_what_comes_too_late_for_a_turn_is_given_back(inbox: Inbox, answered: bool) -> None:
    """While a turn holds the message, and after it, a later delivery changes nothing: what it knows more
    comes back as a message of its own."""
    inbox.put(make_message())
    lease = held(inbox, "1", now=1.0)
    if answered:
        inbox.close_turn(lease, make_exchange())

    kept = inbox.put(make_message(attachments=(CONTRACT,)))

    assert (kept.is_new, kept.is_open) == (False, not answered)
    assert kept.supplement == make_message(id="1-more", attachments=(CONTRACT,), sent=1.0, **SAME)
    assert inbox.list_latest(CHAT_ID, 5) == [make_message()]


def test_a_revision_replaces_what_waits(inbox: Inbox) -> None:
    """A message that waits has the new words, and stays what it was to the assistant."""
    inbox.put(make_message("old", mentioned=True))

    assert inbox.revise(make_revision("new")) == "waiting"
    assert inbox.revise(make_revision("new")) == "waiting"

    assert list(inbox.list_open(CHAT_ID).messages) == [make_message("new", mentioned=True)]


def test_a_deletion_takes_away_what_waits(inbox: Inbox) -> None:
    """Nothing waits any more; and deleting it again finds nothing."""
    inbox.put(make_message())

    assert inbox.revise(make_revision("", is_deletion=True)) == "waiting"

    assert inbox.list_open(CHAT_ID).messages == ()
    assert inbox.revise(make_revision("", is_deletion=True)) == "unknown"


def test_an_answered_message_is_revised_too(inbox: Inbox) -> None:
    """The inbox has the new words, or none; and it stays answered."""
    inbox.put(make_message("old"))
    inbox.close_turn(held(inbox, "1"), make_exchange())

    assert inbox.revise(make_revision("new")) == "answered"
    assert [one.text for one in inbox.list_latest(CHAT_ID, 5)] == ["new"]
    assert inbox.revise(make_revision("", is_deletion=True)) == "answered"
    assert [one.text for one in inbox.list_latest(CHAT_ID, 5)] == [""]
    assert inbox.list_open(CHAT_ID).messages == ()


def test_an_exchange_has_the_words_that_its_message_has_now(inbox: Inbox) -> None:
    """The answer stands, and what is not yet persisted is persisted as it reads now."""
    inbox.put(make_message("old"))
    exchange = make_exchange("t1", make_message("old"))
    inbox.close_turn(held(inbox, "1"), exchange)

    inbox.revise(make_revision("new"))

    (waiting,) = inbox.list_open(CHAT_ID).exchanges
    assert waiting == inbox.find_exchange_of(CHAT_ID, "1")
    assert [label_of(one) for one in waiting.messages] == ["new"]
    assert waiting.reply == exchange.reply


def test_a_change_told_without_files_leaves_them(inbox: Inbox) -> None:
    """Telegram and WhatsApp tell the words alone; where the files are told, one that is gone goes."""
    inbox.put(make_message("old", attachments=(CONTRACT,)))

    inbox.revise(make_revision("new", keeps_files=True))
    (kept,) = only_messages(inbox.list_open(CHAT_ID).messages)
    inbox.revise(make_revision("newer"))
    (without,) = only_messages(inbox.list_open(CHAT_ID).messages)

    assert [(one.text, one.attachments) for one in (kept, without)] == [("new", (CONTRACT,)), ("newer", ())]


def test_what_a_turn_holds_is_revised_for_later(inbox: Inbox) -> None:
    """The turn that has read it goes on; the inbox has the new words."""
    inbox.put(make_message("old"))
    held(inbox, "1", now=1.0)

    assert inbox.revise(make_revision("", is_deletion=True)) == "answered"

    assert [one.text for one in inbox.list_latest(CHAT_ID, 5)] == [""]


def test_an_unknown_message_cannot_be_revised(inbox: Inbox) -> None:
    """And nothing is kept of it."""
    assert inbox.revise(make_revision("new")) == "unknown"
    assert inbox.list_latest(CHAT_ID, 5) == []


def test_the_latest_messages_are_the_newest_oldest_first(inbox: Inbox) -> None:
    """Answered or not, overheard or not, without revisions and presses."""
    for number in range(1, 6):
        inbox.put(make_message(f"number {number}", id=f"17890000{number:02}.000100", overheard=number == 4))
    inbox.put(make_revision("new"))

    assert [one.text for one in inbox.list_latest(CHAT_ID, 2)] == ["number 4", "number 5"]
    assert inbox.list_latest("slack:T9:C9", 2) == []


@pytest.mark.parametrize("kind", ["hashes", "others between"])
def test_the_latest_messages_are_the_newest_whatever_their_ids(inbox: Inbox, kind: str) -> None:
    """WhatsApp's ids are hashes, and what a team's members write has ids of its own."""
    for number in range(30):
        if kind == "hashes":
            id = sha256(str(number).encode()).hexdigest()
        else:
            id = f"team-{number:04}" if number % 3 else f"17890000{number:02}.000100"
        inbox.put(make_message(f"number {number}", id=id, sent=1_789_000_000.0 + number))

    latest = inbox.list_latest(CHAT_ID, 4)

    assert [one.text for one in latest] == [f"number {number}" for number in range(26, 30)]


def test_a_lease_is_taken_with_the_message_that_it_is_about(inbox: Inbox) -> None:
    """In the same write; of an unfinished turn the messages stay as they were."""
    inbox.put(make_message(id="1"))
    fresh = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0, message_id="1")
    assert (fresh.turn, fresh.messages, fresh.attempts) == ("t1", ("1",), 1)

    taken_up = inbox.acquire_lease(CHAT_ID, "t2", 130.0, 150.0, message_id="2")

    assert (taken_up.turn, taken_up.messages, taken_up.attempts) == ("t1", ("1",), 2)


def test_taking_a_lease_notes_the_wake_that_is_due_at_its_end(inbox: Inbox) -> None:
    """Unless one is due before: then that one stands, and another worker is told of it."""
    first = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0)
    assert first.wake_due == 120.0
    assert not inbox.schedule_wake(CHAT_ID, 125.0, 105.0)
    inbox.release_lease(first)

    second = inbox.acquire_lease(CHAT_ID, "t2", 110.0, 130.0)
    assert second.wake_due == 120.0
    with pytest.raises(LeaseHeld) as busy:
        inbox.acquire_lease(CHAT_ID, "t3", 111.0, 131.0)
    assert (busy.value.until, busy.value.wake_due) == (130.0, 120.0)


def test_taking_a_lease_notes_the_successor_that_is_on_its_way(inbox: Inbox) -> None:
    """Whatever was due before: the worker sends none itself."""
    inbox.schedule_wake(CHAT_ID, 110.0, 100.0)

    lease = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0, successor_due=121.0)

    assert lease.wake_due == 121.0


def test_a_wake_that_is_not_sent_is_not_due(inbox: Inbox) -> None:
    """A lease that is released without it leaves no note behind."""
    lease = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0)

    inbox.release_lease(msgspec.structs.replace(lease, wake_due=0.0))

    assert inbox.schedule_wake(CHAT_ID, 125.0, 105.0)


def test_the_holder_learns_at_its_close_who_has_found_the_chat_held(inbox: Inbox) -> None:
    """That there may be more to answer. Without a knock there is none, and a knock is told once."""
    for number, knocks in enumerate((False, True, False)):
        message, now = make_message(id=f"{number}"), 100.0 + 30 * number
        inbox.put(message)
        lease = inbox.acquire_lease(CHAT_ID, f"t{number}", now, now + 20, message_id=message.id)
        if knocks:
            assert inbox.knock(CHAT_ID, now + 1)

        assert inbox.close_turn(lease, make_exchange(f"t{number}", message)) is knocks
        assert not inbox.list_open(CHAT_ID).messages


def test_nobody_is_behind_a_door_that_is_open(inbox: Inbox) -> None:
    """A knock at a chat that nobody holds, or whose lease ran out, is told to be in vain."""
    assert not inbox.knock("slack:T1:C1:unknown", 100.0)
    lease = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0)
    assert not inbox.knock(CHAT_ID, 121.0)

    inbox.release_lease(lease)

    assert not inbox.knock(CHAT_ID, 110.0)


def test_messages_of_a_chat_that_waits_share_a_wake(inbox: Inbox) -> None:
    """The first that asks sends one. Until a worker has it the others need none; after that they do again."""
    joined = [inbox.join_wake(CHAT_ID, now).is_expected for now in (100.0, 101.0, 102.0)]
    assert joined == [False, True, True]
    lease = inbox.acquire_lease(CHAT_ID, "t1", 103.0, 123.0)
    inbox.release_lease(lease)

    assert inbox.join_wake(CHAT_ID, 104.0) == JoinedWake()


def test_a_worker_that_waits_leaves_a_wake_for_all_that_comes_meanwhile(inbox: Inbox) -> None:
    """It gives the chat back until its people have fallen quiet: their next messages need no wake of their
    own, until a worker has that one. One that gives the chat back without a wake leaves none."""
    lease = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0, successor_due=120.5)
    inbox.release_lease(msgspec.structs.replace(lease, woken_at=100.1))

    assert inbox.join_wake(CHAT_ID, 101.0) == JoinedWake(is_expected=True, guard_due=120.5)
    assert inbox.join_wake(CHAT_ID, 102.0).is_expected
    inbox.release_lease(inbox.acquire_lease(CHAT_ID, "t2", 103.0, 123.0))
    assert not inbox.join_wake(CHAT_ID, 104.0).is_expected


def test_a_message_of_a_chat_whose_turn_waits_needs_no_wake(inbox: Inbox) -> None:
    """The turn has one of its own, which comes when its backend is tried again; then that is over."""
    inbox.put(make_message(id="1"))
    lease = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0, message_id="1")
    waiting = OutageState(turn="t1", since=101.0, retry_at=130.0, failures=1)
    inbox.write_lease(lease := msgspec.structs.replace(lease, outage=waiting))
    inbox.release_lease(lease)

    joined = inbox.join_wake(CHAT_ID, 110.0)

    assert joined.is_expected
    assert joined.is_held
    inbox.release_lease(inbox.acquire_lease(CHAT_ID, "t2", 131.0, 151.0))
    assert not inbox.join_wake(CHAT_ID, 132.0).is_expected


def test_a_lease_tells_of_the_wake_in_reserve(inbox: Inbox) -> None:
    """Also to the worker that goes on with the turn: it need not send another."""
    inbox.put(make_message(id="1"))
    lease = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0, message_id="1", successor_due=120.5)
    inbox.release_lease(lease)

    assert inbox.acquire_lease(CHAT_ID, "t2", 102.0, 122.0).guard_due == 120.5


def test_a_wake_that_could_not_be_sent_is_not_waited_for(inbox: Inbox) -> None:
    """The next delivery of its message sends it. Where none was noted nothing changes."""
    inbox.forget_wake("slack:T0BUTLER:C0OTHER")
    inbox.join_wake(CHAT_ID, 100.0)

    inbox.forget_wake(CHAT_ID)

    assert not inbox.join_wake(CHAT_ID, 101.0).is_expected


def test_the_wake_in_reserve_is_known_to_all_once_a_worker_has_its_first(inbox: Inbox) -> None:
    """Also when the turn is over: the process that takes in the next message need not send another. One that
    only the lease notes, for its worker to send, does not count."""
    inbox.put(message := make_message(id="1"))
    lease = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0, message_id="1", successor_due=120.5)
    during = inbox.join_wake(CHAT_ID, 101.0)
    inbox.close_turn(lease, make_exchange("t1", message))
    after = inbox.join_wake(CHAT_ID, 103.0)
    inbox.release_lease(inbox.acquire_lease(CHAT_ID, "t2", 121.0, 141.0))

    assert during == JoinedWake(is_expected=True, is_held=True, guard_due=120.5)
    assert after == JoinedWake(guard_due=120.5)
    assert inbox.join_wake(CHAT_ID, 122.0) == JoinedWake(guard_due=120.5)


def test_who_holds_the_chat_looks_again_for_what_joins(inbox: Inbox) -> None:
    """The close tells of it, and holds back no later message."""
    inbox.put(message := make_message(id="1"))
    lease = inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0, message_id="1")

    assert inbox.join_wake(CHAT_ID, 101.0).is_held
    assert inbox.close_turn(lease, make_exchange("t1", message))
    assert not inbox.join_wake(CHAT_ID, 102.0).is_expected


def test_a_wake_that_never_came_is_waited_for_no_longer(inbox: Inbox) -> None:
    """It was lost, or its worker died: the next message is woken for."""
    inbox.join_wake(CHAT_ID, 100.0)

    assert not inbox.join_wake(CHAT_ID, 100.0 + WAITING_WAKE_SECONDS).is_expected


def test_a_note_of_a_wake_ends_with_any_lease_that_is_taken_later(inbox: Inbox) -> None:
    """A worker that has had the wake says so by its lease; the note that it may have left is not believed."""
    assert not inbox.join_wake(CHAT_ID, 100.0).is_expected
    assert inbox.join_wake(CHAT_ID, 101.0).is_expected
    lease = inbox.acquire_lease(CHAT_ID, "turn", 102.0, 122.0)
    inbox.release_lease(lease)

    assert not inbox.join_wake(CHAT_ID, 103.0).is_expected
