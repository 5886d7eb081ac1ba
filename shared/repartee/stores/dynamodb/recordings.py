"""Recordings on DynamoDB, in a table of their own: an encrypted item each, and a counter per room and day."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.budget import utc_day_number
from repartee.domain.recording import KeptRecording, Repetition, TurnRecording
from repartee.errors import Throttled
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    DAY_SECONDS,
    ConditionFailed,
    Item,
    TransactionCancelled,
    number_attribute,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)
from repartee.stores.recording_cipher import CannotDecrypt, RecordingCipher

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_RECORDING_BYTES = 256 * 1024
"""Bytes of an encrypted recording. An item of DynamoDB has at most 400 KB."""

MAX_ROOM_DAY_BYTES = 8 * 1024 * 1024
"""Bytes that are recorded of a room in a day (UTC)."""

MAX_RECORDED_PERSONS = 500
"""People whose words may be in one recording."""

CUT_STEP_TEXTS = (20, 5, 0)
"""Texts that are left of each step, tried in turn, until a recording fits."""

CUT_TEXT_CHARS = (2000, 500, 100)
"""Characters that are left of each text, after that."""

MAX_REPETITION_CHARS = 20_000
"""Characters that are kept of the reply of a turn that was run again."""

REPETITION_PREFIX = "repetition#"

ContentT = TypeVar("ContentT", TurnRecording, Repetition)


class DynamoRecordings:
    """`ports.RecordingStore` on DynamoDB. `days` is how long a recording is kept."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        cipher: RecordingCipher,
        clock: Callable[[], float],
        days: int,
    ) -> None:
        self._client, self._table, self._cipher = client, table, cipher
        self._clock, self._days = clock, days

    def put(self, kept: KeptRecording) -> bool:
        recording = kept.recording
        key = _recording_key(recording.room, recording.turn)
        sealed = self._cipher.encrypt(fit_recording(recording), _place(key))
        if len(kept.people) > MAX_RECORDED_PERSONS or not self._count_bytes(recording.room, len(sealed)):
            return False
        people = {"people": {"SS": sorted(kept.people)}} if kept.people else {}
        with translate_errors(BACKEND_NAME):
            self._client.put_item(
                TableName=self._table,
                Item=key
                | people
                | {"chat": text_attribute(recording.chat), "payload": {"B": sealed}}
                | {"expires": number_attribute(int(recording.closed_at) + self._days * DAY_SECONDS)},
            )
        return True

    def list_room(self, room: str) -> Iterator[TurnRecording]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :room AND begins_with(sk, :kind)",
            ExpressionAttributeValues={
                ":room": text_attribute(room),
                ":kind": text_attribute("recording#"),
            },
        )
        with translate_errors(BACKEND_NAME):
            found = [self.decode(item) for page in pages for item in page["Items"]]
        yield from sorted((one for one in found if one), key=lambda one: one.closed_at)

    def find_turn(self, room: str, turn: str) -> TurnRecording | None:
        with translate_errors(BACKEND_NAME):
            found = self._client.get_item(TableName=self._table, Key=_recording_key(room, turn))
        return self.decode(found["Item"]) if "Item" in found else None

    def erase_turn(self, room: str, turn: str) -> None:
        for key in (_recording_key(room, turn), _repetition_key(room, turn)):
            with suppress(ConditionFailed), translate_conditional_errors():
                self._client.update_item(  # a turn has no right to delete recordings, nor to read them
                    TableName=self._table,
                    Key=key,
                    UpdateExpression="REMOVE payload, people",
                    ConditionExpression="attribute_exists(pk)",
                )

    def save_repetition(self, repetition: Repetition) -> bool:
        recorded, key = (
            make_key(repetition.room, repetition.turn) for make_key in (_recording_key, _repetition_key)
        )
        with translate_errors(BACKEND_NAME):
            source = self._client.get_item(TableName=self._table, Key=recorded).get("Item", {})
        bounded = msgspec.structs.replace(repetition, reply=repetition.reply[:MAX_REPETITION_CHARS])
        sealed = self._cipher.encrypt(zlib.compress(msgspec.json.encode(bounded)), _place(key))
        kept = {name: source[name] for name in ("people", "chat") if name in source}
        item = key | kept | {"payload": {"B": sealed}}
        item["expires"] = number_attribute(int(repetition.at) + DAY_SECONDS)
        is_there = {"Key": recorded, "ConditionExpression": "attribute_exists(payload)"}
        return self._write_if_there(
            [
                {"ConditionCheck": {"TableName": self._table, **is_there}},
                {"Put": {"TableName": self._table, "Item": item}},
            ]
        )

    def find_repetition(self, room: str, turn: str) -> Repetition | None:
        with translate_errors(BACKEND_NAME):
            found = self._client.get_item(TableName=self._table, Key=_repetition_key(room, turn))
        return self._decrypt(found["Item"], Repetition) if "Item" in found else None

    def decode(self, item: Item) -> TurnRecording | None:
        """Returns an item's recording. None for one that has expired or cannot be decrypted."""
        return self._decrypt(item, TurnRecording)

    def read_item(self, item: Item) -> TurnRecording | Repetition | None:
        """Returns what an item holds of a turn: its recording, or its repetition."""
        is_repetition = item["sk"]["S"].startswith(REPETITION_PREFIX)
        return self._decrypt(item, Repetition) if is_repetition else self.decode(item)

    def _write_if_there(self, actions: Any) -> bool:
        """Writes all or nothing. False if the condition does not hold."""
        with translate_errors(BACKEND_NAME):
            try:
                self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                cancelled = TransactionCancelled(error)
                if "ConditionalCheckFailed" not in cancelled.reasons:
                    raise Throttled(BACKEND_NAME, ", ".join(cancelled.reasons)) from cancelled
                return False
        return True

    def _decrypt(self, item: Item, kind: type[ContentT]) -> ContentT | None:
        if "payload" not in item or float(item["expires"]["N"]) <= self._clock():
            return None
        try:
            plain = zlib.decompress(self._cipher.decrypt(bytes(item["payload"]["B"]), _place(item)))
            return msgspec.json.decode(plain, type=kind)
        except (CannotDecrypt, msgspec.DecodeError, zlib.error):
            return None

    def _count_bytes(self, room: str, size: int) -> bool:
        """Counts the bytes for the room and today. False if that would be more than its share."""
        day = utc_day_number(self._clock())
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=primary_key(room, f"recorded#{day}"),
                    UpdateExpression="SET expires = :expires ADD stored_bytes :size",
                    ConditionExpression="attribute_not_exists(stored_bytes) OR stored_bytes <= :most",
                    ExpressionAttributeValues={
                        ":size": number_attribute(size),
                        ":most": number_attribute(MAX_ROOM_DAY_BYTES - size),
                        ":expires": number_attribute((day + 2) * DAY_SECONDS),
                    },
                )
        except ConditionFailed:
            return False
        return True


