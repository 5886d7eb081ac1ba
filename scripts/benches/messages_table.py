"""Relevance in the messages table: CPU, read units and what is found, by the number of messages in a room.

The server is DynamoDB Local, whose own time says nothing of AWS's; the CPU is this process's alone, and the
read units are those that the server counts. Vectors are of 1,536 numbers around a few hundred subjects. What
vectors alone find is compared with an exact ranking.
"""

from __future__ import annotations

import random
import re
import statistics
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
import numpy
from botocore.config import Config

from benches.support.tables import render_table
from local.aws_resources import table_definition
from repartee.domain.message import StoredMessage
from repartee.stores.dynamodb.candidates import DynamoCandidates
from repartee.stores.dynamodb.messages import DynamoMessages
from repartee.stores.dynamodb.sign_pages import MAX_SIGN_BYTES, max_compared_messages
from support import servers

ROOM_MESSAGES = (1_000, 5_000, 20_000)
DIMENSIONS = 1536
SUBJECTS = 400
QUESTIONS = 7
TOP_RESULTS = 10
BATCH_MESSAGES = 250
UNITS_PATTERN = re.compile(rb'"CapacityUnits":([0-9.]+)')
STARTED_AT = 1_789_000_000.0


def measure() -> dict[str, Any]:
    """Returns all figures; some minutes, most of which the server writes."""
    with servers.use_server("dynamodb") as running:
        rows = [_measure_room(running.url, count) for count in ROOM_MESSAGES]
    return {"rooms": rows, "max_compared": max_compared_messages(DIMENSIONS)}


def table(result: dict[str, Any]) -> str:
    """Returns the figures as a table."""
    heads = ("messages", "CPU ms", "read units", "words alone: CPU ms", "read units", "recall@10")
    names = ("messages", "cpu_ms", "units", "words_cpu_ms", "words_units", "recall")
    rows = [
        tuple(f"{room[name]:,.4g}" if name == "recall" else f"{room[name]:,.0f}" for name in names)
        for room in result["rooms"]
    ]
    limit = f"compared by vectors at the most: {result['max_compared']:,} messages of a side"
    return f"{render_table(heads, rows)}\n{limit}"


class _CountedUnits:
    """Counts the read units that a client's calls take."""

    def __init__(self, client: Any) -> None:
        self.units = 0.0
        client.meta.events.register("before-parameter-build.dynamodb", self._ask_for_units)
        for name in ("Query", "BatchGetItem"):
            client.meta.events.register_first(f"before-parse.dynamodb.{name}", self._count_units)

    def _ask_for_units(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in ("Query", "BatchGetItem"):
            params["ReturnConsumedCapacity"] = "TOTAL"

    def _count_units(self, response_dict: dict[str, Any], **_: Any) -> None:
        self.units += sum(map(float, UNITS_PATTERN.findall(response_dict["body"])))


def _measure_room(url: str, count: int) -> dict[str, float]:
    client = _make_client(url)
    store, name, vectors = _fill_room(client, count)
    asked = [_near(vectors[n], random.Random(n)) for n in random.Random(7).sample(range(count), QUESTIONS)]
    counted = _CountedUnits(client)
    both = [_time_search(store, counted, vector, n) for n, vector in enumerate(asked)]
    words = [_time_search(store, counted, None, n) for n in range(QUESTIONS)]
    store.close()
    return {
        "messages": count,
        **{name: statistics.median(one[name] for one in both) for name in ("cpu_ms", "units")},
        **{f"words_{name}": statistics.median(one[name] for one in words) for name in ("cpu_ms", "units")},
        "recall": statistics.mean(
            _recall(_find_closest(client, name, vector), vectors, vector) for vector in asked
        ),
    }


def _fill_room(client: Any, count: int) -> tuple[DynamoMessages, str, Any]:
    name = f"Messages{uuid.uuid4().hex}"
    client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **table_definition("Messages"))
    rng = numpy.random.default_rng(1)
    subjects = rng.normal(size=(SUBJECTS, DIMENSIONS))
    vectors = subjects[rng.integers(0, SUBJECTS, count)] + 0.9 * rng.normal(size=(count, DIMENSIONS))
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    store = DynamoMessages(client, name)
    for batch in _batches(range(count), BATCH_MESSAGES):
        store.put([(_message(n), vectors[n].tolist()) for n in batch])
    return store, name, vectors


def _message(n: int) -> StoredMessage:
    words = " ".join(f"word{random.Random(n * 31 + at).randint(0, 5_000)}" for at in range(10))
    return StoredMessage(
        id=f"slack:T1:C1#{n}", side="user", chat="slack:T1:C1", room="slack:T1:C1", sender="slack:T1:U1",
        text=f"{words} printer", sent=STARTED_AT + n,
    )  # fmt: skip


def _near(vector: Any, rng: random.Random) -> list[float]:
    return [float(number) + rng.gauss(0, 0.01) for number in vector]


def _time_search(store: DynamoMessages, counted: _CountedUnits, vector: Any, n: int) -> dict[str, Any]:
    text = f"who fixed the printer of word{n} and word{n + 7} and word{n + 70}"
    units, cpu = counted.units, time.process_time()
    store.search("slack:T1:C1", "user", text, vector, TOP_RESULTS)
    return {"cpu_ms": 1000 * (time.process_time() - cpu), "units": counted.units - units}


def _find_closest(client: Any, name: str, vector: Sequence[float]) -> list[int]:
    """Returns the numbers of the messages that vectors alone give."""
    with ThreadPoolExecutor(1) as threads:
        source = DynamoCandidates(client, name, "slack:T1:C1", "user", threads, MAX_SIGN_BYTES)
        found = source.find_closest(vector, TOP_RESULTS)
    return [int(one.message.id.rpartition("#")[2]) for one in found]


def _recall(found: Sequence[int], vectors: Any, vector: Sequence[float]) -> float:
    """Returns how many of the closest are found."""
    closest = set(numpy.argsort(-(vectors @ numpy.asarray(vector)))[:TOP_RESULTS].tolist())
    return sum(n in closest for n in found) / TOP_RESULTS


def _batches(numbers: range, size: int) -> Iterator[range]:
    return (numbers[at : at + size] for at in range(0, len(numbers), size))


def _make_client(url: str) -> Any:
    session = botocore.session.get_session()
    return session.create_client(  # without a deadline: the server's own time is not measured
        "dynamodb", region_name="eu-central-1", endpoint_url=url, aws_access_key_id="local",
        aws_secret_access_key="local", config=Config(max_pool_connections=32, parameter_validation=False),
    )  # fmt: skip
