"""A model's stream is read in few steps once it speaks, and its first words at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from repartee.services.openai import paced_reading
from repartee.services.openai.paced_reading import GATHER_SECONDS, has_unread_bytes, read_paced

DELTA = b'event: response.output_text.delta\ndata: {"delta":"a"}\n\n'


class SlowSource:
    """Chunks of a stream, before some of which the reader waits; how long it has gathered in all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = self.gathered = 0.0
        monkeypatch.setattr(paced_reading, "time", self)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.gathered += seconds
        self.now += seconds

    def chunks(self, *chunks: tuple[float, bytes]) -> Iterator[bytes]:
        for wait, chunk in chunks:
            self.now += wait
            yield chunk


def test_the_first_words_are_there_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing gathers before them, nor between the stream's beginning and them."""
    source = SlowSource(monkeypatch)

    stream = read_paced(source.chunks((0.1, b"event: response.created\n\n"), (0.4, DELTA)), lambda: False)

    assert [next(stream), next(stream)][-1] == DELTA
    assert source.gathered == 0.0


def test_later_words_gather(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each read that had to wait, but not after those that only take what is there."""
    source = SlowSource(monkeypatch)
    given = [(0.4, DELTA), (0.01, DELTA), (0.0, DELTA), (0.0, DELTA), (0.01, DELTA), (0.01, b"the end")]

    assert list(read_paced(source.chunks(*given), lambda: False)) == [chunk for _, chunk in given]

    assert source.gathered == pytest.approx(3 * GATHER_SECONDS)


def test_a_reader_that_is_behind_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the socket holds bytes, reading goes on, however slow the machine is."""
    source = SlowSource(monkeypatch)

    list(read_paced(source.chunks(*[(0.01, DELTA)] * 20), lambda: True))

    assert source.gathered == 0.0


def test_a_socket_says_whether_it_holds_bytes() -> None:
    """A closed one, or what is none, counts as holding some: then nothing waits for it."""
    here, there = socket.socketpair()
    assert not has_unread_bytes(here)
    there.send(b"a")
    deadline = time.monotonic() + 10
    while not has_unread_bytes(here) and time.monotonic() < deadline:
        pass
    assert has_unread_bytes(here)

    here.close()
    there.close()
    assert has_unread_bytes(here)
    assert has_unread_bytes(None)
