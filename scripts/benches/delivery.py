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

from benches.support.bars import bar_rows, check_bar
from benches.support.delivered_replies import DeliveredReplies, read_slack, read_telegram, read_whatsapp
from benches.support.tables import percentile
from benches.support.tables import render_table as drawn
from local import aws_resources
from local.server_processes import ONE_THREAD, SCRIPTS, ServerProcess
from local.stack import AWS_SETTINGS
from repartee.aws.calls import AwsClients
from repartee.stores.dynamodb.records import DynamoRecords
from standins.slack.methods import METHODS
from standins.slack.posts import BOT_USER_ID
from standins.whatsapp.server import PHONE_NUMBER_ID as WHATSAPP_NUMBER

REPLY_CHARS, PIECE_CHARS, PIECES_PER_SECOND, FIRST_PIECE_SECONDS = 10_000, 5, 100, 0.4
"""A reply's length, of a piece of it, pieces a second, and seconds before the first."""
WORKER_PROCESSES = 5
MAX_FIRST_TEXT_MS = 20
SETTLE_SECONDS, STAGGER_SECONDS = 3.0, 0.05
"""Seconds until all workers are up, and from one reply's beginning to the next's: all workers and the
stand-in have this machine's processors between them."""

SENTENCE = "The office in Lisbon opens at nine, and Ada has the keys. "
REPLY_TEXT = "".join(f"No {number}: {SENTENCE}\n\n" for number in range(200))[: REPLY_CHARS - 1] + "."


POSTS_PATHS = {"slack": "posts", "telegram": "telegram/posts", "whatsapp": "whatsapp/posts"}
API_PATHS = {"slack": "slack/api/", "telegram": "telegram", "whatsapp": "whatsapp/v25.0"}
"""Where the stand-ins list their calls, and where their APIs are."""


class DeliveryCase(NamedTuple):
    """So many replies at once; `how` says where, or what the workspace does not allow."""

    platform: str
    replies: int
    variant: str = ""


CASES = {
    "Slack, alone": DeliveryCase("slack", 1),
    "Slack, 5 at once": DeliveryCase("slack", 5),
    "Slack, 25 at once": DeliveryCase("slack", 25),
    "Slack, 5 at once, no streams": DeliveryCase("slack", 5, "no streams"),
    "Telegram, alone": DeliveryCase("telegram", 1, "private"),
    "Telegram, 5 at once": DeliveryCase("telegram", 5, "private"),
    "Telegram, 25 at once": DeliveryCase("telegram", 25, "private"),
    "Telegram, 5 groups at once": DeliveryCase("telegram", 5, "group"),
    "WhatsApp, alone": DeliveryCase("whatsapp", 1),
    "WhatsApp, 5 at once": DeliveryCase("whatsapp", 5),
    "WhatsApp, 25 at once": DeliveryCase("whatsapp", 25),
}


def measure() -> dict[str, Any]:
    """Returns all figures; about three minutes."""
    with tempfile.TemporaryDirectory() as folder:
        moto = ServerProcess("local.moto_server", (), Path(folder) / "moto.log")
        standins = ServerProcess("standins.server", (), Path(folder) / "standins.log")
        with moto, standins:
            bench = DeliveryBench(moto.url, standins.url)
            cases = {name: bench.run_case(name, case) for name, case in CASES.items()}
    return {"cases": cases, "bars": list(_check_bars(cases))}


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    columns = ("first_text_p95_ms", "lag_p50_ms", "lag_max_ms", "end_lag_max_ms", "refused", "calls")
    rows = [
        (name, *(f"{figures[column]:g}" for column in columns), _busiest_methods(figures))
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


def _busiest_methods(figures: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name.partition('.')[2] or name} {calls}" for name, calls in figures["busiest_minute"].items()
    )


