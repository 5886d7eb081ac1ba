"""The stores: time and CPU a call as they fill, our share of it, deadlines kept, recovery after a restart.

Each server is the real one, started for the bench and empty; some minutes, most of them to fill Weaviate.
CPU is this process's: for SQLite that is all of the work, for Weaviate the client's.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy
import weaviate as weaviate_client
from weaviate.classes.query import Filter, HybridFusion, Sort
from weaviate.connect import ConnectionParams

from benches import corpus
from benches.bars import bar, bar_rows
from benches.tables import percentile
from benches.tables import table as drawn
from local.pinecone_standin import KEY, PineconeStandIn, serving
from repartee.errors import BackendError
from repartee.plan import deadline
from repartee.ports import Messages
from repartee.stores.pinecone import PineconeIndex, PineconeKnowledge
from repartee.stores.ranking import RELATED, VECTOR_WEIGHT, words_of
from repartee.stores.sqlite import SqliteMessages
from repartee.stores.weaviate import Connection, WeaviateMessages
from repartee.stores.weaviate.messages import DAY, FIELDS, tenant_of
from repartee.stores.weaviate.schema import MESSAGES, migrate
from support.faulty import FaultyServer
from support.wire import Wire

SIZES = (1000, 10_000, 50_000, 200_000)
REST = dict(zip(SIZES, (0, 2, 10, 20), strict=True))
"""Seconds until a store has put away what it was filled with: it is not filling that is measured."""

CALLS = {1: 200, 16: 800}
NEWEST, RELEVANT, OVERHEAD = 10, 10, 0.1
NEWEST_BAR, RELEVANT_BAR, EMBEDDED = 10.0, 15.0, 2
"""Milliseconds at p95 with everything stored; the embedded store may take so many times as long."""

Call = Callable[[int], object]


def measure() -> dict[str, Any]:
    """All figures."""
    result: dict[str, Any] = {"calls": [], "bars": []}
    with _sqlite() as store:
        _fill_and_time("sqlite", store, result)
        result["late"] = [_lateness("sqlite: another writes", *_held_up(store))]
    server = FaultyServer("weaviate")
    try:
        with _weaviate(server, server.ports["grpc"]) as store:
            _fill_and_time("weaviate", store, result)
            result["ours"] = list(_ours(server, store))
            result["late"].append(_paused(server, store))
            result["recovery_ms"] = _recovery(server, store)
        result["late"].append(_trickling(server))
    finally:
        server.remove()
    result["late"].append(_trickling_pinecone())
    result["bars"] += _bars(result)
    return result


def table(result: Mapping[str, Any]) -> str:
    """The figures for a terminal."""
    return "\n\n".join(
        (
            drawn(
                ("store", "stored", "call", "threads", "p50 ms", "p95 ms", "CPU ms"),
                [[*row.values()] for row in result["calls"]],
            ),
            drawn(
                ("our share", "client p50 ms", "ours p50 ms", "more ms"),
                [[*row.values()] for row in result["ours"]],
            ),
            drawn(("past the deadline", "most ms", "ended as"), [[*row.values()] for row in result["late"]]),
            f"First call after a restart: {result['recovery_ms']:.0f} ms",
            drawn(("bar", "value", "most", ""), bar_rows(result)),
        )
    )


@contextmanager
def _sqlite() -> Iterator[SqliteMessages]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteMessages(str(Path(folder) / "messages.db"))
        yield store
        store.close()


@contextmanager
def _weaviate(server: FaultyServer, grpc_port: int) -> Iterator[WeaviateMessages]:
    connection = Connection(server.url, grpc_port)
    migrate(connection.connect())
    yield WeaviateMessages(connection)
    connection.close()


def _fill_and_time(name: str, store: Messages, result: dict[str, Any]) -> None:
    """Fills the store step by step, and times each call at each size: with one thread, and with many where
    it is nearly empty and where it is full."""
    now, filled = time.time(), 0
    for size in SIZES:
        for batch in corpus.messages(filled, size, now):
            with deadline.within(60):
                store.put(batch)
        filled = size
        time.sleep(REST[size])
        for what, call in _calls(store, size).items():
            for threads in CALLS if size in (SIZES[0], SIZES[-1]) else (1,):
                timing = _timed(call, threads)
                result["calls"].append(
                    {"store": name, "stored": size, "call": what, "threads": threads, **timing}
                )


def _calls(store: Messages, size: int) -> dict[str, Call]:
    def relevant(chat: str) -> Call:
        def call(n: int) -> object:
            random = numpy.random.default_rng(n)
            return store.relevant(chat, "user", corpus.question(random), corpus.vector(n, random), RELEVANT)

        return call

    return {
        "newest, chat of 100": lambda n: store.newest(corpus.TYPICAL, "user", NEWEST),
        f"newest, chat of {size // 40}": lambda n: store.newest(corpus.LARGEST, "user", NEWEST),
        "relevant, chat of 100": relevant(corpus.TYPICAL),
        f"relevant, chat of {size // 40}": relevant(corpus.LARGEST),
        "put an exchange": lambda n: store.put(corpus.exchange(n + 10**6, time.time())),
    }


def _timed(call: Call, threads: int) -> dict[str, float]:
    """Milliseconds a call, and of CPU."""

    def once(n: int) -> float:
        start = time.perf_counter()
        call(n)
        return (time.perf_counter() - start) * 1000

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(once, range(2 * threads)))
        cpu = time.process_time()
        took = list(pool.map(once, range(CALLS[threads])))
        cpu = (time.process_time() - cpu) * 1000 / len(took)
    return {
        "p50": round(percentile(took, 0.5), 2),
        "p95": round(percentile(took, 0.95), 2),
        "cpu": round(cpu, 2),
    }


def _ours(server: FaultyServer, store: WeaviateMessages) -> Iterator[dict[str, Any]]:
    """Our calls beside the same made with the client alone, by turns. (The newest of a chat that is not busy
    are more calls of ours than one, so the busiest is taken.)"""
    client = weaviate_client.WeaviateClient(
        ConnectionParams.from_url(server.url, server.ports["grpc"]), skip_init_checks=True
    )
    client.connect()
    query = client.collections.use(MESSAGES["user"]).with_tenant(tenant_of(corpus.WORKSPACE)).query
    random = numpy.random.default_rng(1)
    asked, vector, today = corpus.question(random), corpus.vector(1, random), int(time.time() // DAY)
    lately = Filter.by_property("day").contains_any([f"{corpus.LARGEST} {today + n}" for n in (1, 0, -1)])

    def newest(_: int) -> object:
        order = Sort.by_property("sent", ascending=False).by_property("said", ascending=False)
        return query.fetch_objects(filters=lately, sort=order, limit=NEWEST, return_properties=FIELDS)

    def relevant(_: int) -> object:
        return query.hybrid(
            " ".join(words_of(asked)),
            vector=vector,
            alpha=VECTOR_WEIGHT,
            fusion_type=HybridFusion.RELATIVE_SCORE,
            max_vector_distance=1 - RELATED,
            query_properties=["text"],
            filters=Filter.by_property("room").equal(corpus.LARGEST),
            limit=RELEVANT,
            return_properties=FIELDS,
        )

    yield _beside("newest", newest, lambda n: store.newest(corpus.LARGEST, "user", NEWEST))
    yield _beside(
        "relevant", relevant, lambda n: store.relevant(corpus.LARGEST, "user", asked, vector, RELEVANT)
    )
    client.close()


def _beside(name: str, theirs: Call, ours: Call) -> dict[str, Any]:
    took: dict[Call, list[float]] = {theirs: [], ours: []}
    for n in range(300):
        for call, times in took.items():
            start = time.perf_counter()
            call(n)
            times.append((time.perf_counter() - start) * 1000)
    client, adapter = (percentile(took[call][20:], 0.5) for call in (theirs, ours))
    return {
        "call": name,
        "client": round(client, 3),
        "ours": round(adapter, 3),
        "more": round(adapter - client, 3),
    }


def _lateness(name: str, call: Call, done: Callable[[], None]) -> dict[str, Any]:
    """How long past a deadline of 200 ms calls end, at most, and with which error."""
    most, ended = 0.0, "an answer"
    for n in range(10):
        start = time.perf_counter()
        try:
            with deadline.within(0.2):
                call(n)
        except BackendError as error:
            ended = type(error).__name__
        most = max(most, time.perf_counter() - start - 0.2)
    done()
    return {"call": name, "most": round(most * 1000, 1), "ended": ended}


def _held_up(store: SqliteMessages) -> tuple[Call, Callable[[], None]]:
    """A write while another thread keeps the file's lock, and what ends that."""
    release, held = threading.Event(), threading.Event()

    def hold() -> None:
        with store._database.writing():  # noqa: SLF001
            held.set()
            release.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()

    def done() -> None:
        release.set()
        holder.join()

    return lambda n: store.put(corpus.exchange(n, time.time())), done


