"""A member of the team answers in Slack's thread, and the open page of a customer shows it, in Chromium."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.chat_browser import find_in_chat, say
from tests.support.console_browser import (
    axe_script,
    find_serious_problems,
    needs_chromium,
    open_page,
    serve_locally,
)
from tests.support.cut_connection import connect_to
from tests.support.served_team import ServedTeam, team_settings
from tests.support.standin_server import serve_standins

pytestmark = needs_chromium
WISH = "I want to talk to a real person"
LIVE_TIMEOUT_MS = 30_000
"""Milliseconds until a page has asked and shows what a member wrote, on a busy machine."""

STEP_SECONDS = 0.5
SETTLE_MS = 30
"""Milliseconds of real time in which a page does what is due."""

TOLD = (
    "() => { window.told = []; const live = document.querySelector('repartee-chat').shadowRoot"
    ".querySelector('[aria-live=polite]'); new MutationObserver(() => told.push(live.textContent))"
    ".observe(live, {childList: true, characterData: true, subtree: true}); }"
)
"""Keeps what a screen reader is told."""


def read_told(page: Page, last: str) -> str:
    """Returns what a screen reader was told, once that ends with these words: it is told a moment later."""
    page.wait_for_function(
        "words => window.told.join(' ').includes(words)", arg=last, timeout=LIVE_TIMEOUT_MS
    )
    return "\n".join(page.evaluate("window.told"))


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def make_pictures(id: str, name: str, kind: str, content: bytes, number: int) -> list[str]:
    """Returns the events of a file, in two pieces."""
    data = base64.b64encode(content).decode()
    half = len(data) // 2
    told = {"id": id, "name": name, "type": kind, "alt": name, "parts": 2}
    return [
        f"id: {2 * number + place:016d}\nevent: picture\n"
        f"data: {json.dumps(told | {'part': place + 1, 'data': piece})}\n\n"
        for place, piece in enumerate((data[:half], data[half:]))
    ]


class Desk:
    """The desk's page, and its team."""

    def __init__(self, url: str, team: ServedTeam) -> None:
        self.url, self.team = url, team

    def ask_for_person(self, page: Page, name: str) -> str:
        """The customer asks for a person under this name. Returns the thread of the team's card."""
        say(page, f"{WISH}, I am {name}")
        return self.team.wait_for_card(f"I am {name}")


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with serve_standins() as standins, serve_locally(**team_settings(standins)) as url:
        yield Desk(url, ServedTeam(url, standins.standins.slack))


def expect_team(page: Page, *texts: str) -> None:
    """Waits until the page shows these messages of members, each once, in order."""
    expect(find_in_chat(page, "article.team > div")).to_have_text(list(texts), timeout=LIVE_TIMEOUT_MS)


def test_an_open_page_shows_what_a_member_writes(browser: Browser, desk: Desk) -> None:
    """Without a reload: that a person is here and what they write, delivered twice, shown and told to a
    screen reader once, and marked as a person's. What the customer answers stands in the thread, in order;
    loaded again the page shows all of it once, in the same order."""
    script = axe_script()
    with open_page(browser, f"{desk.url}/?who=eva") as page:
        thread = desk.ask_for_person(page, "Eva")
        page.evaluate(TOLD)
        desk.team.answer(thread, "It left *this morning*.", times=2)
        expect_team(page, "It left this morning.")
        expect(find_in_chat(page, "article").filter(has_text="A person from our team")).to_have_count(
            1, timeout=LIVE_TIMEOUT_MS
        )
        expect(find_in_chat(page, "article.team .by")).to_have_text("Our team: ")
        say(page, "By which courier?")
        say(page, "And when?")
        desk.team.wait_for_words(thread, "And when?")
        assert [one.rpartition(": ")[2] for one in desk.team.thread_texts(thread)] == [
            "By which courier?",
            "And when?",
        ]
        desk.team.answer(thread, "// between us: SECRET")
        desk.team.answer(thread, "Tomorrow.")
        expect_team(page, "It left this morning.", "Tomorrow.")
        told = read_told(page, "Tomorrow.")
        assert (told.count("It left this morning."), told.count("Tomorrow.")) == (1, 1)
        assert "Assistant: " not in page.evaluate("window.told")
        assert script is None or find_serious_problems(page, script) == []
        before = find_in_chat(page, "article:visible").all_inner_texts()

        page.reload()
        expect_team(page, "It left this morning.", "Tomorrow.")
        desk.team.answer(thread, "Goodbye.")
        expect_team(page, "It left this morning.", "Tomorrow.", "Goodbye.")
        after = find_in_chat(page, "article:visible").all_inner_texts()
        assert after[:-1] == before
        assert "SECRET" not in page.content() + "".join(after)


