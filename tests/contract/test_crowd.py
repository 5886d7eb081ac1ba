"""The contract of `ports.Records` about what workers show in a workspace together."""

from __future__ import annotations

from repartee.domain.reply import ActiveMessage
from repartee.ports import Records

WORKSPACE, ROOM = "slack:T1", "slack:T1:C1"

NOW = 150.0
"""The records' own time in these tests is close to it."""


def showing(key: str, since: float = NOW, until: float = NOW + 60, kind: str = "stream") -> ActiveMessage:
    return ActiveMessage(key=key, kind=kind, started_at=since, ends_at=until)


def test_who_shows_something_is_told_who_else_does(records: Records) -> None:
    """Of the same workspace, and themselves."""
    records.publish_active(WORKSPACE, showing("a"))
    records.publish_active("slack:T2", showing("b"))

    crowd = records.publish_active(WORKSPACE, showing("c", kind="post"))

    assert {one.key for one in crowd.messages} == {"a", "c"}
    assert crowd.active_count("stream", NOW) == crowd.active_count("post", NOW) == 1


def test_the_crowd_comes_along_with_what_is_ordered(records: Records) -> None:
    """Whoever replies looks at both."""
    assert records.read_control(ROOM, "another").active_messages.messages == ()

    crowd = records.publish_active(WORKSPACE, showing("a"))

    assert records.read_control(ROOM, "another").active_messages == crowd


def test_what_is_noted_again_replaces_what_was(records: Records) -> None:
    """A stream that has ended counts no more, but that it began is known for a minute."""
    records.publish_active(WORKSPACE, showing("a"))

    crowd = records.publish_active(WORKSPACE, showing("a", until=NOW))

    assert crowd.active_count("stream", NOW) == 0
    assert crowd.started_since("stream", NOW - 60) == 1


def test_what_is_over_is_forgotten(records: Records) -> None:
    """Whoever comes next clears away what ended, and began more than a minute ago."""
    records.publish_active(WORKSPACE, showing("long ago", since=1.0, until=2.0))

    records.publish_active(WORKSPACE, showing("a"))

    assert [one.key for one in records.read_control(ROOM, ROOM).active_messages.messages] == ["a"]


def test_a_workspace_that_lets_nothing_stream_is_known(records: Records) -> None:
    """Until then, by everybody, beside what is being shown."""
    records.publish_active(WORKSPACE, showing("a"))

    records.disable_streaming(WORKSPACE, NOW + 3600)

    crowd = records.publish_active(WORKSPACE, showing("b"))
    assert crowd.streaming_disabled_until == NOW + 3600
    assert len(crowd.messages) == 2
