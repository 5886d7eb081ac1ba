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
from weaviate.classes.query import Filter, MetadataQuery, Sort
from weaviate.connect import ConnectionParams

from benches.support import corpus, failing_stores
from benches.support.bars import bar_rows, check_bar
from benches.support.calls import CALLS, Call, beside, timed
from benches.support.tables import render_table as drawn
from local import aws_resources
from repartee.aws.calls import AwsClients
from repartee.aws.queue import SqsWakes
from repartee.plan import deadline
from repartee.ports import MessageStore
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.relevance import MAX_CANDIDATES, MAX_HITS_WITH_NEIGHBOURS
from repartee.stores.search_tokens import split_asked_tokens
from repartee.stores.sqlite import SqliteMessages
from repartee.stores.weaviate import WeaviateConnection, WeaviateMessages
from repartee.stores.weaviate.candidates import MAX_NEIGHBOUR_MESSAGES, SEARCHED_PROPERTIES
from repartee.stores.weaviate.message_objects import DAY_SECONDS, MESSAGE_PROPERTIES
from repartee.stores.weaviate.messages import tenant_name
from repartee.stores.weaviate.schema import MESSAGE_COLLECTIONS, migrate_schema
from support.faulty_server import FaultyServer

STORE_SIZES = (1000, 10_000, 50_000, 200_000)
REST_SECONDS_BY_SIZE = dict(zip(STORE_SIZES, (0, 2, 10, 20), strict=True))
"""Seconds until a store has put away what it was filled with: it is not filling that is measured."""

RECORDS_ROW = "a turn's records"
DYNAMODB_PARAMS_EVENT = "provide-client-params.dynamodb.BatchGetItem"
"""botocore's event in which a call's arguments can be read."""

NEWEST_LIMIT, RELEVANT_LIMIT, MAX_OVERHEAD_RATIO = 10, 10, 0.1
MAX_NEWEST_MS, MAX_RELEVANT_MS, EMBEDDED = 10.0, 15.0, 2
"""Milliseconds at p95 with everything stored; the embedded store may take so many times as long."""


def measure() -> dict[str, Any]:
    """Returns all figures."""
    result: dict[str, Any] = {"calls": [], "ours": [], "late": [], "bars": []}
    with _open_sqlite() as store:
        _fill_and_time("sqlite", store, result)
        result["late"].append(
            failing_stores.measure_lateness(
                "sqlite: another writes", *failing_stores.measure_locked_write(store)
            )
        )
    with _server_title("weaviate") as server:
        _measure_weaviate(server, result)
    with _server_title("dynamodb") as table, _server_title("elasticmq") as queue:
        _measure_aws(table, queue, result)
    result["late"].append(failing_stores.measure_trickling_pinecone())
    result["bars"] += _check_bars(result)
    return result


def _measure_weaviate(server: FaultyServer, result: dict[str, Any]) -> None:
    connection = WeaviateConnection(server.url, server.ports["grpc"])
    migrate_schema(connection.connect())
    store = WeaviateMessages(connection)

    def newest(_: int) -> object:
        return store.list_newest(corpus.TYPICAL_CHAT, "user", NEWEST_LIMIT)

    _fill_and_time("weaviate", store, result)
    result["ours"] += _measure_overhead(server, store)
    result["late"].append(failing_stores.measure_paused_server("weaviate", server, newest))
    result["recovery_ms"] = failing_stores.measure_recovery(server, newest)
    result["late"].append(failing_stores.measure_trickling_server(server))
    connection.close()


