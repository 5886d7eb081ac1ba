"""The messages table: what its keys and items hold, what an erasure leaves, and what very large rooms get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from repartee.stores.dynamodb.meetings import DynamoMeetings
from repartee.stores.dynamodb.message_items import decode_stored
from repartee.stores.dynamodb.messages import DynamoMessages
from repartee.stores.dynamodb.sign_pages import max_compared_messages
from repartee.stores.dynamodb.vector_codes import (
    encode_signs,
    encode_vector,
    find_closest_signs,
    rank_vectors,
)
from tests.support import aws
from tests.support.message_builders import make_stored_message, make_vector

ROOM = "slack:T1:C1"
MAX_ITEM_BYTES = 400 * 1024


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield aws.make_client("dynamodb", "http://{}:{}".format(*server.get_host_and_port()))
    server.stop()


@pytest.fixture
def table(dynamodb: Any) -> str:
    return aws.make_messages_table(dynamodb)


def all_items(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    """Everything in the table."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def fill(dynamodb: Any, table: str) -> DynamoMessages:
    """A room with a thread, a meeting, and two people."""
    store, meetings = DynamoMessages(dynamodb, table), DynamoMeetings(dynamodb, table)
    said = [
        make_stored_message("the secret keys", chat=f"{ROOM}:1", room=ROOM, sender="slack:T1:UANN"),
        make_stored_message("機密の鍵", chat=ROOM, sender="slack:T1:UANN", sent=2.0),
        make_stored_message(
            "an answer", chat=f"{ROOM}:1", room=ROOM, side="assistant", sender="office", sent=3.0
        ),
        make_stored_message("printer", chat=ROOM, sender="slack:T1:UBEN", sent=4.0),
    ]
    store.put([(one, make_vector(1)) for one in said])
    meetings.put("standup", said)
    return store


@pytest.mark.parametrize("scope", ["slack:T1", ROOM])
def test_an_erasure_leaves_nothing(dynamodb: Any, table: str, scope: str) -> None:
    """No message, word, vector, copy in a thread, place in a meeting or name of a room stays."""
    assert fill(dynamodb, table).delete_all(scope) == 4

    assert all_items(dynamodb, table) == []


def test_a_persons_erasure_leaves_nothing_of_theirs(dynamodb: Any, table: str) -> None:
    """What the others said stays with their words; nothing stands for what this person said."""
    store = fill(dynamodb, table)
    others = {word for item in all_items(dynamodb, table) if "weight" in item for word in [item["sk"]["S"]]}

    assert store.delete_all("slack:T1", "slack:T1:UANN") == 2

    left = all_items(dynamodb, table)
    assert {decode_stored(item).sender for item in left if "payload" in item} == {"office", "slack:T1:UBEN"}
    words = {item["sk"]["S"] for item in left if "weight" in item}
    assert len(words) == len({"answer", "printer"}) * len({"word", "stem"})
    assert words < others


def test_a_chats_erasure_leaves_the_room(dynamodb: Any, table: str) -> None:
    """A thread is forgotten in the room's history and in meetings too."""
    store = fill(dynamodb, table)

    assert store.delete_all(f"{ROOM}:1") == 2

    assert [one.text for one in store.list_newest(ROOM, "user", 10)] == ["機密の鍵", "printer"]
    assert list(DynamoMeetings(dynamodb, table).read_transcript("standup", ROOM, 10)) == list(
        store.list_newest(ROOM, "user", 10)
    )


def test_an_interrupted_erasure_can_be_repeated(dynamodb: Any, table: str) -> None:
    """The message itself goes last, so what belongs to it is found again."""
    store = fill(dynamodb, table)
    writes = iter([True, False])

    def fail(**_: Any) -> None:
        if not next(writes, True):
            raise ConnectionError

    dynamodb.meta.events.register("before-call.dynamodb.BatchWriteItem", fail)
    try:
        with pytest.raises(ConnectionError):
            store.delete_all(ROOM)
    finally:
        dynamodb.meta.events.unregister("before-call.dynamodb.BatchWriteItem", fail)
    store.delete_all(ROOM)

    assert all_items(dynamodb, table) == []


