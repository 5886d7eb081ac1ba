"""The contract of `ports.Records` about what workers show in a workspace together."""

from __future__ import annotations

from repartee.conversation.reply import Showing
from repartee.ports import Records

WORKSPACE, ROOM = "slack:T1", "slack:T1:C1"

NOW = 150.0
"""The records' own time in these tests is close to it."""


def showing(key: str, since: float = NOW, until: float = NOW + 60, kind: str = "stream") -> Showing:
    return Showing(key=key, kind=kind, since=since, until=until)


def test_who_shows_something_is_told_who_else_does(records: Records) -> None:
    """Of the same workspace, and themselves."""
    records.show(WORKSPACE, showing("a"))
    records.show("slack:T2", showing("b"))

    crowd = records.show(WORKSPACE, showing("c", kind="post"))

    assert {one.key for one in crowd.showing} == {"a", "c"}
    assert crowd.growing("stream", NOW) == crowd.growing("post", NOW) == 1


def test_the_crowd_comes_along_with_what_is_ordered(records: Records) -> None:
    """Whoever replies looks at both."""
    assert records.control(ROOM, "another").crowd.showing == ()

    crowd = records.show(WORKSPACE, showing("a"))

    assert records.control(ROOM, "another").crowd == crowd


def test_what_is_noted_again_replaces_what_was(records: Records) -> None:
    """A stream that has ended counts no more, but that it began is known for a minute."""
    records.show(WORKSPACE, showing("a"))

    crowd = records.show(WORKSPACE, showing("a", until=NOW))

    assert crowd.growing("stream", NOW) == 0
    assert crowd.began("stream", NOW - 60) == 1


def test_what_is_over_is_forgotten(records: Records) -> None:
    """Whoever comes next clears away what ended, and began more than a minute ago."""
    records.show(WORKSPACE, showing("long ago", since=1.0, until=2.0))

    records.show(WORKSPACE, showing("a"))

    assert [one.key for one in records.control(ROOM, ROOM).crowd.showing] == ["a"]


def test_a_workspace_that_lets_nothing_stream_is_known(records: Records) -> None:
    """Until then, by everybody, beside what is being shown."""
    records.show(WORKSPACE, showing("a"))

    records.forbid_streams(WORKSPACE, NOW + 3600)

    crowd = records.show(WORKSPACE, showing("b"))
    assert crowd.no_streams_until == NOW + 3600
    assert len(crowd.showing) == 2
