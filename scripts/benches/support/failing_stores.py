"""Measures calls while their store is paused, trickles or was killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy

from benches.support import corpus
from benches.support.calls import Call
from repartee.errors import BackendError
from repartee.plan import deadline
from repartee.stores.pinecone import PineconeIndex, PineconeKnowledge
from repartee.stores.sqlite import SqliteMessages
from repartee.stores.weaviate import WeaviateConnection, WeaviateMessages
from standins.pinecone.server import KEY, PineconeStandIn, serve_index
from support.breakable_relay import BreakableRelay
from support.faulty_server import FaultyServer


def measure_lateness(name: str, call: Call, done: Callable[[], None]) -> dict[str, Any]:
    """Returns how long past a deadline of 200 ms calls end, at most, and with which error."""
    most, ended = 0.0, "an answer"
    for n in range(10):
        start = time.perf_counter()
        try:
            with deadline.limited_to(0.2):
                call(n)
        except BackendError as error:
            ended = type(error).__name__
        most = max(most, time.perf_counter() - start - 0.2)
    done()
    return {"call": name, "most": round(most * 1000, 1), "ended": ended}


def measure_locked_write(store: SqliteMessages) -> tuple[Call, Callable[[], None]]:
    """Returns a write while another thread keeps the file's lock, and what ends that."""
    release, held = threading.Event(), threading.Event()

    def hold() -> None:
        with store._database.write_transaction():  # noqa: SLF001
            held.set()
            release.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()

    def done() -> None:
        release.set()
        holder.join()

    return lambda n: store.put(corpus.build_exchange(n, time.time())), done


def measure_paused_server(name: str, server: FaultyServer, call: Call) -> dict[str, Any]:
    """Calls while the server is stopped, as by its machine."""
    server.pause()
    return measure_lateness(f"{name}: paused", call, server.resume)


def measure_trickling_server(server: FaultyServer) -> dict[str, Any]:
    """Calls whose answers come a byte at a time."""
    wire = BreakableRelay(server.ports["grpc"])
    connection = WeaviateConnection(server.url, wire.port)
    store = WeaviateMessages(connection)
    store.list_newest(corpus.TYPICAL_CHAT, "user", 10)
    wire.trickling = 0.02
    try:
        return measure_lateness(
            "weaviate: trickles", lambda n: store.list_newest(corpus.TYPICAL_CHAT, "user", 10), wire.close
        )
    finally:
        connection.close()


def measure_trickling_pinecone() -> dict[str, Any]:
    """Returns the same of Pinecone's client, which bounds the silence between two bytes alone."""
    with serve_index(PineconeStandIn(corpus.VECTOR_DIMENSIONS, time.monotonic)) as host:
        wire = BreakableRelay(int(host.rpartition(":")[2]))
        store = PineconeKnowledge(PineconeIndex(f"http://127.0.0.1:{wire.port}", KEY))
        vector = corpus.topic_vector(1, numpy.random.default_rng(1))
        store.search(vector, 1)
        wire.trickling = 0.0005
        return measure_lateness("pinecone: trickles", lambda n: store.search(vector, 1), wire.close)


def measure_recovery(server: FaultyServer, call: Call) -> float:
    """Milliseconds that the first call after a kill and a restart takes."""
    server.kill()
    with suppress(BackendError):
        call(0)
    server.start()
    start = time.perf_counter()
    call(1)
    return round((time.perf_counter() - start) * 1000, 1)