def test_keys_hold_no_text(dynamodb: Any, table: str) -> None:
    """Neither words nor bigrams nor meetings' names stand in keys, and a word's hash differs by room."""
    store = fill(dynamodb, table)
    store.put([(make_stored_message("the secret keys", chat="slack:T1:C2"), None)])

    items = all_items(dynamodb, table)
    keys = json.dumps([[item["pk"], item["sk"]] for item in items], ensure_ascii=False)
    assert not any(text in keys for text in ("secret", "keys", "機密", "standup", "UANN"))
    hashes = [
        {item["sk"]["S"].partition("#")[0] for item in items if item["pk"]["S"] == f"words#user#{room}"}
        for room in (ROOM, "slack:T1:C2")
    ]
    assert hashes[1]
    assert not hashes[0] & hashes[1]


@pytest.mark.parametrize("text", ["x" * 3_000_000, "漢" * 120_000, "\U0001f600 " * 90_000])
def test_an_item_is_bounded(dynamodb: Any, table: str, text: str) -> None:
    """A pasted log takes no more than DynamoDB's 400 KB, the copy in the index counted too."""
    store = DynamoMessages(dynamodb, table)
    store.put([(make_stored_message(text, id="long", chat=ROOM), [0.5] * 3072)])

    (item,) = (item for item in all_items(dynamodb, table) if "vector" in item)
    sizes = {name: len(value.get("B") or value.get("S")) for name, value in item.items()}
    assert sum(sizes.values()) + sizes["payload"] + sizes["signs"] + 500 < MAX_ITEM_BYTES
    assert len(store.list_newest(ROOM, "user", 1)) == 1


def test_beyond_what_can_be_compared_words_alone_count(dynamodb: Any, table: str) -> None:
    """The newest are found by meaning and by words, older ones by words alone."""
    store = DynamoMessages(dynamodb, table, max_sign_bytes=1)
    pages: list[dict[str, Any]] = []

    def one_item_a_page(params: dict[str, Any], **_: Any) -> None:
        if params.get("IndexName") == "signed":
            params["Limit"] = 2
            pages.append(params)

    dynamodb.meta.events.register("before-parameter-build.dynamodb.Query", one_item_a_page)
    try:
        store.put(
            [
                (make_stored_message("old coffee", chat=f"{ROOM}:0", room=ROOM, sent=1.0), make_vector(2)),
                (make_stored_message("old espresso", chat=f"{ROOM}:1", room=ROOM, sent=2.0), make_vector(1)),
                (
                    make_stored_message("new coffee elsewhere", chat=f"{ROOM}:2", room=ROOM, sent=3.0),
                    make_vector(2),
                ),
                (make_stored_message("new espresso", chat=f"{ROOM}:3", room=ROOM, sent=4.0), make_vector(1)),
            ]
        )
        found = [one.text for one in store.search(ROOM, "user", "coffee", make_vector(1), 10)]
    finally:
        dynamodb.meta.events.unregister("before-parameter-build.dynamodb.Query", one_item_a_page)

    assert found == ["new espresso", "old coffee", "new coffee elsewhere"]
    assert len(pages) == 1


def test_the_number_is_what_3000_read_units_give() -> None:
    """A partition gives 12 MB a second, which both sides share: 6 MB of signs with their keys."""
    assert max_compared_messages(1536) == 3000 * 4096 // 2 // (1536 // 8 + 110) == 20_344


def test_codes_keep_similarity_and_order() -> None:
    """One byte a number tells the cosine to a hundredth; signs find those that are closest."""
    vectors = {str(n): make_vector(1, n / 10) for n in range(11)}

    ranked = rank_vectors(make_vector(1), [(key, encode_vector(one)) for key, one in vectors.items()], 0.3)

    assert list(ranked) == [str(n) for n in range(10, 2, -1)]
    assert all(abs(similarity - int(key) / 10) < 0.01 for key, similarity in ranked.items())
    assert find_closest_signs([0.5, -1.0], {"a": encode_signs([1, -1]), "b": b"\x00\x00"}) == ["a"]


def test_writing_again_what_is_there_writes_nothing(dynamodb: Any, table: str) -> None:
    """A repeated persist costs one read and no write."""
    store, writes = DynamoMessages(dynamodb, table), []
    message = make_stored_message("coffee", chat=ROOM)
    store.put([(message, make_vector(1))])

    def note(**given: Any) -> None:
        writes.append(given)

    dynamodb.meta.events.register("before-call.dynamodb.BatchWriteItem", note)
    store.put([(message, make_vector(1))])
    dynamodb.meta.events.unregister("before-call.dynamodb.BatchWriteItem", note)

    assert writes == []
