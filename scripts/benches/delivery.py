"""Replies on their way into a chat: within the platform's limits, whole, and how soon they are seen.

Replies of 10,000 characters, a hundred pieces a second, written into Slack's stand-in by workers in several
processes that share the workspace's limits through the records (DynamoDB, on moto, in a process of its own).
"""

from __future__ import annotations

import bisect
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benches.bars import bar, bar_rows
from benches.tables import percentile
from benches.tables import table as drawn
from local import aws_resources
from local.processes import ONE_THREAD, SCRIPTS, Serving
from local.slack_arguments import METHODS
from local.stack import AWS

CHARACTERS, SIZE, PER_SECOND, THINKS = 10_000, 5, 100, 0.4
"""A reply's length, of a piece of it, pieces a second, and seconds before the first."""
PROCESSES = 5
FIRST_TEXT_MS = 20
SETTLES, STAGGERED = 3.0, 0.05
"""Seconds until all workers are up, and from one reply's beginning to the next's: all workers and the
stand-in have this machine's processors between them."""

SENTENCE = "The office in Lisbon opens at nine, and Ada has the keys. "
TEXT = "".join(f"{number}. {SENTENCE}\n" for number in range(200))[:CHARACTERS]


class Case(NamedTuple):
    """So many replies at once; `streams` is False where the workspace lets nothing stream."""

    replies: int
    streams: bool = True


CASES = {
    "alone": Case(1),
    "5 at once": Case(5),
    "25 at once": Case(25),
    "5 at once, no streams": Case(5, streams=False),
}


def measure() -> dict[str, Any]:
    """All figures; about two minutes."""
    with tempfile.TemporaryDirectory() as folder:
        moto = Serving("local.moto_server", (), Path(folder) / "moto.log")
        standins = Serving("local.standins", (), Path(folder) / "standins.log")
        with moto, standins:
            bench = Bench(moto.url, standins.url)
            slack = {name: bench.run(name, case) for name, case in CASES.items()}
    return {"slack": slack, "bars": list(_bars(slack))}


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    columns = ("first_text_p95_ms", "lag_p50_ms", "lag_max_ms", "end_lag_max_ms", "refused", "calls")
    rows = [
        (name, *(f"{figures[column]:g}" for column in columns), _busiest(figures))
        for name, figures in result["slack"].items()
    ]
    head = (
        "Slack",
        "first text p95 ms",
        "behind p50",
        "max",
        "end max",
        "refused",
        "calls",
        "busiest minute",
    )
    return "\n\n".join((drawn(head, rows), drawn(("bar", "measured", "allowed", ""), bar_rows(result))))


def _busiest(figures: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.partition('.')[2]} {calls}" for name, calls in figures["busiest_minute"].items())


