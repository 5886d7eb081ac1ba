"""The failures of backends, as attributes of the item that workers share (`active_messages`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repartee.domain.backend_failures import FORGOTTEN_AFTER_SECONDS, MIN_FAILURES, BackendFailures
from repartee.stores.dynamodb.items import Item, number_attribute

FAILURE_PREFIX = "failures:"


def _names(backend: str) -> dict[str, str]:
    parts = ("count", "first_at", "last_at", "retry_at", "probed_until")
    return {f"#{part}": f"{FAILURE_PREFIX}{part}:{backend}" for part in parts}


def count_failure(backend: str, now: float, retry_at: float) -> dict[str, Any]:
    """The update that counts another failure, on the condition that the one before is not forgotten."""
    return _update(
        "SET #first_at = if_not_exists(#first_at, :now), #last_at = :now, #retry_at = :retry, "
        "expires = :expires ADD #count :one REMOVE #probed_until",
        backend,
        {
            ":now": number_attribute(now),
            ":retry": number_attribute(retry_at),
            ":one": number_attribute(1),
            ":since": number_attribute(now - FORGOTTEN_AFTER_SECONDS),
        },
        "attribute_not_exists(#last_at) OR #last_at > :since",
    )


def begin_count(backend: str, now: float, retry_at: float) -> dict[str, Any]:
    """The update that counts a first failure, where those before are forgotten."""
    return _update(
        "SET #first_at = :now, #last_at = :now, #retry_at = :retry, #count = :one, expires = :expires "
        "REMOVE #probed_until",
        backend,
        {
            ":now": number_attribute(now),
            ":retry": number_attribute(retry_at),
            ":one": number_attribute(1),
        },
    )


def forget_failures(backend: str) -> dict[str, Any]:
    """The update that forgets them: the backend has answered."""
    return _update("REMOVE #count, #first_at, #last_at, #retry_at, #probed_until", backend, {})


def begin_probe(backend: str, now: float, until: float) -> dict[str, Any]:
    """The update that lets one worker alone try a backend that is down."""
    return _update(
        "SET #probed_until = :until",
        backend,
        {
            ":until": number_attribute(until),
            ":now": number_attribute(now),
            ":down": number_attribute(MIN_FAILURES),
        },
        "#count >= :down AND (attribute_not_exists(#probed_until) OR #probed_until <= :now)",
    )


def decode_failures(item: Item) -> Mapping[str, BackendFailures]:
    """The failures that the item tells of, by backend."""
    found: dict[str, dict[str, float]] = {}
    for name, value in item.items():
        if name.startswith(FAILURE_PREFIX):
            part, _, backend = name.removeprefix(FAILURE_PREFIX).partition(":")
            found.setdefault(backend, {})[part] = float(value["N"])
    return {
        backend: BackendFailures(
            count=int(parts.get("count", 0)),
            first_at=parts.get("first_at", 0.0),
            last_at=parts.get("last_at", 0.0),
            retry_at=parts.get("retry_at", 0.0),
            probed_until=parts.get("probed_until", 0.0),
        )
        for backend, parts in found.items()
    }


def _update(expression: str, backend: str, values: Mapping[str, Item], condition: str = "") -> dict[str, Any]:
    """An update with those of the names and values that it uses: DynamoDB refuses others."""
    used = f"{expression} {condition}"
    names = {name: full for name, full in _names(backend).items() if name in used}
    update: dict[str, Any] = {"UpdateExpression": expression, "ExpressionAttributeNames": names}
    if values:
        update["ExpressionAttributeValues"] = dict(values)
    if condition:
        update["ConditionExpression"] = condition
    return update
