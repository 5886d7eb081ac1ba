"""Pinecone's refusals and failures, as the stand-in gives them to the real client."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    PermissionDenied,
    Throttled,
    Unavailable,
)
from repartee.plan import deadline
from repartee.ports import Memory, Passage
from repartee.stores.pinecone import PineconeIndex, PineconeKnowledge, PineconeMemories
from standins.pinecone.responses import PineconeResponse
from standins.pinecone.server import KEY, PineconeStandIn, serve_index
from tests.support.message_builders import VECTOR_DIMENSIONS, make_vector

Served = tuple[PineconeStandIn, str]


@pytest.fixture
def served() -> Iterator[Served]:
    standin = PineconeStandIn(VECTOR_DIMENSIONS, time.monotonic)
    with serve_index(standin) as host:
        yield standin, host


@pytest.fixture
def index(served: Served) -> Iterator[PineconeIndex]:
    index = PineconeIndex(served[1], KEY)
    yield index
    index.close()


def passage(text: str, id: str = "1") -> Passage:
    return Passage(id=id, document="guide.md", text=text)


@pytest.mark.parametrize(
    "answer, error",
    [
        (PineconeResponse({"code": 8, "message": "Too many requests"}, 429, {"Retry-After": "7"}), Throttled),
        (PineconeResponse({"code": 14, "message": "down"}, 503), Unavailable),
        (PineconeResponse({"code": 16, "message": "Invalid API Key"}, 401), PermissionDenied),
        (PineconeResponse({"code": 7, "message": "Forbidden"}, 403), PermissionDenied),
        (PineconeResponse({"code": 3, "message": "bad"}, 400), InvalidArgument),
    ],
)
def test_a_failure_is_told_at_once(
    served: Served, index: PineconeIndex, answer: PineconeResponse, error: type[BackendError]
) -> None:
    """Each failure is ours in kind, and the client tries nothing again by itself: plans do, in their time."""
    standin, _ = served
    standin.failing.append(answer)

    with pytest.raises(error) as caught:
        PineconeKnowledge(index).search(make_vector(1), 1)

    assert standin.calls == ["/query"]
    assert caught.value.retry_after == (7.0 if error is Throttled else None)
    assert list(PineconeKnowledge(index).search(make_vector(1), 1)) == []


def test_a_wrong_key_is_denied(served: Served) -> None:
    """A key that is not accepted is denied."""
    index = PineconeIndex(served[1], "wrong")

    with pytest.raises(PermissionDenied):
        PineconeKnowledge(index).search(make_vector(1), 1)
    index.close()


def test_another_dimension_is_rejected(index: PineconeIndex) -> None:
    """Vectors as another model makes them are our fault, and say so."""
    with pytest.raises(InvalidArgument, match="dimension"):
        PineconeKnowledge(index).search([1.0, 0.0], 1)
    with pytest.raises(InvalidArgument, match="dimension"):
        PineconeKnowledge(index).put([(passage("one"), [1.0, 0.0])])


def test_a_passage_that_is_too_large_is_rejected(index: PineconeIndex) -> None:
    """More than 40 KB of metadata is refused by Pinecone, and nothing of it is kept."""
    with pytest.raises(InvalidArgument, match="40960"):
        PineconeKnowledge(index).put([(passage("x" * 41_000), make_vector(1))])

    assert list(PineconeKnowledge(index).list_ids()) == []


def test_large_writes_are_split(served: Served, index: PineconeIndex) -> None:
    """However much is written, each request stays within Pinecone's 2 MB and 1,000 records."""
    PineconeKnowledge(index).put([(passage("x" * 30_000, str(n)), make_vector(1)) for n in range(100)])
    PineconeKnowledge(index).put([(passage("x", f"s{n}"), make_vector(1)) for n in range(1500)])

    assert served[0].calls == ["/vectors/upsert"] * 4
    assert len(list(PineconeKnowledge(index).list_ids())) == 1600


def test_a_memory_that_does_not_become_visible_is_late(served: Served, index: PineconeIndex) -> None:
    """A memory that readers do not see in time is not said to be kept; to keep it again is no harm."""
    standin, _ = served
    standin.delay = 1e9
    one = (Memory(id="1", text="runs", told_at=1.0), make_vector(1))

    with deadline.limited_to(0.5), pytest.raises(DeadlineExceeded, match="visible"):
        PineconeMemories(index).put("ann", [one])
    now = iter(range(100))
    with pytest.raises(DeadlineExceeded, match="visible"):
        PineconeMemories(index, clock=lambda: float(next(now)), sleep=lambda _: None).put("ann", [one])


def test_silence_is_late() -> None:
    """A host that accepts and never answers is late at the deadline; one that is not there is unreachable."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        index = PineconeIndex(f"http://127.0.0.1:{port}", KEY)
        with deadline.limited_to(0.1), pytest.raises(DeadlineExceeded):
            PineconeKnowledge(index).search(make_vector(1), 1)
    with pytest.raises(Unavailable):
        PineconeKnowledge(index).search(make_vector(1), 1)
    index.close()