def _measure_aws(table: FaultyServer, queue: FaultyServer, result: dict[str, Any]) -> None:
    """The servers' own times say nothing of AWS's; the CPU is our client's, wherever they are."""
    dynamodb, sqs = _make_aws_client("dynamodb", table), _make_aws_client("sqs", queue)
    made = aws_resources.create_resources(dynamodb, sqs)
    inbox = DynamoInbox(dynamodb, made["RECORDS_TABLE"])
    records = DynamoRecords(dynamodb, made["RECORDS_TABLE"], time.time)
    wakes = SqsWakes(sqs, made["WAKES_QUEUE_URL"])
    calls: dict[str, Call] = {
        "put a message": lambda n: inbox.put(corpus.build_message(n, time.time())),
        "what waits": lambda n: inbox.list_open(corpus.build_message(n, 0.0).chat),
        "take the lease": lambda n: inbox.acquire_lease(
            f"{corpus.LARGEST_CHAT}:{uuid4()}", "turn", time.time(), 0.0
        ),
        RECORDS_ROW: lambda n: records.read_chat_state(
            corpus.LARGEST_CHAT, corpus.TYPICAL_CHAT, "slack:T1:U1"
        ),
        "send a wake": lambda n: wakes.send(corpus.LARGEST_CHAT),
    }
    for what, call in calls.items():
        for threads in CALLS:
            row = {"store": "aws", "stored": 0, "call": what, "threads": threads}
            result["calls"].append(row | timed(call, threads))
    request = _capture_arguments(dynamodb, calls[RECORDS_ROW])
    result["ours"].append(
        beside(RECORDS_ROW, lambda n: dynamodb.batch_get_item(**request), calls[RECORDS_ROW])
    )
    result["late"].append(failing_stores.measure_paused_server("dynamodb", table, calls[RECORDS_ROW]))
    result["late"].append(failing_stores.measure_paused_server("sqs", queue, calls["send a wake"]))


def table(result: Mapping[str, Any]) -> str:
    """Returns the figures for a terminal."""
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
def _open_sqlite() -> Iterator[SqliteMessages]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteMessages(str(Path(folder) / "messages.db"))
        yield store
        store.close()


@contextmanager
def _server_title(name: str) -> Iterator[FaultyServer]:
    server = FaultyServer(name)
    try:
        yield server
    finally:
        server.remove()