def _recording_key(room: str, turn: str) -> dict[str, Any]:
    return primary_key(room, f"recording#{turn}")


def _repetition_key(room: str, turn: str) -> dict[str, Any]:
    return primary_key(room, f"{REPETITION_PREFIX}{turn}")


def fit_recording(recording: TurnRecording) -> bytes:
    """Returns the recording as compressed JSON, without the texts that do not fit."""
    for cut in (recording, *_cut_versions(recording)):
        written = zlib.compress(msgspec.json.encode(cut))
        if len(written) <= MAX_RECORDING_BYTES:
            return written
    bare = {"incoming": (), "gathered": (), "prompt": (), "calls": (), "answers": (), "reply": ""}
    return zlib.compress(msgspec.json.encode(msgspec.structs.replace(recording, **bare)))


def _cut_versions(recording: TurnRecording) -> Iterator[TurnRecording]:
    parts = tuple(msgspec.structs.replace(part, edits=()) for part in recording.prompt)
    recording = msgspec.structs.replace(recording, prompt=parts)
    yield recording
    for count in CUT_STEP_TEXTS:
        gathered = tuple(
            msgspec.structs.replace(step, texts=step.texts[:count]) for step in recording.gathered
        )
        recording = msgspec.structs.replace(recording, gathered=gathered)
        yield recording
    for chars in CUT_TEXT_CHARS:
        marked = tuple(
            msgspec.structs.replace(part, is_cut=part.is_cut or len(part.text) > chars)
            for part in recording.prompt
        )
        recording = msgspec.structs.replace(recording, prompt=marked)
        plain: dict[str, Any] = msgspec.to_builtins(recording)
        yield msgspec.convert(_cut_texts(plain, chars), TurnRecording)


def _cut_texts(plain: Any, chars: int) -> Any:
    if isinstance(plain, str):
        return plain[:chars]
    if isinstance(plain, dict):
        return {name: _cut_texts(value, chars) for name, value in plain.items()}
    return [_cut_texts(value, chars) for value in plain] if isinstance(plain, (list, tuple)) else plain


def _place(key: Item) -> str:
    return f"{key['pk']['S']} {key['sk']['S']}"
