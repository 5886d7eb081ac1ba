"""The contract of `ports.Records`."""

from __future__ import annotations

import pytest

from repartee.domain.control import Control
from repartee.domain.meeting import Meeting
from repartee.domain.names import MAX_ROOM_NAMES, KnownName
from repartee.domain.usage import UsageTotal
from repartee.ports import Records, Summary
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws

ROOM, CHAT, PERSON = "slack:T1:C1", "slack:T1:C1:5", "slack:T1:U1"
DIRECT = "slack:T1:D1"


def test_nothing_is_ordered_for_an_unknown_place(records: Records) -> None:
    """Where nobody ordered anything, nothing is in the way."""
    assert records.read_control(ROOM, CHAT) == Control()
    assert records.read_chat_state(ROOM, CHAT, PERSON).profile == {}


def test_a_muted_room_mutes_its_chats(records: Records) -> None:
    """A mute of the room holds for every chat in it, until its time, and a chat's own beside it."""
    records.mute(ROOM, until=200.0, ordered_at=100.0)
    records.mute(CHAT, until=300.0, ordered_at=100.0)

    assert records.read_control(ROOM, "another").is_muted(199.0)
    assert not records.read_control(ROOM, "another").is_muted(200.0)
    assert records.read_control(ROOM, CHAT).is_muted(299.0)
    assert records.read_chat_state(ROOM, CHAT, PERSON).control == records.read_control(ROOM, CHAT)


def test_a_room_that_is_its_own_chat_is_asked_once(records: Records) -> None:
    """Outside threads the chat is the room, and both are one place."""
    records.mute(ROOM, until=200.0, ordered_at=100.0)

    assert records.read_control(ROOM, ROOM).is_muted(150.0)


def test_of_two_orders_the_later_given_stands(records: Records) -> None:
    """A mute that is delivered again after the unmute does not mute again."""
    records.mute(ROOM, until=200.0, ordered_at=100.0)
    records.mute(ROOM, until=0.0, ordered_at=110.0)

    records.mute(ROOM, until=200.0, ordered_at=100.0)

    assert not records.read_control(ROOM, CHAT).is_muted(150.0)


def test_the_latest_stop_stands(records: Records) -> None:
    """A stop says until when what was said is not answered, and an old one changes nothing."""
    records.stop(CHAT, at=110.0)
    records.stop(CHAT, at=100.0)

    assert records.read_control(ROOM, CHAT).stopped_at == 110.0


def test_mute_and_stop_do_not_touch_each_other(records: Records) -> None:
    """Each order is its own."""
    records.mute(CHAT, until=200.0, ordered_at=150.0)
    records.stop(CHAT, at=100.0)

    assert records.read_control(ROOM, CHAT) == Control(muted_until=200.0, muted_at=150.0, stopped_at=100.0)


def test_the_newest_meeting_comes_with_what_is_ordered(records: Records) -> None:
    """A room has one newest meeting; it ends, and what comes late neither opens it again nor brings back
    an older one."""
    first, second = Meeting.start(ROOM, 50.0), Meeting.start(ROOM, 100.0)
    records.save_meeting(ROOM, first)
    records.save_meeting(ROOM, second)
    records.save_meeting(ROOM, second.end(110.0))

    records.save_meeting(ROOM, second)
    records.save_meeting(ROOM, first.end(120.0))

    assert records.read_control(ROOM, CHAT).meeting == second.end(110.0)
    assert records.read_chat_state(ROOM, CHAT, PERSON).control == records.read_control(ROOM, CHAT)
    assert records.read_control("slack:T1:C2", CHAT).meeting is None


def test_a_person_is_learnt_about_by_and_by(records: Records) -> None:
    """What is learnt stands beside what was known; what is empty is forgotten; nothing is no error."""
    records.update_profile(PERSON, {"name": "Ada", "note:1": "prefers tea"})
    records.update_profile(PERSON, {"note:1": "", "language": "Portuguese"})
    records.update_profile(PERSON, {})

    alone = records.read_chat_state(DIRECT, DIRECT, PERSON)
    assert alone.profile == {"name": "Ada", "language": "Portuguese"}
    assert alone.private_profile == {}


def test_what_was_told_elsewhere_is_private_where_others_read(records: Records) -> None:
    """It may decide there, and is not told: but for how the person is spoken to, and what they told there."""
    records.update_profile(PERSON, {"role": "spy", "timezone": "Europe/Lisbon"}, DIRECT)
    records.update_profile(PERSON, {"note:1": "prefers tea"}, ROOM)
    records.update_profile(PERSON, {"note:2": "is tired"}, "slack:T1:C2")

    state = records.read_chat_state(ROOM, CHAT, PERSON)

    assert state.profile == {"timezone": "Europe/Lisbon", "note:1": "prefers tea"}
    assert state.private_profile == {"role": "spy", "note:2": "is tired"}
    assert state.whole_profile == records.read_chat_state(DIRECT, DIRECT, PERSON).profile


def test_what_is_changed_in_private_is_told_in_no_room_any_more(records: Records) -> None:
    """A note that is forgotten is forgotten everywhere, and a role that has changed is not told as it was."""
    records.update_profile(PERSON, {"note:1": "prefers tea", "role": "engineer"}, ROOM)

    records.update_profile(PERSON, {"note:1": "", "role": "spy"}, DIRECT)

    state = records.read_chat_state(ROOM, CHAT, PERSON)
    assert (state.profile, state.private_profile) == ({}, {"role": "spy"})