def _check_bars(cases: Mapping[str, Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for name, figures in cases.items():
        yield check_bar(f"{name}: replies that are not whole", figures["not_whole"], 0)
        yield check_bar(f"{name}: calls that were one too many", figures["refused"], 0)
        yield check_bar(
            f"{name}: first text, ms after the first piece", figures["first_text_p95_ms"], MAX_FIRST_TEXT_MS
        )
        for method, calls in figures["busiest_minute"].items():
            if method in METHODS:
                yield check_bar(f"{name}: {method} a minute", calls, METHODS[method].max_calls_per_minute)


class DeliveryBench:
    """The servers, and the workspaces in them: one a case."""

    def __init__(self, moto: str, standins: str) -> None:
        self._standins = standins
        self._environment = {**os.environ, **AWS_SETTINGS, **ONE_THREAD, "AWS_ENDPOINT_URL": moto}
        os.environ |= AWS_SETTINGS | {"AWS_ENDPOINT_URL": moto}
        clients = AwsClients(max_connections=4)
        self._dynamodb = clients.get_client("dynamodb")
        self._table = aws_resources.create_resources(self._dynamodb, clients.get_client("sqs"))[
            "RECORDS_TABLE"
        ]

    def run_case(self, name: str, case: DeliveryCase) -> dict[str, Any]:
        """Writes the replies, and reads from the stand-in what came of them."""
        posts = POSTS_PATHS[case.platform]
        before = len(self._call_standins(posts))
        self._call_standins("limits", "DELETE")
        number = list(CASES).index(name)
        threads = {
            "slack": self._slack_threads,
            "telegram": self._telegram_chats,
            "whatsapp": self._whatsapp_chats,
        }[case.platform]
        places = list(threads(number, case))
        order: dict[str, Any] = {
            "platform": case.platform,
            "api": f"{self._standins}/{API_PATHS[case.platform]}",
            "table": self._table,
            "text": REPLY_TEXT,
            "size": PIECE_CHARS,
            "per_second": PIECES_PER_SECOND,
            "thinks": FIRST_PIECE_SECONDS,
            "at": time.time() + SETTLE_SECONDS,
        }
        written = self._run_workers(order, places)
        if case.platform == "slack":
            messages = self._call_standins(f"channel/{places[0]['ids']['channel']}")["messages"]
            return _case_figures(
                written, read_slack(self._call_standins(posts)[before:], messages, REPLY_TEXT)
            )
        chats = {
            place["name"]: self._call_standins(f"{case.platform}/chat/{place['name']}")["messages"]
            for place in places
        }
        seen = (read_telegram if case.platform == "telegram" else read_whatsapp)(
            self._call_standins(posts)[before:], chats, REPLY_TEXT
        )
        return _case_figures(written, seen, whole=case.platform == "whatsapp")

    def _slack_threads(self, number: int, case: DeliveryCase) -> Iterable[dict[str, Any]]:
        """Threads in a channel of a workspace of the case's own."""
        workspace, channel = f"T{number}BENCH", f"C{number}BENCH"
        if case.variant:
            records = DynamoRecords(self._dynamodb, self._table, time.time)
            records.disable_streaming(f"slack:{workspace}", time.time() + 3600)
        for turn in range(case.replies):
            thread = self._call_standins("said", channel=channel, user="U0ADA", text="Tell me.")["ts"]
            ids = {
                "channel": channel,
                "thread": thread,
                "user": "U0ADA",
                "team": workspace,
                "self": BOT_USER_ID,
            }
            room = f"slack:{workspace}:{channel}"
            yield _reply_place(thread, room, f"{room}:{thread}", turn, ids)

    def _telegram_chats(self, number: int, case: DeliveryCase) -> Iterable[dict[str, Any]]:
        """Chats with one person each, or groups."""
        for turn in range(case.replies):
            chat = (1000 * number + turn + 1) * (1 if case.variant == "private" else -1)
            message_id = self._call_standins("telegram/said", chat_id=chat, user=42, text="Tell me.")["id"]
            kind = "private" if chat > 0 else "supergroup"
            ids = {"chat": str(chat), "type": kind, "message": str(message_id)}
            yield _reply_place(str(chat), f"telegram:{chat}", f"telegram:{chat}", turn, ids)

    def _whatsapp_chats(self, number: int, case: DeliveryCase) -> Iterable[dict[str, Any]]:
        """Chats with one person each."""
        for turn in range(case.replies):
            person, message_id = str(15550000000 + 1000 * number + turn), f"wamid.{number}.{turn}"
            self._call_standins("whatsapp/said", id=message_id, wa_id=person, text="Tell me.")
            ids = {"number": WHATSAPP_NUMBER, "message": message_id, "to": person}
            room = f"whatsapp:{WHATSAPP_NUMBER}:{person}"
            yield _reply_place(person, room, room, turn, ids)

    def _run_workers(self, order: dict[str, Any], places: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Runs the worker processes and returns their reports."""
        workers = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "benches.support.reply_writer",
                    json.dumps({**order, "replies": some}),
                ],
                env={
                    **self._environment,
                    "PYTHONPATH": os.pathsep.join((str(SCRIPTS), str(SCRIPTS.parent / "shared"))),
                },
                stdout=subprocess.PIPE,
            )
            for some in (
                places[first::WORKER_PROCESSES] for first in range(min(WORKER_PROCESSES, len(places)))
            )
        ]
        return [reply for worker in workers for reply in json.loads(worker.communicate()[0])]

    def _call_standins(self, path: str, method: str = "", **body: Any) -> Any:
        from urllib.request import Request, urlopen

        data = json.dumps(body).encode() if body else None
        request = Request(f"{self._standins}/standin/{path}", data, method=method or None)
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)


def _reply_place(name: str, room: str, chat: str, turn: int, ids: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "room": room, "chat": chat, "turn": f"{chat}-{turn}", "ids": ids} | {
        "after": turn * STAGGER_SECONDS
    }


def _case_figures(
    written: Sequence[dict[str, Any]], seen: DeliveredReplies, *, whole: bool = False
) -> dict[str, Any]:
    """Returns the figures of the replies. Where nothing grows, and messages come `whole`, the first text is
    due when it is known to be all of the first message: with the first piece of the next."""
    began = {reply["place"]: reply["began"] for reply in written}
    known = {
        place: _piece_count(seen.visible_growth[place][0][1] + 1) * PIECE_CHARS if whole else PIECE_CHARS
        for place in began
    }
    due = {place: _piece_time(known[place], at) for place, at in began.items()}
    first = [1000 * (seen.visible_growth[place][0][0] - due[place]) for place in began]
    lags = [lag for place in began for lag in _reply_lags(seen.visible_growth[place], began[place])]
    ends = [seen.visible_growth[place][-1][0] - _piece_time(REPLY_CHARS, began[place]) for place in began]
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
        "busiest_minute": _max_calls_per_minute(seen.calls),
    }


def _reply_lags(growth: Sequence[tuple[float, int]], began: float) -> Iterable[float]:
    """Returns how far behind the model the chat was, for each piece."""
    sizes = [size for _, size in growth]
    for size in range(PIECE_CHARS, REPLY_CHARS + 1, PIECE_CHARS):
        at = growth[min(bisect.bisect_left(sizes, size), len(growth) - 1)][0]
        yield at - _piece_time(size, began)


def _piece_count(size: int) -> int:
    """Returns how many pieces hold so many characters."""
    return -(-size // PIECE_CHARS)


def _piece_time(size: int, began: float) -> float:
    return began + (size / PIECE_CHARS - 1) / PIECES_PER_SECOND


def _max_calls_per_minute(posts: Sequence[dict[str, Any]]) -> dict[str, int]:
    """For each method: the most calls in any sixty seconds."""
    times: dict[str, list[float]] = {}
    for post in posts:
        times.setdefault(post["method"], []).append(post["at"])
    return {
        method: max(bisect.bisect_left(at, start + 60) - number for number, start in enumerate(at))
        for method, at in times.items()
    }