def _bars(slack: Mapping[str, Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for name, figures in slack.items():
        yield bar(f"Slack, {name}: replies that are not whole", figures["not_whole"], 0)
        yield bar(f"Slack, {name}: calls that were one too many", figures["refused"], 0)
        yield bar(
            f"Slack, {name}: first text, ms after the first piece",
            figures["first_text_p95_ms"],
            FIRST_TEXT_MS,
        )
        for method, calls in figures["busiest_minute"].items():
            yield bar(f"Slack, {name}: {method} a minute", calls, METHODS[method].per_minute)


class Bench:
    """The servers, and the workspaces in them: one a case."""

    def __init__(self, moto: str, standins: str) -> None:
        self._standins = standins
        self._environment = {**os.environ, **AWS, **ONE_THREAD, "AWS_ENDPOINT_URL": moto}
        os.environ |= AWS | {"AWS_ENDPOINT_URL": moto}
        from repartee.services.aws import Clients

        clients = Clients(connections=4)
        self._dynamodb = clients.make("dynamodb")
        self._table = aws_resources.make(self._dynamodb, clients.make("sqs"))["RECORDS_TABLE"]

    def run(self, name: str, case: Case) -> dict[str, Any]:
        """Writes the replies, and reads from the stand-in what came of them."""
        number = list(CASES).index(name)
        order: dict[str, Any] = {
            "workspace": f"T{number}BENCH",
            "channel": f"C{number}BENCH",
            "slack": f"{self._standins}/slack/api/",
            "table": self._table,
            "text": TEXT,
            "size": SIZE,
            "per_second": PER_SECOND,
            "thinks": THINKS,
            "at": time.time() + SETTLES,
        }
        if not case.streams:
            self._forbid_streams(order["workspace"])
        self._ask("limits", "DELETE")
        places = [self._place(order["channel"], number) for number in range(case.replies)]
        written = self._written(order, places)
        posts = [call for call in self._ask("posts") if order["channel"] in call["arguments"].values()]
        seen = self._ask(f"channel/{order['channel']}")["messages"]
        return _figures(written, posts, seen)

    def _place(self, channel: str, number: int) -> dict[str, Any]:
        said = self._ask("said", channel=channel, user="U0ADA", text="Tell me all about it.")
        return {"thread": said["ts"], "turn": f"{channel}-{number}", "after": number * STAGGERED}

    def _written(self, order: dict[str, Any], places: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the workers tell of their replies."""
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "benches.writer", json.dumps({**order, "replies": some})],
                env={
                    **self._environment,
                    "PYTHONPATH": os.pathsep.join((str(SCRIPTS), str(SCRIPTS.parent / "shared"))),
                },
                stdout=subprocess.PIPE,
            )
            for some in (places[first::PROCESSES] for first in range(min(PROCESSES, len(places))))
        ]
        return [reply for worker in workers for reply in json.loads(worker.communicate()[0])]

    def _forbid_streams(self, workspace: str) -> None:
        from repartee.stores.dynamodb.records import DynamoRecords

        records = DynamoRecords(self._dynamodb, self._table, time.time)
        records.forbid_streams(f"slack:{workspace}", time.time() + 3600)

    def _ask(self, path: str, method: str = "", **body: Any) -> Any:
        from urllib.request import Request, urlopen

        data = json.dumps(body).encode() if body else None
        request = Request(f"{self._standins}/standin/{path}", data, method=method or None)
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)


def _figures(
    written: Sequence[dict[str, Any]], posts: Sequence[dict[str, Any]], seen: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    shown = {said["ts"]: said["thread_ts"] for said in seen if said["bot"]}
    texts = Counter(said["thread_ts"] for said in seen if said["bot"] and said["text"] == TEXT)
    began = {reply["thread"]: reply["began"] for reply in written}
    growth = _growth([post for post in posts if post["ok"]], shown)
    first = [1000 * (growth[thread][0][0] - began[thread]) for thread in began]
    lags = [lag for thread in began for lag in _lags(growth[thread], began[thread])]
    return {
        "replies": len(written),
        "not_whole": len(written) - sum(texts[thread] == 1 for thread in began),
        "refused": sum(post["error"] == "ratelimited" for post in posts),
        "calls": len(posts),
        "first_text_p50_ms": round(percentile(first, 0.5), 1),
        "first_text_p95_ms": round(percentile(first, 0.95), 1),
        "lag_p50_ms": round(1000 * percentile(lags, 0.5)),
        "lag_max_ms": round(1000 * max(lags)),
        "end_lag_max_ms": round(
            1000 * max(growth[thread][-1][0] - _written_at(CHARACTERS, began[thread]) for thread in began)
        ),
        "busiest_minute": _busiest_minute(posts),
    }


def _growth(posts: Sequence[dict[str, Any]], shown: Mapping[str, str]) -> dict[str, list[tuple[float, int]]]:
    """For each thread: when how much of its reply was visible."""
    growth: dict[str, list[tuple[float, int]]] = {}
    for post in posts:
        thread = shown.get(post["ts"] or post["arguments"].get("ts", ""))
        if thread is None:
            continue
        arguments = post["arguments"]
        blocks = [block["text"] for block in arguments.get("blocks") or () if block["type"] == "markdown"]
        text = "".join(blocks) or arguments.get("markdown_text") or ""
        before = growth.setdefault(thread, [])
        added = post["method"] in ("chat.appendStream", "chat.stopStream")
        before.append((post["at"], len(text) + (before[-1][1] if added and before else 0)))
    return growth


def _lags(growth: Sequence[tuple[float, int]], began: float) -> Iterable[float]:
    """How far behind the model the chat was, for each piece."""
    sizes = [size for _, size in growth]
    for size in range(SIZE, CHARACTERS + 1, SIZE):
        at = growth[min(bisect.bisect_left(sizes, size), len(growth) - 1)][0]
        yield at - _written_at(size, began)


def _written_at(size: int, began: float) -> float:
    return began + (size / SIZE - 1) / PER_SECOND


def _busiest_minute(posts: Sequence[dict[str, Any]]) -> dict[str, int]:
    """For each method: the most calls in any sixty seconds."""
    times: dict[str, list[float]] = {}
    for post in posts:
        times.setdefault(post["method"], []).append(post["at"])
    return {
        method: max(bisect.bisect_left(at, start + 60) - number for number, start in enumerate(at))
        for method, at in times.items()
    }