def _paused(server: FaultyServer, store: WeaviateMessages) -> dict[str, Any]:
    server.pause()
    return _lateness(
        "weaviate: paused", lambda n: store.newest(corpus.TYPICAL, "user", NEWEST), server.resume
    )


def _trickling(server: FaultyServer) -> dict[str, Any]:
    wire = Wire(server.ports["grpc"])
    with _weaviate(server, wire.port) as store:
        store.newest(corpus.TYPICAL, "user", NEWEST)
        wire.trickling = 0.02
        return _lateness(
            "weaviate: trickles", lambda n: store.newest(corpus.TYPICAL, "user", NEWEST), wire.close
        )


def _trickling_pinecone() -> dict[str, Any]:
    with serving(PineconeStandIn(corpus.DIMENSIONS, time.monotonic)) as host:
        wire = Wire(int(host.rpartition(":")[2]))
        store = PineconeKnowledge(PineconeIndex(f"http://127.0.0.1:{wire.port}", KEY))
        vector = corpus.vector(1, numpy.random.default_rng(1))
        store.relevant(vector, 1)
        wire.trickling = 0.0005
        return _lateness("pinecone: trickles", lambda n: store.relevant(vector, 1), wire.close)


def _recovery(server: FaultyServer, store: WeaviateMessages) -> float:
    """Milliseconds that the first call after a kill and a restart takes."""
    server.kill()
    with suppress(BackendError):
        store.newest(corpus.TYPICAL, "user", NEWEST)
    server.start()
    start = time.perf_counter()
    store.newest(corpus.TYPICAL, "user", NEWEST)
    return round((time.perf_counter() - start) * 1000, 1)


def _bars(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in result["calls"]:
        times = EMBEDDED if row["store"] == "sqlite" else 1
        most = {"newest": NEWEST_BAR, "relevant": RELEVANT_BAR}.get(row["call"].partition(",")[0])
        if most and row["stored"] == SIZES[-1] and row["threads"] == 1:
            yield bar(f"{row['store']}, {row['call']}: p95 ms", row["p95"], most * times)
    for row in result["ours"]:
        yield bar(
            f"weaviate, {row['call']}: ours over the client, ms",
            row["more"],
            max(0.1, OVERHEAD * row["client"]),
        )
    for row in result["late"]:
        if row["call"] != "pinecone: trickles":
            yield bar(f"{row['call']}: ms past the deadline", row["most"], 50.0)
    yield bar("weaviate: first call after a restart, ms", result["recovery_ms"], 1000.0)
