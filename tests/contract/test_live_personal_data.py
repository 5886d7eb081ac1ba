"""A conversation on the web beside its replies is handed out and erased with its customer and its member."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import live_log_id
from repartee.channels.web.live_log import LiveLog
from repartee.domain.message import Message, TeamAction
from repartee.wiring import stores
from tests.support import aws
from tests.support.memory_handovers import ANA, BO
from tests.support.personal_data_world import START_SECONDS, PersonalDataWorld

MEMBERS = {"eva": ANA, "tom": BO}


@pytest.fixture(params=["moto", "dynamodb_local"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> PersonalDataWorld:
    """Eva has Ana's answer on her page, and Tom Bo's."""
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    sqs = aws.make_client("sqs", request.getfixturevalue("moto"))
    made = PersonalDataWorld(
        {"dynamodb": dynamodb, "sqs": sqs},
        RECORDS_TABLE=aws.make_table(dynamodb),
        ACCOUNTS_TABLE=aws.make_table(dynamodb),
        RECORDINGS_TABLE=aws.make_table(dynamodb),
        DEAD_LETTERS_QUEUE_URL=aws.make_queue(sqs),
        DESK_EVENT_DEAD_LETTERS_QUEUE_URL=aws.make_queue(sqs),
        SQLITE_PATH=str(tmp_path / "messages.db"),
    )
    get, at = made.wiring.get, START_SECONDS
    live = LiveLog(get(stores.events), EventHub(lambda: at))
    for name, member in MEMBERS.items():
        room, chat = f"web:{name}", f"web:{name}:main"
        asked = Message(
            id="m1", chat=chat, room=room, channel="web", sender=room, text="?", sent=at, received=at
        )
        said = TeamAction(
            id="a1", chat=chat, room=room, channel="web", sender=member.id, sent=at, received=at,
            kind="message", text=f"to-{name}",
        )  # fmt: skip
        for one in (asked, said):
            get(stores.inbox).put(one)
        live.append(chat, "message", [f"to-{name}"])
        get(stores.stream_slots).acquire(f"{room}#live", 4, 300.0)
    return made


@pytest.mark.parametrize("person", ["web:eva", ANA.id])
def test_a_conversation_goes_with_who_is_in_it(world: PersonalDataWorld, person: str) -> None:
    """With the customer, and with the member who wrote there: it is handed out, then it is gone. Others keep
    theirs."""
    exported = "\n".join(chain.from_iterable(world.export("person", person).values()))
    world.forget("person", person)
    events = world.wiring.get(stores.events)

    assert "to-eva" in exported
    assert "to-tom" not in exported
    assert list(events.read_after(live_log_id("web:eva:main"), "")) == []
    assert [one.text for one in events.read_after(live_log_id("web:tom:main"), "")] == ["to-tom"]


def test_a_customer_leaves_no_stream_behind(world: PersonalDataWorld) -> None:
    """Nothing that is stored names them any more."""
    world.forget("person", "web:eva")

    left = world.dump()
    assert "web:eva" not in left
    assert "web:tom#live" in left