def test_a_summary_follows_the_one_that_it_goes_on_from(records: Records) -> None:
    """Of two that were written from the same one the first stands, so a repeated write changes nothing."""
    records.save_summary(CHAT, Summary("first", 10.0), after=0.0)
    records.save_summary(CHAT, Summary("late", 12.0), after=0.0)
    records.save_summary(CHAT, Summary("second", 20.0), after=10.0)
    records.save_summary(CHAT, Summary("late", 22.0), after=10.0)

    assert records.read_chat_state(ROOM, CHAT, PERSON).summary == Summary("second", 20.0)
    assert records.read_chat_state(ROOM, ROOM, PERSON).summary == Summary()


def test_what_a_turn_takes_is_counted_once_for_room_and_workspace(records: Records) -> None:
    """Turns add up, in the room and in the workspace; one that is told again does not."""
    records.add_usage("turn-1", ROOM, UsageTotal(100, 0.25))
    records.add_usage("turn-2", ROOM, UsageTotal(10, 0.5))
    records.add_usage("turn-2", ROOM, UsageTotal(10, 0.5))
    records.add_usage("turn-3", "slack:T1:C2", UsageTotal(1, 0.0))

    standing = records.read_chat_state(ROOM, CHAT, PERSON)

    assert (standing.room_usage, standing.workspace_usage) == (UsageTotal(110, 0.75), UsageTotal(111, 0.75))


@pytest.mark.parametrize("server", ["moto", "dynamodb_local"])
def test_yesterday_does_not_count(server: str, request: pytest.FixtureRequest) -> None:
    """Every day begins anew, at midnight UTC."""
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(server))
    table = aws.make_table(dynamodb)
    DynamoRecords(dynamodb, table, lambda: 86_399.0).add_usage("turn-1", ROOM, UsageTotal(100, 0.25))

    assert (
        DynamoRecords(dynamodb, table, lambda: 86_399.0).read_chat_state(ROOM, CHAT, PERSON).room_usage.tokens
        == 100
    )
    assert (
        DynamoRecords(dynamodb, table, lambda: 86_400.0).read_chat_state(ROOM, CHAT, PERSON).room_usage.tokens
        == 0
    )


@pytest.mark.parametrize("server", ["moto", "dynamodb_local"])
def test_what_expired_is_not_seen(server: str, request: pytest.FixtureRequest) -> None:
    """DynamoDB deletes what expired when it likes; until then nobody sees it."""
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(server))
    table = aws.make_table(dynamodb)
    DynamoRecords(dynamodb, table, lambda: 120.0).stop(CHAT, at=100.0)

    assert DynamoRecords(dynamodb, table, lambda: 120.0).read_control(ROOM, CHAT).stopped_at == 100.0
    assert DynamoRecords(dynamodb, table, lambda: 1e9).read_control(ROOM, CHAT) == Control()


def test_the_room_keeps_the_names_of_its_people(records: Records) -> None:
    """They come with the chat's state; the later look-up of a name stands, in whichever order they are
    kept."""
    records.save_names("slack:T1:C1", {"U1": KnownName("Ada", 5.0), "U2": KnownName("Ben", 5.0)})
    records.save_names("slack:T1:C1", {"U1": KnownName("Ada Lovelace", 9.0), "U2": KnownName("Benny", 2.0)})

    known = {"U1": KnownName("Ada Lovelace", 9.0), "U2": KnownName("Ben", 5.0)}
    assert records.read_names("slack:T1:C1") == known
    assert records.read_chat_state("slack:T1:C1", "slack:T1:C1:1.1", "slack:T1:U1").names == known
    assert records.read_names("slack:T1:C2") == {}


def test_a_room_keeps_so_many_names(records: Records) -> None:
    """Of too many the oldest are forgotten: an item has a bounded size."""
    names = {f"U{number}": KnownName("x" * 80, float(number)) for number in range(MAX_ROOM_NAMES + 5)}

    records.save_names("slack:T1:C1", names)

    assert len(records.read_names("slack:T1:C1")) == MAX_ROOM_NAMES
    assert "U4" not in records.read_names("slack:T1:C1")


def test_a_room_says_what_is_answered_in_it(records: Records) -> None:
    """The later order stands, and a mute that ends does not end it."""
    assert records.read_control("slack:T1:C1", "slack:T1:C1:1.1").answers == "thread"

    records.set_answers("slack:T1:C1", "all", 9.0)
    records.set_answers("slack:T1:C1", "mentions", 5.0)
    records.mute("slack:T1:C1", 0.0, 20.0)

    assert records.read_control("slack:T1:C1", "slack:T1:C1:1.1").answers == "all"
    assert records.read_chat_state("slack:T1:C1", "slack:T1:C1", "slack:T1:U1").control.answers == "all"


def test_a_room_is_recorded_until_its_time(records: Records) -> None:
    """In all its chats, each of which is told by itself. The latest order stands."""
    records.set_recording(ROOM, 100.0, 200.0)
    records.note_recording_told(CHAT, 120.0)

    assert records.read_control(ROOM, CHAT).is_recorded(199.0)
    assert not records.read_control(ROOM, CHAT).is_recorded(200.0)
    assert records.read_chat_state(ROOM, CHAT, PERSON).control.is_recording_told
    assert not records.read_control(ROOM, "another").is_recording_told
    records.set_recording(ROOM, 130.0, 0.0)
    records.set_recording(ROOM, 100.0, 200.0)
    assert not records.read_control(ROOM, CHAT).is_recorded(150.0)