def test_a_page_whose_connection_broke_shows_it_later(browser: Browser, desk: Desk) -> None:
    """What a member writes while the customer is in a tunnel is there once the connection is back, in order
    and once; meanwhile the person reads that it was lost."""
    with connect_to(desk.url) as connection, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{connection.url}/?who=tom")
        thread = desk.ask_for_person(page, "Tom")
        desk.team.answer(thread, "Hello Tom.")
        expect_team(page, "Hello Tom.")
        page.evaluate(TOLD)
        connection.cut()
        expect(find_in_chat(page, ".sign")).to_have_text(
            "The connection was lost. Trying again…", timeout=LIVE_TIMEOUT_MS
        )
        for text in ("One.", "Two.", "Three."):
            desk.team.answer(thread, text)
        connection.mend()
        expect_team(page, "Hello Tom.", "One.", "Two.", "Three.")
        expect(find_in_chat(page, ".sign")).to_be_hidden(timeout=LIVE_TIMEOUT_MS)
        told = read_told(page, "Three.")
        assert [told.count(text) for text in ("The connection was lost", "One.", "Three.")] == [1, 1, 1]


def test_two_pages_of_one_customer(browser: Browser, desk: Desk) -> None:
    """Both show what a member writes and what the customer says in either, each message once, in the same
    order, also when they are loaded again; another person of this browser sees none of it."""
    with browser.new_context() as context:
        one, other = context.new_page(), context.new_page()
        for page in (one, other):
            page.goto(f"{desk.url}/?who=ida")
            expect(find_in_chat(page, "form")).to_be_visible()
        thread = desk.ask_for_person(one, "Ida")
        expect(find_in_chat(other, "article.own")).to_have_count(1, timeout=LIVE_TIMEOUT_MS)
        desk.team.answer(thread, "Hello Ida.")
        for page in (one, other):
            expect_team(page, "Hello Ida.")
        say(other, "How long will it take?")
        expect(find_in_chat(one, "article.own")).to_have_count(2, timeout=LIVE_TIMEOUT_MS)
        desk.team.wait_for_words(thread, "How long")
        desk.team.answer(thread, "An hour.")
        for page in (one, other):
            expect_team(page, "Hello Ida.", "An hour.")
        shown = [find_in_chat(page, "article:visible").all_inner_texts() for page in (one, other)]
        assert shown[0] == shown[1]
        for page in (one, other):
            page.reload()
            expect_team(page, "Hello Ida.", "An hour.")
            assert find_in_chat(page, "article:visible").all_inner_texts() == shown[0]
        one.goto(f"{desk.url}/?who=max")
        expect(find_in_chat(one, "form")).to_be_visible()
        expect(find_in_chat(one, "article")).to_have_count(0)


def test_the_console_shows_it_where_one_tries(browser: Browser, desk: Desk) -> None:
    """*Try it* for the web shows what a member of the team writes, without a reload, with its author."""
    with open_page(browser, f"{desk.url}/console/try?place=web&person=grace&assistant=desk") as page:
        page.fill("#text", f"{WISH}, I am Grace")
        page.press("#text", "Enter")
        thread = desk.team.wait_for_card("I am Grace")
        desk.team.answer(thread, "Hello Grace.\u2028How can I help?", times=2)
        answer = page.locator("#room .message", has_text="Hello Grace.")
        expect(answer).to_have_count(1, timeout=LIVE_TIMEOUT_MS)
        expect(answer.locator(".author")).to_have_text("Team")
        page.fill("#text", "By which courier?")
        page.press("#text", "Enter")
        desk.team.wait_for_words(thread, "By which courier?")
        desk.team.answer(thread, "By ours.")
        expect(page.locator("#room .message").last).to_contain_text("By ours.", timeout=LIVE_TIMEOUT_MS)


class Looks:
    """The looks of a page for what a member writes, each answered so, while a test moves its time."""

    def __init__(self, page: Page, answer: Callable[[Route], None]) -> None:
        self._page, self._answer = page, answer
        self.at: list[float] = []
        self._now = 0.0
        page.clock.install()
        page.route("**/chat/*/live", self._handle)

    def _handle(self, route: Route) -> None:
        self.at.append(self._now)
        self._answer(route)

    def pass_time(self, seconds: float) -> None:
        """Lets so much time pass on the page."""
        for _ in range(round(seconds / STEP_SECONDS)):
            self._now += STEP_SECONDS
            self._page.clock.run_for(round(STEP_SECONDS * 1000))
            self._page.wait_for_timeout(SETTLE_MS)


