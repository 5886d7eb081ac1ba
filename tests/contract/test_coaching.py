"""The contract of `ports.Coaching`."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.conversation.message import Exchange
from repartee.ports import Coached, Coaching
from repartee.stores.dynamodb.coaching import DynamoCoaching
from repartee.stores.dynamodb.items import key, text
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws
from tests.support.memory import MemoryRecords
from tests.support.messages import message
from tests.support.training import MemoryCoaching

ROOM, CHAT, PERSON = "slack:T1:C1", "slack:T1:C1:5", "slack:T1:U1"


class Kept:
    """A store, and a way to set up what it is asked about."""

    def __init__(self, kind: str, request: pytest.FixtureRequest) -> None:
        if kind == "memory":
            self.records: Any = MemoryRecords(lambda: 120.0)
            self.coaching: Any = MemoryCoaching(self.records)
            return
        self._dynamodb = aws.client("dynamodb", request.getfixturevalue(kind))
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
            item = key(pk, sk) | {name: text(value) for name, value in values.items()}
            self._dynamodb.put_item(TableName=self._table, Item=item)


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def kept(request: pytest.FixtureRequest) -> Kept:
    return Kept(request.param, request)


@pytest.fixture
def coaching(kept: Kept) -> Coaching:
    store: Coaching = kept.coaching
    return store


def exchange(number: int, reply: str = "well done") -> Exchange:
    asked = message(id=str(number), chat=CHAT, room=ROOM, text=f"ran {number} km")
    return Exchange(
        turn=f"t{number}",
        chat=CHAT,
        room=ROOM,
        assistant="coach",
        messages=(asked,),
        reply=reply,
        at=1000.0 + number,
    )


def test_nothing_is_known_of_a_stranger(coaching: Coaching) -> None:
    """Of an unknown person in an unknown chat nothing is known, and nothing is in the way."""
    assert coaching.coached(ROOM, CHAT, PERSON) == Coached()


def test_all_comes_in_one_call(kept: Kept) -> None:
    """Mute, profile, the workspace's coach and what was agreed with the person come together."""
    kept.set_up({"name": "Ann"}, {"persona": "calm"}, {"plan": "3 x a week", "goals": "a marathon"})
    kept.records.mute(ROOM, until=200.0, ordered=100.0)

    coached = kept.coaching.coached(ROOM, CHAT, PERSON)

    assert coached.control.muted(199.0)
    assert coached.profile == {"name": "Ann"}
    assert coached.coach == {"persona": "calm"}
    assert coached.course == {"plan": "3 x a week", "goals": "a marathon"}


def test_a_conversation_has_its_newest_exchanges(coaching: Coaching) -> None:
    """Both sides come back, oldest first, each exchange once, whatever comes again: twelve exchanges."""
    for number in (2, 1, *range(1, 15)):
        coaching.converse(exchange(number))

    said = coaching.coached(ROOM, CHAT, PERSON).conversation

    assert [one.text for one in said if one.side == "user"] == [f"ran {n} km" for n in range(3, 15)]
    assert [one.side for one in said[:2]] == ["user", "assistant"]


def test_long_texts_are_cut(coaching: Coaching) -> None:
    """Of a very long text its beginning is kept."""
    coaching.converse(exchange(1, reply="x" * 10_000))

    assert len(coaching.coached(ROOM, CHAT, PERSON).conversation[-1].text) == 4_000


def test_chats_are_apart(coaching: Coaching) -> None:
    """What was said in one chat is not in another."""
    coaching.converse(exchange(1))

    assert coaching.coached(ROOM, "another", PERSON).conversation == ()
