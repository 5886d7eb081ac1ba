"""No stored item grows without a bound: each takes the largest that anybody can send, on a real server.

DynamoDB refuses an item of more than 400 KB, and a turn whose item is refused cannot be closed.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pytest

from repartee.assistants.office.profile import MAX_NOTES_PER_PERSON, note_entry
from repartee.domain.feedback import Feedback
from repartee.domain.message import Attachment, ContextPart, Exchange, Message, Person
from repartee.domain.names import KnownName
from repartee.domain.proposal import Proposal
from repartee.domain.reply import ActiveMessage, VisibleState
from repartee.ports import Summary, WebEvent
from repartee.stores.dynamodb.coaching import DynamoCoaching
from repartee.stores.dynamodb.events import DynamoEvents
from repartee.stores.dynamodb.feedback import MAX_FEEDBACK_PERSONS
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.proposals import DynamoProposals
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.dynamodb.workouts import DynamoWorkouts
from repartee.turn.claims import MAX_CLAIMED_MESSAGES
from tests.support import aws
from tests.support.inbox_builders import CHAT_ID, ROOM_ID, make_message
from tests.support.memory_workouts import make_workout

NOW = 1_789_000_000.0

MAX_ITEM_BYTES = 400 * 1024

MAX_PLATFORM_CHARS = 65_536
"""Characters of the longest message that a channel takes: the web's. Slack's have 40,000."""

CHARACTERS = {
    "Chinese, which no compression shortens": [chr(code) for code in range(0x4E00, 0x9FA0)],
    "letters of four bytes": [chr(code) for code in range(0x20000, 0x2A000)],
    "characters that JSON writes in six bytes": [chr(code) for code in range(1, 32)],
}


@pytest.fixture(params=CHARACTERS)
def write(request: pytest.FixtureRequest) -> Callable[[int], str]:
    """Writes a text of so many characters."""
    characters, random = CHARACTERS[request.param], Random(7)
    return lambda length: "".join(random.choices(characters, k=length))


@pytest.fixture
def table(dynamodb_local: str) -> tuple[Any, str]:
    client = aws.make_client("dynamodb", dynamodb_local)
    return client, aws.make_table(client)


def stored_sizes(table: tuple[Any, str]) -> list[int]:
    """The bytes of every item, twice for one that is in the local index as well."""
    client, name = table
    pages = client.get_paginator("scan").paginate(TableName=name)
    return [_size(item) * (2 if "open" in item else 1) for page in pages for item in page["Items"]]


def _size(item: Any) -> int:
    return sum(len(name) + len(value) for name, value in _leaves("", item))


def _leaves(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _leaves(key, inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves("", inner)]
    return [(name.encode(), value if isinstance(value, bytes) else str(value).encode("utf-8"))]


def largest_message(write: Callable[[int], str], id: str) -> Message:
    """A message of which everything is as large as a platform lets it be."""
    people = tuple(Person(f"slack:T0123456789:U{n:010}", write(80)) for n in range(500))
    files = tuple(Attachment(kind="file", id=f"F{n:010}", name=write(255), mime="a/b") for n in range(10))
    part = ContextPart(kind="forwarded", author=people[0], text=write(4_000), attachments=files)
    return make_message(
        write(MAX_PLATFORM_CHARS),
        id=id,
        sender_name=write(80),
        mentions=people,
        attachments=files,
        context=(part,) * 20,
        received=NOW,
    )


def test_a_message_and_its_exchange_fit(write: Callable[[int], str], table: tuple[Any, str]) -> None:
    """The largest message is kept, answered and closed, and what people think of it is kept beside it."""
    inbox = DynamoInbox(*table)
    message = largest_message(write, "1")
    assert inbox.put(message).is_new
    assert inbox.put(message).is_open

    lease = inbox.acquire_lease(CHAT_ID, "t1", NOW, NOW + 20)
    visible = VisibleState(intent_at=NOW, message_ids={"ts": "1"}, text=write(12_000))
    lease = msgspec.structs.replace(lease, messages=("1",), visible=visible)
    inbox.write_lease(lease)
    (kept,) = inbox.list_open(CHAT_ID).messages
    exchange = Exchange(
        turn="t1",
        chat=CHAT_ID,
        room=ROOM_ID,
        assistant="office",
        messages=(kept,),
        reply=write(12_000),
        answered_at=NOW,
        reply_ids=tuple(f"{n}.000100" for n in range(20)),
    )
    inbox.close_turn(lease, exchange)
    for number in range(MAX_FEEDBACK_PERSONS + 50):
        person = f"slack:T0123456789:U{number:010}"
        inbox.save_feedback(Feedback(chat=CHAT_ID, turn="t1", person=person, helpful=True, given_at=NOW))
    inbox.mark_persisted(exchange)

    assert inbox.list_open(CHAT_ID).messages == ()
    assert max(stored_sizes(table)) <= MAX_ITEM_BYTES


def test_many_raters_do_not_fill_a_reply(table: tuple[Any, str]) -> None:
    """So many people's feedback is kept as has room; who is among them may change their mind."""
    inbox = DynamoInbox(*table)
    inbox.put(make_message(id="1", received=NOW))
    lease = msgspec.structs.replace(inbox.acquire_lease(CHAT_ID, "t1", NOW, NOW + 20), messages=("1",))
    exchange = Exchange(
        turn="t1", chat=CHAT_ID, room=ROOM_ID, assistant="office", messages=(), reply="yes", answered_at=NOW
    )
    inbox.close_turn(lease, exchange)

    def rate(number: int, at: float) -> bool:
        person = f"slack:T1:U{number}"
        return inbox.save_feedback(
            Feedback(chat=CHAT_ID, turn="t1", person=person, helpful=True, given_at=at)
        )

    assert [rate(n, NOW) for n in range(MAX_FEEDBACK_PERSONS + 20)].count(True) == MAX_FEEDBACK_PERSONS
    assert rate(0, NOW + 1)


