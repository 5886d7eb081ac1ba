"""A desk without receivers pays nothing for outgoing webhooks, and one with them no round trip more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from repartee.domain.desk import DeskConfig
from repartee.domain.message import Exchange
from repartee.outbox.collecting import EventCollector
from repartee.stores.dynamodb.desk import DynamoDesk
from repartee.stores.dynamodb.inbox import DynamoInbox
from tests.support import aws
from tests.support.desk_events import CHAT, NUMBER, WEBHOOK
from tests.support.inbox_builders import make_message


@pytest.mark.parametrize(
    "number,webhooks,items", [("", (), 3), (NUMBER, (), 3), (NUMBER, (WEBHOOK,), 4)], ids=str
)
def test_a_close_takes_no_call_more(
    dynamodb_local: str, number: str, webhooks: tuple[Any, ...], items: int
) -> None:
    """Neither where no desk is configured, nor where one has no receivers: the configuration that the turn
    has read is at hand, also after a long answer. With a receiver the transaction has one item more."""
    client, calls = aws.make_client("dynamodb", dynamodb_local), Counter[str]()
    written: list[int] = []

    def count(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        calls[model.name] += 1
        written.append(len(params.get("TransactItems", ())))

    table, now = aws.make_table(client), [1000.0]
    desk, inbox = DynamoDesk(client, table, lambda: now[0]), DynamoInbox(client, table)
    if number:
        desk.save_config(DeskConfig(number=number, name="Lumen", webhooks=webhooks))
    message = make_message("hi", id="1", chat=CHAT, room=CHAT, channel="whatsapp")
    inbox.put(message)
    desk.read_desk_state(CHAT, CHAT, "p")
    lease = inbox.acquire_lease(CHAT, "t1", now[0], now[0] + 20)
    now[0] += 120.0
    client.meta.events.register_first("before-parameter-build.dynamodb", count)

    exchange = Exchange(
        turn="t1",
        chat=CHAT,
        room=CHAT,
        assistant="desk",
        messages=(message,),
        reply="ok",
        answered_at=now[0],
    )
    events = EventCollector(desk).collect(exchange, None)
    inbox.close_turn(msgspec.structs.replace(lease, messages=("1",)), exchange, events=events)

    assert calls == {"TransactWriteItems": 1}
    assert written == [items]