def _make_aws_client(service: str, server: FaultyServer) -> Any:
    """Returns a client as `repartee.aws.calls` makes it, to the server."""
    environment = {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    os.environ.update(environment)
    return AwsClients(max_connections=32).get_client(service)


def _capture_arguments(dynamodb: Any, call: Call) -> dict[str, Any]:
    """Returns the request to DynamoDB that a call of ours makes."""
    request: dict[str, Any] = {}

    def note(params: dict[str, Any], **_: Any) -> None:
        request.update(params)

    dynamodb.meta.events.register(DYNAMODB_PARAMS_EVENT, note)
    call(0)
    dynamodb.meta.events.unregister(DYNAMODB_PARAMS_EVENT, note)
    return request


def _fill_and_time(name: str, store: MessageStore, result: dict[str, Any]) -> None:
    """Fills the store step by step, and times each call at each size: with one thread, and with many where
    it is nearly empty and where it is full."""
    now, filled = time.time(), 0
    for size in STORE_SIZES:
        for batch in corpus.stored_messages(filled, size, now):
            with deadline.limited_to(60):
                store.put(batch)
        filled = size
        time.sleep(REST_SECONDS_BY_SIZE[size])
        for what, call in _store_calls(store, size).items():
            for threads in CALLS if size in (STORE_SIZES[0], STORE_SIZES[-1]) else (1,):
                timing = timed(call, threads)
                result["calls"].append(
                    {"store": name, "stored": size, "call": what, "threads": threads, **timing}
                )


def _store_calls(store: MessageStore, size: int) -> dict[str, Call]:
    def relevant(chat: str) -> Call:
        def call(n: int) -> object:
            random = numpy.random.default_rng(n)
            return store.search(
                chat, "user", corpus.random_question(random), corpus.topic_vector(n, random), RELEVANT_LIMIT
            )

        return call

    return {
        "newest, chat of 100": lambda n: store.list_newest(corpus.TYPICAL_CHAT, "user", NEWEST_LIMIT),
        f"newest, chat of {size // 40}": lambda n: store.list_newest(
            corpus.LARGEST_CHAT, "user", NEWEST_LIMIT
        ),
        "relevant, chat of 100": relevant(corpus.TYPICAL_CHAT),
        f"relevant, chat of {size // 40}": relevant(corpus.LARGEST_CHAT),
        "put an exchange": lambda n: store.put(corpus.build_exchange(n + 10**6, time.time())),
    }


def _measure_overhead(server: FaultyServer, store: WeaviateMessages) -> Iterator[dict[str, Any]]:
    """Our calls beside the same made with the client alone, by turns. (The newest of a chat that is not busy
    are more calls of ours than one, so the busiest is taken.)"""
    client = weaviate_client.WeaviateClient(
        ConnectionParams.from_url(server.url, server.ports["grpc"]), skip_init_checks=True
    )
    client.connect()
    query = (
        client.collections.use(MESSAGE_COLLECTIONS["user"]).with_tenant(tenant_name(corpus.WORKSPACE)).query
    )
    random = numpy.random.default_rng(1)
    question, vector, today = (
        corpus.random_question(random),
        corpus.topic_vector(1, random),
        int(time.time() // DAY_SECONDS),
    )
    lately = Filter.by_property("day").contains_any(
        [f"{corpus.LARGEST_CHAT} {today + n}" for n in (1, 0, -1)]
    )

    def newest(_: int) -> object:
        order = Sort.by_property("sent", ascending=False).by_property("said", ascending=False)
        return query.fetch_objects(
            filters=lately, sort=order, limit=NEWEST_LIMIT, return_properties=MESSAGE_PROPERTIES
        )

    in_room: dict[str, Any] = {
        "filters": Filter.by_property("room").equal(corpus.LARGEST_CHAT),
        "limit": MAX_CANDIDATES,
        "return_properties": [*MESSAGE_PROPERTIES, "day"],
    }
    asked = split_asked_tokens(question)

    def relevant(_: int) -> object:
        close = query.near_vector(vector, return_metadata=MetadataQuery(distance=True), **in_room)
        words = " ".join((*asked.words, *asked.tokens))
        query.bm25(
            words, query_properties=SEARCHED_PROPERTIES, return_metadata=MetadataQuery(score=True), **in_room
        )
        days = list({one.properties["day"] for one in close.objects[:MAX_HITS_WITH_NEIGHBOURS]})
        return query.fetch_objects(
            filters=Filter.by_property("day").contains_any(days),
            limit=MAX_NEIGHBOUR_MESSAGES,
            return_properties=MESSAGE_PROPERTIES,
        )

    yield beside("newest", newest, lambda n: store.list_newest(corpus.LARGEST_CHAT, "user", NEWEST_LIMIT))
    yield beside(
        "relevant",
        relevant,
        lambda n: store.search(corpus.LARGEST_CHAT, "user", question, vector, RELEVANT_LIMIT),
    )
    client.close()


def _check_bars(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in result["calls"]:
        times = EMBEDDED if row["store"] == "sqlite" else 1
        most = {"newest": MAX_NEWEST_MS, "relevant": MAX_RELEVANT_MS}.get(row["call"].partition(",")[0])
        if most and row["stored"] == STORE_SIZES[-1] and row["threads"] == 1:
            yield check_bar(f"{row['store']}, {row['call']}: p95 ms", row["p95"], most * times)
    for row in result["ours"]:
        yield check_bar(
            f"{row['call']}: ours over the client, ms",
            row["more"],
            max(0.1, MAX_OVERHEAD_RATIO * row["client"]),
        )
    for row in result["late"]:
        if row["call"] != "pinecone: trickles":
            yield check_bar(f"{row['call']}: ms past the deadline", row["most"], 50.0)
    yield check_bar("weaviate: first call after a restart, ms", result["recovery_ms"], 1000.0)
