"""The contract of `ports.RecordingStore`."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.domain.recording import (
    KeptRecording,
    RecordedStep,
    RecordedText,
    Repetition,
    RepetitionChange,
    TurnRecording,
)
from repartee.stores.dynamodb.recordings import MAX_REPETITION_CHARS, MAX_ROOM_DAY_BYTES, DynamoRecordings
from repartee.stores.recording_cipher import RecordingCipher
from tests.support import aws

ROOM, PERSON = "slack:T1:C1", "slack:T1:U1"
NOW, DAY_SECONDS = 1_789_041_600.0, 86400.0
KEY = "a key for the recordings of these tests"


@pytest.fixture(params=["moto", "dynamodb_local"])
def table(request: pytest.FixtureRequest) -> tuple[Any, str]:
    client = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return client, aws.make_table(client)


def make_store(table: tuple[Any, str], now: float = NOW, key: str = KEY) -> DynamoRecordings:
    return DynamoRecordings(*table, RecordingCipher(key), lambda: now, 14)


def make_kept(turn: str = "turn-1", closed_at: float = NOW, text: str = "who has the keys?") -> KeptRecording:
    recording = TurnRecording(
        turn=turn,
        chat=f"{ROOM}:5",
        room=ROOM,
        assistant="office",
        closed_at=closed_at,
        incoming=(RecordedText("message", text, "person-1"),),
    )
    return KeptRecording(recording, frozenset((PERSON,)))


def test_recordings_are_read_the_oldest_first(table: tuple[Any, str]) -> None:
    """As they were put, of their room alone."""
    store, early, late = make_store(table), make_kept("b", NOW - 60), make_kept("a", NOW)

    assert store.put(late)
    assert store.put(early)

    assert list(store.list_room(ROOM)) == [early.recording, late.recording]
    assert list(store.list_room("slack:T1:C2")) == []


def test_the_recording_of_a_turn_is_found(table: tuple[Any, str]) -> None:
    """In its room alone, and until it expires or is erased."""
    store, kept = make_store(table), make_kept()
    store.put(kept)

    assert store.find_turn(ROOM, "turn-1") == kept.recording
    assert store.find_turn(ROOM, "turn-2") is None
    assert store.find_turn("slack:T1:C2", "turn-1") is None
    assert make_store(table, now=NOW + 14.1 * DAY_SECONDS).find_turn(ROOM, "turn-1") is None
    store.erase_turn(ROOM, "turn-1")
    assert store.find_turn(ROOM, "turn-1") is None


def test_a_repetition_is_kept_beside_its_recording(table: tuple[Any, str]) -> None:
    """For a day, encrypted, bounded and with the recording's people; the newest replaces the one before. It
    is no recording, goes with the recording, and is not kept without one."""
    client, name = table
    store, kept = make_store(table), make_kept()
    first = Repetition(turn="turn-1", room=ROOM, at=NOW, reply="Ben has them " * 5_000)
    assert not store.save_repetition(first)
    store.put(kept)
    assert store.save_repetition(first)
    second = Repetition(turn="turn-1", room=ROOM, at=NOW, change=RepetitionChange("other"), reply="Carol has")
    found = store.find_repetition(ROOM, "turn-1")
    assert found is not None
    assert len(found.reply) == MAX_REPETITION_CHARS
    assert store.save_repetition(second)

    assert store.find_repetition(ROOM, "turn-1") == second
    assert store.find_repetition(ROOM, "turn-2") is None
    assert list(store.list_room(ROOM)) == [kept.recording]
    (item,) = [one for one in client.scan(TableName=name)["Items"] if one["sk"]["S"] == "repetition#turn-1"]
    assert item["people"] == {"SS": [PERSON]}
    assert "Carol" not in repr(item)
    assert store.read_item(item) == second
    assert make_store(table, now=NOW + 1.1 * DAY_SECONDS).find_repetition(ROOM, "turn-1") is None
    store.erase_turn(ROOM, "turn-1")
    assert store.find_repetition(ROOM, "turn-1") is None
    assert not store.save_repetition(second)


def test_a_recording_put_again_is_one(table: tuple[Any, str]) -> None:
    """The write may be repeated."""
    store = make_store(table)
    store.put(make_kept())
    store.put(make_kept())

    assert len(list(store.list_room(ROOM))) == 1


def test_what_is_stored_cannot_be_read_without_the_key(table: tuple[Any, str]) -> None:
    """Neither in the table, nor by a store with another key, nor where an item was moved to another room."""
    client, name = table
    make_store(table).put(make_kept())
    (item,) = [one for one in client.scan(TableName=name)["Items"] if "payload" in one]

    assert "keys" not in repr(item)
    assert list(make_store(table, key="another key of the same length or so").list_room(ROOM)) == []
    client.put_item(TableName=name, Item=item | {"pk": {"S": "slack:T1:C2"}})
    assert list(make_store(table).list_room("slack:T1:C2")) == []


def test_a_recording_expires(table: tuple[Any, str]) -> None:
    """It is not seen any more, also before DynamoDB has deleted it."""
    make_store(table).put(make_kept())

    assert list(make_store(table, now=NOW + 13.9 * DAY_SECONDS).list_room(ROOM))
    assert list(make_store(table, now=NOW + 14.1 * DAY_SECONDS).list_room(ROOM)) == []


def test_the_largest_recording_is_cut_to_fit(table: tuple[Any, str]) -> None:
    """Of what was gathered first, and of what was said at last."""
    texts = tuple(RecordedText("user", chr(0x4E00 + n) + f"{n * 7919:x}" * 1500, "p") for n in range(40))
    kept = make_kept()
    large = msgspec.structs.replace(
        kept.recording, gathered=tuple(RecordedStep(f"step-{n}", "ok", 0.1, 40, texts) for n in range(40))
    )
    unique = "".join(map(chr, range(0x4E00, 0x9F00))) * 20

    assert make_store(table).put(msgspec.structs.replace(kept, recording=large))
    assert make_store(table).put(make_kept("turn-2", text=unique))

    first, second = make_store(table).list_room(ROOM)
    assert first.incoming == large.incoming
    assert second.incoming


def test_a_room_has_its_share_of_a_day(table: tuple[Any, str]) -> None:
    """Beyond it nothing is recorded until tomorrow."""
    client, name = table
    store = make_store(table)
    assert store.put(make_kept())
    client.update_item(
        TableName=name,
        Key={"pk": {"S": ROOM}, "sk": {"S": f"recorded#{int(NOW // DAY_SECONDS)}"}},
        UpdateExpression="SET stored_bytes = :most",
        ExpressionAttributeValues={":most": {"N": str(MAX_ROOM_DAY_BYTES)}},
    )

    assert not store.put(make_kept("turn-2"))
    assert make_store(table, now=NOW + DAY_SECONDS).put(make_kept("turn-3", NOW + DAY_SECONDS))


def test_a_short_key_is_refused() -> None:
    """It could be guessed."""
    with pytest.raises(ValueError, match="RECORDINGS_KEY"):
        RecordingCipher("short")
