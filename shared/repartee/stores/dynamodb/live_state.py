"""The state of the workers on DynamoDB: the leases that are held, the failing backends and today's usage.

It reads one page of the index of what is open, and items by their keys: as much on a busy day as on a quiet
one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.domain.backend_failures import BackendFailures
from repartee.domain.message import workspace_of
from repartee.domain.usage import UsageTotal
from repartee.ports.operations import HeldChat, OpenWork, WorkspaceState
from repartee.stores.dynamodb.active_messages import ITEM_NAME, list_item_keys
from repartee.stores.dynamodb.backend_failures import decode_failures
from repartee.stores.dynamodb.chat_state import usage_day_key
from repartee.stores.dynamodb.codec import MESSAGE_KEY_PREFIX
from repartee.stores.dynamodb.items import BACKEND_NAME, Item, batch_get, primary_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_OPEN_ITEMS = 500
"""Items of the index of what is open that are looked at."""

LEASE_KEY = "turn"


class DynamoLiveState:
    """`ports.LiveState` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def read_open_work(self) -> OpenWork:
        with translate_errors(BACKEND_NAME):
            page = self._client.scan(
                TableName=self._table,
                IndexName="open",
                ProjectionExpression="pk, sk, kept",
                Limit=MAX_OPEN_ITEMS,
            )
        since: dict[str, float] = {}
        for item in page["Items"]:
            if item["sk"]["S"].startswith(MESSAGE_KEY_PREFIX):
                chat, kept = item["pk"]["S"], float(item["kept"]["N"])
                since[chat] = min(kept, since.get(chat, kept))
        held = [HeldChat(chat, since[chat]) for chat in self._list_held(since)]
        return OpenWork(
            tuple(sorted(held, key=lambda one: one.waiting_since)),
            frozenset(map(workspace_of, since)),
            "LastEvaluatedKey" not in page,
        )

    def _list_held(self, chats: Collection[str]) -> list[str]:
        now, keys = self._clock(), [primary_key(chat, LEASE_KEY) for chat in chats]
        leases = batch_get(self._client, self._table, keys, now)
        return [one["pk"]["S"] for one in leases if "until" in one and float(one["until"]["N"]) > now]

    def read_workspaces(self, names: Collection[str]) -> Mapping[str, WorkspaceState]:
        now = self._clock()
        shared = {name: [(key, ITEM_NAME) for key in list_item_keys(name)] for name in names}
        used = {name: (name, usage_day_key(now)) for name in names}
        wanted = dict.fromkeys([*used.values(), *(key for keys in shared.values() for key in keys)])
        items = batch_get(self._client, self._table, [primary_key(pk, sk) for pk, sk in wanted], now)
        found = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
        return {
            name: WorkspaceState(
                _merge_failures([found[key] for key in shared[name] if key in found], now),
                _decode_usage(found.get(used[name], {})),
            )
            for name in names
        }


def _merge_failures(items: Collection[Item], now: float) -> Mapping[str, BackendFailures]:
    """Returns the failures by backend: where several items tell of one, those that last longest."""
    merged: dict[str, BackendFailures] = {}
    for item in items:
        for backend, one in decode_failures(item).items():
            known = merged.get(backend)
            if known is None or _rank(one, now) > _rank(known, now):
                merged[backend] = one
    return merged


def _rank(one: BackendFailures, now: float) -> tuple[bool, float]:
    return one.is_down(now), -one.first_at


def _decode_usage(item: Item) -> UsageTotal:
    if "tokens" not in item:
        return UsageTotal()
    return UsageTotal(int(float(item["tokens"]["N"])), float(item.get("cost", {"N": "0"})["N"]))
