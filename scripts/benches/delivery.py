"""Replies on their way into a chat: within the platform's limits, whole, and how soon they are seen.

Replies of 10,000 characters, a hundred pieces a second, written into the stand-ins by workers in several
processes, which share a Slack workspace's limits through the records (DynamoDB, on moto, in its own process).
"""

from __future__ import annotations

import bisect
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benches.bars import bar, bar_rows
from benches.seen import Seen, in_slack, in_telegram, in_whatsapp
from benches.tables import percentile
from benches.tables import table as drawn
from local import aws_resources
from local.processes import ONE_THREAD, SCRIPTS, Serving
from local.slack_arguments import METHODS
from local.slack_standin import BOT_USER
from local.stack import AWS
from local.whatsapp_standin import NUMBER as WHATSAPP_NUMBER
from repartee.services.aws import Clients
from repartee.stores.dynamodb.records import DynamoRecords

CHARACTERS, SIZE, PER_SECOND, THINKS = 10_000, 5, 100, 0.4
"""A reply's length, of a piece of it, pieces a second, and seconds before the first."""
PROCESSES = 5
FIRST_TEXT_MS = 20
SETTLES, STAGGERED = 3.0, 0.05
"""Seconds until all workers are up, and from one reply's beginning to the next's: all workers and the
stand-in have this machine's processors between them."""

SENTENCE = "The office in Lisbon opens at nine, and Ada has the keys. "
TEXT = "".join(f"No {number}: {SENTENCE}\n\n" for number in range(200))[: CHARACTERS - 1] + "."


POSTS = {"slack": "posts", "telegram": "telegram/posts", "whatsapp": "whatsapp/posts"}
APIS = {"slack": "slack/api/", "telegram": "telegram", "whatsapp": "whatsapp/v25.0"}
"""Where the stand-ins list their calls, and where their APIs are."""


class Case(NamedTuple):
    """So many replies at once; `how` says where, or what the workspace does not allow."""

    platform: str
    replies: int
    how: str = ""


CASES = {
    "Slack, alone": Case("slack", 1),
    "Slack, 5 at once": Case("slack", 5),
    "Slack, 25 at once": Case("slack", 25),
    "Slack, 5 at once, no streams": Case("slack", 5, "no streams"),
    "Telegram, alone": Case("telegram", 1, "private"),
    "Telegram, 5 at once": Case("telegram", 5, "private"),
    "Telegram, 25 at once": Case("telegram", 25, "private"),
    "Telegram, 5 groups at once": Case("telegram", 5, "group"),
    "WhatsApp, alone": Case("whatsapp", 1),
    "WhatsApp, 5 at once": Case("whatsapp", 5),
    "WhatsApp, 25 at once": Case("whatsapp", 25),
}


