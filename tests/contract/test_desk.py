"""The contract of `ports.DeskRecords`."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.domain.budget import UsageLimit
from repartee.domain.desk import DeskConfig, DeskWebhook, EscalationRules
from repartee.domain.message import Exchange
from repartee.domain.opening_hours import OpeningHours
from repartee.ports.desk import MAX_CONFIG_AGE_SECONDS, DeskRecords, DeskState
from repartee.stores.dynamodb.desk import DynamoDesk
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws
from tests.support.inbox_builders import make_message
from tests.support.memory_desk import MemoryDesk
from tests.support.memory_stores import MemoryRecords

NUMBER = "whatsapp:106540352242922"
ROOM = CHAT = f"{NUMBER}:p-ada"
CHANNEL = "slack:T1:C1"

FULL = DeskConfig(
    number=NUMBER,
    name="Lumen",
    persona="calm",
    languages=("en", "de"),
    knowledge="lumen",
    answers="Lamps, orders and deliveries.",
    team=("slack:T1:C9", "telegram:-100"),
    hours=OpeningHours(timezone="Europe/Berlin", days={"mon": ("09:00-18:00",)}, holidays=("12-25",)),
    escalation=EscalationRules(unhelped_answers=3, topics={"press": ("journalist",)}),
    webhooks=(DeskWebhook(url="https://example.com/hook", secret="desk-hook"),),
    budget=UsageLimit(10_000, 1.5),
)


@pytest.fixture
def now() -> list[float]:
    return [120.0]


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def desk(request: pytest.FixtureRequest, now: list[float]) -> Any:
    if request.param == "memory":
        return MemoryDesk(MemoryRecords(lambda: now[0]))
    client = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoDesk(client, aws.make_table(client), lambda: now[0])


def test_nothing_is_known_of_a_stranger(desk: DeskRecords) -> None:
    """Where nothing is configured and nothing was said, the state says so."""
    assert desk.read_desk_state(ROOM, CHAT, "whatsapp:p-ada") == DeskState()
    assert desk.list_configs() == []
    assert desk.find_config(ROOM) is None


def test_a_configuration_is_read_as_it_was_written(desk: DeskRecords) -> None:
    """Every field comes back, with the conversation, in what a turn reads."""
    desk.save_config(FULL)
    desk.append_history(
        Exchange(
            turn="t1",
            chat=CHAT,
            room=ROOM,
            assistant="desk",
            messages=(make_message(id="1", chat=CHAT, room=ROOM, text="hello"),),
            reply="Good morning",
            answered_at=1_000.0,
        )
    )

    state = desk.read_desk_state(ROOM, CHAT, "whatsapp:p-ada")

    assert desk.read_config(NUMBER) == state.config == desk.find_config(ROOM) == FULL
    assert [one.text for one in state.history] == ["hello", "Good morning"]


def test_the_narrowest_configuration_counts(desk: DeskRecords) -> None:
    """A channel's own goes before that of its workspace; elsewhere in it the workspace's counts."""
    everywhere, own = DeskConfig(number="slack:T1", name="All"), DeskConfig(number=CHANNEL, name="Own")
    desk.save_config(everywhere)
    desk.save_config(own)

    assert desk.find_config(CHANNEL) == own
    assert desk.find_config("slack:T1:C2") == everywhere
    assert desk.find_config("slack:T2:C1") is None
    assert [one.number for one in desk.list_configs()] == ["slack:T1", CHANNEL]


def test_a_removed_configuration_is_gone(desk: DeskRecords) -> None:
    """Removing is repeatable, and others stay."""
    desk.save_config(FULL)
    desk.save_config(DeskConfig(number="web", name="Web"))

    desk.delete_config(NUMBER)
    desk.delete_config(NUMBER)

    assert desk.read_config(NUMBER) is None
    assert desk.find_config("web:ada") == DeskConfig(number="web", name="Web")


def test_what_another_process_writes_is_in_use_within_seconds(desk: Any, now: list[float]) -> None:
    """A configuration that was read is kept for seconds, also that there was none; then it is read again."""
    if isinstance(desk, MemoryDesk):
        pytest.skip(reason="the store in memory keeps no copy that could grow old")
    other = DynamoDesk(desk._client, desk._table, lambda: now[0])
    assert desk.read_desk_state(ROOM, CHAT, "whatsapp:p-ada").config is None

    other.save_config(FULL)

    assert desk.find_config(ROOM) is None
    now[0] += MAX_CONFIG_AGE_SECONDS
    assert desk.read_desk_state(ROOM, CHAT, "whatsapp:p-ada").config == FULL


def test_what_workers_share_is_in_the_state(desk: Any, now: list[float]) -> None:
    """A turn knows of failing backends and of who else shows something by what it reads anyway."""
    if isinstance(desk, MemoryDesk):
        records: Any = desk._records
    else:
        records = DynamoRecords(desk._client, desk._table, lambda: now[0])
    records.report_failure("openai", ROOM, 0.0)

    active = desk.read_desk_state(ROOM, CHAT, "whatsapp:p-ada").control.active_messages

    assert active == records.read_control(ROOM, CHAT).active_messages
    assert active.failing_backends["openai"].count == 1
