"""Server-sent events, read from bytes as the standard says.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

Lines end at CR, LF or CRLF. In bytes `splitlines` knows no other line ends; in text it also splits at U+2028,
U+2029 and U+0085, which JSON may hold as they are. `id` and `retry` serve only to reconnect, which a POST
never does, so they are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_ENDS = (b"\r", b"\n")


class ServerSentEvent(NamedTuple):
    """One event: its name, empty where it has none, and its data, both as UTF-8."""

    name: bytes
    data: bytes


def read_events(chunks: Iterable[bytes], *, unfinished: bool = False) -> Iterator[ServerSentEvent]:
    """Yields the events of a stream, wherever its chunks are cut.

    The standard drops an event that the end of the stream cut off before its blank line. With `unfinished` it
    is yielded as it is: some servers leave the last blank line out, and JSON tells whether it is whole.
    """
    name, data = b"", list[bytes]()
    for line in _lines(chunks):
        if line:
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
            elif field == b"event":
                name = value
            continue
        if data:
            yield ServerSentEvent(name, b"\n".join(data))
        name, data = b"", []
    if unfinished and data:
        yield ServerSentEvent(name, b"\n".join(data))


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the lines without their ends, and at last what follows the last line end."""
    begun: list[bytes] = []
    after_cr = False
    for chunk in _without_mark(chunks):
        new = chunk.removeprefix(b"\n") if after_cr else chunk
        after_cr = new.endswith(b"\r")
        lines = new.splitlines()
        if not lines:
            continue
        begun.append(lines[0])
        if len(lines) > 1 or new.endswith(LINE_ENDS):
            lines[0] = b"".join(begun)
            begun = [] if new.endswith(LINE_ENDS) else [lines.pop()]
            yield from lines
    if begun:
        yield b"".join(begun)


def _without_mark(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the chunks that hold something, without the mark that the stream may begin with."""
    begun = b""
    rest = iter(chunks)
    for chunk in rest:
        begun += chunk
        if not BYTE_ORDER_MARK.startswith(begun):
            break
    if begun := begun.removeprefix(BYTE_ORDER_MARK):
        yield begun
    yield from filter(None, rest)
