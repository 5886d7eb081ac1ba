"""The views of the console, with 1,000 conversations and 100,000 turns in DynamoDB Local.

Each view is opened by an administrator, once in a new process and then again and again. What is held to the
bar is what the console itself takes; the waits for the database are told beside it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.testclient import TestClient

from benches.support.bars import bar_rows, check_bar
from benches.support.console_data import SETUP_VIEWS, replace_setup_parts, store_setup
from benches.support.tables import render_table
from repartee.console.access import Operator, Role
from repartee.console.app import ConsoleApp
from repartee.console.pages import PREFIX, Pages
from repartee.domain.turn_record import TurnRecord
from repartee.stores.dynamodb.inbox_items import exchange_item
from repartee.stores.dynamodb.turn_records import record_key_attribute, turn_record_item
from repartee.stores.dynamodb.writes import write_items
from repartee.wiring import Wiring, process, stores
from repartee.wiring.console import console_sections
from support import servers
from tests.support import aws
from tests.support.console_history import make_records, store_rollups
from tests.support.inbox_builders import make_exchange, make_message

if TYPE_CHECKING:
    from repartee.ports import Wakes

NOW = 1_790_000_000.0
TURNS, CONVERSATIONS, HOURS = 100_000, 1000, 14 * 24
LONG_CHAT, LONG_CHAT_EXCHANGES = "slack:T1:C1:long", 100
ITEMS_AT_ONCE, RECORD_DAYS = 2500, 30
REPEATS = 9
MAX_MILLISECONDS = 100.0

VIEWS = (
    "health",
    "health?span=3d",
    "health?span=7d",
    "health?span=7d&channel=slack",
    "health/rooms",
    "health/steps/history?span=7d",
    "conversations",
    "conversations?failed=1",
    "conversations?slow=1&assistant=coach",
    "conversations?search=nothing-like-it",
    f"conversations/one?chat={quote(LONG_CHAT)}",
    f"conversations/one/turn?chat={quote(LONG_CHAT)}&turn=long-7",
    "audit",
    *SETUP_VIEWS,
)


class AdministratorAccess:
    """Lets in an administrator."""

    def identify_operator(self, request: Request) -> Operator:
        """Returns the administrator."""
        return Operator("bench", "Ada", Role.ADMIN)


class NoWakes:
    """A queue in which nothing waits."""

    def count_waiting(self) -> int:
        """Returns 0."""
        return 0


class BackendWatch:
    """Sums up how long a client waits for its server, in seconds."""

    def __init__(self, client: Any) -> None:
        self.waited_seconds = 0.0
        session = client._endpoint.http_session  # noqa: SLF001 - botocore has no hook around the call
        self._send, session.send = session.send, self._send_timed

    def _send_timed(self, request: Any) -> Any:
        began = time.perf_counter()
        try:
            answer = self._send(request)
            _ = answer.content
            return answer
        finally:
            self.waited_seconds += time.perf_counter() - began


def measure() -> dict[str, Any]:
    """Returns the milliseconds of each view; about two minutes, most of them for making the history."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")  # for clients that no view of these calls
    with servers.use_server("dynamodb") as server, tempfile.TemporaryDirectory() as folder:
        client = aws.make_client("dynamodb", server.url)
        table = aws.make_table(client)
        _store_history(client, table)
        sqlite_path = f"{folder}/messages.db"
        store_setup(_make_wiring(client, table, sqlite_path))
        watch = BackendWatch(client)

        def make_console() -> Starlette:
            return _make_console(_make_wiring(client, table, sqlite_path))

        views = {view: _measure_view(make_console, watch, view) for view in VIEWS}
    bars = [
        check_bar(f"{view}, {kind}", figures[f"{kind}_own_ms"], MAX_MILLISECONDS)
        for view, figures in views.items()
        for kind in ("first", "median")
    ]
    return {"turns": TURNS, "conversations": CONVERSATIONS, "views": views, "bars": bars}


