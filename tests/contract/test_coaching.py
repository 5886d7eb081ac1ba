"""The contract of `ports.Coaching`."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.domain.message import Exchange
from repartee.ports import CoachRecords, CoachState
from repartee.stores.dynamodb.coaching import DynamoCoaching
from repartee.stores.dynamodb.items import primary_key, text_attribute
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws
from tests.support.inbox_builders import make_message
from tests.support.memory_stores import MemoryRecords
from tests.support.memory_workouts import MemoryCoaching

ROOM, CHAT, PERSON = "slack:T1:C1", "slack:T1:C1:5", "slack:T1:U1"
DIRECT = "slack:T1:D1"


class Kept:
    """A store, and a way to set up what it is asked about."""

    def __init__(self, kind: str, request: pytest.FixtureRequest) -> None:
        if kind == "memory":
            self.records: Any = MemoryRecords(lambda: 120.0)
            self.coaching: Any = MemoryCoaching(self.records)
            return
        self._dynamodb = aws.make_client("dynamodb", request.getfixturevalue(kind))
        self._table = aws.make_table(self._dynamodb)
        self.records = DynamoRecords(self._dynamodb, self._table, lambda: 120.0)
        self.coaching = DynamoCoaching(self._dynamodb, self._table, lambda: 120.0)

    def set_up(self, profile: dict[str, str], coach: dict[str, str], course: dict[str, str]) -> None:
        if isinstance(self.coaching, MemoryCoaching):
            self.records.profiles[PERSON] = profile
            self.coaching.coaches["slack:T1"], self.coaching.courses[PERSON] = coach, course
            return
        for pk, sk, values in (
            (PERSON, "profile", profile), ("slack:T1", "coach", coach), (PERSON, "course", course),
        ):  # fmt: skip
            item = primary_key(pk, sk) | {name: text_attribute(value) for name, value in values.items()}
            self._dynamodb.put_item(TableName=self._table, Item=item)


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def kept(request: pytest.FixtureRequest) -> Kept:
    return Kept(request.param, request)


@pytest.fixture
def coaching(kept: Kept) -> CoachRecords:
    store: CoachRecords = kept.coaching
    return store


def exchange(number: int, reply: str = "well done") -> Exchange:
    asked = make_message(id=str(number), chat=CHAT, room=ROOM, text=f"ran {number} km")
    return Exchange(
        turn=f"t{number}",
        chat=CHAT,
        room=ROOM,
        assistant="coach",
        messages=(asked,),
        reply=reply,
        answered_at=1000.0 + number,
    )


def test_nothing_is_known_of_a_stranger(coaching: CoachRecords) -> None:
    """Of an unknown person in an unknown chat nothing is known, and nothing is in the way."""
    assert coaching.read_coach_state(ROOM, CHAT, PERSON) == CoachState()


def test_all_comes_in_one_call(kept: Kept) -> None:
    """Mute, profile, the workspace's coach and what was agreed with the person come together; where others
    read, what is the person's own is not told."""
    kept.set_up({"name": "Ann"}, {"persona": "calm"}, {"plan": "3 x a week", "goals": "a marathon"})
    kept.records.mute(DIRECT, until=200.0, ordered_at=100.0)

    coached = kept.coaching.read_coach_state(DIRECT, DIRECT, PERSON)
    among_others = kept.coaching.read_coach_state(ROOM, CHAT, PERSON)

    assert coached.control.is_muted(199.0)
    assert coached.profile == {"name": "Ann"}
    assert coached.coach_config == {"persona": "calm"}
    assert coached.coaching_plan == {"plan": "3 x a week", "goals": "a marathon"}
    assert among_others.coach_config == {"persona": "calm"}
    assert (among_others.profile, among_others.coaching_plan) == ({}, {})


def test_a_conversation_has_its_newest_exchanges(coaching: CoachRecords) -> None:
    """Both sides come back, oldest first, each exchange once, whatever comes again: twelve exchanges."""
    for number in (2, 1, *range(1, 15)):
        coaching.append_history(exchange(number))

    said = coaching.read_coach_state(ROOM, CHAT, PERSON).history

    assert [one.text for one in said if one.side == "user"] == [f"ran {n} km" for n in range(3, 15)]
    assert [one.side for one in said[:2]] == ["user", "assistant"]


def test_long_texts_are_cut(coaching: CoachRecords) -> None:
    """Of a very long text its beginning is kept."""
    coaching.append_history(exchange(1, reply="x" * 10_000))

    assert len(coaching.read_coach_state(ROOM, CHAT, PERSON).history[-1].text) == 4_000


def test_what_its_author_deletes_is_dropped(coaching: CoachRecords) -> None:
    """With the answer to it; the exchanges beside it stay."""
    for number in (1, 2, 3):
        coaching.append_history(exchange(number))
    deletion = make_message(id="4", chat=CHAT, room=ROOM, text="", revises="2", is_deletion=True)

    coaching.append_history(msgspec.structs.replace(exchange(4, reply=""), messages=(deletion,)))

    said = coaching.read_coach_state(ROOM, CHAT, PERSON).history
    assert [one.text for one in said if one.side == "user"] == ["ran 1 km", "ran 3 km"]
    assert len(said) == 4


def test_chats_are_apart(coaching: CoachRecords) -> None:
    """What was said in one chat is not in another."""
    coaching.append_history(exchange(1))

    assert coaching.read_coach_state(ROOM, "another", PERSON).history == ()


def test_what_workers_share_is_in_the_state(kept: Kept) -> None:
    """A turn knows of failing backends and of who else shows something by what it reads anyway."""
    kept.records.report_failure("openai", ROOM, 0.0)

    active = kept.coaching.read_coach_state(ROOM, CHAT, PERSON).control.active_messages

    assert active == kept.records.read_control(ROOM, CHAT).active_messages
    assert active.failing_backends["openai"].count == 1
