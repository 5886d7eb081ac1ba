"""Server-sent events as the standard says.

The first cases are those of httpx-sse 0.4.3 (tests/test_event_source.py; MIT License, Copyright (c) 2022
Florimond Manca) but for ids and times to reconnect, which we do not read; those called `wpt` are after the
standard's own tests, web-platform-tests/eventsource (3-Clause BSD License, Copyright web-platform-tests
contributors).
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.services.openai.sse import ServerSentEvent, read_events

CASES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "whatwg_example1": ("data: YH00\ndata: +2\ndata: 10\n\n", [("", "YH00\n+2\n10")]),
    "whatwg_example2": (
        ": test stream\n\ndata: first event\nid: 1\n\ndata: second event\nid\n\ndata:  third event\n\n",
        [("", "first event"), ("", "second event"), ("", " third event")],
    ),
    "whatwg_example3": ("data\n\ndata\ndata\n\ndata:\n", [("", ""), ("", "\n")]),
    "whatwg_example4": ("data:test\n\ndata: test\n\n", [("", "test"), ("", "test")]),
    "event": ("event: logline\ndata: New user connected\n\n", [("logline", "New user connected")]),
    "id_null": ("data: test\nid: 123\0\n\n", [("", "test")]),
    "id_retry": ("retry: 10000\n\n", []),
    "id_retry_invalid": ("retry: 1667a\n\n", []),
    "unknown_field": ("something: ignore\n\n", []),
    "unicode_line_separator": (
        'event: message\ndata: {"text":"Hello\u2028World"}\n\n',
        [("message", '{"text":"Hello\u2028World"}')],
    ),
    "other separators of text": (
        "data: a\u2029b\x85c\x0bd\x0ce\x1cf\x1dg\x1eh\n\n",
        [("", "a\u2029b\x85c\x0bd\x0ce\x1cf\x1dg\x1eh")],
    ),
    "wpt format-bom": ("\ufeffdata:1\n\n\ufeffdata:2\n\ndata:3\n\n", [("", "1"), ("", "3")]),
    "wpt format-bom-2": ("\ufeff\ufeffdata:1\n\ndata:2\n\ndata:3\n\n", [("", "2"), ("", "3")]),
    "wpt format-comments": (
        "data:1\r:\0\n:\r\ndata:2\n:" + "x" * 2049 + "\rdata:3\n:data:fail\r:" + "x" * 2049 + "\ndata:4\n\n",
        [("", "1\n2\n3\n4")],
    ),
    "wpt format-data-before-final-empty-line": (
        "retry:1000\ndata:test1\n\nid:test\ndata:test2",
        [("", "test1")],
    ),
    "wpt format-field-data": ("data:\n\ndata\ndata\n\ndata:test\n\n", [("", ""), ("", "\n"), ("", "test")]),
    "wpt format-field-event": ("event:test\ndata:x\n\ndata:x\n\n", [("test", "x"), ("", "x")]),
    "wpt format-field-event-empty": ("event: \ndata:data\n\n", [("", "data")]),
    "wpt format-field-parsing": (
        (
            "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n"
            " data:32\ndata:4\n\n"
        ),
        [("", "\0\n 2\n1\n3\n\n4")],
    ),
    "wpt format-leading-space": ("data:\ttest\rdata: \ndata:test\n\n", [("", "\ttest\n\ntest")]),
    "wpt format-mime-newlines": ("data:test\r\ndata\ndata:test\r\n\r\n", [("", "test\n\ntest")]),
    "wpt format-null-character": ("data:\0\n\n\n\n", [("", "\0")]),
    "wpt format-utf-8": ("data:ok…\n\n", [("", "ok…")]),
    "only CR": ("event:a\rdata:1\r\rdata:2\r\r", [("a", "1"), ("", "2")]),
    "nothing": ("", []),
    "only a mark": ("\ufeff", []),
}


def read(body: bytes, size: int) -> list[tuple[str, str]]:
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    return [(event.name.decode(), event.data.decode()) for event in read_events(chunks)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1 << 20])
@pytest.mark.parametrize("case", CASES)
def test_events_are_read_as_the_standard_says(case: str, size: int) -> None:
    """Wherever the chunks are cut: within a character, the mark at the beginning, or a CRLF."""
    body, events = CASES[case]

    assert read(body.encode(), size) == events


def test_an_event_is_given_when_its_blank_line_has_come() -> None:
    """Not with the next chunk: also where lines end at CR, after which an LF may follow."""
    came: list[str] = []

    def chunks():
        for chunk in (b"data: 1\r\r", b"\ndata: 2\n\n", b"data: 3\r\n\r", b"\ndata: 4\n\n"):
            came.append("chunk")
            yield chunk

    came.extend(event.data.decode() for event in read_events(chunks()))

    assert came == ["chunk", "1", "chunk", "2", "chunk", "3", "chunk", "4"]


@pytest.mark.parametrize("body", ["data: 1\n\ndata: 2\n", "data: 1\n\ndata: 2", "data: 1\n\ndata:2\r"])
def test_the_last_event_may_lack_its_blank_line_where_that_is_asked_for(body: str) -> None:
    """Some servers leave it out. The standard drops such an event."""
    asked = [event.data for event in read_events([body.encode()], unfinished=True)]

    assert asked == [b"1", b"2"]
    assert read(body.encode(), 4) == [("", "1")]


def reference(body: bytes) -> list[ServerSentEvent]:
    """The standard's words, on the whole body."""
    *lines, _ = re.split(rb"\r\n|\r|\n", body.removeprefix(b"\xef\xbb\xbf"))
    found, name, data = [], b"", list[bytes]()
    for line in lines:
        field, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if not line:
            found += [ServerSentEvent(name, b"\n".join(data))] if data else []
            name, data = b"", []
        elif field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
    return found


TOKENS = [
    b"\r",
    b"\n",
    b"\r\n",
    b"data",
    b":",
    b" ",
    b"data:",
    b"event:",
    b"x",
    "\u2028".encode(),
    b"\x85",
    b"\xef\xbb\xbf",
    b"\xef",
]


@given(st.lists(st.lists(st.sampled_from(TOKENS), max_size=6).map(b"".join), max_size=6))
def test_any_bytes_in_any_chunks_are_read_as_the_whole(chunks: list[bytes]) -> None:
    """Chunks are no part of the standard."""
    assert list(read_events(chunks)) == reference(b"".join(chunks))
