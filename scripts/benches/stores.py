"""The stores: time and CPU a call as they fill, our share of it, deadlines kept, recovery after a restart.

Each server is the real one, started for the bench and empty; some minutes, most of them to fill Weaviate.
CPU is this process's: for SQLite that is all of the work, for Weaviate the client's.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy
import weaviate as weaviate_client
from weaviate.classes.query import Filter, HybridFusion, Sort
from weaviate.connect import ConnectionParams

from benches import corpus, failing
from benches.bars import bar, bar_rows
from benches.calls import CALLS, Call, beside, timed
from benches.tables import table as drawn
from local import aws_resources
from repartee.plan import deadline
from repartee.ports import Messages
from repartee.services.aws import Clients
from repartee.services.sqs import SqsWakes
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.ranking import RELATED, VECTOR_WEIGHT, words_of
from repartee.stores.sqlite import SqliteMessages
from repartee.stores.weaviate import Connection, WeaviateMessages
from repartee.stores.weaviate.messages import DAY, FIELDS, tenant_of
from repartee.stores.weaviate.schema import MESSAGES, migrate
from support.faulty import FaultyServer

SIZES = (1000, 10_000, 50_000, 200_000)
REST = dict(zip(SIZES, (0, 2, 10, 20), strict=True))
"""Seconds until a store has put away what it was filled with: it is not filling that is measured."""

RECORDS = "a turn's records"
ASKED = "provide-client-params.dynamodb.BatchGetItem"
"""botocore's event in which a call's arguments can be read."""

NEWEST, RELEVANT, OVERHEAD = 10, 10, 0.1
NEWEST_BAR, RELEVANT_BAR, EMBEDDED = 10.0, 15.0, 2
"""Milliseconds at p95 with everything stored; the embedded store may take so many times as long."""


def measure() -> dict[str, Any]:
    """All figures."""
    result: dict[str, Any] = {"calls": [], "ours": [], "late": [], "bars": []}
    with _sqlite() as store:
        _fill_and_time("sqlite", store, result)
        result["late"].append(failing.lateness("sqlite: another writes", *failing.held_up(store)))
    with _server("weaviate") as server:
        _measure_weaviate(server, result)
    with _server("dynamodb") as table, _server("elasticmq") as queue:
        _measure_aws(table, queue, result)
    result["late"].append(failing.trickling_pinecone())
    result["bars"] += _bars(result)
    return result


def _measure_weaviate(server: FaultyServer, result: dict[str, Any]) -> None:
    connection = Connection(server.url, server.ports["grpc"])
    migrate(connection.connect())
    store = WeaviateMessages(connection)

    def newest(_: int) -> object:
        return store.newest(corpus.TYPICAL, "user", NEWEST)

    _fill_and_time("weaviate", store, result)
    result["ours"] += _ours(server, store)
    result["late"].append(failing.paused("weaviate", server, newest))
    result["recovery_ms"] = failing.recovery(server, newest)
    result["late"].append(failing.trickling(server))
    connection.close()


def _measure_aws(table: FaultyServer, queue: FaultyServer, result: dict[str, Any]) -> None:
    """The servers' own times say nothing of AWS's; the CPU is our client's, wherever they are."""
    dynamodb, sqs = _aws("dynamodb", table), _aws("sqs", queue)
    made = aws_resources.make(dynamodb, sqs)
    inbox = DynamoInbox(dynamodb, made["RECORDS_TABLE"])
    records = DynamoRecords(dynamodb, made["RECORDS_TABLE"], time.time)
    wakes = SqsWakes(sqs, made["WAKES_QUEUE_URL"])
    calls: dict[str, Call] = {
        "put a message": lambda n: inbox.put(corpus.message(n, time.time())),
        "what waits": lambda n: inbox.waiting(corpus.message(n, 0.0).chat),
        "take the lease": lambda n: inbox.acquire(f"{corpus.LARGEST}:{uuid4()}", "turn", time.time(), 0.0),
        RECORDS: lambda n: records.standing(corpus.LARGEST, corpus.TYPICAL, "slack:T1:U1"),
        "send a wake": lambda n: wakes.send(corpus.LARGEST),
    }
    for what, call in calls.items():
        for threads in CALLS:
            row = {"store": "aws", "stored": 0, "call": what, "threads": threads}
            result["calls"].append(row | timed(call, threads))
    asked = _arguments(dynamodb, calls[RECORDS])
    result["ours"].append(beside(RECORDS, lambda n: dynamodb.batch_get_item(**asked), calls[RECORDS]))
    result["late"].append(failing.paused("dynamodb", table, calls[RECORDS]))
    result["late"].append(failing.paused("sqs", queue, calls["send a wake"]))


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
def _server(name: str) -> Iterator[FaultyServer]:
    server = FaultyServer(name)
    try:
        yield server
    finally:
        server.remove()


def _aws(service: str, server: FaultyServer) -> Any:
    """A client as `repartee.services.aws` makes it, to the server."""
    environment = {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    os.environ.update(environment)
    return Clients(connections=32).make(service)


def _arguments(dynamodb: Any, call: Call) -> dict[str, Any]:
    """What a call of ours asks DynamoDB for."""
    asked: dict[str, Any] = {}

    def note(params: dict[str, Any], **_: Any) -> None:
        asked.update(params)

    dynamodb.meta.events.register(ASKED, note)
    call(0)
    dynamodb.meta.events.unregister(ASKED, note)
    return asked


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
                timing = timed(call, threads)
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

    yield beside("newest", newest, lambda n: store.newest(corpus.LARGEST, "user", NEWEST))
    yield beside(
        "relevant", relevant, lambda n: store.relevant(corpus.LARGEST, "user", asked, vector, RELEVANT)
    )
    client.close()


def _bars(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in result["calls"]:
        times = EMBEDDED if row["store"] == "sqlite" else 1
        most = {"newest": NEWEST_BAR, "relevant": RELEVANT_BAR}.get(row["call"].partition(",")[0])
        if most and row["stored"] == SIZES[-1] and row["threads"] == 1:
            yield bar(f"{row['store']}, {row['call']}: p95 ms", row["p95"], most * times)
    for row in result["ours"]:
        yield bar(
            f"{row['call']}: ours over the client, ms",
            row["more"],
            max(0.1, OVERHEAD * row["client"]),
        )
    for row in result["late"]:
        if row["call"] != "pinecone: trickles":
            yield bar(f"{row['call']}: ms past the deadline", row["most"], 50.0)
    yield bar("weaviate: first call after a restart, ms", result["recovery_ms"], 1000.0)
