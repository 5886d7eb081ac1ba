"""The contract of `ports.Events`."""

from __future__ import annotations

import base64
import random

from repartee.ports import WebEvent, WebEventLog
from repartee.ports.web import LIVE_EVENTS_SECONDS
from tests.contract.conftest import PassingClock

LOG = "web:ada:main#m-1"
HELLO, WORLD, AGAIN = (
    WebEvent("1789000000000001", "status", "is thinking…"),
    WebEvent("1789000000000002", "delta", "Hello\n\u2028 <wörld> \U0001f600"),
    WebEvent("1789000000000010", "replaced", ""),
)


def test_nothing_is_known_of_an_unknown_log(events: WebEventLog) -> None:
    """A log in which nothing was written is empty, wherever one reads on."""
    assert list(events.read_after(LOG, "")) == []
    assert list(events.read_after(LOG, HELLO.id)) == []


def test_events_are_read_in_order(events: WebEventLog) -> None:
    """What was appended is there at once, as it was, in the order of its ids, in whatever chunks it came."""
    events.append(LOG, [HELLO])
    events.append(LOG, [WORLD, AGAIN])

    assert list(events.read_after(LOG, "")) == [HELLO, WORLD, AGAIN]


def test_reading_on(events: WebEventLog) -> None:
    """One may read on after any event, one in the middle of a chunk too, or after one that is not there."""
    events.append(LOG, [HELLO, WORLD, AGAIN])

    assert list(events.read_after(LOG, HELLO.id)) == [WORLD, AGAIN]
    assert list(events.read_after(LOG, "1789000000000005")) == [AGAIN]
    assert list(events.read_after(LOG, AGAIN.id)) == []


def test_a_repeated_chunk_changes_nothing(events: WebEventLog) -> None:
    """A chunk whose answer was lost is appended again, with what came meanwhile: each event is there once."""
    events.append(LOG, [HELLO, WORLD])
    events.append(LOG, [HELLO, WORLD])
    events.append(LOG, [HELLO, WORLD, AGAIN])

    assert list(events.read_after(LOG, "")) == [HELLO, WORLD, AGAIN]


def test_logs_are_apart(events: WebEventLog) -> None:
    """One log knows nothing of another, not even of one whose name it begins."""
    events.append(LOG, [HELLO])
    events.append(LOG + "1", [WORLD])

    assert list(events.read_after(LOG, "")) == [HELLO]


def test_an_hour_later_nothing_is_left(events: WebEventLog, passing: PassingClock) -> None:
    """Events are kept for an hour."""
    events.append(LOG, [HELLO])
    passing.now += 3500
    assert list(events.read_after(LOG, "")) == [HELLO]

    passing.now += 200

    assert list(events.read_after(LOG, "")) == []


def test_a_long_reply_is_kept_whole(events: WebEventLog) -> None:
    """Many large events at once are no problem, whatever an item may hold."""
    long = [WebEvent(f"{number:016d}", "delta", "\u0416\x01" * 25_000) for number in range(1, 9)]

    events.append(LOG, long)

    assert list(events.read_after(LOG, "")) == long


def test_an_empty_chunk(events: WebEventLog) -> None:
    """Nothing to append is no error."""
    events.append(LOG, [])

    assert list(events.read_after(LOG, "")) == []


def test_a_conversation_is_kept_for_a_day(events: WebEventLog, passing: PassingClock) -> None:
    """Events are kept as long as their writer says."""
    events.append(LOG, [HELLO], LIVE_EVENTS_SECONDS)
    passing.now += LIVE_EVENTS_SECONDS - 60
    assert list(events.read_after(LOG, "")) == [HELLO]

    passing.now += 120

    assert list(events.read_after(LOG, "")) == []
    assert list(events.read_page(LOG, "")) == []


def test_a_long_log_is_read_page_by_page(events: WebEventLog, passing: PassingClock) -> None:
    """No page holds all of a long log, and together they are all of it; behind events that have run out there
    may be more."""
    noise = random.Random(7)  # what cannot be compressed
    made = [
        WebEvent(f"{number:016d}", "picture", base64.b64encode(noise.randbytes(37_500)).decode())
        for number in range(1, 81)
    ]
    events.append(LOG, made[:40])
    passing.now += 1800
    long = made[40:]
    events.append(LOG, long)
    passing.now += 1830
    read: list[WebEvent] = []
    pages = 0
    while page := events.read_page(LOG, read[-1].id if read else ""):
        read += page
        pages += 1

    assert read == long
    assert pages > 1


def test_the_newest_id(events: WebEventLog) -> None:
    """It is that of the last event, whatever chunk it came in; an unknown log has none."""
    assert events.find_newest_id(LOG) == ""
    events.append(LOG, [HELLO])
    events.append(LOG, [WORLD, AGAIN])
    events.append(LOG + "1", [WebEvent("9" * 16, "delta", "another log")])

    assert events.find_newest_id(LOG) == AGAIN.id
