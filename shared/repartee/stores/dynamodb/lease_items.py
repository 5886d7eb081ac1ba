"""The lease of a chat and the closing of its messages, as DynamoDB's updates and items."""

from __future__ import annotations

from typing import Any, NamedTuple

from repartee.domain.reply import VisibleState
from repartee.errors import LeaseLost
from repartee.ports import JoinedWake, LeaseHeld, LeaseRecord, OutageState
from repartee.ports.inbox import WAITING_WAKE_SECONDS
from repartee.stores.dynamodb.items import (
    INBOX_TTL_SECONDS,
    Item,
    decode_attribute,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
)

ACQUIRE_LEASE_EXPRESSION = (
    "SET #until = :until, expires = :expires, fence = if_not_exists(fence, :none) + :one, "
    "turn = if_not_exists(turn, :turn), phase = if_not_exists(phase, :phase), "
    "attempts = if_not_exists(attempts, :none) + :one"
)
"""Takes a lease: the progress of an unfinished turn is kept."""

TURN_ATTRIBUTES = ("turn", "messages", "attempts", "phase", "shown", "outage")
"""Attributes that a turn has for the worker that goes on with it."""

END_LEASE_EXPRESSION = f"SET #until = :over REMOVE {', '.join(TURN_ATTRIBUTES)}, queued"
"""Ends the lease of a closed turn: only the fence is kept."""

CLAIM_EXPRESSION = ", messages = if_not_exists(messages, :messages)"
FREE_CONDITION = "(attribute_not_exists(#until) OR #until <= :now)"
NO_WAKE_DUE_CONDITION = " AND (attribute_not_exists(wake_due) OR wake_due <= :now OR wake_due > :due)"


class WakeNote(NamedTuple):
    """The note that a wake of the chat is due; unless it holds `always`, only if none is due before."""

    due: float
    always: bool


def acquire_lease_update(
    chat: str, turn: str, now: float, until: float, claimed: tuple[str, ...], noted: WakeNote | None = None
) -> dict[str, Any]:
    """Takes the lease, if it is free; with the messages that are claimed at once, and the note of a wake."""
    expression, condition = ACQUIRE_LEASE_EXPRESSION, FREE_CONDITION
    values: dict[str, Any] = {
        ":now": number_attribute(now),
        ":until": number_attribute(until),
        ":expires": number_attribute(int(now) + INBOX_TTL_SECONDS),
        ":turn": text_attribute(turn),
        ":phase": text_attribute("gathering"),
        ":none": number_attribute(0),
        ":one": number_attribute(1),
    }
    if claimed:
        expression += CLAIM_EXPRESSION
        values[":messages"] = payload_attributes(claimed)
    if noted:
        values[":due"] = number_attribute(noted.due)
        expression += ", wake_due = :due" + (", guard_due = :due" if noted.always else "")
        condition += "" if noted.always else NO_WAKE_DUE_CONDITION
    return {
        "Key": primary_key(chat, "turn"),
        "UpdateExpression": f"{expression} REMOVE queued",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#until": "until"},
        "ExpressionAttributeValues": values,
    }


def close_message_action(holding: LeaseRecord, id: str, failed: str) -> dict[str, Any]:
    """Closes a message that the turn has answered, or given up."""
    return {
        "Key": primary_key(holding.chat, f"message#{id}"),
        "UpdateExpression": "SET answered = :turn"
        + (", failed = :failed" if failed else "")
        + " REMOVE #open",
        "ExpressionAttributeNames": {"#open": "open"},
        "ExpressionAttributeValues": {":turn": text_attribute(holding.turn)}
        | ({":failed": text_attribute(failed)} if failed else {}),
    }


UNLESS_KNOCKED_CONDITION = " AND (attribute_not_exists(knocks) OR knocks = :knocks)"


def fenced_update(
    holding: LeaseRecord, expression: str, values: dict[str, Any], condition: str = ""
) -> dict[str, Any]:
    """Returns a change of the chat's lease, if it is still this turn's."""
    return {
        "Key": primary_key(holding.chat, "turn"),
        "UpdateExpression": expression,
        "ConditionExpression": "fence = :fence" + condition,
        "ExpressionAttributeNames": {"#until": "until"},
        "ExpressionAttributeValues": values | {":fence": number_attribute(holding.fence)},
    }


def end_lease_action(holding: LeaseRecord, unless_knocked: bool) -> dict[str, Any]:
    """Ends the lease of a closed turn; `unless_knocked`, only if no other worker has found the chat held."""
    values: dict[str, Any] = {":over": number_attribute(0)}
    if not unless_knocked:
        return fenced_update(holding, END_LEASE_EXPRESSION, values)
    values[":knocks"] = number_attribute(holding.knocks)
    update = fenced_update(holding, END_LEASE_EXPRESSION, values, UNLESS_KNOCKED_CONDITION)
    return update | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def release_lease_changes(record: LeaseRecord) -> tuple[str, dict[str, Any]]:
    """Returns the expression that gives a lease back, and its values: a turn whose messages are fixed is kept
    for another worker, and a wake that was sent is noted."""
    values: dict[str, Any] = {":over": number_attribute(0)}
    expression = "SET #until = :over"
    removed = [] if record.messages else [*TURN_ATTRIBUTES, "queued"]
    if record.woken_at:
        expression += ", queued = :woken, queued_fence = :fence"
        values[":woken"] = number_attribute(record.woken_at)
        removed = [name for name in removed if name != "queued"]
    if not record.wake_due:
        removed.append("wake_due")
    return expression + (f" REMOVE {', '.join(removed)}" if removed else ""), values


