"""The chat for pages, `<repartee-chat>`, in a real browser on the local stack."""

from __future__ import annotations

import json
import re

import httpx2
import pytest
from playwright.sync_api import Browser, Route, expect

from tests.support.chat_browser import (
    answer_by_events,
    find_in_chat,
    make_event,
    say,
    wait_for_first_words,
    wait_for_replies,
)
from tests.support.console_browser import (
    PHONE,
    axe_script,
    find_serious_problems,
    needs_chromium,
    open_page,
)

pytestmark = needs_chromium
MAX_PAGE_BYTES = 200_000
"""Bytes of a page with all that it loads, as it is sent."""

QUESTION = "how is my bench press going?"
LAST_WORDS = "stand-in for a model"
"""The reply to the question ends with this part."""
LOG = "document.querySelector('repartee-chat').shadowRoot.querySelector('.log')"


def test_a_reply_is_stopped_by_its_button(browser: Browser, url: str) -> None:
    """The button ends the reply where it is; the person reads that it was stopped, and may ask again."""
    with open_page(browser, f"{url}/?who=ada") as page:
        stop = find_in_chat(page, "form").get_by_role("button", name="Stop")
        say(page, QUESTION)
        wait_for_first_words(page)
        stop.click()
        wait_for_replies(page, 1)
        expect(stop).to_be_hidden()
        expect(find_in_chat(page, "article").last).to_contain_text("(Stopped.)")
        expect(find_in_chat(page, "article").last).not_to_contain_text(LAST_WORDS)
        say(page, QUESTION)
        wait_for_replies(page, 2)
        expect(find_in_chat(page, "article").last).to_contain_text(LAST_WORDS)


def test_the_history_is_each_persons_own(browser: Browser, url: str) -> None:
    """Loaded again, the page shows what was said; another person of this browser does not see it, and it can
    be forgotten."""
    with open_page(browser, f"{url}/?who=historian") as page:
        say(page, QUESTION)
        wait_for_replies(page, 1)
        said = find_in_chat(page, ".log").inner_text()
        page.reload()
        wait_for_replies(page, 1)
        assert find_in_chat(page, ".log").inner_text() == said
        page.goto(f"{url}/?who=stranger")
        expect(find_in_chat(page, "form")).to_be_visible()
        expect(find_in_chat(page, "article")).to_have_count(0)
        page.goto(f"{url}/?who=historian")
        wait_for_replies(page, 1)
        page.evaluate("document.querySelector('repartee-chat').forget()")
        page.reload()
        expect(find_in_chat(page, "form")).to_be_visible()
        expect(find_in_chat(page, "article")).to_have_count(0)


def test_files_are_sent_along(browser: Browser, url: str) -> None:
    """Chosen files are named, can be taken out again, and reach the assistant with their content."""
    notes = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Squats 5x5 at 100 kg"}
    plan = {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"rest on Sunday"}
    with open_page(browser, f"{url}/?who=filer") as page:
        find_in_chat(page, "input[type=file]").set_input_files([notes, plan])  # type: ignore[arg-type]
        page.get_by_role("button", name="Remove plan.txt").click()
        expect(find_in_chat(page, ".files button")).to_have_count(1)
        with page.expect_request("**/chat") as asked:
            say(page, "what is in my notes?")
        assert json.loads(asked.value.post_data or "")["attachments"] == [
            {"name": "notes.txt", "data": "U3F1YXRzIDV4NSBhdCAxMDAga2c="}
        ]
        expect(find_in_chat(page, ".files")).to_be_hidden()
        expect(find_in_chat(page, "article.own")).to_contain_text("notes.txt")
        wait_for_replies(page, 1)
        expect(find_in_chat(page, "article.problem")).to_have_count(0)