def test_a_hidden_page_asks_for_nothing(browser: Browser, desk: Desk) -> None:
    """As long as nobody sees it; once it is seen it asks at once."""
    with browser.new_context() as context:
        page = context.new_page()
        looks = Looks(
            page, lambda route: route.fulfill(content_type="text/event-stream", body="retry: 1000\n\n")
        )
        page.goto(f"{desk.url}/?who=hidden")
        looks.pass_time(6)
        seen = len(looks.at)
        page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.isSeen !== true})")
        looks.pass_time(6)
        hidden = len(looks.at)
        page.evaluate("window.isSeen = true; document.dispatchEvent(new Event('visibilitychange'))")
        looks.pass_time(STEP_SECONDS)

        assert seen >= 4
        assert hidden <= seen + 1
        assert len(looks.at) == hidden + 1


@pytest.mark.parametrize("status", [0, 401, 503])
def test_a_page_asks_ever_less_while_it_fails(browser: Browser, desk: Desk, status: int) -> None:
    """Without a connection, without a token that is accepted, or while the store is away: after a second, and
    then less and less often, to once a minute."""

    def fail(route: Route) -> None:
        route.fulfill(status=status) if status else route.abort("connectionrefused")

    with browser.new_context() as context:
        page = context.new_page()
        looks = Looks(page, fail)
        page.goto(f"{desk.url}/?who=failing")
        looks.pass_time(12)

        assert 3 <= len(looks.at) <= 5
        assert looks.at[-1] - looks.at[-2] >= 1.5 * (looks.at[1] - looks.at[0])
        expect(find_in_chat(page, ".sign")).to_be_visible(visible=status != 401)


def test_a_server_without_the_route_is_asked_once(browser: Browser, desk: Desk) -> None:
    """The component may come from a newer version than what it talks to."""
    with browser.new_context() as context:
        page = context.new_page()
        looks = Looks(page, lambda route: route.fulfill(status=404))
        page.goto(f"{desk.url}/?who=missing")
        looks.pass_time(5)

        assert len(looks.at) == 1


def test_files_of_a_member_are_shown(browser: Browser, desk: Desk) -> None:
    """A picture, a recording that can be heard, and a document that is saved under its name and never opened
    in the page; one that came again after a crash is there once. Loaded again the page names them, once."""
    sent = [
        ("lamp.png", "image/png", PNG),
        ("voice.ogg", "audio/ogg", b"ogg"),
        ("a.html", "text/html", b"<b>"),
    ]
    events = [
        piece
        for number, (name, kind, content) in enumerate(sent * 2)
        for piece in make_pictures(f"f{number % 3}", name, kind, content, number)
    ]

    def answer(route: Route) -> None:
        body = "" if "last-event-id" in route.request.headers else "".join(events)
        route.fulfill(content_type="text/event-stream", body=f"{body}retry: 60000\n\n")

    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/chat/*/live", answer)
        page.goto(f"{desk.url}/?who=files")
        team = find_in_chat(page, "article.team")
        expect(team).to_have_count(3)
        expect(team.nth(0).locator("img")).to_be_visible()
        expect(team.nth(1).locator("audio")).to_have_attribute("aria-label", "voice.ogg")
        link = team.nth(2).locator("a")
        expect(link).to_have_attribute("download", "a.html")
        kind = link.evaluate("async (link) => (await (await fetch(link.href)).blob()).type")
        assert kind == "application/octet-stream"

        with page.expect_request("**/chat/*/live") as again:
            page.reload()
        assert again.value.headers["last-event-id"] == f"{2 * len(sent) * 2 - 1:016d}"
        expect(find_in_chat(page, "article.team > div > div")).to_have_text(
            [f"📎 {name}" for name, _, _ in sent]
        )


def test_a_history_of_the_component_before_is_shown(browser: Browser, desk: Desk) -> None:
    """What it kept in this browser has no names by which pages know what they have in common; two pages show
    it once all the same."""
    kept = [{"side": "own", "text": "Hello?"}, {"side": "assistant", "text": "Hi.", "turn": "main.1"}]
    with browser.new_context() as context:
        one, other = context.new_page(), context.new_page()
        one.goto(f"{desk.url}/?who=early")
        key = f"repartee-chat:early:{desk.url}:main"
        one.evaluate("([key, kept]) => localStorage.setItem(key, JSON.stringify(kept))", [key, kept])
        for page in (one, other):
            page.goto(f"{desk.url}/?who=early")
            expect(find_in_chat(page, "article")).to_have_count(2)
        thread = desk.ask_for_person(one, "Early")
        desk.team.answer(thread, "Good morning.")
        for page in (one, other):
            expect_team(page, "Good morning.")
            texts = find_in_chat(page, "article:visible > div").all_inner_texts()
            assert texts[:2] == ["Hello?", "Hi."]
            assert texts.count("Hi.") == 1