def test_a_lease_with_as_many_messages_as_a_turn_claims_fits(
    write: Callable[[int], str], table: tuple[Any, str]
) -> None:
    """Their ids, and the longest reply, are in one item."""
    inbox = DynamoInbox(*table)
    lease = inbox.acquire_lease(CHAT_ID, "t1", NOW, NOW + 20)
    ids = tuple(f"{n:064}" for n in range(MAX_CLAIMED_MESSAGES))
    visible = VisibleState(
        intent_at=NOW, message_ids={str(n): "1" * 32 for n in range(20)}, text=write(12_000)
    )

    inbox.write_lease(msgspec.structs.replace(lease, messages=ids, visible=visible))

    assert max(stored_sizes(table)) <= MAX_ITEM_BYTES


def test_the_coachs_conversation_fits(write: Callable[[int], str], table: tuple[Any, str]) -> None:
    """Fourteen exchanges of twenty of the longest messages each: the newest twelve are kept, and go on."""
    coaching = DynamoCoaching(*table, lambda: NOW)
    asked = tuple(make_message(write(20_000), id=str(n), sender_name=write(80)) for n in range(20))
    for number in range(14):
        coaching.append_history(
            Exchange(
                turn=f"t{number}",
                chat=CHAT_ID,
                room=ROOM_ID,
                assistant="coach",
                messages=asked,
                reply=write(12_000),
                answered_at=NOW + number,
            )
        )

    history = coaching.read_coach_state(ROOM_ID, CHAT_ID, "slack:T1:U1").history
    assert {one.id for one in history if one.side == "assistant"} == {f"{CHAT_ID}#t{n}" for n in range(2, 14)}
    assert max(stored_sizes(table)) <= MAX_ITEM_BYTES


def test_a_conversation_that_an_earlier_version_has_filled_is_begun_anew(table: tuple[Any, str]) -> None:
    """Every turn of the chat would fail otherwise."""
    client, name = table
    filled = {f"said:{n}": {"S": "x" * 40_500} for n in range(10)}
    item = {"pk": {"S": CHAT_ID}, "sk": {"S": "conversation"}} | filled
    client.put_item(TableName=name, Item=item)
    coaching = DynamoCoaching(client, name, lambda: NOW)
    hardly_compressed = "".join(Random(1).choices([chr(code) for code in range(0x4E00, 0x9000)], k=6_000))

    coaching.append_history(
        Exchange(
            turn="t1",
            chat=CHAT_ID,
            room=ROOM_ID,
            assistant="coach",
            messages=(make_message("y" + hardly_compressed),),
            reply="z" * 12_000,
            answered_at=NOW,
        )
    )

    said = coaching.read_coach_state(ROOM_ID, CHAT_ID, "slack:T1:U1").history
    assert [one.text[:1] for one in said] == ["y", "z"]


def test_what_is_known_of_people_and_rooms_fits(write: Callable[[int], str], table: tuple[Any, str]) -> None:
    """Notes, names, the summary, mutes, what is shown: each is cut, or the oldest is forgotten."""
    records = DynamoRecords(*table, lambda: NOW)
    person = "slack:T1:U1"
    for number in range(MAX_NOTES_PER_PERSON):
        records.update_profile(person, note_entry(f"{number} {write(5_000)}"), ROOM_ID)
    records.update_profile(person, dict.fromkeys(("name", "role", "team", "preferences"), write(100_000)))
    for first in range(0, 1_000, 200):
        names = {f"U{n:010}": KnownName(write(5_000), NOW + n) for n in range(first, first + 200)}
        records.save_names(ROOM_ID, names)
    records.save_summary(CHAT_ID, Summary(write(500_000), NOW), after=0.0)
    records.mute(ROOM_ID, NOW + 60, NOW, "9" * 500)
    for number in range(300):
        shown = ActiveMessage(key=f"t{number:020}", kind="post", started_at=NOW - 100, ends_at=NOW - 50)
        records.publish_active("slack:T1", shown)

    state = records.read_chat_state(ROOM_ID, CHAT_ID, person)
    assert state.summary.text
    assert len(state.names) == 300
    assert max(stored_sizes(table)) <= MAX_ITEM_BYTES


def test_proposals_events_and_workouts_fit(write: Callable[[int], str], table: tuple[Any, str]) -> None:
    """A proposal as large as one may be, all that is told of it, a reply's events, an endless name."""
    proposals, workouts = DynamoProposals(*table, lambda: NOW), DynamoWorkouts(*table)
    proposal = Proposal(
        id="p1",
        chat=CHAT_ID,
        approver="slack:T1:U1",
        summary=write(3_000),
        action="erp",
        payload=write(100 * 1024 // 6),
        expires_at=NOW + 600,
    )
    proposals.put(proposal)
    proposals.finish_execution("p1", write(500_000))
    DynamoEvents(*table, lambda: NOW).append(
        "log", [WebEvent(f"{n:016}", "delta", write(50_000)) for n in range(6)]
    )
    workouts.put("slack:T1:U1", [make_workout("2026-09-01", exercise=write(200))])

    found = proposals.find("p1")
    assert found is not None
    assert found.result_text
    assert max(stored_sizes(table)) <= MAX_ITEM_BYTES
