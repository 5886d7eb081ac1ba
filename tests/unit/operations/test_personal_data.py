"""The commands by which an operator hands out and erases what is kept about a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from moto import mock_aws

from operations import personal_data
from operations.deployed_stack import DeployedStack
from repartee.ports import Memory
from repartee.privacy.identifiers import IdentifierHasher
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.sqlite import SqliteMemories, SqliteMessages
from tests.support import aws
from tests.support.inbox_builders import make_message
from tests.support.message_builders import make_vector

ADDRESS = "ben@example.com"
PERSON = f"web:{IdentifierHasher('a key for tests').hash_id('web', ADDRESS)}"
NOW = 1_789_041_600.0


class PersonalCommands:
    """The stores of an account, and the commands on them."""

    def __init__(self, folder: Path) -> None:
        make: Any = aws.botocore_session().create_client
        self.folder, dynamodb, sqs = folder, make("dynamodb"), make("sqs")
        self.table = aws.make_table(dynamodb)
        self.settings = {
            "RECORDS_TABLE": self.table,
            "ACCOUNTS_TABLE": aws.make_table(dynamodb),
            "WAKES_QUEUE_URL": aws.make_queue(sqs),
            "DEAD_LETTERS_QUEUE_URL": aws.make_queue(sqs),
            "SECRETS_ID": "",
            "MEDIA_BUCKET": "",
            "SQLITE_PATH": str(folder / "messages.db"),
            "PERSON_ID_KEY": "a key for tests",
        }
        self.inbox, self.records = (
            DynamoInbox(dynamodb, self.table),
            DynamoRecords(dynamodb, self.table, _now),
        )

    def fill(self) -> None:
        message = make_message("I am Ben", chat=f"{PERSON}:main", room=PERSON, channel="web")
        message = msgspec.structs.replace(message, sender=PERSON)
        self.inbox.put(message)
        self.records.update_profile(PERSON, {"name": "Ben"})
        SqliteMessages(self.settings["SQLITE_PATH"]).put([(message.to_stored(), None)])
        fact = Memory(id="m1", text="likes rowing", told_at=1.0)
        SqliteMemories(f"{self.settings['SQLITE_PATH']}-memories").put(PERSON, [(fact, make_vector(1))])

    def run(self, *arguments: str) -> tuple[int, list[str]]:
        told: list[str] = []
        return personal_data.main(list(arguments), told.append), told


def _now() -> float:
    return NOW


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PersonalCommands]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        made = PersonalCommands(tmp_path)
        for name, value in made.settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(DeployedStack, "stack_output", lambda stack, name: made.settings.get(name, ""))
        made.fill()
        yield made


def test_a_person_is_erased_by_the_address_that_they_are_known_by(commands: PersonalCommands) -> None:
    """It says what was done in each store, and the second time that nothing is there."""
    code, told = commands.run("person", "forget", f"web:{ADDRESS}")
    again_code, again = commands.run("person", "forget", f"web:{ADDRESS}")

    assert (code, again_code) == (0, 0)
    assert told == [
        "messages: 1 erased",
        "memories: 1 erased",
        "files: nothing there",
        "dead letters: nothing there",
        "dead letters of events: not in use",
        "recordings: not in use",
        "exports: not in use",
        "inbox and records: 2 erased",
    ]
    assert [line.partition(": ")[2] for line in again] == [
        *["nothing there"] * 4,
        *["not in use"] * 3,
        "nothing there",
    ]


def test_an_export_is_a_folder_that_only_its_owner_reads(commands: PersonalCommands) -> None:
    """A line of JSON for everything that is kept, in a file for each store."""
    folder = commands.folder / "export"

    code, told = commands.run("person", "export", f"web:{ADDRESS}", "--to", str(folder))

    lines = [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert code == 0
    assert told[-1] == f"all of it is in {folder}"
    assert sorted(line["kind"] for line in lines) == ["memory", "message", "message", "profile"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))


def test_the_table_is_left_alone_while_another_store_cannot_be_reached(
    commands: PersonalCommands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells where the rest is, so that the next run finds it."""
    monkeypatch.setenv("WEAVIATE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("WEAVIATE_GRPC_PORT", "10")

    code, told = commands.run("person", "forget", f"web:{ADDRESS}")

    assert code == 1
    assert told[0].startswith("messages: not done, weaviate")
    assert told[-1] == "inbox and records: left as it is, because it tells where the rest is. Run it again."
    assert commands.inbox.list_latest(f"{PERSON}:main", 5)[0].text == "I am Ben"
