"""Items as earlier versions stored them: they are read, and the migration brings them over."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from operations import migrate
from repartee.domain.command import Command
from repartee.domain.message import (
    Attachment,
    ButtonPress,
    ContextPart,
    Exchange,
    Incoming,
    Message,
    Opening,
    Person,
)
from repartee.stores.dynamodb.codec import (
    decode_exchange,
    decode_message,
    exchange_attributes,
    message_attributes,
)
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.wire import FORMAT_VERSION
from tests.support import aws
from tests.support.inbox_builders import make_message

RECORDED: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[2] / "data/items/version_1.json").read_text()
)
"""What the functions of format version 1 wrote, as DynamoDB gave it back."""

VERSION_1_NAMES = {
    *("id", "chat", "room", "channel", "sender", "text", "sent", "received", "addressed", "mentioned"),
    *("overheard", "threaded", "opens", "correlation", "name", "reply_to", "mentions", "attachments"),
    *("decides", "platform"),
}
VERSION_1_ATTACHMENT_NAMES = {"kind", "id", "name", "mime", "size", "source"}

names = st.text(max_size=8)
attachments = st.builds(
    Attachment,
    kind=st.sampled_from(("image", "audio", "video", "file")),
    id=names,
    name=names,
    mime=names,
    size=st.integers(0, 9),
    download_ref=st.dictionaries(names, names, max_size=2),
)
people = st.builds(Person, id=names, name=names)
contexts = st.builds(
    ContextPart,
    kind=st.sampled_from(("replied_to", "quoted", "forwarded", "shared", "thread")),
    author=people,
    by_assistant=st.booleans(),
    sent=st.floats(0, 2e9),
    text=names,
    attachments=st.tuples(attachments),
    message_id=names,
)
common: dict[str, Any] = {
    "id": names,
    "chat": names,
    "room": names,
    "channel": names,
    "sender": names,
    "sender_name": names,
    "sent": st.floats(0, 2e9),
    "received": st.floats(0, 2e9),
    "threaded": st.booleans(),
    "correlation": names,
    "platform": st.dictionaries(names, names, max_size=2),
}
messages = st.builds(
    Message,
    **common,
    text=names,
    addressed=st.booleans(),
    mentioned=st.booleans(),
    overheard=st.booleans(),
    command=st.none()
    | st.builds(Command, action=st.sampled_from(("mute", "stop")), duration_seconds=st.floats(0, 9)),
    reply_to=names,
    mentions=st.lists(people, max_size=2).map(tuple),
    attachments=st.lists(attachments, max_size=2).map(tuple),
    context=st.lists(contexts, max_size=2).map(tuple),
)
openings = st.builds(Opening, **common)
presses = st.builds(
    ButtonPress, **common, proposal_id=st.text(min_size=1, max_size=8), approved=st.booleans()
)
arrivals = messages | openings | presses


@given(arrivals)
def test_what_arrives_is_read_as_it_was_written(arrived: Incoming) -> None:
    """Each kind comes back as itself, with every field."""
    assert decode_message(message_attributes(arrived)) == arrived


@given(st.lists(arrivals, max_size=3))
def test_an_exchange_is_read_as_it_was_written(incoming: list[Incoming]) -> None:
    """With all that it answers."""
    exchange = Exchange(
        turn="t",
        chat="c",
        room="r",
        assistant="office",
        messages=tuple(incoming),
        reply="hi",
        answered_at=1.5,
    )
    assert decode_exchange(exchange_attributes(exchange)) == exchange


@given(arrivals)
def test_names_and_values_of_version_1_stay(arrived: Incoming) -> None:
    """Version 1 finds its fields under its names, and in them nothing that it refuses: its attachments are of
    three kinds, its mentions are texts."""
    payload = message_attributes(arrived)["payload"]
    written = json.loads(payload["S"] if "S" in payload else zlib.decompress(payload["B"]))

    assert written.keys() - VERSION_1_NAMES <= {"v", "command", "approves", "people", "context"}
    for attachment in written.get("attachments", ()):
        assert attachment["kind"] in ("image", "audio", "file")
        assert attachment.keys() - VERSION_1_ATTACHMENT_NAMES <= {"film"}
    assert all(isinstance(one, str) for one in written.get("mentions", ()))
    assert {"id", "chat", "room", "channel", "sender", "text", "sent", "received"} <= written.keys()


@pytest.mark.parametrize("item", RECORDED["messages"], ids=lambda item: item["sk"]["S"])
def test_recorded_messages_are_read(item: dict[str, Any]) -> None:
    """Every field that version 1 wrote is there, under its name of now."""
    written, read = json.loads(item["payload"]["S"]), decode_message(item)

    assert (read.id, read.chat, read.sent, read.platform) == (
        *(written[name] for name in ("id", "chat", "sent", "platform")),
    )
    assert isinstance(read, Opening) == written.get("opens", False)
    assert isinstance(read, ButtonPress) == ("decides" in written)
    if isinstance(read, Message):
        assert read.text == written["text"]
        assert [one.download_ref for one in read.attachments] == [
            one.get("source", {}) for one in written.get("attachments", ())
        ]


@pytest.mark.parametrize("item", RECORDED["exchanges"], ids=lambda item: item["sk"]["S"])
def test_recorded_exchanges_are_read(item: dict[str, Any]) -> None:
    """With their reply and the time of it."""
    written, read = json.loads(item["payload"]["S"]), decode_exchange(item)

    assert (read.turn, read.reply, read.answered_at) == (written["turn"], written["reply"], written["at"])
    assert [one.id for one in read.messages] == [one["id"] for one in written["messages"]]


def _make_client() -> Any:
    return aws.botocore_session().create_client("dynamodb", region_name="eu-central-1")


class Table:
    """A table with the recorded items."""

    def __init__(self) -> None:
        self.client: Any = _make_client()
        self.name = aws.make_table(self.client)
        for item in (one for kind in RECORDED.values() for one in kind):
            self.client.put_item(TableName=self.name, Item=item)

    def stored(self) -> list[dict[str, Any]]:
        found = self.client.scan(TableName=self.name)["Items"]
        return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    with mock_aws():
        table = Table()
        monkeypatch.setenv("RECORDS_TABLE", table.name)
        monkeypatch.setenv("ACCOUNTS_TABLE", aws.make_table(table.client))
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        yield table


def test_a_recorded_lease_is_taken_up(table: Table) -> None:
    """A turn that a worker of version 1 left unfinished goes on with its messages and what is visible."""
    (lease,) = RECORDED["leases"]

    record = DynamoInbox(table.client, table.name).acquire_lease(lease["pk"]["S"], "t2", 2e9, 2e9 + 20)

    assert (record.turn, record.phase, record.attempts) == ("turn-1", "replying", 2)
    assert record.messages == tuple(json.loads(lease["messages"]["S"]))
    assert (record.visible.message_ids, record.visible.text) == ({"ts": "1789000001.000400"}, "Yes, that")


def test_the_migration_brings_items_over_once(table: Table) -> None:
    """All of them, and a second run finds nothing to do; what is read is the same before and after."""
    before = [_read(item) for item in table.stored()]
    told: list[str] = []

    assert migrate.main([], told.append) == 0
    once = table.stored()
    assert migrate.main([], told.append) == 0

    assert told == [f"{len([one for one in before if one])} items rewritten", "all is of this version"]
    assert table.stored() == once
    assert [_read(item) for item in once] == before
    assert {item["format"]["N"] for item in once if _read(item)} == {str(FORMAT_VERSION)}


def test_the_migration_keeps_what_is_new_and_large(table: Table) -> None:
    """An item of this version stays as it is, and a compressed one is brought over too."""
    inbox = DynamoInbox(table.client, table.name)
    inbox.put(make_message("new"))
    large = make_message("long " * 40_000, id="2", chat="telegram:7", room="telegram:7")
    inbox.put(large)
    table.client.update_item(
        TableName=table.name,
        Key={"pk": {"S": large.chat}, "sk": {"S": "message#2"}},
        UpdateExpression="REMOVE #format",
        ExpressionAttributeNames={"#format": "format"},
    )

    assert migrate.main([], lambda line: None) == 0

    assert inbox.list_open("telegram:7").messages == (large,)
    assert inbox.list_open(make_message().chat).messages == (make_message("new"),)


def _read(item: dict[str, Any]) -> Any:
    if item["sk"]["S"].startswith("message#"):
        return decode_message(item)
    return decode_exchange(item) if item["sk"]["S"].startswith("exchange#") else None


def test_a_command_of_version_1_is_in_its_text() -> None:
    """It is parsed as the item is read, unless it was said to others."""
    written = message_attributes(msgspec.structs.replace(make_message("mute"), command=None))["payload"]["S"]
    earlier = {key: value for key, value in json.loads(written).items() if key != "v"}

    def read(**more: Any) -> Message:
        found = decode_message({"payload": {"S": json.dumps(earlier | more)}})
        assert isinstance(found, Message)
        return found

    assert read().command == make_message("mute").command
    assert read(overheard=True).command is None