def table(result: Mapping[str, Any]) -> str:
    """Returns the result for a terminal."""
    columns = ("first_own_ms", "first_ms", "median_own_ms", "median_ms", "bytes")
    rows = [(view, *(f"{figures[one]:.0f}" for one in columns)) for view, figures in result["views"].items()]
    heads = ("view", "first, own ms", "with the database", "then, own ms", "with the database", "bytes")
    bars = render_table(("bar", "measured", "allowed", ""), bar_rows(result))
    return f"{render_table(heads, rows)}\n\n{bars}"


def _measure_view(make_console: Callable[[], Starlette], watch: BackendWatch, view: str) -> dict[str, float]:
    """Returns the milliseconds of one view in a console that has opened nothing before, and of the next."""
    took: list[tuple[float, float]] = []
    size = 0
    with TestClient(make_console(), base_url="http://localhost") as browser:
        for _ in range(1 + REPEATS):
            began, waited = time.perf_counter(), watch.waited_seconds
            answer = browser.get(f"{PREFIX}/{view}")
            milliseconds = 1000 * (time.perf_counter() - began)
            took.append((milliseconds, milliseconds - 1000 * (watch.waited_seconds - waited)))
            assert answer.is_success, (view, answer.status_code)
            size = int(answer.headers["content-length"])
    return {
        "first_ms": took[0][0],
        "first_own_ms": took[0][1],
        "median_ms": median(whole for whole, _ in took[1:]),
        "median_own_ms": median(own for _, own in took[1:]),
        "bytes": size,
    }


def _make_wiring(client: Any, table: str, sqlite_path: str) -> Wiring:
    queues = {"WAKES_QUEUE_URL": "none", "DEAD_LETTERS_QUEUE_URL": "none"}
    wiring = Wiring({"RECORDS_TABLE": table, "SQLITE_PATH": sqlite_path, **queues})
    wiring.put(process.dynamodb_client, client)
    wiring.put(process.clock, lambda: NOW)
    wiring.put(stores.wakes, cast("Wakes", NoWakes()))
    replace_setup_parts(wiring)
    return wiring


def _make_console(wiring: Wiring) -> Starlette:
    pages = Pages()
    pages.load_templates()  # as the function does before its snapshot
    app = ConsoleApp(AdministratorAccess(), "for the bench only", pages, secure_cookies=False)
    return Starlette(routes=[Mount(PREFIX, app.make_asgi_app(console_sections(wiring, app)))])


def _store_history(client: Any, table: str) -> None:
    records = list(make_records(TURNS, CONVERSATIONS, NOW, HOURS))
    store_rollups(client, table, iter(records), NOW)
    for first in range(0, TURNS, ITEMS_AT_ONCE):
        some = records[first : first + ITEMS_AT_ONCE]
        write_items(client, table, [turn_record_item(record, RECORD_DAYS) for record in some])
    newest = {record.chat: record for record in records}
    write_items(client, table, _exchange_items(list(newest.values())))
    long = [_long_record(number) for number in range(LONG_CHAT_EXCHANGES)]
    write_items(client, table, [turn_record_item(record, RECORD_DAYS) for record in long])
    write_items(client, table, _exchange_items(long))


def _long_record(number: int) -> TurnRecord:
    record = next(make_records(1, 1, NOW - 60 * number, 1, seed=number))
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return TurnRecord(**fields | {"turn": f"long-{number}", "chat": LONG_CHAT, "channel": "slack"})


def _exchange_items(records: Sequence[TurnRecord]) -> Iterator[Any]:
    for record in records:
        asked = make_message(
            "what is new in Lisbon?",
            id=record.turn,
            chat=record.chat,
            room=record.chat,
            sent=record.received_at,
        )
        reply = "**Three** things are new, and the first of them is the office. " * 8
        exchange = make_exchange(record.turn, asked, reply=reply, at=record.closed_at)
        yield exchange_item(exchange) | record_key_attribute(record)
