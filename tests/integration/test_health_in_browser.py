"""The four questions about a slow turn, answered in a real browser from the console's first page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from repartee.console.access import LoopbackAccess
from repartee.console.app import ConsoleApp
from repartee.console.pages import Pages, format_day
from repartee.domain.turn_record import StepRecord, TurnRecord
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.turn_statistics import HOUR_SECONDS
from repartee.stores.sqlite.messages import SqliteMessages
from tests.support import aws
from tests.support.console_browser import (
    axe_script,
    find_serious_problems,
    needs_chromium,
    open_page,
)
from tests.support.console_history import make_records, store_rollups
from tests.support.console_sections import conversation_section, health_section
from tests.support.inbox_builders import make_exchange, make_message
from tests.support.web_instances import serve_app

pytestmark = needs_chromium
NOW = 1_790_000_000.0
SLOW_CHAT, SLOW_SECONDS = "slack:T1:C7:9.9", 9.0
SLOW_HOURS, SLOW_TURNS_AN_HOUR = 2, 30
MAX_CLICKS = 3
SLOW_SINCE = (NOW // HOUR_SECONDS - SLOW_HOURS + 1) * HOUR_SECONDS


def slow_turns() -> Iterator[TurnRecord]:
    """Yields turns of the last hours whose knowledge of the ERP came too late."""
    late = StepRecord("erp_schema", "fallback", 0.0, 8000.0, 1, reason="timeout")
    for hour in range(SLOW_HOURS):
        for number in range(SLOW_TURNS_AN_HOUR):
            closed = NOW - hour * HOUR_SECONDS - number
            received = closed - SLOW_SECONDS - 1
            yield TurnRecord(
                turn=f"slow-{hour}-{number}",
                chat=SLOW_CHAT,
                channel="slack",
                assistant="office",
                mode="parallel",
                received_at=received,
                woken_at=received + 0.1,
                started_at=received + 0.2,
                gathered_at=received + 8.2,
                first_token_at=received + 8.8,
                first_text_at=received + SLOW_SECONDS,
                replied_at=closed,
                closed_at=closed,
                steps=(late,),
            )


@pytest.fixture(scope="module")
def url(dynamodb_local: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    dynamodb = aws.make_client("dynamodb", dynamodb_local)
    table = aws.make_table(dynamodb)
    store_history(dynamodb, table)
    messages = SqliteMessages(str(tmp_path_factory.mktemp("messages") / "messages.db"))
    app = ConsoleApp(LoopbackAccess(), "for-tests-only", Pages(), secure_cookies=False)
    ids = (f"id{number}" for number in range(1000))
    sections = [
        conversation_section(app, dynamodb, table, messages, lambda: NOW, ids.__next__),
        health_section(app, dynamodb, table, lambda: NOW),
    ]
    with serve_app(Starlette(routes=[Mount("/console", app.make_asgi_app(sections))])) as address:
        yield f"{address}/console/"


def store_history(dynamodb: Any, table: str) -> None:
    """Stores two days of quick turns and two hours of slow ones, with the words of one of these."""
    slow = list(slow_turns())
    store_rollups(dynamodb, table, chain(make_records(1200, 60, NOW, 47), slow), NOW)
    inbox, record = DynamoInbox(dynamodb, table), msgspec.structs.replace(slow[0], turn="turn-slow")
    asked = make_message(
        "how many desks are there?", id="9", chat=SLOW_CHAT, room="slack:T1:C7", sent=NOW - 10
    )
    inbox.put(asked)
    lease = inbox.acquire_lease(SLOW_CHAT, record.turn, NOW - 9, NOW + 11, message_id=asked.id)
    inbox.close_turn(lease, make_exchange(record.turn, asked, at=NOW), turn_record=record)


def click_links(page: Page, names: Sequence[str]) -> None:
    """Clicks the links one after the other: no more than a person is willing to."""
    assert len(names) <= MAX_CLICKS
    for name in names:
        page.get_by_role("link", name=name, exact=True).first.click()


@pytest.mark.parametrize(
    "clicks, part, answer",
    [
        (["Health"], "#slow", r"p95\s*[89]\.\d\d s\s*p95 before that\s*[1-4]\.\d\d s"),
        (["Health", "erp_schema"], "main", r"Why it failed\s*timeout 60"),
        (["Health"], "#since", f"slower since {format_day(SLOW_SINCE)} UTC"),
        (["Health", "The slow conversations", "Slack T1:C7:9.9"], "main", r"how many desks are there\?"),
    ],
    ids=["slow", "why", "since when", "for whom"],
)
def test_a_question_is_answered_in_three_clicks(
    browser: Browser, url: str, clicks: list[str], part: str, answer: str
) -> None:
    """Slow? why? since when? for whom? From the first page, each with what was stored of the slow turns."""
    with open_page(browser, url) as page:
        click_links(page, clicks)
        expect(page.locator(part)).to_contain_text(re.compile(answer))


def test_the_cost_by_room_is_accessible(browser: Browser, url: str) -> None:
    """It is two clicks away, and axe-core finds nothing serious in it and in what *Health* tells of now."""
    script = axe_script()
    if script is None:
        pytest.skip(reason="axe-core is in npm, which is missing here")
    with open_page(browser, url) as page:
        for name in ("Health", "Cost by room"):
            click_links(page, [name])
            expect(page.locator("h1")).to_have_text(name)
            assert find_serious_problems(page, script) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
