"""Records of rooms, chats and people on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from repartee.domain.budget import utc_day_number
from repartee.domain.control import AnswerMode, Control
from repartee.domain.meeting import Meeting
from repartee.domain.message import workspace_of
from repartee.domain.reply import ActiveMessage, ActiveMessages
from repartee.domain.usage import UsageTotal
from repartee.ports import ChatState, Summary
from repartee.stores.dynamodb.active_messages import ActiveMessageItems, ChatStateStore
from repartee.stores.dynamodb.chat_state import (
    ANSWERS_KEY,
    chat_state_keys,
    control_keys,
    decode_chat_state,
    decode_control,
    usage_day_key,
)
from repartee.stores.dynamodb.items import (
    DAY_SECONDS,
    INBOX_TTL_SECONDS,
    ConditionFailed,
    Item,
    batch_get,
    fit_text,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)
from repartee.stores.dynamodb.names import RoomNames
from repartee.stores.dynamodb.profiles import ProfileItems

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_RECENT_STATES = 100
"""Chats whose state is kept as it was read last."""

SUMMARY_TTL_SECONDS = 365 * DAY_SECONDS
"""Seconds that a summary outlives what it sums up."""

MAX_SUMMARY_BYTES = 32 * 1024
"""Bytes of a summary's text: several times what the model is asked for."""


