"""Operators take a conversation over in two real browsers at once, and answer the customer."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from repartee.console.app import ConsoleApp
from repartee.console.pages import PREFIX, Pages
from repartee.domain.message import Message, TeamAction
from repartee.stores.dynamodb.handovers import DynamoHandovers
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.sqlite.messages import SqliteMessages
from tests.support import aws
from tests.support.console_browser import (
    DESKTOP,
    NARROW,
    axe_script,
    find_serious_problems,
    is_cut_off,
    needs_chromium,
    open_page,
)
from tests.support.console_sections import OPERATOR_HEADER, NamedOperators, conversation_section
from tests.support.inbox_builders import make_exchange, make_message
from tests.support.web_instances import serve_app

pytestmark = needs_chromium
NUMBER = "whatsapp:106540352242922"
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff" * 2
ARABIC = "متى يفتح المكتب؟"
YESTERDAY_SECONDS = 25 * 3600.0


@pytest.fixture(scope="module")
def dynamodb(dynamodb_local: str) -> Any:
    return aws.make_client("dynamodb", dynamodb_local)


@pytest.fixture(scope="module")
def table(dynamodb: Any) -> str:
    return aws.make_table(dynamodb)


@pytest.fixture(scope="module")
def inbox(dynamodb: Any, table: str) -> DynamoInbox:
    return DynamoInbox(dynamodb, table)


@pytest.fixture(scope="module")
def url(dynamodb: Any, table: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    ids = itertools.count(1)
    messages = SqliteMessages(str(tmp_path_factory.mktemp("messages") / "messages.db"))
    app = ConsoleApp(NamedOperators(), "for-tests-only", Pages(), secure_cookies=False)
    section = conversation_section(app, dynamodb, table, messages, time.time, lambda: f"c{next(ids)}")
    with serve_app(Starlette(routes=[Mount(PREFIX, app.make_asgi_app([section]))])) as served:
        yield served


def store_conversation(inbox: DynamoInbox, name: str, seconds_ago: float, text: str = ARABIC) -> str:
    """Stores what a customer asked, and the answer. Returns the chat."""
    chat, at = f"{NUMBER}:{name}", time.time() - seconds_ago
    asked = make_message(
        text, id=f"wamid.{name}", chat=chat, room=chat, channel="whatsapp", sent=at, sender_name=LONG_NAME
    )
    own = Message(**{**{key: getattr(asked, key) for key in asked.__struct_fields__}, "sender": chat})
    inbox.put(own)
    lease = inbox.acquire_lease(chat, f"turn-{name}", at + 1, at + 20, message_id=own.id)
    inbox.close_turn(lease, make_exchange(f"turn-{name}", own, reply=f"**{'x' * 300}**", at=at + 2))
    return chat


def open_chat(
    browser: Browser, url: str, chat: str, operator: str, **options: Any
) -> AbstractContextManager[Page]:
    """Opens the conversation as this operator."""
    address = f"{url}{PREFIX}/conversations/one?chat={chat}"
    return open_page(browser, address, extra_http_headers={OPERATOR_HEADER: operator}, **options)


def test_of_two_operators_who_take_at_once_one_has_it(
    browser: Browser, url: str, inbox: DynamoInbox, dynamodb: Any, table: str
) -> None:
    """Both press while the conversation is the assistant's: one has it, and the other is told who. What the
    one writes waits for the customer once; the other has no box to write in."""
    chat = store_conversation(inbox, "1", seconds_ago=60)
    with open_chat(browser, url, chat, "Ana") as ana, open_chat(browser, url, chat, "Bo") as bo:
        for page in (ana, bo):
            page.evaluate("setTimeout(() => document.querySelector('form[action$=take]').requestSubmit())")
        pages = {"Ana": ana, "Bo": bo}
        for page in pages.values():
            expect(page.locator(".actions .mark")).to_contain_text("ha")
        winners = [name for name, page in pages.items() if page.locator("#answer").count()]
        assert len(winners) == 1
        (winner,) = winners
        loser = pages["Bo" if winner == "Ana" else "Ana"]
        expect(loser.locator("[role=alert]")).to_contain_text(f"{winner} has it")
        found = DynamoHandovers(dynamodb, table, time.time, lambda: "unused").read(chat)
        assert (found.state, found.member.name) == ("person", winner)

        pages[winner].fill("#answer", "أهلا، نحن هنا")
        pages[winner].keyboard.press("Control+Enter")
        expect(pages[winner].locator(".from-member .text")).to_have_text("أهلا، نحن هنا")
        expect(loser.locator(".from-member .text")).to_have_text("أهلا، نحن هنا")
    waiting = [one for one in inbox.list_open(chat).messages if isinstance(one, TeamAction)]
    assert [one.text for one in waiting if one.kind == "message"] == ["أهلا، نحن هنا"]


def test_a_closed_window_is_told_before_the_answer(browser: Browser, url: str, inbox: DynamoInbox) -> None:
    """A customer of WhatsApp who wrote more than a day ago gets no text: the operator reads that above the
    box, and at what was sent all the same."""
    chat = store_conversation(inbox, "2", seconds_ago=YESTERDAY_SECONDS)
    with open_chat(browser, url, chat, "Ana") as page:
        page.get_by_role("button", name="Take over").click()
        expect(page.locator(".answer-box")).to_contain_text("WhatsApp lets no text through")
        page.fill("#answer", "Are you there?")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".from-member")).to_contain_text("not delivered")
        page.get_by_role("button", name="Give back").click()
        expect(page.get_by_role("button", name="Take over")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "320px"])
def test_long_names_and_other_scripts_fit(
    browser: Browser, url: str, inbox: DynamoInbox, size: dict[str, int], scheme: str
) -> None:
    """On 320 pixels too: nothing is cut off, Arabic reads from the right, and axe-core finds nothing serious
    while a person has the conversation."""
    chat = store_conversation(inbox, f"3-{scheme}-{size['width']}", seconds_ago=30)
    script = axe_script()
    if script is None:
        pytest.skip(reason="axe-core is in npm, which is missing here")
    with open_chat(browser, url, chat, "Ana", size=size, color_scheme=scheme) as page:
        page.get_by_role("button", name="Take over").click()
        page.fill("#note", "She called twice.")
        page.get_by_role("button", name="Keep the note").click()
        expect(page.locator(".from-note")).to_contain_text("She called twice.")
        direction = "getComputedStyle(document.querySelector('.from-person .text')).direction"
        assert page.evaluate(direction) == "rtl"
        assert find_serious_problems(page, script) == []
        assert not is_cut_off(page)
        page.goto(f"{url}{PREFIX}/conversations?state=person")
        expect(page.locator(".list tbody tr").first).to_be_visible()
        assert find_serious_problems(page, script) == []
        assert not is_cut_off(page)
