"""Who is in a room is the platform's answer, and links lead to its messages."""

from __future__ import annotations

import pytest

from repartee.channels.room_access import ChannelRoomAccess
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.room_access import SlackRoomAccess
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.room_access import TelegramRoomAccess
from repartee.domain.message import StoredMessage
from repartee.errors import Unavailable
from standins.slack.server import BOT_TOKEN, SlackStandIn
from standins.telegram.server import BOT_TOKEN as TELEGRAM_TOKEN
from standins.telegram.server import TelegramStandIn
from tests.support.slack_channel import SlackWire
from tests.support.telegram_chat import TelegramWire

ROOM = "slack:T1:C1"


def make_stored(chat: str, room: str, id: str) -> StoredMessage:
    return StoredMessage(
        id=f"{chat}#{id}", side="user", chat=chat, room=room, sender="slack:T1:U0ADA", text="x", sent=1.0
    )


def make_slack() -> tuple[SlackStandIn, SlackWire, SlackRoomAccess]:
    slack = SlackStandIn(lambda: 1_789_000_000.0)
    wire = SlackWire(slack)
    return slack, wire, SlackRoomAccess(SlackApi("http://slack/api/", lambda: BOT_TOKEN, wire))


def test_slack_is_asked_who_is_in_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Page after page; in a channel without the app nobody is; and where Slack is down nobody can tell."""
    monkeypatch.setattr("repartee.channels.slack.room_access.MEMBERS_PER_CALL", 2)
    slack, wire, access = make_slack()
    slack.people.members["C1"] = {"U0ADA", "U0BEN", "U0CARLA", "U0ZOE"}
    slack.people.members["C2"] = set()

    assert access.is_member("slack:T1:U0ZOE", ROOM)
    assert not access.is_member("slack:T1:U0EVE", ROOM)
    assert not access.is_member("slack:T1:U0ADA", "slack:T1:C2")
    wire.trouble["conversations.members"] = ["down", "down"]
    with pytest.raises(Unavailable):
        access.is_member("slack:T1:U0ADA", ROOM)


def test_a_slack_link_leads_to_the_message() -> None:
    """In its channel, or in its thread; the workspace's address is asked for once."""
    slack, _, access = make_slack()

    first = access.message_link(make_stored(f"{ROOM}:1789.000100", ROOM, "1789.000100"))
    reply = access.message_link(make_stored(f"{ROOM}:1789.000100", ROOM, "1790.000200"))

    assert first == "https://local-standin.slack.com/archives/C1/p1789000100"
    assert reply == f"{first.replace('1789000100', '1790000200')}?thread_ts=1789.000100&cid=C1"
    assert [post["method"] for post in slack.posts].count("auth.test") == 1


def test_telegram_is_asked_who_is_in_a_group() -> None:
    """Members are, also restricted ones as Telegram says; who left is not, and a private chat is its
    person's."""
    telegram = TelegramStandIn(lambda: 1_789_000_000.0)
    telegram.members[-1001] = {1: "member", 2: "left", 3: "creator", 4: "kicked"}
    access = TelegramRoomAccess(
        TelegramApi("http://telegram", lambda: TELEGRAM_TOKEN, TelegramWire(telegram))
    )

    found = {user: access.is_member(f"telegram:{user}", "telegram:-1001") for user in (1, 2, 3, 4, 5)}

    assert found == {1: True, 2: False, 3: True, 4: False, 5: False}
    assert access.is_member("telegram:7", "telegram:7")
    assert not access.is_member("telegram:8", "telegram:7")
    group = make_stored("telegram:-1001234", "telegram:-1001234", "0000000042")
    assert access.message_link(group) == "https://t.me/c/1234/42"
    assert access.message_link(make_stored("telegram:7", "telegram:7", "0000000042")) == ""


@pytest.mark.parametrize(
    "person,room,may_read",
    [
        ("web:ada", "web:ada", True),
        ("web:ada", "web:ada:2", True),
        ("web:ada", "web:adam", False),
        ("whatsapp:1:u1", "whatsapp:1:u1", True),
        ("whatsapp:1:u1", "whatsapp:1:u2", False),
        ("web:ada", "slack:T1:C1", False),
        ("slack:T1:U1", "web:ada", False),
    ],
)
def test_elsewhere_a_room_is_its_persons(person: str, room: str, may_read: bool) -> None:
    """And nobody of one channel reads another's rooms."""
    _, _, slack = make_slack()

    assert ChannelRoomAccess({"slack": slack}).is_member(person, room) == may_read