def test_a_proposal_is_approved_once(browser: Browser, url: str) -> None:
    """What an assistant proposes is shown with two buttons; the decision names its subject, and there are
    no buttons after it, not in the page loaded again either."""
    replies = [
        make_event("delta", text="I would book it.")
        + make_event("proposal", subject="s-1", summary="Book the **yard** for Friday?", until=9e9)
        + make_event("done", turn="main.1", withheld=False),
        make_event("delta", text="Booked.") + make_event("done", turn="main.2", withheld=False),
    ]
    with open_page(browser, f"{url}/?who=approver") as page:
        posted = answer_by_events(page, replies)
        say(page, "book the yard")
        expect(find_in_chat(page, "article strong")).to_have_text("yard")
        page.reload()
        page.get_by_role("button", name="Approve").click()
        expect(find_in_chat(page, "article").last).to_contain_text("Booked.")
        assert posted[1]["decision"] == {"subject": "s-1", "approve": True}
        assert posted[1]["id"] != posted[0]["id"]
        expect(find_in_chat(page, ".choices")).to_have_count(0)
        page.reload()
        wait_for_replies(page, 2)
        expect(find_in_chat(page, ".choices")).to_have_count(0)


def test_a_lost_connection_is_said_and_made_good(browser: Browser, url: str) -> None:
    """A stream that breaks off in the middle is read on after a new attempt. Meanwhile the person reads that
    the connection was lost, below what has come so far."""
    broken = "id: 0000000000000001\n" + make_event("delta", text="The first half")
    rest = make_event("delta", text=" and the second.") + make_event("done", turn="main.1", withheld=False)
    with browser.new_context(viewport=PHONE) as context:  # type: ignore[arg-type]
        page, resumed = context.new_page(), []

        def read_on(route: Route) -> None:
            resumed.append(route.request.headers.get("last-event-id"))
            if len(resumed) == 1:
                route.abort("connectionreset")
            else:
                route.fulfill(content_type="text/event-stream", body=rest)

        page.goto(f"{url}/?who=traveller")
        answer_by_events(page, [broken])
        page.route("**/chat/*/events", read_on)
        say(page, "are you there?")
        reply = find_in_chat(page, "article").last
        expect(reply).to_contain_text("The connection was lost")
        expect(reply).to_contain_text("The first half")
        wait_for_replies(page, 1)
        expect(reply).to_contain_text("The first half and the second.")
        expect(reply).not_to_contain_text("The connection was lost")
    assert resumed == ["0000000000000001"] * 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", ["", "light", "dark"])
def test_it_follows_the_theme(browser: Browser, url: str, scheme: str, theme: str) -> None:
    """It is dark where the person's system is, unless the page says otherwise; both are legible."""
    script = axe_script()
    wanted = theme or scheme
    with open_page(browser, f"{url}/?who=themes", color_scheme=scheme) as page:
        chat = page.locator("repartee-chat")
        chat.evaluate("(chat, theme) => theme && chat.setAttribute('theme', theme)", theme)
        answer_by_events(
            page,
            [
                make_event("delta", text="Yes: `code`, [a link](https://example.com)\n\n> quoted")
                + make_event("proposal", subject="s-1", summary="Do it?", until=9e9)
                + make_event("done", turn="main.1", withheld=False),
                make_event("error", error="There is no answer.", turn="main.2"),
            ],
        )
        say(page, "is it dark?")
        wait_for_replies(page, 1)
        say(page, "and now?")
        expect(find_in_chat(page, "article.problem")).to_be_visible()
        color = chat.evaluate("chat => getComputedStyle(chat).backgroundColor")
        assert color == {"light": "rgb(255, 255, 255)", "dark": "rgb(27, 28, 30)"}[wanted]
        assert script is None or find_serious_problems(page, script) == []