class DynamoRecords(ChatStateStore, RoomNames, ProfileItems):
    """`ports.Records` on DynamoDB."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        clock: Callable[[], float],
        active_messages: ActiveMessageItems | None = None,
    ) -> None:
        super().__init__(client, table, clock, active_messages)
        self._recent_states: dict[tuple[str, str, str], tuple[float, ChatState]] = {}

    def read_chat_state(self, room: str, chat: str, sender: str, *, max_age: float = 0.0) -> ChatState:
        now, key = self._clock(), (room, chat, sender)
        read_at, known = self._recent_states.get(key, (now, None))
        if known is not None and now - read_at < max_age:
            return known
        items, active = self._active_messages.read_beside(room, chat_state_keys(room, chat, sender, now))
        state = decode_chat_state(items, room, active)
        for old in list(self._recent_states)[: len(self._recent_states) + 1 - MAX_RECENT_STATES]:
            self._recent_states.pop(old, None)
        self._recent_states[key] = now, state
        return state

    def read_control(self, room: str, chat: str) -> Control:
        items = batch_get(self._client, self._table, control_keys(room, chat), self._clock())
        crowd = self._active_messages.read(room)
        return msgspec.structs.replace(decode_control(items), active_messages=crowd)

    def mute(self, scope: str, until: float, ordered_at: float, message_id: str = "") -> None:
        values = {
            ":until": number_attribute(until),
            ":ordered": number_attribute(ordered_at),
            ":by": text_attribute(message_id),
        }
        self._write_command(
            scope,
            "SET muted_until = :until, mute_ordered = :ordered, muted_by = :by, expires = :expires",
            "attribute_not_exists(mute_ordered) OR mute_ordered <= :ordered",
            values | {":expires": _expiry_attribute(max(until, ordered_at))},
        )

    def stop(self, chat: str, at: float) -> None:
        self._write_command(
            chat,
            "SET stopped_at = :at, expires = if_not_exists(expires, :expires)",
            "attribute_not_exists(stopped_at) OR stopped_at <= :at",
            {":at": number_attribute(at), ":expires": _expiry_attribute(at)},
        )

    def set_answers(self, room: str, mode: AnswerMode, ordered_at: float) -> None:
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.put_item(
                TableName=self._table,
                Item=primary_key(room, ANSWERS_KEY)
                | {"answers": text_attribute(mode), "ordered": number_attribute(ordered_at)},
                ConditionExpression="attribute_not_exists(ordered) OR ordered <= :ordered",
                ExpressionAttributeValues={":ordered": number_attribute(ordered_at)},
            )

    def set_recording(self, room: str, since: float, until: float) -> None:
        self._write_command(
            room,
            "SET recorded_since = :since, recorded_until = :until, expires = :expires",
            "attribute_not_exists(recorded_since) OR recorded_since <= :since",
            {":since": number_attribute(since), ":until": number_attribute(until)}
            | {":expires": _expiry_attribute(max(since, until))},
        )

    def note_recording_told(self, chat: str, at: float) -> None:
        self._write_command(
            chat,
            "SET recording_told = :at, expires = if_not_exists(expires, :expires)",
            "attribute_not_exists(recording_told) OR recording_told <= :at",
            {":at": number_attribute(at), ":expires": _expiry_attribute(at)},
        )

    def save_meeting(self, room: str, meeting: Meeting) -> None:
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.put_item(
                TableName=self._table,
                Item=primary_key(room, "meeting")
                | {"payload": text_attribute(msgspec.json.encode(meeting).decode())}
                | {"began": number_attribute(meeting.started_at), "ended": number_attribute(meeting.ended_at)}
                | {
                    "expires": _expiry_attribute(
                        max(meeting.started_at, min(meeting.ended_at, self._clock()))
                    )
                },
                ConditionExpression="attribute_not_exists(began) OR began < :began "
                "OR (began = :began AND ended <= :ended)",
                ExpressionAttributeValues={
                    ":began": number_attribute(meeting.started_at),
                    ":ended": number_attribute(meeting.ended_at),
                },
            )

    def save_summary(self, chat: str, summary: Summary, after: float) -> None:
        for key in [key for key in list(self._recent_states) if key[1] == chat]:
            self._recent_states.pop(key, None)
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.put_item(
                TableName=self._table,
                Item=primary_key(chat, "summary")
                | {
                    "payload": payload_attributes(_fit_summary(summary)),
                    "upto": number_attribute(summary.covers_until),
                }
                | {"expires": number_attribute(int(summary.covers_until) + SUMMARY_TTL_SECONDS)},
                ConditionExpression="upto = :after"
                if after
                else "attribute_not_exists(upto) OR upto = :after",
                ExpressionAttributeValues={":after": number_attribute(after)},
            )

    def add_usage(self, turn: str, room: str, usage: UsageTotal) -> None:
        counted = {
            ":turn": text_attribute(turn),
            ":tokens": number_attribute(usage.tokens),
            ":cost": number_attribute(round(usage.cost_usd, 9)),
            ":expires": number_attribute((utc_day_number(self._clock()) + 2) * DAY_SECONDS),
        }
        for place in (room, workspace_of(room)):
            with suppress(ConditionFailed), translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=primary_key(place, usage_day_key(self._clock())),
                    UpdateExpression="ADD tokens :tokens, cost :cost SET expires = :expires, newest = :turn",
                    ConditionExpression="attribute_not_exists(newest) OR newest <> :turn",
                    ExpressionAttributeValues=counted,
                )

    def publish_active(self, workspace: str, active: ActiveMessage) -> ActiveMessages:
        return self._active_messages.publish(workspace, active)

    def disable_streaming(self, workspace: str, until: float) -> None:
        self._active_messages.disable_streaming(workspace, until)

    def report_failure(self, backend: str, room: str, retry_at: float) -> None:
        self._active_messages.report_failure(backend, room, retry_at)

    def report_success(self, backend: str, room: str) -> None:
        self._active_messages.report_success(backend, room)

    def begin_probe(self, backend: str, room: str, until: float) -> bool:
        return self._active_messages.begin_probe(backend, room, until)

    def _write_command(self, place: str, expression: str, condition: str, values: dict[str, Item]) -> None:
        """Writes an order, unless a newer one is there: deliveries come late, doubled and out of order."""
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.update_item(
                TableName=self._table,
                Key=primary_key(place, "control"),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )


def _fit_summary(summary: Summary) -> Summary:
    return msgspec.structs.replace(summary, text=fit_text(summary.text, MAX_SUMMARY_BYTES))


def _expiry_attribute(when: float) -> Item:
    return number_attribute(int(when) + INBOX_TTL_SECONDS)