def measure() -> dict[str, Any]:
    """All figures; about three minutes."""
    with tempfile.TemporaryDirectory() as folder:
        moto = Serving("local.moto_server", (), Path(folder) / "moto.log")
        standins = Serving("local.standins", (), Path(folder) / "standins.log")
        with moto, standins:
            bench = Bench(moto.url, standins.url)
            cases = {name: bench.run(name, case) for name, case in CASES.items()}
    return {"cases": cases, "bars": list(_bars(cases))}


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    columns = ("first_text_p95_ms", "lag_p50_ms", "lag_max_ms", "end_lag_max_ms", "refused", "calls")
    rows = [
        (name, *(f"{figures[column]:g}" for column in columns), _busiest(figures))
        for name, figures in result["cases"].items()
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
    return ", ".join(
        f"{name.partition('.')[2] or name} {calls}" for name, calls in figures["busiest_minute"].items()
    )


def _bars(cases: Mapping[str, Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for name, figures in cases.items():
        yield bar(f"{name}: replies that are not whole", figures["not_whole"], 0)
        yield bar(f"{name}: calls that were one too many", figures["refused"], 0)
        yield bar(
            f"{name}: first text, ms after the first piece", figures["first_text_p95_ms"], FIRST_TEXT_MS
        )
        for method, calls in figures["busiest_minute"].items():
            if method in METHODS:
                yield bar(f"{name}: {method} a minute", calls, METHODS[method].per_minute)


class Bench:
    """The servers, and the workspaces in them: one a case."""

    def __init__(self, moto: str, standins: str) -> None:
        self._standins = standins
        self._environment = {**os.environ, **AWS, **ONE_THREAD, "AWS_ENDPOINT_URL": moto}
        os.environ |= AWS | {"AWS_ENDPOINT_URL": moto}
        clients = Clients(connections=4)
        self._dynamodb = clients.make("dynamodb")
        self._table = aws_resources.make(self._dynamodb, clients.make("sqs"))["RECORDS_TABLE"]

    def run(self, name: str, case: Case) -> dict[str, Any]:
        """Writes the replies, and reads from the stand-in what came of them."""
        posts = POSTS[case.platform]
        before = len(self._ask(posts))
        self._ask("limits", "DELETE")
        number = list(CASES).index(name)
        threads = {"slack": self._threads, "telegram": self._chats, "whatsapp": self._people}[case.platform]
        places = list(threads(number, case))
        order: dict[str, Any] = {
            "platform": case.platform,
            "api": f"{self._standins}/{APIS[case.platform]}",
            "table": self._table,
            "text": TEXT,
            "size": SIZE,
            "per_second": PER_SECOND,
            "thinks": THINKS,
            "at": time.time() + SETTLES,
        }
        written = self._written(order, places)
        if case.platform == "slack":
            messages = self._ask(f"channel/{places[0]['ids']['channel']}")["messages"]
            return _figures(written, in_slack(self._ask(posts)[before:], messages, TEXT))
        chats = {
            place["name"]: self._ask(f"{case.platform}/chat/{place['name']}")["messages"] for place in places
        }
        seen = (in_telegram if case.platform == "telegram" else in_whatsapp)(
            self._ask(posts)[before:], chats, TEXT
        )
        return _figures(written, seen, whole=case.platform == "whatsapp")

    def _threads(self, number: int, case: Case) -> Iterable[dict[str, Any]]:
        """Threads in a channel of a workspace of the case's own."""
        workspace, channel = f"T{number}BENCH", f"C{number}BENCH"
        if case.how:
            records = DynamoRecords(self._dynamodb, self._table, time.time)
            records.forbid_streams(f"slack:{workspace}", time.time() + 3600)
        for turn in range(case.replies):
            thread = self._ask("said", channel=channel, user="U0ADA", text="Tell me.")["ts"]
            ids = {"channel": channel, "thread": thread, "user": "U0ADA", "team": workspace, "self": BOT_USER}
            room = f"slack:{workspace}:{channel}"
            yield _place(thread, room, f"{room}:{thread}", turn, ids)

    def _chats(self, number: int, case: Case) -> Iterable[dict[str, Any]]:
        """Chats with one person each, or groups."""
        for turn in range(case.replies):
            chat = (1000 * number + turn + 1) * (1 if case.how == "private" else -1)
            asked = self._ask("telegram/said", chat_id=chat, user=42, text="Tell me.")["id"]
            kind = "private" if chat > 0 else "supergroup"
            ids = {"chat": str(chat), "type": kind, "message": str(asked)}
            yield _place(str(chat), f"telegram:{chat}", f"telegram:{chat}", turn, ids)

    def _people(self, number: int, case: Case) -> Iterable[dict[str, Any]]:
        """Chats with one person each."""
        for turn in range(case.replies):
            person, asked = str(15550000000 + 1000 * number + turn), f"wamid.{number}.{turn}"
            self._ask("whatsapp/said", id=asked, wa_id=person, text="Tell me.")
            ids = {"number": WHATSAPP_NUMBER, "message": asked, "to": person}
            room = f"whatsapp:{WHATSAPP_NUMBER}:{person}"
            yield _place(person, room, room, turn, ids)

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

    def _ask(self, path: str, method: str = "", **body: Any) -> Any:
        from urllib.request import Request, urlopen

        data = json.dumps(body).encode() if body else None
        request = Request(f"{self._standins}/standin/{path}", data, method=method or None)
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)


def _place(name: str, room: str, chat: str, turn: int, ids: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "room": room, "chat": chat, "turn": f"{chat}-{turn}", "ids": ids} | {
        "after": turn * STAGGERED
    }


def _figures(written: Sequence[dict[str, Any]], seen: Seen, *, whole: bool = False) -> dict[str, Any]:
    """What came of the replies. Where nothing grows, and messages come `whole`, the first text is due when it
    is known that it is all of the first message: with the first piece of the next."""
    began = {reply["place"]: reply["began"] for reply in written}
    known = {place: _pieces(seen.growth[place][0][1] + 1) * SIZE if whole else SIZE for place in began}
    due = {place: _written_at(known[place], at) for place, at in began.items()}
    first = [1000 * (seen.growth[place][0][0] - due[place]) for place in began]
    lags = [lag for place in began for lag in _lags(seen.growth[place], began[place])]
    ends = [seen.growth[place][-1][0] - _written_at(CHARACTERS, began[place]) for place in began]
    return {
        "replies": len(written),
        "not_whole": len(began.keys() - seen.whole),
        "refused": seen.refused,
        "calls": len(seen.calls),
        "first_text_p50_ms": round(percentile(first, 0.5), 1),
        "first_text_p95_ms": round(percentile(first, 0.95), 1),
        "lag_p50_ms": round(1000 * percentile(lags, 0.5)),
        "lag_max_ms": round(1000 * max(lags)),
        "end_lag_max_ms": round(1000 * max(ends)),
        "busiest_minute": _busiest_minute(seen.calls),
    }


def _lags(growth: Sequence[tuple[float, int]], began: float) -> Iterable[float]:
    """How far behind the model the chat was, for each piece."""
    sizes = [size for _, size in growth]
    for size in range(SIZE, CHARACTERS + 1, SIZE):
        at = growth[min(bisect.bisect_left(sizes, size), len(growth) - 1)][0]
        yield at - _written_at(size, began)


def _pieces(size: int) -> int:
    """How many pieces hold so many characters."""
    return -(-size // SIZE)


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