def knock_update(chat: str, now: float) -> dict[str, Any]:
    """Counts a worker that has found the chat held, while it is."""
    return {
        "Key": primary_key(chat, "turn"),
        "UpdateExpression": "SET knocks = if_not_exists(knocks, :none) + :one",
        "ConditionExpression": "#until > :now",
        "ExpressionAttributeNames": {"#until": "until"},
        "ExpressionAttributeValues": {
            ":none": number_attribute(0),
            ":one": number_attribute(1),
            ":now": number_attribute(now),
        },
    }


def touch_update(chat: str, now: float) -> dict[str, Any]:
    """Marks that what is open in the chat is changed, while no worker has it and no turn is unfinished: the
    fence of the next lease tells."""
    return {
        "Key": primary_key(chat, "turn"),
        "UpdateExpression": "SET fence = if_not_exists(fence, :none) + :one, expires = :expires, "
        "#until = if_not_exists(#until, :none)",
        "ConditionExpression": f"attribute_not_exists(messages) AND {FREE_CONDITION}",
        "ExpressionAttributeNames": {"#until": "until"},
        "ExpressionAttributeValues": {
            ":now": number_attribute(now),
            ":none": number_attribute(0),
            ":one": number_attribute(1),
            ":expires": number_attribute(int(now) + INBOX_TTL_SECONDS),
        },
    }


def join_wake_update(chat: str, now: float, is_kept: bool) -> dict[str, Any]:
    """Notes a wake, and counts a message that is kept like a worker that has found the chat held. The note is
    removed when a worker has the chat, and when it has answered. Workers of an earlier version leave it, so
    it has the fence of its time."""
    return {
        "Key": primary_key(chat, "turn"),
        "UpdateExpression": "SET knocks = if_not_exists(knocks, :none) + :one, queued = :now, "
        "queued_fence = if_not_exists(fence, :none), "
        "expires = :expires, #until = if_not_exists(#until, :none)",
        "ExpressionAttributeNames": {"#until": "until"},
        "ExpressionAttributeValues": {
            ":none": number_attribute(0),
            ":one": number_attribute(int(is_kept)),
            ":now": number_attribute(now),
            ":expires": number_attribute(int(now) + INBOX_TTL_SECONDS),
        },
    }


def forget_wake_update(chat: str) -> dict[str, Any]:
    """Removes the note of a wake, if there is one."""
    return {
        "Key": primary_key(chat, "turn"),
        "UpdateExpression": "REMOVE queued",
        "ConditionExpression": "attribute_exists(queued)",
    }


def decode_joined_wake(item: Item, now: float) -> JoinedWake:
    """Returns whether a worker holds the chat of the item or comes back to it, or a wake of it waits, and the
    one in reserve."""
    until, queued, guard_due = (
        float(item.get(name, number_attribute(0))["N"]) for name in ("until", "queued", "guard_due")
    )
    is_held = until > now or _decode_outage(item).retry_at > now
    fence = item.get("fence", number_attribute(0))
    is_waiting = queued > now - WAITING_WAKE_SECONDS and item.get("queued_fence", fence) == fence
    return JoinedWake(is_held or is_waiting, is_held, guard_due)


def held_error(item: Item) -> LeaseHeld:
    """Returns the error for a lease that another worker holds."""
    return LeaseHeld(float(item["until"]["N"]), float(item.get("wake_due", number_attribute(0))["N"]))


def is_attended(lease: Item, now: float) -> bool:
    """Returns whether a worker holds the chat, or its turn waits for the end of an outage."""
    return max(float(lease["until"]["N"]), _decode_outage(lease).retry_at) > now


def _decode_outage(item: Item) -> OutageState:
    """Reads what the turn waits for. What an earlier turn has left is not this one's."""
    outage = decode_attribute(item.get("outage"), OutageState, OutageState())
    return outage if outage.turn == item.get("turn", {}).get("S") else OutageState()


def decode_lease(item: Item) -> LeaseRecord:
    """Returns the lease as it is written."""
    messages = decode_attribute(item.get("messages"), tuple[str, ...], ())
    return LeaseRecord(
        chat=item["pk"]["S"],
        fence=int(item["fence"]["N"]),
        until=float(item["until"]["N"]),
        turn=item["turn"]["S"],
        messages=messages,
        attempts=int(item["attempts"]["N"]) if messages else 1,
        phase=item["phase"]["S"],
        visible=decode_attribute(item.get("shown"), VisibleState, VisibleState()),
        outage=_decode_outage(item),
        wake_due=float(item.get("wake_due", number_attribute(0))["N"]),
        guard_due=float(item.get("guard_due", number_attribute(0))["N"]),
        knocks=int(item.get("knocks", number_attribute(0))["N"]),
        is_handed_over="handed_over" in item,
    )


def lease_lost(holding: LeaseRecord) -> LeaseLost:
    """Returns the error for a fence that is not the chat's any more."""
    return LeaseLost(f"fence {holding.fence} is not the chat's any more")
