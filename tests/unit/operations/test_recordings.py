"""The command by which an operator has a room recorded, and takes the recordings out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from moto import mock_aws

from operations import recordings
from repartee.domain.recording import KeptRecording, RecordedText, TurnRecording
from repartee.stores.dynamodb.recordings import DynamoRecordings
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.recording_cipher import RecordingCipher
from tests.support import aws

NOW, DAY_SECONDS = 4_000_000_000.0, 86400.0
ROOM = "slack:T1:C1"
KEY = "a key for the recordings of these tests"


class RecordingCommands:
    """The tables of an account, and the command on them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        make: Any = aws.botocore_session().create_client
        dynamodb, sqs = make("dynamodb"), make("sqs")
        table, kept = aws.make_table(dynamodb), aws.make_table(dynamodb)
        settings = {
            "RECORDS_TABLE": table,
            "RECORDINGS_TABLE": kept,
            "RECORDINGS_KEY": KEY,
            "WAKES_QUEUE_URL": aws.make_queue(sqs),
            "DEAD_LETTERS_QUEUE_URL": aws.make_queue(sqs),
            "SQLITE_PATH": "unused",
        }
        monkeypatch.setattr(recordings, "read_environment", lambda options: settings)
        self.settings, self.lines = settings, list[str]()
        self.records = DynamoRecords(dynamodb, table, lambda: NOW)
        self.store = DynamoRecordings(dynamodb, kept, RecordingCipher(KEY), lambda: NOW, 14)

    def run(self, *arguments: str) -> int:
        return recordings.main(list(arguments), self.lines.append, lambda: NOW)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordingCommands]:
    with mock_aws():
        yield RecordingCommands(monkeypatch)


def test_a_room_is_recorded_for_some_days(commands: RecordingCommands) -> None:
    """Then it ends by itself; off ends it at once."""
    assert commands.run("on", ROOM, "--days", "7") == 0
    control = commands.records.read_control(ROOM, ROOM)
    assert control.is_recorded(NOW + 6.9 * DAY_SECONDS)
    assert not control.is_recorded(NOW + 7.1 * DAY_SECONDS)

    assert commands.run("off", ROOM) == 0

    assert not commands.records.read_control(ROOM, ROOM).is_recorded(NOW)
    assert [line.split("; ")[0].split(": ")[1][:12] for line in commands.lines] == [
        "recorded unt",
        "not recorded",
    ]


def test_recordings_are_handed_out_in_a_file(commands: RecordingCommands, tmp_path: Path) -> None:
    """One line for each turn, which the user alone may read, and no file is overwritten."""
    recording = TurnRecording(
        turn="turn-1",
        chat=ROOM,
        room=ROOM,
        assistant="office",
        closed_at=NOW,
        incoming=(RecordedText("message", "who has the keys?"),),
    )
    commands.store.put(KeptRecording(recording, frozenset()))
    path = tmp_path / "turns.jsonl"

    assert commands.run("export", ROOM, "--to", str(path)) == 0

    assert msgspec.json.decode(path.read_bytes(), type=TurnRecording) == recording
    assert path.stat().st_mode & 0o077 == 0
    assert commands.run("export", ROOM, "--to", str(path)) == 1


def test_a_room_is_not_recorded_without_a_key(
    commands: RecordingCommands, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody is told that they are recorded who is not."""
    commands.settings["RECORDINGS_KEY"] = ""

    assert commands.run("on", ROOM) == 1

    assert "RECORDINGS_KEY" in capsys.readouterr().err
    assert not commands.records.read_control(ROOM, ROOM).is_recorded(NOW)