def test_it_writes_from_right_to_left(browser: Browser, url: str) -> None:
    """Each message has the direction of its own text; in a page from right to left the person's messages are
    at the left, and nothing is cut off."""
    arabic = "مرحبا، يفتح المكتب في الساعة التاسعة."
    with open_page(browser, f"{url}/?who=reader", PHONE) as page:
        page.evaluate("document.documentElement.dir = 'rtl'")
        answer_by_events(
            page,
            [
                make_event("delta", text=arabic) + make_event("done", turn="main.1", withheld=False),
                make_event("delta", text="At nine.") + make_event("done", turn="main.2", withheld=False),
            ],
        )
        say(page, "متى يفتح المكتب؟")
        wait_for_replies(page, 1)
        say(page, "when does it open?")
        wait_for_replies(page, 2)
        articles = find_in_chat(page, "article")
        directions = articles.evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
        assert directions == ["rtl", "rtl", "ltr", "ltr"]
        own, reply = (articles.nth(number).bounding_box() for number in (0, 1))
        assert own is not None
        assert reply is not None
        assert own["x"] < reply["x"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_used_by_the_keyboard_alone(browser: Browser, url: str) -> None:
    """Tab leads through the conversation, the files, the box and the button; Enter sends, Shift and Enter
    begins a line, and the conversation is scrolled by its keys."""
    long_reply = "\n\n".join(f"Line {number}" for number in range(60))
    with open_page(browser, f"{url}/?who=keys", PHONE) as page:
        posted = answer_by_events(
            page, [make_event("delta", text=long_reply) + make_event("done", turn="main.1", withheld=False)]
        )
        find_in_chat(page, "textarea").focus()
        page.keyboard.type("one")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("two")
        assert posted == []
        page.keyboard.press("Enter")
        wait_for_replies(page, 1)
        assert posted[0]["text"] == "one\ntwo"

        page.locator("#who").focus()
        names = []
        for _ in range(4):
            page.keyboard.press("Tab")
            names.append(
                page.evaluate(
                    "(one => one.ariaLabel || one.textContent)"
                    "(document.querySelector('repartee-chat').shadowRoot.activeElement)"
                )
            )
        assert names == ["Conversation", "Add files", "Your message", "Send"]
        find_in_chat(page, ".log").focus()
        page.keyboard.press("Home")
        page.wait_for_function(f"{LOG}.scrollTop === 0")


def test_a_screen_reader_is_told_each_reply_once(browser: Browser, url: str) -> None:
    """While a reply is written nothing is announced; then all of it is, once, and without the names of its
    buttons."""
    with open_page(browser, f"{url}/?who=listener") as page:
        page.evaluate(
            "() => { window.told = []; const live = document.querySelector('repartee-chat').shadowRoot"
            ".querySelector('[aria-live=polite]'); new MutationObserver(() => told.push(live.textContent))"
            ".observe(live, {childList: true, characterData: true, subtree: true}); }"
        )
        say(page, QUESTION)
        wait_for_first_words(page)
        assert page.evaluate("window.told") == []
        wait_for_replies(page, 1)
        told = page.evaluate("window.told")
        assert len(told) == 1
        assert LAST_WORDS in told[0]
        live = page.evaluate(
            "[...document.querySelector('repartee-chat').shadowRoot.querySelectorAll('*')]"
            ".filter(one => one.ariaLive === 'polite' || one.ariaLive === 'assertive').length"
        )
        assert live == 1
        assert find_in_chat(page, ".log").get_attribute("aria-live") == "off"


def test_the_page_is_light(url: str) -> None:
    """The page with the component is sent in at most 200 KB, the component compressed in at most 60 KB."""
    with httpx2.Client(base_url=url, headers={"Accept-Encoding": "gzip"}) as client:
        text = client.get("/").text
        addresses = re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="(/[^"]+)"', text)
        assert addresses == ["/chat/repartee-chat.js"]
        sizes = []
        for address in ("/", *addresses):
            with client.stream("GET", address) as response:
                sizes.append(sum(map(len, response.iter_raw())))
    assert sum(sizes) <= MAX_PAGE_BYTES
    assert sizes[1] <= 60_000
